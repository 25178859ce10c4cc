from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        from auditlog.registry import auditlog
        from django.contrib.auth.models import Group

        from accounts import alerts, signals  # noqa: F401
        from accounts.models import User

        auditlog.register(
            User, exclude_fields=["password", "last_login"], m2m_fields={"groups", "user_permissions"}
        )
        auditlog.register(Group, m2m_fields={"permissions"})
