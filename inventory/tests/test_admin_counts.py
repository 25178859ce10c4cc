"""Stock counts in the back office: made, counted with a scanner or thumb, reviewed, posted."""

from decimal import Decimal
from functools import partial

import pytest
from django.urls import reverse

from accounts.tests.factories import UserFactory
from inventory import count_entry, counting
from inventory.count_entry import Figure
from inventory.count_scope import Scope
from inventory.models import StockCount, StockMovement, Tracking
from inventory.tests.factories import ItemFactory, LocationFactory, on_hand, stock
from ipms.testing.back_office import count_queries, enter, form, messages, send

pytestmark = pytest.mark.django_db

LIST = reverse("admin:inventory_stockcount_changelist")
NEW = reverse("admin:inventory_stockcount_add")


@pytest.fixture
def shelf():
    return LocationFactory(code="SHELF")


@pytest.fixture
def bolt(shelf):
    item = ItemFactory(sku="BOLT", name="Bolt", barcode="5901234123457")
    stock(item, shelf, 10, unit_cost=Decimal("2.50"))
    return item


def begin(shelf, **how):
    return counting.create(Scope(location=shelf), by=UserFactory(manager=True), **how)


def address(count, name):
    return reverse(f"admin:inventory_stockcount_{name}", args=[count.pk])


def counted(count, **figures):
    by = UserFactory()
    lines = {line.item.sku: line for line in count.lines.select_related("item")}
    count_entry.enter(
        count, [Figure(line=lines[sku], counted=Decimal(figure)) for sku, figure in figures.items()], by=by
    )
    counting.submit(count, by=by, leave_uncounted=True)
    return lines


def text(response):
    return response.content.decode()


def test_a_count_is_made_from_a_form(staff, shelf, bolt):
    client = enter(staff)

    page = send(client, NEW, location=shelf.pk, is_blind="on", notes="Half-year")

    count = StockCount.objects.get()
    assert count.location == shelf
    assert count.is_blind
    assert count.lines.get().item == bolt
    assert count.number in text(page)
    assert text(client.get(LIST)).count(count.number) == 1


def test_a_count_of_nothing_is_refused_with_what_was_typed(staff, shelf):
    page = send(enter(staff), NEW, location=shelf.pk, notes="Half-year")

    assert "Nothing stands there that could be counted." in text(page)
    assert "Half-year" in text(page)
    assert not StockCount.objects.exists()


def test_a_scan_leads_to_the_figure_and_the_figure_to_the_next_scan(staff, shelf, bolt):
    count, client = begin(shelf), enter(staff)

    asked = client.get(address(count, "enter"), {"q": "5901234123457"})
    saved = client.post(address(count, "enter"), {**form(asked), "counted": "9"}, follow=True)

    line = count.lines.get()
    assert (line.counted_quantity, line.counted_by) == (9, staff)
    assert "1 of 1 counted" in text(saved)
    assert saved.context["target"] is None


def test_a_form_that_comes_twice_counts_once(staff, shelf, bolt):
    count, client = begin(shelf), enter(staff)
    sent = {**form(client.get(address(count, "enter"), {"q": "bolt"})), "counted": "9"}

    client.post(address(count, "enter"), sent)
    first = count.lines.get().counted_at
    client.post(address(count, "enter"), sent)

    assert count.lines.get().counted_at == first


def test_a_colleagues_figure_is_told_and_replaced_by_saving_again(staff, manager, shelf, bolt):
    count, client = begin(shelf), enter(staff)
    sent = {**form(client.get(address(count, "enter"), {"q": "bolt"})), "counted": "9"}
    colleague = enter(manager)
    colleague.post(
        address(count, "enter"),
        {**form(colleague.get(address(count, "enter"), {"q": "bolt"})), "counted": "8"},
    )

    told = client.post(address(count, "enter"), sent)
    assert "counted 8. Save again if yours is right." in text(told)
    assert count.lines.get().counted_quantity == 8
    client.post(address(count, "enter"), form(told))

    assert count.lines.get().counted_quantity == 9


def test_the_walk_goes_on_to_the_next_place(staff, shelf, bolt):
    nut = ItemFactory(sku="NUT", name="Nut")
    stock(nut, shelf, 5)
    count, client = begin(shelf), enter(staff)
    first, second = count.lines.all()

    asked = client.get(address(count, "enter"), {"line": first.pk, "walk": "1"})
    following = client.post(address(count, "enter"), {**form(asked), "counted": "10"}, follow=True)

    assert following.context["target"].line == second


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("-1", "greater than or equal to 0"),
        ("many", "Enter a number"),
        ("5901234123457", "This is a barcode"),
        ("", "This field is required"),
    ],
    ids=["below zero", "no number", "a barcode", "nothing"],
)
def test_a_figure_that_cannot_be_stays_in_its_field(staff, shelf, bolt, typed, sentence):
    count, client = begin(shelf), enter(staff)
    asked = form(client.get(address(count, "enter"), {"q": "bolt"}))

    page = client.post(address(count, "enter"), {**asked, "counted": typed})

    assert sentence in text(page)
    assert form(page)["counted"] == typed
    assert form(page)["line"] == asked["line"]
    assert count.lines.get().counted_quantity is None


