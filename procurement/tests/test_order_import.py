from datetime import date, datetime, timedelta
from decimal import Decimal
from unittest.mock import ANY
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from accounts.models import AuditEntry, User
from accounts.tests.factories import UserFactory
from inventory.models import Category, Item, Location, StockMovement
from inventory.tests.factories import CategoryFactory, ItemFactory, LocationFactory, on_hand
from inventory.verification import offences
from ipms import context, site
from ipms.errors import NotAllowed
from ipms.models import ExchangeRate
from procurement import ordering
from procurement.models import GoodsReceipt, ImportedLine, OrderStatus, PurchaseOrder, PurchaseOrderLine
from procurement.order_import import ProblemKind, codes
from procurement.tests.sheets import run, sentences, sheet
from suppliers.models import Supplier
from suppliers.tests.factories import SupplierFactory

pytestmark = pytest.mark.django_db

TWO_ORDERS = (
    {"Order": "A-1"},
    {"Order": "A-1", "Article": "Nut M8", "Quantity": "3", "Value": "1.00"},
    {"Order": "A-2", "Supplier": "Musanze Tools", "Delivered": ""},
)


class TestWhatIsMade:
    def test_orders_with_all_that_they_name(self):
        report = run(sheet(*TWO_ORDERS))

        assert not report.problems
        assert (report.rows, report.imported, report.orders, report.receipts) == (3, 3, 2, 1)
        assert report.totals == {"USD": Decimal("51.00")}
        first, second = PurchaseOrder.objects.order_by("pk")
        assert (first.reference, first.subtotal, first.status) == ("A-1", 26, OrderStatus.DELIVERED)
        assert (second.reference, second.supplier.name) == ("A-2", "Musanze Tools")
        assert (second.status, second.ordered_on) == (OrderStatus.APPROVED, date(2024, 1, 2))
        assert [line.line_total for line in first.lines.all()] == [25, 1]
        assert {item.sku: item.unit_price for item in Item.objects.all()} == {
            "BOLT-M8-ZINC": Decimal("2.5"),
            "NUT-M8": Decimal("0.33333333"),
        }
        assert set(Supplier.objects.values_list("code", flat=True)) == {"KIGALI-STEEL-LTD", "MUSANZE-TOOLS"}
        assert not list(offences())

    def test_stock_comes_on_its_day_at_noon_of_the_site(self):
        settings = site.current()
        settings.timezone = "Africa/Kigali"
        settings.save()

        run(sheet({}))

        noon = datetime(2024, 1, 15, 12, tzinfo=ZoneInfo("Africa/Kigali"))
        movement = StockMovement.objects.get()
        assert movement.occurred_at == noon
        assert (movement.quantity, movement.value, movement.reference) == (10, 25, "DN-7")
        assert PurchaseOrder.objects.get().delivered_at == noon
        assert on_hand(Item.objects.get(), Location.objects.get(code="MAIN-STORE")) == 10

    def test_what_came_today_is_not_in_the_future(self):
        today = f"{timezone.localdate():%d/%m/%Y}"

        report = run(sheet({"Delivered": today}))

        assert not report.problems
        assert GoodsReceipt.objects.get().occurred_at <= timezone.now()

    def test_each_paper_becomes_a_receipt(self):
        report = run(
            sheet(
                {"Delivered": "20/01/2024", "Note": "DN-9"},
                {"Delivered": "15/01/2024", "Note": "DN-7", "Article": "Nut M8"},
                {"Delivered": "15/01/2024", "Note": "DN-7", "Article": "Washer M8"},
                {"Delivered": "15/01/2024", "Note": "DN-8", "Article": "Screw M8"},
            )
        )

        assert report.receipts == 3
        receipts = GoodsReceipt.objects.order_by("number")
        assert [receipt.reference for receipt in receipts] == ["DN-7", "DN-8", "DN-9"]
        assert [receipt.lines.count() for receipt in receipts] == [2, 1, 1]
        history = PurchaseOrder.objects.get().history.values_list("to_status", flat=True)
        assert list(history) == [
            "pending",
            "approved",
            "partially_delivered",
            "partially_delivered",
            "delivered",
        ]

    def test_a_part_that_came_leaves_the_rest_outstanding(self):
        run(sheet({"Note": "4"}), ('reference = "Note"', 'quantity = "Note"'))

        order = PurchaseOrder.objects.get()
        assert order.status == OrderStatus.PARTIALLY_DELIVERED
        assert order.lines.get().outstanding_quantity == 6

    def test_lots_come_with_their_expiry(self):
        tracked = ('name = "Article"', 'name = "Article"\ntracking = { constant = "lot" }')
        lots = ('reference = "Note"', 'lot = "Note"\nexpires_on = "Promised"')

        report = run(sheet({"Note": "L-1", "Promised": "31/12/2027"}), tracked, lots)

        assert not report.problems
        lot = StockMovement.objects.get().lot
        assert (lot.number, lot.expires_on) == ("L-1", date(2027, 12, 31))

    def test_an_account_of_its_own_makes_the_orders_and_the_user_approves(self):
        manager = UserFactory(manager=True)

        run(sheet({}), by=manager)

        order = PurchaseOrder.objects.get()
        maker = User.objects.get(username="importer")
        assert (order.created_by, order.approved_by) == (maker, manager)
        assert not maker.is_active
        assert not maker.has_usable_password()

    def test_all_that_is_made_is_in_the_audit_trail(self):
        manager = UserFactory(manager=True)
        site.current()

        with context.acting_as(manager, source="import_orders test"):
            run(sheet({}), by=manager)

        made = AuditEntry.objects.filter(action=AuditEntry.Action.CREATE, user_agent="import_orders test")
        assert set(made.values_list("content_type__model", "actor")) == {
            (model, manager.pk)
            for model in (
                *("category", "item", "location", "supplier", "user"),
                *("purchaseorder", "purchaseorderline", "goodsreceipt"),
            )
        }

    def test_notes_tell_each_text_once(self):
        run(sheet({"Project": "Hall 3"}, {"Project": "Hall 3", "Transport": "Air"}, {"Transport": "Truck"}))

        assert PurchaseOrder.objects.get().notes == "Project: Hall 3\nTransport: Air, Truck"

    def test_an_order_is_expected_when_all_of_it_was_promised(self):
        run(sheet({"Promised": "05/02/2024"}, {"Promised": "07/02/2024"}, {"Promised": "n/a"}))

        assert PurchaseOrder.objects.get().expected_date == date(2024, 2, 7)

    def test_orders_are_numbered_by_their_day(self):
        run(sheet({"Order": "B", "Ordered": "05/01/2024"}, {"Order": "A", "Ordered": "04/01/2024"}))

        orders = PurchaseOrder.objects.order_by("po_number")
        assert [(order.po_number, order.reference) for order in orders] == [
            ("PO-2024-00001", "A"),
            ("PO-2024-00002", "B"),
        ]

    def test_an_item_costs_what_was_paid_last(self):
        run(
            sheet(
                {"Order": "B", "Ordered": "05/01/2024", "Value": "30"},
                {"Order": "A", "Ordered": "04/01/2024", "Value": "20"},
            ),
            chunk=1,
        )

        assert Item.objects.get().unit_price == 3

    def test_categories_form_a_tree(self):
        run(sheet({"Project": "Steel"}), ('["Group"]', '["Group", "Project"]'))

        steel = Category.objects.get(name="Steel")
        assert (steel.slug, steel.parent.slug) == ("fasteners-steel", "fasteners")
        assert Item.objects.get().category == steel

    def test_locations_stand_in_the_site(self):
        site = ('name = "Store"', 'name = "Store"\nsite = { code = "RW", name = "Rwanda" }')

        report = run(sheet({}, {"Order": "A-2", "Store": "Côte d'Ivoire"}), site)

        assert report.locations == {"rw", "main-store", "cote-d-ivoire"}
        assert {place.code for place in Location.objects.get(code="RW").children.all()} == {
            "MAIN-STORE",
            "COTE-D-IVOIRE",
        }

    def test_orders_can_come_without_deliveries(self):
        nowhere = ('[location]\nname = "Store"\n', "")
        undelivered = ('[delivery]\non = "Delivered"\nreference = "Note"\n', "")

        report = run(sheet({}), nowhere, undelivered)

        assert not report.problems
        assert PurchaseOrder.objects.get().status == OrderStatus.APPROVED


