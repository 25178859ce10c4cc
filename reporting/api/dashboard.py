from typing import ClassVar

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema
from rest_framework import serializers

from accounts.models import Notification
from ipms.api.fields import AmountField, DayField, MomentField, QuantityField, RateField, RecordField
from ipms.api.views import ApiView
from procurement.models import OrderStatus
from reporting import cache, dashboard
from reporting.api import dashboard_examples as examples

ITEM = {"id": "id", "sku": "code", "name": "name"}


class ItemCountsSerializer(serializers.Serializer):
    total = serializers.IntegerField()
    active = serializers.IntegerField()
    in_stock = serializers.IntegerField()
    low_stock = serializers.IntegerField(help_text=gettext_lazy("At or below the reorder level."))
    out_of_stock = serializers.IntegerField()


class OrderCountsSerializer(serializers.Serializer):
    overdue = serializers.IntegerField(help_text=gettext_lazy("Something is still to come, and late."))

    def get_fields(self):
        return {status: serializers.IntegerField() for status in OrderStatus.values} | super().get_fields()


class SupplierCountsSerializer(serializers.Serializer):
    total = serializers.IntegerField()
    active = serializers.IntegerField(help_text=gettext_lazy("That can be ordered from now."))


class SummarySerializer(serializers.Serializer):
    items = ItemCountsSerializer()
    stock_value = AmountField()
    currency = serializers.CharField()
    purchase_orders = OrderCountsSerializer()
    suppliers = SupplierCountsSerializer()
    notifications_unread = serializers.IntegerField(help_text=gettext_lazy("Your own."))
    as_of = MomentField()


class MonthAmountSerializer(serializers.Serializer):
    month = serializers.DateField(format="%Y-%m", help_text=gettext_lazy("Such as 2031-05."))
    amount = AmountField()


class DayMovementsSerializer(serializers.Serializer):
    value_in = AmountField()
    value_out = AmountField()

    def get_fields(self):
        # “in” is a word of Python.
        came = serializers.IntegerField(help_text=gettext_lazy("Movements that brought stock in."))
        went = serializers.IntegerField(help_text=gettext_lazy("Movements that took stock out."))
        return {"date": DayField(), "in": came, "out": went, **super().get_fields()}


class UsedItemSerializer(serializers.Serializer):
    item = RecordField(shows=ITEM)
    unit = serializers.CharField()
    quantity = QuantityField()
    value = AmountField(help_text=gettext_lazy("At the cost at which it left, in base currency."))


class MetricsSerializer(serializers.Serializer):
    """Rates are shares of one. Null is what cannot be measured."""

    currency = serializers.CharField()
    stock_turnover = RateField(
        allow_null=True, help_text=gettext_lazy("Value used in 365 days over the average stock value.")
    )
    days_of_inventory = RateField(
        allow_null=True, help_text=gettext_lazy("How long the average stock lasts at that pace.")
    )
    fill_rate = RateField(
        allow_null=True,
        help_text=gettext_lazy("Of 30 days' demand by value, the part at whose time there was stock."),
    )
    stockout_rate = RateField(
        allow_null=True, help_text=gettext_lazy("Of 30 days of all active items, the part without stock.")
    )
    po_cycle_days = RateField(
        allow_null=True, help_text=gettext_lazy("From order to last receipt, the mean of 365 days.")
    )
    on_time_delivery_rate = RateField(
        allow_null=True, help_text=gettext_lazy("Of the receipt lines of 365 days.")
    )
    spend_30d = AmountField()
    spend_by_month = MonthAmountSerializer(many=True)
    movements_by_day = DayMovementsSerializer(many=True)
    top_items = UsedItemSerializer(many=True, help_text=gettext_lazy("By the value used in 365 days."))
    as_of = MomentField()


class SummaryView(ApiView):
    method_permissions: ClassVar = {"GET": "reporting.view_dashboard"}

    @extend_schema(responses=SummarySerializer, examples=examples.SUMMARY)
    def get(self, request):
        """Read how things stand: items, stock value, orders, suppliers, your notifications."""
        found = cache.remember("dashboard.summary", {}, lambda: dashboard.summary(now=timezone.now()))
        # Everybody's own, so it is not kept with the rest.
        unread = Notification.objects.of(request.user).unread().count()
        shown = SummarySerializer({**found, "notifications_unread": unread}, context={"request": request})
        return self.done(_("OK"), shown.data)


class MetricsView(ApiView):
    method_permissions: ClassVar = {"GET": "reporting.view_reports"}

    @extend_schema(responses=MetricsSerializer, examples=examples.METRICS)
    def get(self, request):
        """Read how the stores and the purchasing did: turnover, stockouts, punctuality, spend, movements."""
        found = cache.remember("dashboard.metrics", {}, lambda: dashboard.metrics(now=timezone.now()))
        return self.done(_("OK"), MetricsSerializer(found, context={"request": request}).data)
