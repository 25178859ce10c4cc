from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.tests.factories import UserFactory
from inventory.models import StockMovement
from inventory.tests.factories import ItemFactory, LocationFactory, on_hand
from ipms.admin.display import change_url
from ipms.testing.back_office import count_queries, enter, form, messages, press, send
from procurement import receiving
from procurement.models import GoodsReceipt, OrderStatus
from procurement.receiving import Arrival
from procurement.tests.back_office import action, bulk, buttons, page, status
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
    assert proposed[f"line-{only.pk}-location"] == store.code


def test_a_part_is_received_by_line_with_its_lot(staff):
    syrup, bolt, shelf = ItemFactory(tracking="lot"), ItemFactory(), LocationFactory()
    due = approved_order(line(syrup, quantity=10), line(bolt, quantity=5))
    first, second = due.lines.order_by("number")

    send(
        enter(staff),
        action(due, "receive"),
        **{
            "post": "1",
            "reference": "DN-1",
            f"line-{first.pk}-quantity": "4",
            f"line-{first.pk}-lot": "L1",
            f"line-{first.pk}-expires_on": "2031-07-15",
            f"line-{first.pk}-location": shelf.code.lower(),
            f"line-{second.pk}-quantity": "",
        },
    )

    assert status(due) == OrderStatus.PARTIALLY_DELIVERED
    assert on_hand(syrup, shelf) == 4
    assert on_hand(bolt) == 0
    assert syrup.lots.get().expires_on.isoformat() == "2031-07-15"
    assert GoodsReceipt.objects.get().reference == "DN-1"


def errors(answer):
    """What is wrong with the parts of each line, by the line's number."""
    return {
        row.line.number: [dict(part.errors) for part in row.parts] for row in answer.context["sheet"].rows
    }


def test_all_that_is_missing_is_asked_for_at_once_beside_its_field(staff):
    bolt, syrup, pump = ItemFactory(), ItemFactory(tracking="lot"), ItemFactory()
    due = approved_order(line(bolt, quantity=5), line(syrup, quantity=10), line(pump, quantity=2))
    first, _second, third = due.lines.order_by("number")

    answer = send(
        enter(staff),
        action(due, "receive"),
        **{
            "post": "1",
            "reference": "DN-7",
            f"line-{first.pk}-quantity": "5,5",
            f"line-{third.pk}-location": "MOON",
        },
    )

    assert errors(answer)[3] == [{"location": ["There is no place “MOON”."]}]
    answer = send_again(staff, due, answer, **{f"line-{third.pk}-location": ""})
    found = errors(answer)
    assert found[1][0]["quantity"][0].startswith("0.5 EA more than the 5 outstanding.")
    assert found[2] == [{"lot": ["Name the lot: this item is tracked."]}]
    kept = form(answer)
    assert (kept["reference"], kept[f"line-{first.pk}-quantity"]) == ("DN-7", "5,5")
    assert not StockMovement.objects.exists()


def send_again(user, due, answer, **values):
    return enter(user).post(action(due, "receive"), {**form(answer), **values, "post": "1"}, follow=True)


def test_more_than_outstanding_is_refused_in_words(staff):
    due = approved_order(line(quantity=10))
    (only,) = due.lines.all()

    answer = send(enter(staff), action(due, "receive"), **{f"line-{only.pk}-quantity": "11", "post": "1"})

    (problem,) = errors(answer)[1][0]["quantity"]
    assert problem.startswith("1 EA more than the 10 outstanding. An order takes nothing beyond")


def test_what_stays_open_is_said_and_the_receipt_is_shown_with_its_paper(staff):
    bolt, nut = ItemFactory(name="Bolt"), ItemFactory(name="Nut")
    due, other = approved_order(line(bolt, quantity=5), line(nut, quantity=3)), approved_order()
    first, second = due.lines.order_by("number")
    filled = {f"line-{first.pk}-quantity": "2", f"line-{second.pk}-quantity": "", "post": "1"}

    answer = send(enter(staff), action(due, "receive"), **filled)

    receipt = GoodsReceipt.objects.get()
    (said,) = messages(answer)
    assert said == f"{due}: received as {receipt}. Still to come: 3 EA Bolt, 3 EA Nut."
    page_shown = answer.content.decode()
    assert "Print goods receipt" in page_shown
    assert f"Next to receive: {other}" in page_shown


