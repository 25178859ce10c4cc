from datetime import UTC, datetime

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from inventory.models import Category, ItemStatus, Location
from ipms.api.fields import AmountField, DayField, MomentField, QuantityField, RateField, RecordField
from ipms.errors import InvalidInput
from reporting import stock_history, stock_report, stock_tables
from reporting.api import inventory_examples
from reporting.api.reports import KeyField, ReportParameters, ReportView, described

ITEM = {"id": "id", "sku": "code", "name": "name"}
CATEGORY = {"id": "id", "slug": "code", "name": "name"}
PLACE = ("id", "code", "name")


@extend_schema_field(
    {
        "oneOf": [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}],
        "example": "2031-05-31",
    }
)
class DayOrMomentField(DayField):
    """A date, or a moment in ISO 8601, UTC where no offset is given."""

    default_error_messages = {
        "invalid": _("A date such as 2031-05-31 is needed, or a time such as 2031-05-31T08:00:00Z.")
    }

    def to_internal_value(self, value):
        if not isinstance(value, str) or "T" not in value:
            return super().to_internal_value(value)
        try:
            # A plus sign that was not escaped arrives as a space.
            moment = datetime.fromisoformat(value.strip().replace(" ", "+"))
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError):
            return self.fail("invalid")


class InventoryParameters(ReportParameters):
    category = KeyField(
        Category.objects.all(),
        "slug",
        required=False,
        label=_("Category"),
        help_text=_("With those below it."),
    )
    location = KeyField(
        Location.objects.real(),
        "code",
        required=False,
        label=_("Location"),
        help_text=_("With all that is inside."),
    )
    as_of = DayOrMomentField(
        required=False,
        label=_("As of"),
        help_text=_("Stock as it was, by when things happened; a date is its end where the site is."),
    )
    known_at = DayOrMomentField(
        required=False, label=_("Known at"), help_text=_("Only what had been posted by then.")
    )
    days = serializers.IntegerField(
        min_value=1,
        max_value=36500,
        default=stock_report.DEAD_AFTER_DAYS,
        label=_("Dead after days"),
        help_text=_("Without an issue for so many days, stock is dead."),
    )

    def validate(self, attrs):
        asked = {name: attrs.pop(name, None) for name in ("as_of", "known_at")}
        try:
            return attrs | {"at": stock_history.moment(**asked, now=timezone.now())}
        except InvalidInput as refusal:
            raise serializers.ValidationError(refusal.details) from refusal


class StockSumsSerializer(serializers.Serializer):
    items = serializers.IntegerField(help_text=_("Items of which there is any."))
    quantity = QuantityField(help_text=_("Over all units of measure."))
    stock_value = AmountField(help_text=_("At average cost, in base currency."))


class StockTotalsSerializer(StockSumsSerializer):
    currency = serializers.CharField(help_text=_("The base currency."))
    low_stock = serializers.IntegerField(help_text=_("Items at or below their reorder level."))
    dead_stock = serializers.IntegerField(help_text=_("Items of which nothing was issued for long."))
    dead_stock_value = AmountField()


class CategoryStockSerializer(StockSumsSerializer):
    category = RecordField(shows=CATEGORY, allow_null=True)


class LocationStockSerializer(StockSumsSerializer):
    location = RecordField(shows=PLACE)


class LowStockSerializer(serializers.Serializer):
    item = RecordField(shows=ITEM)
    unit = serializers.CharField()
    status = serializers.ChoiceField([ItemStatus.LOW_STOCK.value, ItemStatus.OUT_OF_STOCK.value])
    quantity = QuantityField(help_text=_("On hand over all locations."))
    available = QuantityField(help_text=_("On hand less what is reserved; of the past, what was on hand."))
    reorder_level = QuantityField()
    reorder_quantity = QuantityField()


class DeadStockSerializer(serializers.Serializer):
    item = RecordField(shows=ITEM)
    unit = serializers.CharField()
    quantity = QuantityField()
    stock_value = AmountField()
    last_issued_on = serializers.DateField(allow_null=True)
    days_idle = serializers.IntegerField(help_text=_("Since the last issue, else since the first movement."))


class AgeSerializer(serializers.Serializer):
    bucket = serializers.CharField(help_text=_("Days since it came, such as 31-90."))
    from_days = serializers.IntegerField()
    to_days = serializers.IntegerField(allow_null=True)
    items = serializers.IntegerField(help_text=_("Items that have some of this age."))
    quantity = QuantityField()
    stock_value = AmountField()


class ImportanceSerializer(serializers.Serializer):
    items = serializers.IntegerField()
    consumption_value = AmountField(help_text=_("Used in the last 365 days."))
    share = RateField(allow_null=True, help_text=_("Of all that was used, of one."))
    stock_value = AmountField()

    def get_fields(self):
        # “class” is a word of Python.
        return {"class": serializers.ChoiceField(["A", "B", "C"]), **super().get_fields()}


class InventoryReportSerializer(serializers.Serializer):
    totals = StockTotalsSerializer()
    by_category = CategoryStockSerializer(
        many=True, help_text=_("Of items that stand in the category itself; null for those in none.")
    )
    by_location = LocationStockSerializer(many=True, help_text=_("Of what stands in the location itself."))
    low_stock = LowStockSerializer(many=True, help_text=_("The least covered first, at most 500."))
    dead_stock = DeadStockSerializer(many=True, help_text=_("The most valuable first, at most 500."))
    ageing = AgeSerializer(many=True)
    abc = ImportanceSerializer(many=True)
    as_of = MomentField()
    known_at = MomentField(allow_null=True)


@described(inventory_examples.INVENTORY)
class InventoryReport(ReportView):
    """What there is and what it is worth, by category and location; what is low, dead, old, and what matters.

    Of this moment, or `as_of` any past one by when things happened, and `known_at` by when they were posted.
    Values are in base currency at moving average cost.
    """

    name = "inventory"
    parameters_class = InventoryParameters
    data_class = InventoryReportSerializer

    def build(self, **params):
        return stock_report.build(now=timezone.now(), **params)

    def document(self, data, params):
        return stock_tables.document(data, params)
