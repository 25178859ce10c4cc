from django.contrib.auth.models import AbstractUser, UserManager
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a person is here; each role is the group of the same name, and its permissions are the group's."""

    ADMIN = "admin", _("Administrator")
    MANAGER = "manager", _("Manager")
    STAFF = "staff", _("Staff")


class EmailUserManager(UserManager):
    """Finds a user by email, without regard to case."""

    def get_by_natural_key(self, email):
        return self.get(email__iexact=email)

    def create_superuser(self, username=None, email=None, password=None, **extra_fields):
        """Create a user with every permission, for the first login of a new site."""
        extra_fields.setdefault("role", Role.ADMIN)
        return super().create_superuser(username or email, email, password, **extra_fields)


class User(AbstractUser):
    """A person who logs in with an email address. Made, changed and deactivated by `accounts.users`."""

    username = models.CharField(
        _("username"),
        max_length=80,
        validators=[RegexValidator(r"^[\w.@+-]+\Z", _("Letters, digits and . @ + - _ only."))],
        help_text=_("Unique without regard to case."),
    )
    email = models.EmailField(_("email address"), max_length=120)
    role = models.CharField(_("role"), max_length=20, choices=Role, default=Role.STAFF)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    language = models.CharField(_("language"), max_length=10, default="en")
    timezone = models.CharField(_("time zone"), max_length=64, default="UTC")
    is_staff = models.BooleanField(
        _("may open the back office"), default=True, help_text=_("What is seen there follows from the role.")
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    objects = EmailUserManager()  # type: ignore[misc]

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["username"]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering = ["email"]
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_once",
                violation_error_message=_("A user with this email address exists."),
            ),
            models.UniqueConstraint(
                Lower("username"),
                name="user_username_once",
                violation_error_message=_("A user with this username exists."),
            ),
        ]

    def __str__(self) -> str:
        return self.get_full_name() or self.email