class TestWhatIsKnown:
    def test_records_are_found_without_regard_to_case(self):
        bolt, store = ItemFactory(sku="bolt-m8-zinc", name="Bolt"), LocationFactory(code="main-store")
        steel = SupplierFactory(name="KIGALI STEEL LTD", code="KSL")

        report = run(sheet({}))

        line = PurchaseOrderLine.objects.get()
        assert (line.item, line.order.supplier, line.order.deliver_to) == (bolt, steel, store)
        assert not report.items | report.suppliers | report.locations

    def test_names_that_differ_in_writing_are_one(self):
        report = run(sheet({}, {"Article": "BOLT M8 (zinc)", "Supplier": "Kigali Steel, Ltd."}))

        assert not report.problems
        assert (Item.objects.count(), Supplier.objects.count()) == (1, 1)

    def test_a_supplier_is_the_same_in_the_next_file_although_written_otherwise(self):
        run(sheet({}))

        run(sheet({"No": "2", "Order": "A-2", "Supplier": "KIGALI STEEL, LTD."}))

        assert Supplier.objects.get().orders.count() == 2

    def test_a_category_is_found_by_its_slug(self):
        known = CategoryFactory(slug="FASTENERS", name="Things that hold")

        run(sheet({}))

        assert Item.objects.get().category == known

    def test_a_code_in_the_file_decides(self):
        coded = ('name = "Supplier"', 'name = "Supplier"\ncode = "Note"')
        known = SupplierFactory(code="DN-7", name="Another name")

        run(sheet({}), coded)

        assert PurchaseOrder.objects.get().supplier == known

    def test_a_supplier_whose_code_is_taken_gets_another(self):
        SupplierFactory(code="KIGALI-STEEL-LTD", name="Somebody else")

        run(sheet({}))

        assert PurchaseOrder.objects.get().supplier.code == "KIGALI-STEEL-LTD-2"

    def test_a_country_may_be_told_by_its_name(self):
        country = ('name = "Supplier"', 'name = "Supplier"\ncountry = "Note"')

        run(sheet({"Note": "Rwanda"}), country)
        report = run(sheet({"No": "2", "Order": "A-2", "Supplier": "Another", "Note": "Atlantis"}), country)

        assert Supplier.objects.get().country.code == "RW"
        assert sentences(report) == [(2, "Note", ANY)]
        assert "“Atlantis” is not a country" in report.problems[0].sentence


