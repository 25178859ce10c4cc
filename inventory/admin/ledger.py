from django.contrib import admin
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from inventory import ledger
from inventory.admin import filters
from inventory.models import Item, ItemValuation, Location, MovementKind, StockBalance, StockMovement
from inventory.resources import BalanceResource, MovementResource, ValuationResource
from ipms.admin import display
from ipms.admin.base import ReadOnlyAdmin
from ipms.admin.columns import in_base_currency, with_base_currency
from ipms.admin.display import amount, badge, link, moment, money, number, numeric, quantity, unit_price
from ipms.admin.forms import ReasonForm
from ipms.admin.object_actions import ObjectAction
from ipms.admin.spreadsheets import ExportMixin, SpreadsheetMixin

_TONES = {
    MovementKind.OPENING: "quiet",
    MovementKind.RECEIPT: "good",
    MovementKind.ISSUE: "info",
    MovementKind.TRANSFER: "quiet",
    MovementKind.ADJUSTMENT: "warn",
    MovementKind.COUNT: "warn",
    MovementKind.RETURN: "info",
    MovementKind.SCRAP: "bad",
    MovementKind.REVERSAL: "bad",
}


def kind_badge(movement: StockMovement):
    return badge(movement.kind, movement.get_kind_display(), tone=_TONES[MovementKind(movement.kind)])


def short_name(location: Location) -> str:
    """Return the code of a location inside the gate, the name of one outside."""
    return location.code if location.is_real else str(location.get_kind_display())


def _can_be_reversed(movement: StockMovement, user) -> bool:
    return movement.kind != MovementKind.REVERSAL and not hasattr(movement, "reversed_by")


@admin.register(StockMovement)
class StockMovementAdmin(ExportMixin, ReadOnlyAdmin):
    """The ledger. What is wrong in it is undone by a reversal."""

    resource_classes = [MovementResource]
    export_permission = "inventory.adjust_stock"
    object_actions = [
        ObjectAction(
            name="reverse",
            label=_("Reverse"),
            style="danger",
            form=ReasonForm,
            permission="inventory.reverse_movement",
            allowed=_can_be_reversed,
            run=ledger.reverse,
            done=_("%(object)s was reversed."),
        )
    ]

    list_display = [
        "happened",
        "what",
        "item_link",
        "lot",
        "how_much",
        "way",
        "papers",
        "worth_in_base",
        "actor",
    ]
    list_display_links = ["happened"]
    list_filter = ["kind", filters.MovedAtFilter, "actor"]
    search_fields = ["reference", "document"]
    search_help_text = _("Item, or the whole number of a paper")
    date_hierarchy = "occurred_at"
    ordering = ["-id"]
    show_facets = admin.ShowFacets.NEVER
    fieldsets = [
        (None, {"fields": [("what", "item_link", "lot"), ("how_much", "from_location", "to_location")]}),
        (_("Value"), {"fields": [("cost", "worth", "on_hand")]}),
        (_("Why"), {"fields": ["reason", ("reference", "document")]}),
        (
            _("Who and when"),
            {"fields": [("actor", "occurred_at", "posted_at"), ("undoes", "undone_by")]},
        ),
    ]

    def get_queryset(self, request):
        movements = with_base_currency(super().get_queryset(request))
        return movements.select_related("item", "lot", "from_location", "to_location", "actor")

    def get_readonly_fields(self, request, obj=None):
        return [
            name
            for _label, options in self.fieldsets
            for row in options["fields"]
            for name in ([row] if isinstance(row, str) else row)
        ]

    def get_search_results(self, request, queryset, search_term):
        """Search by the number of a paper, else by item: each by its index."""
        typed = search_term.strip()
        if not typed:
            return queryset, False
        of_paper = queryset.filter(Q(reference=typed) | Q(document=typed))
        if of_paper.exists():
            return of_paper, False
        return queryset.filter(item__in=Item.objects.search(typed)), False

    def get_object_summary(self, request, movement):
        return [
            (_("Item"), movement.item),
            (_("Quantity"), self.how_much(movement)),
            (_("From"), movement.from_location),
            (_("To"), movement.to_location),
        ]

    @admin.display(description=_("occurred"), ordering="id")
    def happened(self, movement):
        return moment(movement.occurred_at)

    @admin.display(description=_("kind"), ordering="kind")
    def what(self, movement):
        return kind_badge(movement)

    @admin.display(description=_("item"), ordering="item__name")
    def item_link(self, movement):
        return link(movement.item)

    @numeric(description=_("quantity"), ordering="quantity")
    def how_much(self, movement):
        return quantity(movement.quantity, movement.item.unit_id)

    @admin.display(description=_("from → to"))
    def way(self, movement):
        return display.way(short_name(movement.from_location), short_name(movement.to_location))

    @numeric(description=_("unit cost"))
    def cost(self, movement):
        return unit_price(movement.unit_cost, movement.base_currency)

    @numeric(description=_("value"), ordering="value")
    def worth(self, movement):
        return money(movement.value, movement.base_currency)

    @numeric(description=in_base_currency(_("value")), ordering="value")
    def worth_in_base(self, movement):
        return amount(movement.value, movement.base_currency)

    @numeric(description=_("on hand after"))
    def on_hand(self, movement):
        return quantity(movement.on_hand_after, movement.item.unit_id)

    @admin.display(description=_("document"))
    def papers(self, movement):
        return movement.document or movement.reference or "–"

    @admin.display(description=_("reverses"))
    def undoes(self, movement):
        return link(movement.reverses)

    @admin.display(description=_("reversed by"))
    def undone_by(self, movement):
        return link(getattr(movement, "reversed_by", None))