def test_one_line_comes_in_two_lots(staff):
    syrup, shelf = ItemFactory(tracking="lot"), LocationFactory()
    due = approved_order(line(syrup, quantity=10), deliver_to=shelf)
    (only,) = due.lines.all()
    client, url = enter(staff), action(due, "receive")
    name = f"line-{only.pk}"
    first = {f"{name}-quantity": "6", f"{name}-lot": "L1", "more": str(only.pk)}

    proposed = form(client.post(url, {**form(client.get(url)), **first}))
    assert (proposed[f"{name}-2-quantity"], proposed[f"{name}-2-location"]) == ("4", shelf.code)
    client.post(url, {**proposed, f"{name}-2-lot": "L2", "post": "1"})

    assert {balance.lot.number: balance.on_hand for balance in syrup.balances.all()} == {"L1": 6, "L2": 4}


def test_pieces_come_by_their_serial_numbers(staff):
    pump = ItemFactory(tracking="serial")
    due = approved_order(line(pump, quantity=3))
    (only,) = due.lines.all()
    client, url = enter(staff), action(due, "receive")
    name = f"line-{only.pk}-serials"

    answer = client.post(url, {**form(client.get(url)), name: "S-1\r\nS-2\r\nS-3\r\nS-4", "post": "1"})
    assert errors(answer)[1][0]["serials"][0].startswith("S-4: 1 EA more than the 3 outstanding.")
    client.post(url, {**form(answer), name: "S-1\r\nS-2\r\n", "post": "1"})

    assert {lot.number for lot in pump.lots.all()} == {"S-1", "S-2"}
    assert on_hand(pump) == 2


@pytest.mark.parametrize(
    ("scanned", "lot"),
    [
        pytest.param("SYRUP", "", id="SKU"),
        pytest.param("5901234123457", "", id="barcode"),
        pytest.param("010590123412345717310630" + "10L-7", "L-7", id="GS1 label"),
        pytest.param("syr", "", id="part of a name, alone on the order"),
    ],
)
def test_a_scan_leads_to_its_line_with_what_the_label_says(staff, scanned, lot):
    syrup = ItemFactory(sku="SYRUP", name="Syrup", barcode="5901234123457", tracking="lot")
    ItemFactory(name="Syringe")
    due = approved_order(line(quantity=5), line(syrup, quantity=10))
    _bolt, wanted = due.lines.order_by("number")

    told = enter(staff).get(action(due, "receive"), {"find": scanned}).json()

    assert told == {"lines": [wanted.pk], "lot": lot, "expires_on": "2031-06-30" if lot else ""}


def test_a_scan_is_taken_without_the_script_and_posts_nothing(staff):
    syrup = ItemFactory(barcode="5901234123457", tracking="lot")
    due = approved_order(line(syrup, quantity=10))
    (only,) = due.lines.all()
    client, url = enter(staff), action(due, "receive")
    label = "01059012341234571731063010L-7"

    looked = form(client.post(url, {**form(client.get(url)), "scan": label, "look": "1"}))
    name = f"line-{only.pk}"
    assert (looked[f"{name}-lot"], looked[f"{name}-expires_on"]) == ("L-7", "2031-06-30")
    assert not GoodsReceipt.objects.exists()
    again = {f"{name}-quantity": "4", "scan": label.replace("L-7", "L-8"), "look": "1"}
    looked = form(client.post(url, {**looked, **again}))

    assert (looked[f"{name}-2-lot"], looked[f"{name}-2-quantity"]) == ("L-8", "6")


def test_what_is_not_on_the_order_is_said(staff):
    stranger = ItemFactory(sku="NUT", name="Nut")
    due = approved_order(line(quantity=5))

    told = enter(staff).get(action(due, "receive"), {"find": "NUT"}).json()

    assert told == {"error": f"{stranger} is not on {due}."}


def test_an_old_page_is_told_who_received_meanwhile_and_keeps_what_was_typed(staff):
    keeper = UserFactory(first_name="Amina", last_name="Hassan")
    bolt = ItemFactory()
    due = approved_order(line(bolt, quantity=10))
    (only,) = due.lines.all()
    name = f"line-{only.pk}-quantity"
    client, url = enter(staff), action(due, "receive")
    old = {**form(client.get(url)), name: "4", "reference": "DN-1", "post": "1"}
    theirs = receiving.receive(due, by=keeper, arrivals=[Arrival(line_id=only.pk, quantity=Decimal(4))])

    answer = client.post(url, old)

    (told,) = answer.context["head"].non_field_errors()
    assert told.startswith(f"Meanwhile Amina Hassan received {theirs} of this order. Nothing was posted now")
    assert on_hand(bolt) == 4
    assert (form(answer)[name], form(answer)["reference"]) == ("4", "DN-1")
    client.post(url, {**form(answer), "post": "1"})
    assert on_hand(bolt) == 8


