from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from inventory.abc_xyz import Importance
from inventory.forecasting import DemandKind, Method, Regularity
from inventory.models import Category, Location
from ipms.api.fields import AmountField, MomentField, QuantityField, RateField, RecordField, UnitPriceField
from procurement.lead_times import LeadTimeSource
from reporting import analytics_report, analytics_tables
from reporting.api import analytics_examples
from reporting.api.reports import KeyField, ReportParameters, ReportView, described
from suppliers.models import Supplier

ITEM = ("id", "sku", "name", "unit")
_CATEGORY = {"id": "id", "slug": "code", "name": "name"}


class AnalyticsParameters(ReportParameters):
    category = KeyField(
        Category.objects.all(),
        "slug",
        required=False,
        label=_("Category"),
        help_text=_("With the categories below it."),
    )
    location = KeyField(
        Location.objects.real(),
        "code",
        required=False,
        label=_("Location"),
        help_text=_("With what is inside."),
    )
    supplier = KeyField(
        Supplier.objects.all(),
        "code",
        required=False,
        label=_("Supplier"),
        help_text=_("Items that were ordered from it."),
    )
    months = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=120,
        label=_("Months"),
        help_text=_("Length of the trends, this month included; 12 when left out."),
    )
    top = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=200,
        label=_("Items"),
        help_text=_("Length of each list of items; 20 when left out."),
    )


class UseOfMonthSerializer(serializers.Serializer):
    month = serializers.DateField(format="%Y-%m")
    value = AmountField(help_text=_("Of what was issued less what came back, in base currency."))
    issues = serializers.IntegerField()


class SpendOfMonthSerializer(serializers.Serializer):
    month = serializers.DateField(format="%Y-%m", help_text=_("Of the order."))
    amount = AmountField(help_text=_("Of approved and delivered orders, with tax, in base currency."))
    orders = serializers.IntegerField()


class CellSerializer(serializers.Serializer):
    abc = serializers.ChoiceField(Importance.choices)
    xyz = serializers.ChoiceField(Regularity.choices)
    items = serializers.IntegerField()
    value = AmountField()


class ClassifiedItemSerializer(serializers.Serializer):
    item = RecordField(shows=ITEM)
    abc = serializers.ChoiceField(Importance.choices)
    xyz = serializers.ChoiceField(Regularity.choices)
    value = AmountField(help_text=_("Used in the last 365 days."))
    share = RateField(help_text=_("Of the value of all items, of one."))
    cumulative_share = RateField()
    variation = RateField(allow_null=True, help_text=_("Of monthly demand: deviation over mean."))


class AbcXyzSerializer(serializers.Serializer):
    days = serializers.IntegerField()
    total_items = serializers.IntegerField()
    total_value = AmountField()
    matrix = CellSerializer(many=True, help_text=_("All nine cells."))
    items = ClassifiedItemSerializer(many=True, help_text=_("Those of most value."))


class TurningSerializer(serializers.Serializer):
    consumption = AmountField()
    average_stock_value = AmountField(help_text=_("Weighted by how long it stood there."))
    turnover = RateField(allow_null=True, help_text=_("Consumption over average stock value."))
    days_of_inventory = RateField(allow_null=True)


class CategoryTurnoverSerializer(TurningSerializer):
    category = RecordField(shows=_CATEGORY, allow_null=True)


class ItemTurnoverSerializer(TurningSerializer):
    item = RecordField(shows=ITEM)


class TurnoverSerializer(serializers.Serializer):
    days = serializers.IntegerField()
    totals = TurningSerializer()
    by_category = CategoryTurnoverSerializer(many=True)
    items = ItemTurnoverSerializer(many=True, help_text=_("Those with the most value on the shelf."))


class AccuracySerializer(serializers.Serializer):
    """Errors of forecasts for the next week, over the newer three quarters of the item's own history."""

    periods = serializers.IntegerField(help_text=_("Weeks that were compared."))
    rmsse = RateField(allow_null=True, help_text=_("Below 1 is better than repeating the last week."))
    mase = RateField(allow_null=True)
    bias = RateField(minimum=None, help_text=_("Mean error a week; above zero, too much was forecast."))


class ForecastSerializer(serializers.Serializer):
    item = RecordField(shows=ITEM)
    kind = serializers.ChoiceField(DemandKind.choices)
    method = serializers.ChoiceField(Method.choices)
    parameters = serializers.DictField(child=serializers.CharField())
    weeks = serializers.IntegerField(help_text=_("Full weeks of history."))
    per_week = QuantityField()
    per_day = QuantityField()
    deviation = QuantityField(help_text=_("Standard deviation of a week around its forecast."))
    accuracy = AccuracySerializer(allow_null=True)
    naive = AccuracySerializer(allow_null=True, help_text=_("The same of repeating the last week."))


class SuggestionSerializer(serializers.Serializer):
    item = RecordField(shows=ITEM)
    available = QuantityField()
    on_order = QuantityField(help_text=_("To come of approved orders."))
    requested = QuantityField(help_text=_("In drafts and orders that wait for approval."))
    per_day = QuantityField(help_text=_("Expected demand."))
    days_left = RateField(allow_null=True, help_text=_("That the available stock lasts."))
    lead_time_days = RateField()
    lead_time_source = serializers.ChoiceField(LeadTimeSource.choices)
    safety_stock = QuantityField()
    reorder_point = QuantityField()
    quantity = QuantityField(help_text=_("To be ordered."))
    supplier = RecordField(shows=("id", "code", "name"), allow_null=True)
    unit_price = UnitPriceField(allow_null=True, help_text=_("Of the last order, in its currency."))
    currency = serializers.CharField(allow_null=True)
    why = serializers.CharField()


class AnalyticsSerializer(serializers.Serializer):
    consumption_trend = UseOfMonthSerializer(many=True)
    spend_trend = SpendOfMonthSerializer(many=True)
    abc_xyz = AbcXyzSerializer()
    turnover = TurnoverSerializer()
    forecast = ForecastSerializer(many=True, help_text=_("Of the items of most value used."))
    reorder_suggestions = SuggestionSerializer(many=True, help_text=_("The most urgent first."))
    currency = serializers.CharField(help_text=_("The base currency."))
    as_of = MomentField()


@described(analytics_examples.ANALYTICS)
class AnalyticsReport(ReportView):
    """Where use and spend are heading, what matters, what turns over, what to expect and what to order.

    ABC (by value used, cut-offs 80 % and 95 %) and turnover are of the last 365 days; XYZ (by variation of
    monthly demand, cut-offs 0.5 and 1.0) of the last twelve full months; forecasts of 104 full weeks.
    A suggestion becomes a draft order by `POST /api/purchase-orders/from-suggestions`.
    """

    name = "analytics"
    parameters_class = AnalyticsParameters
    data_class = AnalyticsSerializer

    def build(self, **params):
        return analytics_report.build(at=timezone.now(), **params)

    def document(self, data, params):
        return analytics_tables.document(data, params)
