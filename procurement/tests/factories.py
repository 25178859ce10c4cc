"""Orders as people make them: asked for, approved, received."""

from decimal import Decimal

from accounts.tests.factories import UserFactory
from inventory.tests.factories import ItemFactory, LocationFactory
from procurement import ordering
from procurement.drafts import LineDraft, OrderDraft
from suppliers.tests.factories import SupplierFactory


def line(item=None, quantity=10, unit_price=2, **how):
    """What one line asks for; figures may be numbers or text."""
    if "tax_rate" in how:
        how["tax_rate"] = Decimal(how["tax_rate"])
    return LineDraft(
        item=item or ItemFactory(), quantity=Decimal(quantity), unit_price=Decimal(unit_price), **how
    )


def order(*lines, by=None, submit=True, **fields):
    """Make an order, to be delivered to a store of its own; pending, in US dollars unless told otherwise."""
    if "supplier" not in fields:
        fields["supplier"] = SupplierFactory()
    if "deliver_to" not in fields:
        fields["deliver_to"] = LocationFactory()
    draft = OrderDraft(lines=lines or [line()], **fields)
    return ordering.place(draft, by=by or UserFactory(), submit=submit)


def approved_order(*lines, exchange_rate=None, **fields):
    """Make an order and have somebody without a limit approve it."""
    made = order(*lines, **fields)
    ordering.approve(
        made,
        by=UserFactory(admin=True),
        exchange_rate=None if exchange_rate is None else Decimal(exchange_rate),
    )
    return made