def test_a_comma_is_a_decimal_point(staff, shelf, bolt):
    count, client = begin(shelf), enter(staff)
    asked = form(client.get(address(count, "enter"), {"q": "bolt"}))

    client.post(address(count, "enter"), {**asked, "counted": "2,5"})

    assert count.lines.get().counted_quantity == Decimal("2.5")


def test_a_figure_that_found_no_connection_was_counted_when_it_was_first_sent(staff, shelf, bolt):
    count, client = begin(shelf), enter(staff)
    StockCount.objects.update(started_at=count.started_at.replace(year=2020))
    asked = form(client.get(address(count, "enter"), {"q": "bolt"}))

    client.post(address(count, "enter"), {**asked, "counted": "9", "age": "600"})

    waited = counting.now() - count.lines.get().counted_at
    assert 600 <= waited.total_seconds() < 660


def test_what_is_not_on_the_list_is_added_with_its_lot(staff, shelf, bolt):
    milk = ItemFactory(sku="MILK", tracking=Tracking.LOT)
    count, client = begin(shelf), enter(staff)
    asked = form(client.get(address(count, "enter"), {"q": "milk"}))
    sent = {**asked, "counted": "4", "location": "shelf", "lot": "L9", "expires_on": "2099-01-31"}

    refused = client.post(address(count, "enter"), {**sent, "lot": ""})
    nowhere = client.post(address(count, "enter"), {**sent, "location": "NOWHERE"})
    client.post(address(count, "enter"), sent)

    assert asked["location"] == "SHELF"
    assert "Name the lot: this item is tracked." in text(refused)
    assert "There is no place “NOWHERE”." in text(nowhere)
    line = count.lines.get(item=milk)
    assert (line.lot.number, line.location, line.counted_quantity, line.is_added) == ("L9", shelf, 4, True)


def test_an_item_at_several_places_is_chosen_from_a_list():
    store = LocationFactory(code="STORE")
    left, right = (LocationFactory(code=code, parent=store) for code in ("LEFT", "RIGHT"))
    bolt = ItemFactory(sku="BOLT")
    for place in (left, right):
        stock(bolt, place, 5)
    count, client = begin(store), enter(UserFactory())

    by_item = client.get(address(count, "enter"), {"q": "bolt"})
    by_place = client.get(address(count, "enter"), {"q": "right"})

    assert [line.location for line in by_item.context["found"].lines] == [left, right]
    assert by_place.context["target"].line.location == right


def test_only_the_middle_of_the_page_comes_to_the_script(staff, shelf, bolt):
    count, client = begin(shelf), enter(staff)
    asked = form(client.get(address(count, "enter"), {"q": "bolt"}))

    part = client.post(
        address(count, "enter"), {**asked, "counted": "9"}, headers={"X-Requested-With": "fetch"}
    )

    assert "<html" not in text(part)
    assert "1 of 1 counted" in text(part)


def test_a_blind_count_shows_who_counts_nothing_of_the_books(staff, manager, shelf, bolt):
    count = begin(shelf, is_blind=True)
    client = enter(staff)

    page = client.get(address(count, "enter"), {"q": "bolt"})
    lines = client.get(address(count, "review"))

    assert "by the books" not in text(page)
    assert "By the books" not in text(lines)
    assert "By the books" in text(enter(manager).get(address(count, "review")))
    assert "by the books 10" in text(enter(manager).get(address(count, "enter"), {"q": "bolt"}))


def test_the_dearest_difference_comes_first(manager, shelf, bolt):
    gold = ItemFactory(sku="GOLD")
    stock(gold, shelf, 5, unit_cost=Decimal(100))
    stock(ItemFactory(sku="NUT"), shelf, 5)
    count = begin(shelf)
    counted(count, BOLT=1, GOLD=4, NUT=5)

    page = enter(manager).get(address(count, "review"))

    assert [line.item.sku for line in page.context["page"]] == ["GOLD", "BOLT"]
    assert "-122.50" in text(page)


def test_the_ticked_lines_go_back(manager, shelf, bolt):
    count = begin(shelf)
    lines = counted(count, BOLT=1)
    client = enter(manager)
    asked = form(client.get(address(count, "review")))

    nothing = client.post(address(count, "review"), {**asked, "recount": "1"})
    client.post(address(count, "review"), {**asked, "recount": "1", "line": lines["BOLT"].pk})

    assert "Choose the lines that are to be counted again." in text(nothing)
    count.refresh_from_db()
    assert count.status == "counting"
    assert "Count again" in text(client.get(address(count, "enter")))


def test_a_double_click_posts_once(manager, shelf, bolt):
    count = begin(shelf)
    counted(count, BOLT=8)
    client = enter(manager)
    sent = {**form(client.get(address(count, "review"))), "approve": "1", "comment": "Seen"}

    first = client.post(address(count, "review"), sent, follow=True)
    second = client.post(address(count, "review"), sent, follow=True)

    assert on_hand(bolt) == 8
    assert StockMovement.objects.filter(kind="count").count() == 1
    assert messages(first) == [f"{count} was posted: 1 movement."]
    assert messages(second)[1] == "The form came twice; it was carried out once."


