"""What storekeepers do with an item: add, remove, transfer, adjust, as buttons with a form."""

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.db.models import Sum
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from inventory import stock
from inventory.models import Item, Location, MovementKind, StockBalance, StockMovement, Tracking
from ipms.admin import pickers
from ipms.admin.display import number
from ipms.admin.forms import ActionForm
from ipms.admin.object_actions import ObjectAction


class LocationField(forms.ModelChoiceField):
    """Any active location inside the gate, found by typing."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("queryset", Location.objects.real().filter(is_active=True))
        kwargs.setdefault("widget", AutocompleteSelect(Item._meta.get_field("location"), admin.site))
        super().__init__(**kwargs)


class StandsAtField(forms.ModelChoiceField):
    """A location where the item stands, with how much stands there."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=Location.objects.none(), empty_label=None, **kwargs)

    def offer(self, item: Item) -> None:
        self.queryset = (
            Location.objects.filter(balances__item=item, balances__on_hand__gt=0, is_active=True)
            .annotate(stands=Sum("balances__on_hand"))
            .order_by("-stands")
        )
        self.label_from_instance = lambda location: f"{location} · {number(location.stands)} {item.unit_id}"


class LotChoiceField(forms.ChoiceField):
    """A lot that stands somewhere, or none: then first expired, first out."""

    def offer(self, item: Item) -> None:
        balances = StockBalance.objects.filter(item=item, lot__isnull=False, on_hand__gt=0)
        balances = balances.select_related("lot", "location").order_by("lot__expires_on", "lot__number")
        self.choices = [
            ("", self.empty_label),
            *((balance.lot.number, _lot_label(balance)) for balance in balances),
        ]

    empty_label = _("First expired, first out")


class _StockForm(ActionForm):
    """The fields are in the order in which a storekeeper has the figures at hand."""

    quantity = pickers.FigureField(label=_("quantity"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        figure = self.fields[self.figure]
        figure.help_text = self.obj.unit.in_words
        figure.widget.attrs |= {"autofocus": True}
        if self.obj.tracking == Tracking.NONE:
            for name in ("lot", "expires_on"):
                self.fields.pop(name, None)
        for field in self.fields.values():
            if hasattr(field, "offer"):
                field.offer(self.obj)

    #: Name of the field with the number.
    figure = "quantity"


class _Why(forms.Form):
    reason = forms.CharField(label=_("reason"), required=False, max_length=200)
    reference = forms.CharField(
        label=_("reference"), required=False, max_length=100, help_text=_("Such as the number of a paper.")
    )


class AddStockForm(_StockForm, _Why):
    location = LocationField(label=_("location"))
    lot = forms.CharField(label=_("lot"), max_length=80)
    expires_on = forms.DateField(label=_("expires on"), required=False, widget=pickers.DateInput)
    unit_cost = pickers.FigureField(
        label=_("unit cost"),
        required=False,
        min_value=Decimal(0),
        help_text=_("In base currency; the average cost when left empty, else the unit price."),
    )
    field_order = ["quantity", "location", "lot", "expires_on", "unit_cost", "reason", "reference"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["location"].initial = self.obj.location_id


class RemoveStockForm(_StockForm, _Why):
    location = StandsAtField(label=_("location"))
    lot = LotChoiceField(label=_("lot"), required=False)
    kind = forms.ChoiceField(
        label=_("what for"),
        choices=[(MovementKind.ISSUE, _("Issued to use")), (MovementKind.SCRAP, _("Scrapped"))],
    )
    field_order = ["quantity", "location", "lot", "kind", "reason", "reference"]

    def clean_kind(self) -> MovementKind:
        return MovementKind(self.cleaned_data["kind"])


class TransferStockForm(_StockForm, _Why):
    from_location = StandsAtField(label=_("from"))
    to_location = LocationField(label=_("to"))
    lot = LotChoiceField(label=_("lot"), required=False)
    field_order = ["quantity", "from_location", "to_location", "lot", "reason", "reference"]


class AdjustStockForm(_StockForm):
    quantity = None
    counted = pickers.FigureField(label=_("counted"))
    location = LocationField(label=_("location"))
    lot = forms.CharField(
        label=_("lot"),
        required=False,
        max_length=80,
        help_text=_("Left empty: all lots at the location were counted together."),
    )
    reason = forms.CharField(label=_("reason"), max_length=200)
    reference = forms.CharField(label=_("reference"), required=False, max_length=100)
    figure = "counted"
    field_order = ["counted", "location", "lot", "reason", "reference"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["location"].initial = self.obj.location_id


def _lot_label(balance: StockBalance) -> str:
    expires = f" · {date_format(balance.lot.expires_on)}" if balance.lot.expires_on else ""
    return f"{balance.lot.number}{expires} · {balance.location.code} · {number(balance.on_hand)}"


def _has_stock(item: Item, user: Any) -> bool:
    return item.is_active and item.valuation.quantity > 0


def _said(sentence: Any) -> Any:
    """Return the sentence about what was posted: how much moved, and what is on hand now."""

    def say(item: Item, movements: list[StockMovement]) -> str:
        moved = sum((movement.quantity for movement in movements), Decimal(0))
        return sentence % {
            "quantity": f"{number(moved)} {item.unit_id}",
            "item": item,
            "on_hand": f"{number(movements[-1].on_hand_after)} {item.unit_id}",
        }

    return say


def _adjusted(item: Item, movements: list[StockMovement]) -> str:
    if not movements:
        return str(_("The count agrees with the books: nothing was posted."))
    return _said(_("Adjusted by %(quantity)s of %(item)s. On hand now: %(on_hand)s."))(item, movements)


ACTIONS = [
    ObjectAction(
        name="add-stock",
        label=_("Add stock"),
        style="primary",
        form=AddStockForm,
        permission="inventory.move_stock",
        allowed=lambda item, user: item.is_active,
        run=stock.add,
        done=_said(_("Added %(quantity)s of %(item)s. On hand now: %(on_hand)s.")),
    ),
    ObjectAction(
        name="remove-stock",
        label=_("Remove stock"),
        form=RemoveStockForm,
        permission="inventory.move_stock",
        allowed=_has_stock,
        run=stock.remove,
        done=_said(_("Removed %(quantity)s of %(item)s. On hand now: %(on_hand)s.")),
    ),
    ObjectAction(
        name="transfer-stock",
        label=_("Transfer"),
        form=TransferStockForm,
        permission="inventory.move_stock",
        allowed=_has_stock,
        run=stock.transfer,
        done=_said(_("Transferred %(quantity)s of %(item)s. On hand now: %(on_hand)s.")),
    ),
    ObjectAction(
        name="adjust-stock",
        label=_("Adjust"),
        form=AdjustStockForm,
        permission="inventory.adjust_stock",
        allowed=lambda item, user: item.is_active,
        run=stock.adjust,
        done=_adjusted,
    ),
]
