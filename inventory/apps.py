from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InventoryConfig(AppConfig):
    name = "inventory"
    verbose_name = _("Stores")

    def ready(self) -> None:
        from auditlog.registry import auditlog

        from inventory import alerts, count_alerts, health, measures, models, webhooks  # noqa: F401

        auditlog.register(models.Category)
        auditlog.register(models.Location)
        auditlog.register(models.UnitOfMeasure)
        auditlog.register(models.Item, exclude_fields=["updated_at"])
        auditlog.register(models.Lot)
        auditlog.register(models.StockCount, exclude_fields=["updated_at"])
        auditlog.register(models.CountLine)
