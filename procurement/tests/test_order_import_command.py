import io
from decimal import Decimal

import pytest
from django.core.management import CommandError

from accounts.models import AuditEntry
from accounts.tests.factories import UserFactory
from inventory.models import StockMovement
from inventory.verification import offences
from procurement.management.commands.import_orders import Progress
from procurement.models import ImportedLine, PurchaseOrder, PurchaseOrderLine
from procurement.tests.crowd import at_once
from procurement.tests.importer import import_orders, kill_at
from procurement.tests.sheets import MAPPING, run, sheet

FAULTY = ({}, {"Order": "A-2", "Value": "=1+1"})


@pytest.fixture
def files(tmp_path):
    """Lay a spreadsheet and the mapping down; answer with the arguments that name them."""

    def lay(*rows):
        orders, mapping = tmp_path / "orders.csv", tmp_path / "orders.toml"
        orders.write_bytes(sheet(*rows).getvalue())
        mapping.write_text(MAPPING, encoding="utf-8")
        return str(orders), "--map", str(mapping)

    return lay


def refusal(*arguments):
    with pytest.raises(CommandError) as caught:
        import_orders(*arguments)
    return str(caught.value)


@pytest.mark.django_db
class TestCommand:
    def test_imports_as_the_first_active_administrator(self, files):
        UserFactory(admin=True, is_active=False)
        admin = UserFactory(admin=True)

        code, said = import_orders(*files({}))

        assert code == 0
        assert "Rows imported: 1; orders: 1; value: 25.00 USD." in said
        assert PurchaseOrder.objects.get().approved_by == admin
        entry = AuditEntry.objects.filter(content_type__model="purchaseorder").first()
        assert (entry.actor, entry.user_agent) == (admin, "import_orders test")

    def test_imports_as_whom_it_is_told(self, files):
        UserFactory(admin=True)
        manager = UserFactory(manager=True)

        import_orders(*files({}), "--by", manager.email.upper())

        assert PurchaseOrder.objects.get().approved_by == manager

    def test_ends_with_1_where_a_row_was_not_taken(self, files):
        UserFactory(admin=True)

        code, said = import_orders(*files(*FAULTY))

        assert code == 1
        assert "row 3, Value “=1+1”: This is not a number." in said
        assert PurchaseOrder.objects.count() == 1

    def test_writes_what_was_not_taken_to_a_file_that_runs_no_formula(self, files, tmp_path):
        UserFactory(admin=True)
        report = tmp_path / "report.csv"

        import_orders(*files(*FAULTY), "--report", str(report))

        lines = report.read_text(encoding="utf-8-sig").splitlines()
        assert lines == [
            "Row,Key,Column,Value,Reason,Kind",
            "3,2,Value,'=1+1,This is not a number.,refused",
        ]

    def test_shows_only_some_where_a_file_holds_all(self, files, tmp_path):
        UserFactory(admin=True)
        rows = [{"Order": f"A-{number}", "Value": "much"} for number in range(30)]

        _code, said = import_orders(*files(*rows), "--report", str(tmp_path / "report.csv"))

        assert said.count("This is not a number.") == 10
        assert "… and 20 more" in said

    def test_dry_run_and_strict_change_nothing(self, files):
        UserFactory(admin=True)

        assert import_orders(*files({}), "--dry-run")[0] == 0
        assert import_orders(*files(*FAULTY), "--strict")[0] == 1

        assert not PurchaseOrder.objects.exists()

    def test_without_an_administrator_it_asks_who_approves(self, files):
        assert "say with --by" in refusal(*files({}))

    def test_refusals_are_one_sentence(self, files, tmp_path):
        staff = UserFactory()
        UserFactory(admin=True)
        broken = tmp_path / "broken.toml"
        broken.write_text("source = ", encoding="utf-8")
        orders, *_mapping = files({})

        assert "no active user nobody@example.com" in refusal(*files({}), "--by", "nobody@example.com")
        assert "may not import orders" in refusal(*files({}), "--by", staff.email)
        assert "not valid TOML" in refusal(orders, "--map", str(broken))
        assert "cannot be read: No such file" in refusal(orders, "--map", str(tmp_path / "none.toml"))
        assert "cannot be read: No such file" in refusal(str(tmp_path / "none.csv"), *files({})[1:])
        assert "above zero" in refusal(*files({}), "--chunk", "0")
        assert "cannot be written" in refusal(*files({}), "--report", str(tmp_path))


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_progress_is_a_bar_on_a_terminal():
    screen = Terminal()

    for done in (5, 10):
        Progress(screen)(done, 10)

    assert screen.getvalue().startswith("\r████████████████████░░░░░░░░░░░░░░░░░░░░  50 %  5 / 10")
    assert screen.getvalue().endswith("100 %  10 / 10\n")


def test_progress_is_a_line_for_each_tenth_elsewhere():
    log = io.StringIO()
    progress = Progress(log)

    for done in range(1, 101):
        progress(done, 100)

    assert log.getvalue().splitlines()[:2] == ["10 % (10 of 100 rows)", "20 % (20 of 100 rows)"]
    assert len(log.getvalue().splitlines()) == 10


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_take_each_row_once():
    by = UserFactory(admin=True)
    rows = [{"Order": f"A-{number}", "Article": f"Part {number % 7}"} for number in range(40)]

    reports = at_once(*[lambda: run(sheet(*rows), by=by, chunk=5) for _run in range(3)])

    assert sum(report.imported for report in reports) == 40
    assert sum(report.unchanged for report in reports) == 80
    assert PurchaseOrderLine.objects.count() == StockMovement.objects.count() == 40


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_run_that_was_killed_goes_on_where_it_stood(files):
    UserFactory(admin=True)
    rows = [
        {"Order": f"A-{number // 2}", "Article": f"Part {number % 7}", "Value": f"{number}.01"}
        for number in range(600)
    ]
    arguments = files(*rows)

    kill_at("30 %", *arguments, "--chunk", "20")
    taken = ImportedLine.objects.count()
    code, said = import_orders(*arguments)

    assert 0 < taken < 600
    assert code == 0
    assert "Rows imported before: " in said
    assert PurchaseOrderLine.objects.count() == StockMovement.objects.count() == 600
    total = sum(order.subtotal for order in PurchaseOrder.objects.all())
    assert total == sum(Decimal(number) + Decimal("0.01") for number in range(600))
    numbers = PurchaseOrder.objects.order_by("pk").values_list("po_number", flat=True)
    assert list(numbers) == [f"PO-2024-{number:05}" for number in range(1, 301)]
    assert not list(offences())
