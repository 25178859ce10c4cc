from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProcurementConfig(AppConfig):
    name = "procurement"
    verbose_name = _("Purchasing")

    def ready(self) -> None:
        from auditlog.registry import auditlog

        from procurement import alerts, models, webhooks  # noqa: F401

        auditlog.register(models.PurchaseOrder, exclude_fields=["updated_at"])
        auditlog.register(models.PurchaseOrderLine)
        auditlog.register(models.ApprovalLimit)
        auditlog.register(models.GoodsReceipt)
