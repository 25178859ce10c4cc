from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from ipms.api.fields import AmountField, DayField, MomentField, RateField, RecordField
from procurement.models import OrderStatus
from reporting import purchase_report, purchase_tables
from reporting.api import examples
from reporting.api.reports import KeyField, ReportParameters, ReportView, described
from suppliers.models import Supplier

NAMED = ("id", "code", "name")


class StatusesField(serializers.ChoiceField):
    """One of a list of values, or several of them separated by commas."""

    def to_internal_value(self, data):
        one = super().to_internal_value
        return [one(part.strip()) for part in str(data).split(",")]


class PurchaseOrderParameters(ReportParameters):
    supplier = KeyField(Supplier.objects.all(), "code", required=False, label=_("Supplier"))
    status = StatusesField(
        OrderStatus.choices,
        required=False,
        label=_("Status"),
        help_text=_("One, or several separated by commas."),
    )
    date_from = DayField(required=False, label=_("Ordered from"), help_text=_("By the day of the order."))
    date_to = DayField(required=False, label=_("Ordered to"), help_text=_("By the day of the order."))


class SumsSerializer(serializers.Serializer):
    orders = serializers.IntegerField()
    amount = AmountField(help_text=_("Of all these orders, with tax, in base currency."))
    spend = AmountField(help_text=_("Of those that are approved, partially delivered or delivered."))


class TotalsSerializer(SumsSerializer):
    overdue = serializers.IntegerField(help_text=_("Orders of which something is late."))
    currency = serializers.CharField(help_text=_("The base currency."))


class StatusSumsSerializer(SumsSerializer):
    status = serializers.ChoiceField(OrderStatus.choices)


class SupplierSumsSerializer(SumsSerializer):
    supplier = RecordField(shows=NAMED)


class CountrySumsSerializer(SumsSerializer):
    country = serializers.CharField(help_text=_("Of the supplier, ISO 3166 alpha-2; empty where not known."))


class LocationSumsSerializer(SumsSerializer):
    location = RecordField(
        shows=NAMED,
        allow_null=True,
        help_text=_("Where the order is delivered to; null where it does not say."),
    )


class MonthSumsSerializer(SumsSerializer):
    month = serializers.DateField(format="%Y-%m", help_text=_("Of the order, such as 2031-05."))


class WithoutRateSerializer(serializers.Serializer):
    """Orders whose amount in base currency is not known: their currency has no exchange rate."""

    currency = serializers.CharField()
    orders = serializers.IntegerField()
    amount = AmountField(currency="currency", help_text=_("In their own currency."))


class OverdueSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    po_number = serializers.CharField()
    supplier = RecordField(shows=NAMED)
    status = serializers.ChoiceField(OrderStatus.choices)
    expected_date = serializers.DateField()
    days_late = serializers.IntegerField()
    amount = AmountField()
    outstanding_amount = AmountField(help_text=_("Of what has not come, without tax."))


class SpanSerializer(serializers.Serializer):
    """The calendar days between two steps of an order; null where no order has made both."""

    orders = serializers.IntegerField(help_text=_("That have made both steps."))
    median_days = RateField(allow_null=True)
    mean_days = RateField(allow_null=True)


class CycleTimeSerializer(serializers.Serializer):
    """Approval is by its time and left out for imported orders; receipts are by when they happened."""

    ordered_to_approved = SpanSerializer()
    approved_to_first_receipt = SpanSerializer()
    ordered_to_first_receipt = SpanSerializer()
    first_receipt_to_delivered = SpanSerializer()
    ordered_to_delivered = SpanSerializer()


class PurchaseOrderReportSerializer(serializers.Serializer):
    totals = TotalsSerializer()
    by_status = StatusSumsSerializer(many=True)
    by_supplier = SupplierSumsSerializer(many=True)
    by_country = CountrySumsSerializer(many=True)
    by_location = LocationSumsSerializer(many=True)
    by_month = MonthSumsSerializer(many=True, help_text=_("Without a gap from the first to the last month."))
    without_rate = WithoutRateSerializer(many=True)
    overdue = OverdueSerializer(many=True, help_text=_("Those that wait longest, at most 500."))
    cycle_time = CycleTimeSerializer()
    as_of = MomentField()


@described(examples.PURCHASE_ORDERS)
class PurchaseOrderReport(ReportView):
    """What was ordered, by status, supplier, country, destination and month; what is late; how long it takes.

    Dates are those of the order (`ordered_on`). Amounts are in base currency, with tax: `amount` of all
    orders, `spend` of those that are approved, partially delivered or delivered.
    """

    name = "purchase-orders"
    parameters_class = PurchaseOrderParameters
    data_class = PurchaseOrderReportSerializer

    def build(self, **params):
        return purchase_report.build(at=timezone.now(), **params)

    def document(self, data, params):
        return purchase_tables.document(data, params)
