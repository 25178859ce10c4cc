from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from ipms.api.fields import AmountField, DayField, MomentField, RateField, RecordField
from reporting import supplier_report, supplier_tables
from reporting.api import examples
from reporting.api.reports import KeyField, ReportParameters, ReportView, described
from suppliers.api.serializers import CountryField
from suppliers.models import Supplier

_ORDERINGS = [f"{sign}{name}" for name in supplier_report.ORDERINGS for sign in ("", "-")]


class SupplierParameters(ReportParameters):
    supplier = KeyField(Supplier.objects.all(), "code", required=False, label=_("Supplier"))
    country = CountryField(
        required=False,
        label=_("Country"),
        help_text=_("Of the supplier, ISO 3166 alpha-2, such as RW."),
    )
    date_from = DayField(required=False, label=_("Ordered from"), help_text=_("By the day of the order."))
    date_to = DayField(required=False, label=_("Ordered to"), help_text=_("By the day of the order."))
    ordering = serializers.ChoiceField(
        _ORDERINGS,
        default=supplier_report.DEFAULT_ORDERING,
        help_text=_("With - for the highest first; suppliers without that figure come last."),
    )


class SupplierFiguresSerializer(serializers.Serializer):
    """How one supplier does; a figure that cannot be measured is null."""

    supplier = RecordField(shows=("id", "code", "name"))
    orders = serializers.IntegerField(help_text=_("Approved, partially delivered or delivered."))
    spend = AmountField(help_text=_("The totals of these orders, with tax, in base currency."))
    on_time_rate = RateField(
        allow_null=True, help_text=_("Share of receipt lines that came by the expected date.")
    )
    fill_rate = RateField(
        allow_null=True,
        help_text=_("Of lines whose expected date has passed, the mean share of the quantity that came."),
    )
    average_lead_time_days = RateField(allow_null=True, help_text=_("From the order to a receipt line."))
    lead_time_reliability = RateField(
        allow_null=True, help_text=_("One less the coefficient of variation of the lead times.")
    )
    price_variance = RateField(
        allow_null=True,
        help_text=_("Above (below zero: under) the items' average price of the twelve months before."),
    )
    score = RateField(allow_null=True, help_text=_("0 to 100, by `weights`."))


class WeightsSerializer(serializers.Serializer):
    """What each part of the score counts in percent."""

    on_time = serializers.IntegerField()
    fill = serializers.IntegerField()
    price = serializers.IntegerField()
    lead_time = serializers.IntegerField()


class SupplierReportSerializer(serializers.Serializer):
    suppliers = SupplierFiguresSerializer(many=True)
    weights = WeightsSerializer()
    currency = serializers.CharField(help_text=_("The base currency."))
    as_of = MomentField()


@described(examples.SUPPLIERS)
class SupplierReport(ReportView):
    """How each supplier does that was ordered from: spend, punctuality, fill, lead time, price, score.

    Dates are those of the order (`ordered_on`). Shares are fractions of one: `0.975` is 97.5 %.
    """

    name = "suppliers"
    parameters_class = SupplierParameters
    data_class = SupplierReportSerializer

    def build(self, **params):
        return supplier_report.build(at=timezone.now(), **params)

    def document(self, data, params):
        return supplier_tables.document(data, params)