class TestRunningAgain:
    def test_changes_nothing_and_says_so(self):
        run(sheet(*TWO_ORDERS))
        before = StockMovement.objects.count(), PurchaseOrder.objects.count(), AuditEntry.objects.count()

        report = run(sheet(*TWO_ORDERS))

        assert (report.imported, report.unchanged, report.problems) == (0, 3, [])
        assert report.summary() == ["Rows imported before: 3.", "Nothing was changed."]
        after = StockMovement.objects.count(), PurchaseOrder.objects.count(), AuditEntry.objects.count()
        assert after == before

    def test_takes_what_is_new(self):
        run(sheet(*TWO_ORDERS))

        report = run(sheet(*TWO_ORDERS, {"Order": "A-3"}))

        assert (report.imported, report.unchanged) == (1, 3)

    def test_tells_a_row_that_changed_and_leaves_it(self):
        run(sheet({}))

        report = run(sheet({"Quantity": "12"}))

        (problem,) = report.problems
        assert (problem.row, problem.kind) == (2, ProblemKind.CHANGED)
        assert "has changed since" in problem.sentence
        assert PurchaseOrderLine.objects.get().quantity == 10

    def test_tells_a_row_that_is_new_in_a_known_order(self):
        run(sheet({}))

        report = run(sheet({}, {"Article": "Nut M8"}))

        (problem,) = report.problems
        assert (problem.row, problem.kind) == (3, ProblemKind.CHANGED)
        assert PurchaseOrderLine.objects.count() == 1

    def test_goes_on_where_a_run_ended(self):
        class PowerCutError(Exception):
            pass

        def cut(done, total):
            if done == 2:
                raise PowerCutError

        with pytest.raises(PowerCutError):
            run(sheet(*TWO_ORDERS), chunk=2, progress=cut)
        assert ImportedLine.objects.count() == 2

        report = run(sheet(*TWO_ORDERS), chunk=2)

        assert (report.imported, report.unchanged) == (1, 2)
        assert ImportedLine.objects.count() == 3

    def test_takes_the_same_keys_from_another_source(self):
        run(sheet({}))

        report = run(sheet({}), ('source = "test"', 'source = "other"'))

        assert report.imported == 1