@admin.register(StockBalance)
class StockBalanceAdmin(SpreadsheetMixin, ReadOnlyAdmin):
    """What stands where. A file of opening balances is taken here, and posted to the ledger."""

    resource_classes = [BalanceResource]
    export_permission = "inventory.adjust_stock"

    list_display = ["item_link", "location", "lot", "expires_on", "stands", "promised", "free"]
    list_display_links = None
    list_select_related = ["item", "location", "lot"]
    list_filter = [filters.BalanceAtFilter, filters.StandsFilter, "lot__status"]
    search_fields = ["item__sku", "location__code", "lot__number"]
    search_help_text = _("Item, or the whole code of a location or number of a lot")
    ordering = ["item__name", "location__code", "pk"]

    def get_search_results(self, request, queryset, search_term):
        typed = search_term.strip()
        if not typed:
            return queryset, False
        named = queryset.filter(Q(location__code__iexact=typed) | Q(lot__number__iexact=typed))
        if named.exists():
            return named, False
        return queryset.filter(item__in=Item.objects.search(typed)), False

    @admin.display(description=_("item"), ordering="item__name")
    def item_link(self, balance):
        return link(balance.item)

    @admin.display(description=_("expires on"), ordering="lot__expires_on")
    def expires_on(self, balance):
        return balance.lot.expires_on if balance.lot else None

    @numeric(description=_("on hand"), ordering="on_hand")
    def stands(self, balance):
        return quantity(balance.on_hand, balance.item.unit_id)

    @numeric(description=_("reserved"), ordering="reserved")
    def promised(self, balance):
        return quantity(balance.reserved, balance.item.unit_id)

    @numeric(description=_("available"), ordering=F("on_hand") - F("reserved"))
    def free(self, balance):
        return quantity(balance.available, balance.item.unit_id)


@admin.register(ItemValuation)
class ItemValuationAdmin(ExportMixin, ReadOnlyAdmin):
    """Quantity and value of each item over all locations."""

    resource_classes = [ValuationResource]
    export_permission = "inventory.adjust_stock"

    list_display = ["item_link", "category", "stands", "average_cost", "worth"]
    list_display_links = None
    list_select_related = ["item__category"]
    search_fields = ["item__sku", "item__name"]
    search_help_text = _("Item")
    ordering = ["-value"]

    def get_queryset(self, request):
        return with_base_currency(super().get_queryset(request))

    def get_search_results(self, request, queryset, search_term):
        if not search_term.strip():
            return queryset, False
        return queryset.filter(item__in=Item.objects.search(search_term)), False

    @admin.display(description=_("item"), ordering="item__name")
    def item_link(self, valuation):
        return link(valuation.item)

    @admin.display(description=_("category"), ordering="item__category__name")
    def category(self, valuation):
        return valuation.item.category

    @numeric(description=_("on hand"), ordering="quantity")
    def stands(self, valuation):
        return quantity(valuation.quantity, valuation.item.unit_id)

    @numeric(description=in_base_currency(_("average cost")))
    def average_cost(self, valuation):
        return number(round(valuation.average_cost, 4))

    @numeric(description=in_base_currency(_("value")), ordering="value")
    def worth(self, valuation):
        return amount(valuation.value, valuation.base_currency)
