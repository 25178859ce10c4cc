from django import forms
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.db.models import Count, Q
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from ipms.admin import navigation
from ipms.admin.base import DomainAdmin, ReadOnlyAdmin
from ipms.admin.display import numeric
from ipms.admin.spreadsheets import ExportMixin
from ipms.admin.system.registration import replace
from ipms.errors import InUse
from ipms.resources import list_of


class PermissionsField(forms.ModelMultipleChoiceField):
    """Permissions as checkboxes under the headings of the sidebar, in words instead of code names."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **kwargs):
        super().__init__(Permission.objects.select_related("content_type").order_by("pk"), **kwargs)
        self.choices = self._grouped

    def _grouped(self):
        """Choices for the widget: (heading, [(key, words), …]), as far as the back office has the pages."""
        headings: dict[tuple, list[tuple[int, int, str]]] = {}
        for permission in self.queryset:
            content_type = permission.content_type
            model = content_type.model_class()
            if model is None or not admin.site.is_registered(model):
                continue
            place = navigation.place(content_type.app_label, content_type.model)
            section = navigation.SECTIONS[place[0]]
            heading = f"{section.label} · {capfirst(model._meta.verbose_name_plural)}"
            if described := _words(permission, model):
                order, words = described
                headings.setdefault((*place, heading), []).append((order, permission.pk, words))
        return [
            (heading, [(key, words) for _order, key, words in sorted(choices)])
            for (*_place, heading), choices in sorted(headings.items())
        ]


class GroupForm(forms.ModelForm):
    permissions = PermissionsField(label=gettext_lazy("Permissions"), required=False)

    class Meta:
        model = Group
        fields = ["name", "permissions"]

    def clean_permissions(self):
        """Keep what the page does not show: permissions of models that have no page here."""
        chosen = self.cleaned_data["permissions"]
        if self.instance.pk is None:
            return chosen
        shown = [key for _heading, choices in self.fields["permissions"].choices for key, _words in choices]
        kept = self.instance.permissions.exclude(pk__in=shown)
        return Permission.objects.filter(Q(pk__in=chosen) | Q(pk__in=kept))


@replace(Group)
class GroupAdmin(ExportMixin, DomainAdmin):
    resource_classes = [list_of("GroupResource", name="name", members="member_count")]
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

    def get_readonly_fields(self, request, obj=None):
        return ["name"] if self._is_role(obj) else []

    def has_delete_permission(self, request, obj=None):
        return not self._is_role(obj) and super().has_delete_permission(request, obj)

    def remove(self, group, *, by):
        if self._is_role(group):
            raise InUse(_("This group is a role: people are given it by its name."))
        super().remove(group, by=by)

    def _is_role(self, group):
        return group is not None and group.name in self.admin_site.role_groups

    @numeric(description=gettext_lazy("members"), ordering="member_count")
    def members(self, group):
        return group.member_count

    @numeric(description=gettext_lazy("permissions"), ordering="granted_count")
    def permission_count(self, group):
        return group.granted_count


def _words(permission, model):
    """Return (order, words); None for a permission that can never be used: to change what is append-only."""
    name = model._meta.model_name
    standard = {
        f"view_{name}": (0, pgettext("permission", "Read")),
        f"add_{name}": (1, _("Add")),
        f"change_{name}": (2, _("Change")),
        f"delete_{name}": (3, _("Delete")),
    }
    order, words = standard.get(permission.codename, (4, _(permission.name)))
    page = admin.site.get_model_admin(model)
    if order in (1, 2, 3) and isinstance(page, ReadOnlyAdmin):
        is_usable = order == 3 and type(page).has_delete_permission is not ReadOnlyAdmin.has_delete_permission
        return (order, words) if is_usable else None
    return order, words