class TestWhatIsRefused:
    def test_an_order_is_left_out_whole(self):
        report = run(sheet({}, {"Article": "Nut M8", "Value": "much"}, {"Order": "A-2"}))

        assert sentences(report) == [
            (2, "", "Left out with its order A-1, of which row 3 cannot be taken."),
            (3, "Value", "This is not a number."),
        ]
        assert [order.reference for order in PurchaseOrder.objects.all()] == ["A-2"]

    def test_all_faults_are_told_at_once(self):
        faulty = [{"Order": f"A-{number}", "Value": "much"} for number in range(200)]

        report = run(sheet(*faulty, {"Order": "B"}))

        assert len(report.problems) == 200
        assert report.imported == 1

    def test_a_key_that_stands_twice(self):
        report = run(sheet({"No": "5"}, {"No": "5", "Order": "A-2"}))

        assert sentences(report) == [(3, "No", "Row 2 has the same key.")]
        assert report.imported == 1

    @pytest.mark.parametrize(
        ("column", "other"), [("Supplier", "Musanze Tools"), ("Currency", "EUR"), ("Store", "Hall 2")]
    )
    def test_rows_of_an_order_that_contradict_each_other(self, column, other):
        report = run(sheet({}, {column: other}))

        assert [(row, name) for row, name, _sentence in sentences(report)] == [(2, ""), (3, column)]
        assert report.problems[1].value == other

    def test_two_items_for_which_one_sku_is_made(self):
        names = {}
        for number in range(100_000):
            name = f"{'hexagon socket head cap screw ' * 3}{number}"
            first = names.setdefault(codes.make(name, limit=50), name)
            if first != name:
                break

        report = run(sheet({"Article": first}, {"Article": name, "Order": "A-2"}))

        ((row, column, sentence),) = sentences(report)
        assert (row, column) == (3, "Article")
        assert "Row 2 has another item" in sentence

    def test_a_supplier_on_hold_does_not_stop_the_others(self):
        SupplierFactory(name="Kigali Steel Ltd", on_hold=True)
        others = [{"Order": f"B-{number}", "Supplier": "Musanze Tools"} for number in range(9)]

        report = run(sheet(*others[:4], {}, {"Article": "Nut M8"}, *others[4:]))

        assert sentences(report) == [
            (6, "Supplier", "This supplier is on hold: no new orders."),
            (7, "Supplier", "This supplier is on hold: no new orders."),
        ]
        assert report.orders == 9

    def test_an_item_that_is_inactive_is_told_at_its_row(self):
        ItemFactory(sku="NUT-M8", is_active=False)

        report = run(sheet({}, {"Article": "Nut M8"}))

        assert sentences(report) == [
            (2, "", "Left out with its order A-1, of which row 3 cannot be taken."),
            (3, "Article", "This item is inactive."),
        ]

    def test_goods_without_their_lot_are_told_at_their_row(self):
        ItemFactory(sku="NUT-M8", tracking="lot")

        report = run(sheet({"Delivered": ""}, {"Article": "Washer M8"}, {"Article": "Nut M8"}))

        assert sentences(report)[-1] == (4, "", "Name the lot: this item is tracked.")
        assert not PurchaseOrder.objects.exists()
        assert not StockMovement.objects.exists()

    def test_an_item_that_cannot_be_made(self):
        unit = ('name = "Article"', 'name = "Article"\nunit = "Group"')

        report = run(sheet({"Group": "Handful"}, {"Article": "Nut M8", "Group": "EA"}), unit)

        assert [(row, column) for row, column, _sentence in sentences(report)] == [(2, "Article"), (3, "")]
        assert report.problems[0].sentence.startswith("Bolt M8, zinc: ")
        assert not Item.objects.exists()

    def test_an_order_beyond_the_limit_of_who_approves(self):
        manager = UserFactory(manager=True)

        report = run(sheet({"Value": "1000000.01"}, {"Order": "A-2"}), by=manager)

        ((row, _column, sentence),) = sentences(report)
        assert row == 2
        assert sentence == f"A-1 comes to 1000000.01 USD; {manager.email} may approve up to 1000000."
        assert report.orders == 1

    def test_a_currency_without_a_rate(self):
        report = run(sheet({"Currency": "EUR"}, {"Order": "A-2"}))

        assert sentences(report) == [
            (2, "Currency", "There is no exchange rate into USD for 2024-01-02: enter one first.")
        ]

    def test_who_may_not_approve_imports_nothing(self):
        with pytest.raises(NotAllowed):
            run(sheet({}), by=UserFactory())

        assert not PurchaseOrder.objects.exists()

    def test_an_unforeseen_error_is_not_swallowed(self, monkeypatch):
        monkeypatch.setattr(ordering, "place_many", lambda drafts, by: 1 / 0)

        with pytest.raises(ZeroDivisionError):
            run(sheet({}))


