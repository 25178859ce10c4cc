from django import forms
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.db.models import Count
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ipms.admin import navigation
from ipms.admin.base import DomainAdmin
from ipms.admin.display import numeric
from ipms.admin.system.registration import replace


class PermissionGroupsField(forms.ModelMultipleChoiceField):
    """Permissions as checkboxes under the headings of the sidebar, in words instead of code names."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **kwargs):
        queryset = Permission.objects.select_related("content_type").order_by(
            "content_type__app_label", "content_type__model", "pk"
        )
        super().__init__(queryset, **kwargs)
        self.choices = self._grouped

    def _grouped(self):
        """Choices for the widget: (section, [(key, words), …]), as far as the back office shows the model."""
        headings: dict[str, list[tuple[int, str]]] = {}
        for permission in self.queryset:
            model = permission.content_type.model_class()
            if model is None or not _is_of_use(model):
                continue
            section = navigation.section_of(permission.content_type.app_label, permission.content_type.model)
            heading = f"{section.label} · {capfirst(model._meta.verbose_name_plural)}"
            headings.setdefault(heading, []).append((permission.pk, _words(permission, model)))
        return sorted(headings.items())


class GroupForm(forms.ModelForm):
    permissions = PermissionGroupsField(label=gettext_lazy("Permissions"), required=False)

    class Meta:
        model = Group
        fields = ["name", "permissions"]


@replace(Group)
class GroupAdmin(DomainAdmin):
    form = GroupForm
    list_display = ["name", "members", "permission_count"]
    search_fields = ["name"]
    ordering = ["name"]

    def get_queryset(self, request):
        return (
            super()
            .get_queryset(request)
            .annotate(
                member_count=Count("user", distinct=True), granted_count=Count("permissions", distinct=True)
            )
        )

    @numeric(description=gettext_lazy("members"), ordering="member_count")
    def members(self, group):
        return group.member_count

    @numeric(description=gettext_lazy("permissions"), ordering="granted_count")
    def permission_count(self, group):
        return group.granted_count


def _is_of_use(model):
    return admin.site.is_registered(model) or model._meta.app_label in {"accounts", "ipms"}


def _words(permission, model):
    standard = {
        f"view_{model._meta.model_name}": _("Read"),
        f"add_{model._meta.model_name}": _("Add"),
        f"change_{model._meta.model_name}": _("Change"),
        f"delete_{model._meta.model_name}": _("Delete"),
    }
    return standard.get(permission.codename, permission.name)
