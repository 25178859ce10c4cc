from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SuppliersConfig(AppConfig):
    name = "suppliers"
    verbose_name = _("Suppliers")

    def ready(self) -> None:
        from auditlog.registry import auditlog

        from suppliers.models import Supplier

        auditlog.register(Supplier, exclude_fields=["updated_at"])
