import pytest

from inventory.models import StockMovement
from inventory.tests.factories import ItemFactory, LocationFactory, on_hand
from ipms.testing.back_office import enter, form, messages, press, send
from procurement.models import GoodsReceipt, OrderStatus
from procurement.tests.back_office import action, bulk, page, status
from procurement.tests.factories import approved_order, line, order

pytestmark = pytest.mark.django_db


def test_all_is_received_in_one_click(staff):
    bolt, store = ItemFactory(), LocationFactory()
    due = approved_order(line(bolt, quantity=10), deliver_to=store)

    answer = press(enter(staff), page(due), "/do/receive-all/")

    assert status(due) == OrderStatus.DELIVERED
    assert on_hand(bolt, store) == 10
    assert GoodsReceipt.objects.get().number in messages(answer)[0]


def test_a_double_click_receives_once(staff):
    bolt = ItemFactory()
    due = approved_order(line(bolt, quantity=10))
    client = enter(staff)
    filled = form(client.get(page(due)), action="/do/receive-all/")

    client.post(action(due, "receive-all"), filled)
    client.post(action(due, "receive-all"), filled)

    assert on_hand(bolt) == 10
    assert GoodsReceipt.objects.count() == 1


def test_the_page_proposes_all_that_is_outstanding_at_its_location(staff):
    store = LocationFactory()
    due = approved_order(line(quantity=10), deliver_to=store)
    (only,) = due.lines.all()

    proposed = form(enter(staff).get(action(due, "receive")))

    assert proposed[f"line-{only.pk}-quantity"] == "10"
    assert proposed[f"line-{only.pk}-location"] == str(store.pk)


def test_a_part_is_received_by_line_with_its_lot(staff):
    syrup, bolt, shelf = ItemFactory(tracking="lot"), ItemFactory(), LocationFactory()
    due = approved_order(line(syrup, quantity=10), line(bolt, quantity=5))
    first, second = due.lines.order_by("number")

    send(
        enter(staff),
        action(due, "receive"),
        **{
            "reference": "DN-1",
            f"line-{first.pk}-quantity": "4",
            f"line-{first.pk}-lot": "L1",
            f"line-{first.pk}-expires_on": "2031-07-15",
            f"line-{first.pk}-location": shelf.pk,
            f"line-{second.pk}-quantity": "",
        },
    )

    assert status(due) == OrderStatus.PARTIALLY_DELIVERED
    assert on_hand(syrup, shelf) == 4
    assert on_hand(bolt) == 0
    assert syrup.lots.get().expires_on.isoformat() == "2031-07-15"
    assert GoodsReceipt.objects.get().reference == "DN-1"


def test_a_missing_lot_is_asked_for_at_its_line(staff):
    bolt, syrup = ItemFactory(), ItemFactory(tracking="lot")
    due = approved_order(line(bolt, quantity=5), line(syrup, quantity=10))

    answer = send(enter(staff), action(due, "receive"))

    problems = [line_form.errors for line_form in answer.context["form"].line_forms]
    assert problems == [{}, {"lot": ["Name the lot: this item is tracked."]}]
    assert not StockMovement.objects.exists()


def test_more_than_outstanding_is_refused(staff):
    due = approved_order(line(quantity=10))
    (only,) = due.lines.all()

    answer = send(enter(staff), action(due, "receive"), **{f"line-{only.pk}-quantity": "11"})

    assert "only 10 are outstanding" in answer.context["form"].non_field_errors()[0]


def test_several_orders_are_received_in_full(staff):
    first, second, pending = approved_order(), approved_order(), order()

    answer = bulk(enter(staff), "receive_selected", first, second, pending)

    assert status(first) == status(second) == OrderStatus.DELIVERED
    assert any(pending.po_number in sentence for sentence in messages(answer))
