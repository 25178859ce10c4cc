"""People: who they are, what they are here, and how they leave."""

from typing import Any
from zoneinfo import available_timezones

from django.conf import settings
from django.contrib.auth import password_validation
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from accounts import sessions
from accounts.models import AuditEntry, Role, User
from accounts.roles import ROLES
from ipms import audit
from ipms.errors import InUse, InvalidInput

#: What people may change of themselves.
PROFILE_FIELDS = ("first_name", "last_name", "phone", "language", "timezone")
_FIELDS = (*PROFILE_FIELDS, "username", "email", "role", "is_active")


@transaction.atomic
def register(*, username: str, email: str, password: str, role: str = Role.STAFF, **fields: Any) -> User:
    """Create a user with the rights of `role`.

    Raises `InvalidInput` for a username or email address that is taken (without regard to case), and for a
    password that the rules refuse.
    """
    user = User(username=username, email=User.objects.normalize_email(email), role=role)
    _set(user, fields)
    errors = _errors(user) | _password_errors("password", password, user)
    if errors:
        raise InvalidInput(errors)
    user.set_password(password)
    user.save()
    give_role(user, role)
    return user


@transaction.atomic
def change(user: User, *, by: User, **fields: Any) -> None:
    """Change what is given of a user; a new role brings its group, a deactivation ends every session.

    Raises `InvalidInput`, and `InUse` where the last active administrator would cease to be one or `by`
    would deactivate the own account.
    """
    lock(user.pk)
    user.refresh_from_db()
    before = user.role
    _set(user, fields)
    if not user.is_active and user == by:
        raise InUse(_("You cannot deactivate your own account."))
    if not (user.is_active and user.role == Role.ADMIN) and _is_last_active_admin(user):
        raise InUse(_("This is the last active administrator: make another one first."))
    if errors := _errors(user):
        raise InvalidInput(errors)
    user.save()
    if user.role != before:
        give_role(user, user.role)
    if not user.is_active:
        sessions.revoke_all(user, because=gettext_noop("deactivated"))


def deactivate(user: User, *, by: User) -> None:
    """Let a user in no more: the row stays, every token is dead.

    Raises `InUse` for the last active administrator and for oneself.
    """
    change(user, by=by, is_active=False)


@transaction.atomic
def update_profile(user: User, **fields: Any) -> None:
    """Change what people may change of themselves. Raises `InvalidInput`, also for any other field."""
    if foreign := set(fields) - set(PROFILE_FIELDS):
        raise InvalidInput({name: [_("This is not yours to change.")] for name in foreign})
    _lock_alone(user)
    _set(user, fields)
    if errors := _errors(user):
        raise InvalidInput(errors)
    user.save()


@transaction.atomic
def change_password(user: User, *, current_password: str, new_password: str) -> None:
    """Set a new password and end every session that the old one began.

    Raises `InvalidInput` on `current_password` where it is wrong, on `new_password` where rules refuse it.
    """
    _lock_alone(user)
    if not user.check_password(current_password):
        raise InvalidInput({"current_password": [_("This is not your current password.")]})
    errors = _password_errors("new_password", new_password, user)
    if not errors and new_password == current_password:
        errors = {"new_password": [_("Choose a password other than the current one.")]}
    if errors:
        raise InvalidInput(errors)
    user.set_password(new_password)
    user.save(update_fields=["password"])
    sessions.revoke_all(user, because=gettext_noop("password changed"))


@transaction.atomic
def set_password(user: User, *, by: User, password: str) -> None:
    """Give somebody a new password, as `by` who administers users, and end every session of the old one.

    Raises `InvalidInput` on `password` where the rules refuse it.
    """
    _lock_alone(user)
    if errors := _password_errors("password", password, user):
        raise InvalidInput(errors)
    user.set_password(password)
    user.save(update_fields=["password"])
    sessions.revoke_all(user, because=gettext_noop("password set"))
    audit.accessed(user, event=AuditEntry.Event.PASSWORD_SET, actor=by)


def lock(pk: int) -> None:
    """Lock a user and every active administrator until the transaction ends, in one order.

    Two administrators who deactivate each other at once wait for one another, and one of them stays.
    """
    admins = Q(role=Role.ADMIN, is_active=True)
    list(User.objects.select_for_update(no_key=True).filter(admins | Q(pk=pk)).order_by("pk").values("pk"))


def give_role(user: User, role: str) -> None:
    """Make the user a member of the role's group and of no other role's. Groups of the site's own stay."""
    user.groups.remove(*user.groups.filter(name__in=ROLES).exclude(name=role))
    user.groups.add(Group.objects.get(name=role))


def permissions_of(user: User) -> list[str]:
    """Return what a user may do, such as `inventory.add_item`, sorted. Costs nothing on prefetched users."""
    is_prefetched = "groups" in getattr(user, "_prefetched_objects_cache", {})
    if user.is_superuser or not user.is_active or not is_prefetched:
        return sorted(user.get_all_permissions())
    granted = {*user.user_permissions.all()}.union(*(group.permissions.all() for group in user.groups.all()))
    return sorted(f"{permission.content_type.app_label}.{permission.codename}" for permission in granted)


def _set(user: User, fields: dict[str, Any]) -> None:
    for name, value in fields.items():
        if name not in _FIELDS:
            raise TypeError(f"A user has no {name} to set.")
        setattr(user, name, User.objects.normalize_email(value) if name == "email" else value)


def _lock_alone(user: User) -> None:
    user.refresh_from_db(from_queryset=User.objects.select_for_update(no_key=True))


def _is_last_active_admin(user: User) -> bool:
    admins = User.objects.filter(role=Role.ADMIN, is_active=True)
    return list(admins.values_list("pk", flat=True)) == [user.pk]


def _errors(user: User) -> dict[str, list[Any]]:
    errors: dict[str, list[Any]] = {}
    try:
        user.clean_fields(exclude=["password"])
    except ValidationError as error:
        errors = dict(error.message_dict)
    others = User.objects.exclude(pk=user.pk)
    for name, sentence in (
        ("email", _("A user with this email address exists.")),
        ("username", _("A user with this username exists.")),
    ):
        if name not in errors and others.filter(**{f"{name}__iexact": getattr(user, name)}).exists():
            errors[name] = [sentence]
    if user.language not in dict(settings.LANGUAGES):
        codes = ", ".join(dict(settings.LANGUAGES))
        errors["language"] = [_("One of: %(codes)s.") % {"codes": codes}]
    if user.timezone not in available_timezones():
        errors["timezone"] = [_("Not a time zone of the IANA list, such as Africa/Kigali.")]
    return errors


def _password_errors(field: str, password: str, user: User) -> dict[str, list[Any]]:
    try:
        password_validation.validate_password(password, user)
    except ValidationError as error:
        return {field: error.messages}
    return {}
