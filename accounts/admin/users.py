from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.forms import AdminPasswordChangeForm
from django.contrib.auth import password_validation
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import users
from accounts.models import Role, User
from accounts.resources import UserResource
from accounts.roles import ROLES
from ipms import site
from ipms.admin.base import DomainAdmin
from ipms.admin.display import badge
from ipms.admin.forms import ActionForm
from ipms.admin.object_actions import ObjectAction
from ipms.admin.spreadsheets import ExportMixin


def signed_in(when: str) -> Q:
    """Keep who logged in today, or `never` did."""
    if when == "never":
        return Q(last_login=None)
    begin = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    return Q(last_login__gte=begin)


class LoginFilter(admin.SimpleListFilter):
    title = _("last login")
    parameter_name = "login"

    def lookups(self, request, model_admin):
        return [("today", _("Today")), ("never", _("Never"))]

    def queryset(self, request, queryset):
        return queryset.filter(signed_in(self.value())) if self.value() in ("today", "never") else queryset


_TONES = {Role.ADMIN: "warn", Role.MANAGER: "info", Role.STAFF: "quiet"}


def _password_field(label: Any, help_text: Any = "") -> forms.CharField:
    # Spaces at its ends belong to a password.
    return forms.CharField(
        label=label,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=help_text,
    )


class _PasswordTwice(forms.BaseForm):
    """Two fields that must agree; the rules themselves are asked by the domain."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "password_again" in cleaned and cleaned["password_again"] != cleaned.get("password"):
            self.add_error("password_again", _("The two passwords differ."))
        return cleaned


class UserForm(forms.ModelForm):
    language = forms.ChoiceField(label=_("language"), choices=settings.LANGUAGES)
    timezone = forms.ChoiceField(
        label=_("time zone"), choices=lambda: [(name, name) for name in sorted(available_timezones())]
    )


class NewUserForm(_PasswordTwice, UserForm):
    password = _password_field(_("password"), password_validation.password_validators_help_text_html)
    password_again = _password_field(_("password again"))


class SetPasswordForm(_PasswordTwice, ActionForm):
    password = _password_field(_("new password"), password_validation.password_validators_help_text_html)
    password_again = _password_field(_("new password again"))

    def arguments(self) -> dict[str, Any]:
        return {"password": self.cleaned_data["password"]}


class OwnPasswordForm(AdminPasswordChangeForm):
    """The own password, by the same door as over the API: every older token is dead afterwards."""

    def save(self, commit: bool = True) -> User:
        users.change_password(
            self.user,
            current_password=self.cleaned_data["old_password"],
            new_password=self.cleaned_data["new_password1"],
        )
        return self.user


admin.site.password_change_form = OwnPasswordForm
admin.site.role_groups = ROLES


@admin.register(User)
class UserAdmin(ExportMixin, DomainAdmin):
    """People. Nobody is deleted: who leaves is deactivated, and what they did keeps their name."""

    form = UserForm
    resource_classes = [UserResource]
    export_permission = "accounts.change_user"
    object_actions = [
        ObjectAction(
            name="set-password",
            label=_("Set password"),
            form=SetPasswordForm,
            permission="accounts.change_user",
            run=users.set_password,
            done=_("The password of %(object)s was set; every login that the old one began is ended."),
        ),
        ObjectAction(
            name="deactivate",
            label=_("Deactivate"),
            style="danger",
            confirm=_("This person can no longer log in, and every login is ended. Deactivate?"),
            permission="accounts.delete_user",
            allowed=lambda user, by: user.is_active and user.pk != by.pk,
            run=users.deactivate,
            done=_("%(object)s was deactivated."),
        ),
        ObjectAction(
            name="reactivate",
            label=_("Reactivate"),
            style="primary",
            permission="accounts.change_user",
            allowed=lambda user, by: not user.is_active,
            run=lambda user, *, by: users.change(user, by=by, is_active=True),
            done=_("%(object)s can log in again."),
        ),
    ]

    list_display = ["email", "full_name", "username", "role_badge", "state", "last_login", "created_at"]
    list_display_links = ["email", "full_name"]
    list_filter = ["role", "is_active", LoginFilter]
    search_fields = ["email", "username", "first_name", "last_name"]
    search_help_text = _("Email, username or name")
    date_hierarchy = None
    ordering = ["email"]
    filter_horizontal = []
    fieldsets = [
        (None, {"fields": [("email", "username"), ("first_name", "last_name"), "role"]}),
        (_("Contact and language"), {"fields": ["phone", ("language", "timezone")]}),
    ]
    password_fieldset = (_("Password"), {"fields": [("password", "password_again")]})
    record_fieldset = (
        _("Record"),
        {"fields": [("state", "last_login", "created_at")]},
    )
    readonly_fields = ["state", "last_login", "created_at"]

    def get_fieldsets(self, request, obj=None):
        return [*self.fieldsets, self.record_fieldset if obj else self.password_fieldset]

    def get_form(self, request, obj=None, change=False, **kwargs):
        if not change:
            kwargs["form"] = NewUserForm
        return super().get_form(request, obj, change, **kwargs)

    def get_changeform_initial_data(self, request):
        current = site.current()
        defaults = {"timezone": current.timezone, "language": current.language}
        return {**defaults, **super().get_changeform_initial_data(request)}

    def has_delete_permission(self, request, obj=None):
        return False

    def create(self, request, values, lines):
        values.pop("password_again")
        return users.register(**values)

    def change(self, request, user, values, lines):
        users.change(user, by=request.user, **values)

    @admin.display(description=_("name"), ordering="last_name")
    def full_name(self, user):
        return user.get_full_name()

    @admin.display(description=_("role"), ordering="role")
    def role_badge(self, user):
        return badge(user.role, user.get_role_display(), tone=_TONES.get(user.role, "quiet"))

    @admin.display(description=_("state"), ordering="is_active")
    def state(self, user):
        if user.is_active:
            return badge("active", _("Active"))
        return badge("inactive", _("Inactive"))