def test_another_currency_is_converted_at_the_rate_of_its_day():
    for day, rate in (("2023-12-01", "1.10"), ("2024-06-01", "1.20")):
        ExchangeRate.objects.create(currency="EUR", rate=Decimal(rate), valid_from=day)

    run(sheet({"Currency": "EUR"}, {"Order": "A-2", "Currency": "EUR", "Ordered": "10/06/2024"}))

    orders = PurchaseOrder.objects.order_by("pk")
    assert [order.total_base for order in orders] == [Decimal("27.50"), Decimal("30.00")]
    assert sum(movement.value for movement in StockMovement.objects.all()) == Decimal("57.50")
    assert "2023-12-01" in orders[0].history.get(to_status="approved").comment


def test_a_dry_run_tells_all_and_changes_nothing():
    before = User.objects.count()

    by = UserFactory(admin=True)
    report = run(sheet(*TWO_ORDERS, {"Order": "A-3", "Value": "much"}), by=by, dry_run=True, chunk=1)

    assert (report.imported, report.orders, report.receipts) == (3, 2, 1)
    assert (len(report.items), len(report.suppliers)) == (2, 2)
    assert len(report.problems) == 1
    assert report.summary()[0] == "Rows that would be imported: 3; orders: 2; value: 51.00 USD."
    assert User.objects.count() == before + 1
    for model in (PurchaseOrder, Item, Supplier, StockMovement, ImportedLine, Category):
        assert not model.objects.exists()


def test_strict_takes_nothing_unless_all_rows_are_fine():
    SupplierFactory(name="Musanze Tools", on_hold=True)

    stopped = run(sheet(*TWO_ORDERS), strict=True)
    assert not PurchaseOrder.objects.exists()
    taken = run(sheet(*TWO_ORDERS[:2]), strict=True)

    assert stopped.is_stopped
    assert sentences(stopped) == [(4, "Supplier", "This supplier is on hold: no new orders.")]
    assert "Nothing was imported" in stopped.summary()[-1]
    assert (taken.imported, taken.is_stopped) == (2, False)


def test_the_number_of_queries_does_not_grow_with_the_rows(django_assert_max_num_queries):
    run(sheet({"No": "x"}))
    rows = [{"Order": f"A-{number // 2}", "Project": str(number)} for number in range(60)]

    with django_assert_max_num_queries(70):
        report = run(sheet(*rows))

    assert report.orders == 30


def test_progress_is_told_after_each_chunk():
    told = []

    run(sheet(*TWO_ORDERS), chunk=1, progress=lambda done, total: told.append((done, total)))

    assert told == [(2, 3), (3, 3)]


def test_what_is_promised_may_be_in_the_future():
    tomorrow = timezone.localdate() + timedelta(days=1)

    report = run(sheet({"Promised": f"{tomorrow:%d/%m/%Y}", "Delivered": ""}))

    assert not report.problems
    assert PurchaseOrder.objects.get().expected_date == tomorrow