def test_a_posted_count_says_who_posted_it(manager, shelf, bolt):
    count = begin(shelf)
    counted(count, BOLT=8)
    counting.approve(count, by=manager)

    assert f"Posted by {manager}: nothing is left to decide." in text(
        enter(manager).get(address(count, "review"))
    )


def test_who_counted_is_told_so_and_cannot_approve(manager, shelf, bolt):
    count = begin(shelf)
    count_entry.enter(count, [Figure(item=bolt, counted=Decimal(8))], by=manager)
    counting.submit(count, by=UserFactory())
    client = enter(manager)
    page = client.get(address(count, "review"))

    answer = client.post(address(count, "review"), {**form(page), "approve": "1"})

    assert "Approve and post" not in text(page)
    assert "somebody else has to approve it" in text(answer)
    assert on_hand(bolt) == 10


def test_who_counts_neither_approves_nor_sends_back(staff, shelf, bolt):
    count = begin(shelf)
    counted(count, BOLT=8)
    client = enter(staff)

    page = client.get(address(count, "review"))

    assert page.status_code == 200
    assert "Approve and post" not in text(page)
    assert client.post(address(count, "review"), {"approve": "1"}).status_code == 403


def test_a_count_is_handed_over_and_given_up_from_its_page(staff, manager, shelf, bolt):
    count = begin(shelf)
    count_entry.enter(count, [Figure(item=bolt, counted=Decimal(8))], by=staff)
    stock(ItemFactory(), shelf, 1)
    client = enter(staff)

    def buttons(person):
        page = enter(person).get(address(count, "change"))
        return [entry["action"].name for entry in page.context["object_action_buttons"]]

    assert buttons(staff) == ["enter", "lines", "submit"]
    assert buttons(manager) == ["enter", "lines", "submit", "cancel"]
    send(client, reverse("admin:inventory_stockcount_action", args=[count.pk, "submit"]))
    assert buttons(manager) == ["review", "cancel"]
    cancel = reverse("admin:inventory_stockcount_action", args=[count.pk, "cancel"])
    send(enter(manager), cancel, reason="Wrong shelf")
    count.refresh_from_db()
    assert count.status == "cancelled"


def test_what_is_left_uncounted_is_asked(staff, shelf, bolt):
    stock(ItemFactory(sku="NUT"), shelf, 1)
    count = begin(shelf)
    count_entry.enter(count, [Figure(item=bolt, counted=Decimal(8))], by=staff)
    submit = reverse("admin:inventory_stockcount_action", args=[count.pk, "submit"])

    refused = send(enter(staff), submit)
    send(enter(staff), submit, leave_uncounted="on")

    assert "1 line is not counted yet" in text(refused)
    count.refresh_from_db()
    assert count.status == "submitted"


def test_pages_cost_the_same_for_many_lines(manager):
    def work(rows):
        place = LocationFactory()
        for _ in range(rows):
            stock(ItemFactory(), place, 10)
        count, client = begin(place), enter(manager)
        pages = [address(count, name) for name in ("change", "enter", "review")]
        return [count_queries(partial(client.get, page, {"show": "all"})) for page in pages]

    work(1)  # whatever is asked once for all is asked here

    assert work(9) == work(2)


def test_the_list_costs_the_same_for_many_counts(manager, shelf, bolt):
    client = enter(manager)
    begin(shelf)
    client.get(LIST)  # whatever is asked once for all is asked here
    few = count_queries(lambda: client.get(LIST))

    for _ in range(3):
        begin(shelf)

    assert count_queries(lambda: client.get(LIST)) == few


def test_a_label_names_its_lot(staff, shelf):
    milk = ItemFactory(sku="MILK", barcode="9506000134352", tracking=Tracking.LOT)
    for lot in ("L-7", "L-8"):
        stock(milk, shelf, 5, lot=lot)
    count, client = begin(shelf), enter(staff)

    known = client.get(address(count, "enter"), {"q": "010950600013435210L-8"})
    new = client.get(address(count, "enter"), {"q": "01095060001343521799013110L-9"})

    assert known.context["target"].line.lot.number == "L-8"
    assert new.context["target"].line is None
    assert (form(new)["lot"], form(new)["expires_on"]) == ("L-9", "2099-01-31")


def test_the_first_page_leads_to_what_waits(staff, manager, shelf, bolt):
    stock(ItemFactory(sku="NUT"), shelf, 1)
    to_count, to_review = begin(shelf), begin(shelf)
    counted(to_review, BOLT=8)

    def hrefs(person):
        page = text(enter(person).get(reverse("admin:index")))
        return {
            (count, name)
            for count in (to_count, to_review)
            for name in ("enter", "review", "change")
            if f'href="{address(count, name)}"' in page
        }

    assert hrefs(staff) == {(to_count, "enter"), (to_review, "change")}
    assert hrefs(manager) == {(to_count, "enter"), (to_review, "review")}
