"""Items: made with their opening balance, changed, deleted while nothing depends on them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import ProtectedError
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from inventory import ledger, stock
from inventory.models import Item, MovementKind, StockBalance
from ipms import audit, bulk, site, validation
from ipms.errors import InUse, InvalidInput

_RELATED = ("category", "location", "unit")
_TRACKING_STAYS = gettext_lazy("Tracking can change only while no stock is on hand.")


@transaction.atomic
def create(
    *,
    by: User,
    quantity: Decimal | None = None,
    unit_cost: Decimal | None = None,
    lot: str = "",
    expires_on: date | None = None,
    **fields: Any,
) -> Item:
    """Make an item, with `quantity` as its opening balance at its location.

    `unit_cost` of the opening balance is in base currency, by default the unit price. Raises Django's
    `ValidationError` for fields that cannot be taken, `InvalidInput` where an opening balance has no
    location, and what `ledger.post` raises.
    """
    item = Item(**{"currency": site.base_currency(), **fields})
    validation.check(item, key="sku")
    item.save()
    item.refresh_from_db()
    if quantity:
        if item.location is None:
            raise InvalidInput({"location": [_("Name the location where the opening balance stands.")]})
        stock.add(
            item,
            kind=MovementKind.OPENING,
            quantity=quantity,
            unit_cost=unit_cost,
            lot=lot,
            expires_on=expires_on,
            reason=_("Opening balance"),
            by=by,
        )
        item.valuation.refresh_from_db()
    return item


@transaction.atomic
def create_many(wanted: Sequence[Mapping[str, Any]]) -> list[Item]:
    """Make items without an opening balance, all or none, with a constant number of queries.

    Related records come as objects. Raises `InvalidInput` with the errors of all items under `lines`.
    """
    base = site.base_currency()
    made = [Item(**{"currency": base, **fields}) for fields in wanted]
    skus = Item.objects.annotate(folded=Lower("sku")).filter(folded__in={item.sku.lower() for item in made})
    taken = set(skus.values_list("folded", flat=True))
    errors = [_errors(item, taken) for item in made]
    if any(errors):
        raise InvalidInput({"lines": errors})
    Item.objects.bulk_create(made, batch_size=2000)
    audit.created(made)
    return made


@transaction.atomic
def update(item: Item, **changes: Any) -> Item:
    """Change an item's fields. Raises `ValidationError`; `InvalidInput` where stock forbids the change."""
    for name, value in changes.items():
        setattr(item, name, value)
    validation.check(item, key="sku")
    check_tracking(item)
    item.save()
    return item


@transaction.atomic
def update_many(items: Sequence[Item], names: Collection[str]) -> None:
    """Save changed fields of items, all or none, with a constant number of queries; keys stay as they are.

    The items carry their new values and were locked by the caller. Raises `InvalidInput` with the errors of
    all items under `lines`.
    """
    before = {item.pk: item for item in Item.objects.filter(pk__in=[item.pk for item in items])}
    errors = [_errors_of_fields(item) for item in items]
    tracked = [item for item in items if before[item.pk].tracking != item.tracking]
    for item_id in _in_stock(tracked):
        place = next(place for place, item in enumerate(items) if item.pk == item_id)
        errors[place].setdefault("tracking", []).append(_TRACKING_STAYS)
    if any(errors):
        raise InvalidInput({"lines": errors})
    now = timezone.now()
    for item in items:
        item.updated_at = now
    fields = [field for field in Item._meta.concrete_fields if field.name in names]
    bulk.update(items, [*names, "updated_at"])
    audit.changed(
        items,
        (
            {
                field.name: [getattr(before[item.pk], field.attname), getattr(item, field.attname)]
                for field in fields
                if getattr(before[item.pk], field.attname) != getattr(item, field.attname)
            }
            for item in items
        ),
    )


def check_tracking(item: Item) -> None:
    """Raise `InvalidInput` where the tracking changes while stock stands that was not received so.

    Locks the item for posting: call it inside the transaction of the change.
    """
    before = Item.objects.filter(pk=item.pk).values_list("tracking", flat=True).first()
    if before in (None, item.tracking):
        return
    if _in_stock([item]):
        raise InvalidInput({"tracking": [_TRACKING_STAYS]})


@transaction.atomic
def delete(item: Item) -> None:
    """Delete an item that never moved and was never ordered; else raise `InUse`."""
    try:
        item.delete()
    except ProtectedError as error:
        sentence = _("%(sku)s has stock movements or orders: deactivate it instead.")
        raise InUse(sentence % {"sku": item.sku}) from error


def _in_stock(items: Sequence[Item]) -> set[int]:
    """Return which of these items have stock on hand; they stay locked for posting."""
    if not items:
        return set()
    keys = ledger.lock([item.pk for item in items])
    return set(StockBalance.objects.filter(item__in=keys, on_hand__gt=0).values_list("item_id", flat=True))


def _errors_of_fields(item: Item) -> dict[str, list[Any]]:
    try:
        # Related records were looked up by whoever names them.
        item.clean_fields(exclude=_RELATED)
    except ValidationError as error:
        return dict(error.message_dict)
    return {}


def _errors(item: Item, taken: set[str]) -> dict[str, list[Any]]:
    """Return what is wrong with a new item; its SKU is then among those that are taken."""
    errors = _errors_of_fields(item)
    if item.sku.lower() in taken:
        errors.setdefault("sku", []).append(_("An item with this SKU exists."))
    taken.add(item.sku.lower())
    return errors