def test_an_old_page_of_an_order_that_is_delivered_keeps_what_was_typed(staff):
    due = approved_order(line(quantity=10))
    (only,) = due.lines.all()
    client, url = enter(staff), action(due, "receive")
    old = {**form(client.get(url)), f"line-{only.pk}-quantity": "7", "post": "1"}
    receiving.receive(due, by=UserFactory())

    answer = client.post(url, old)

    assert "Meanwhile" in answer.context["head"].non_field_errors()[0]
    assert form(answer)[f"line-{only.pk}-quantity"] == "7"
    assert GoodsReceipt.objects.count() == 1


def test_the_same_form_twice_is_one_receipt(staff):
    bolt = ItemFactory()
    due = approved_order(line(bolt, quantity=10))
    client, url = enter(staff), action(due, "receive")
    filled = {**form(client.get(url)), f"line-{due.lines.get().pk}-quantity": "4", "post": "1"}

    client.post(url, filled)
    answer = client.post(url, filled, follow=True)

    assert on_hand(bolt) == 4
    assert "carried out once" in messages(answer)[-1]
    assert answer.redirect_chain[-1][0] == f"{change_url(GoodsReceipt.objects.get())}?posted=1"


def test_a_delivery_of_yesterday_keeps_its_day(staff):
    due = approved_order()
    yesterday = timezone.localdate() - timedelta(days=1)
    client = enter(staff)

    answer = send(
        client, action(due, "receive"), received_on=(yesterday + timedelta(days=2)).isoformat(), post="1"
    )
    assert answer.context["head"].errors["received_on"] == ["This is in the future."]
    send(client, action(due, "receive"), received_on=yesterday.isoformat(), post="1")

    assert timezone.localdate(GoodsReceipt.objects.get().occurred_at) == yesterday


def test_all_or_none_is_filled_in_without_the_script(staff):
    due = approved_order(line(quantity=10), line(quantity=3))
    names = [f"line-{pk}-quantity" for pk in due.lines.order_by("number").values_list("pk", flat=True)]
    client, url = enter(staff), action(due, "receive")

    cleared = form(client.post(url, {**form(client.get(url)), "fill": "none"}))
    assert [cleared[name] for name in names] == ["", ""]
    filled = form(client.post(url, {**cleared, "fill": "all"}))

    assert [filled[name] for name in names] == ["10", "3"]


def test_nothing_at_all_is_no_delivery(staff):
    due = approved_order(line(quantity=10))
    name = f"line-{due.lines.get().pk}-quantity"

    answer = send(enter(staff), action(due, "receive"), **{name: "", "post": "1"})

    assert answer.context["head"].non_field_errors() == ["Name at least one line that came."]


def test_an_order_that_is_not_approved_leads_back_to_its_page(staff):
    pending = order()

    answer = enter(staff).get(action(pending, "receive"), follow=True)

    assert answer.redirect_chain[-1][0] == page(pending)
    assert "there is nothing to receive" in messages(answer)[0]


def test_a_tracked_order_is_not_received_blindly(staff):
    due = approved_order(line(ItemFactory(tracking="lot")))

    assert buttons(enter(staff), due) == ["receive"]


def test_receiving_a_hundred_lines_costs_what_one_costs(staff, django_assert_num_queries):
    client = enter(staff)
    small, large = (approved_order(*(line() for _ in range(count))) for count in (1, 100))
    url = action(small, "receive")
    client.post(url, {**form(client.get(url)), "post": "1"})  # what is asked once and remembered
    small = approved_order(line())

    shown = [count_queries(lambda due=due: client.get(action(due, "receive"))) for due in (small, large)]
    filled = {due: {**form(client.get(action(due, "receive"))), "post": "1"} for due in (small, large)}
    posted = [
        count_queries(lambda due=due: client.post(action(due, "receive"), filled[due]))
        for due in (small, large)
    ]

    assert (shown[0], posted[0]) == (shown[1], posted[1])
    assert status(large) == OrderStatus.DELIVERED


def test_several_orders_are_received_in_full(staff):
    first, second, pending = approved_order(), approved_order(), order()

    answer = bulk(enter(staff), "receive_selected", first, second, pending)

    assert status(first) == status(second) == OrderStatus.DELIVERED
    assert any(pending.po_number in sentence for sentence in messages(answer))
