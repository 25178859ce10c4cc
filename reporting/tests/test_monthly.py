"""The stock report of the month: to whom it goes, of which moment it is, and that it goes once."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from django.utils import timezone
from openpyxl import load_workbook
from pypdf import PdfReader

from accounts import notifications
from accounts.models import Kind, Notification
from accounts.notifications import Channels
from accounts.tests.factories import UserFactory
from inventory.tests.factories import ItemFactory, LocationFactory, stock
from ipms import jobs, site
from ipms.models import JobStatus, OutgoingMail
from reporting import monthly

pytestmark = pytest.mark.django_db

LAST_DAY = timezone.now().replace(day=1) - timedelta(days=1)
MONTH = f"{LAST_DAY:%B %Y}"


@pytest.fixture
def bolt():
    """Ten bolts of two dollars that came in the month before, and five that came in this one."""
    bolt, shelf = ItemFactory(sku="BOLT", name="Bolt M8"), LocationFactory(code="SHELF")
    stock(bolt, shelf, 10, unit_cost=Decimal(2), occurred_at=LAST_DAY - timedelta(days=3))
    stock(bolt, shelf, 5, unit_cost=Decimal(2), occurred_at=timezone.now())
    return bolt


def send():
    return monthly.send(on=timezone.now())


def to():
    return set(OutgoingMail.objects.values_list("to", flat=True))


def files_of(mail):
    return {file.name: bytes(file.content) for file in mail.attachments.all()}


def test_it_goes_to_those_who_may_see_reports(staff, manager, admin, bolt):
    last, count = send()

    assert (last, count) == (LAST_DAY.date(), 2)
    assert to() == {manager.email, admin.email}
    told = Notification.objects.get(user=manager)
    assert told.title == f"Stock report of {MONTH}"
    assert "worth 20.00\xa0USD" in told.body
    assert told.url == f"/admin/reports/inventory/?as_of={LAST_DAY:%Y-%m-%d}"


def test_it_holds_stock_as_it_was_at_the_month_s_end_twice(manager, bolt):
    send()

    mail = OutgoingMail.objects.get()
    files = files_of(mail)
    for text in (mail.text, mail.html):
        assert f"Attached: inventory-{LAST_DAY:%Y-%m-%d}.pdf, inventory-" in text
    assert set(files) == {f"inventory-{LAST_DAY:%Y-%m-%d}.{kind}" for kind in ("pdf", "xlsx")}
    sheet = load_workbook(BytesIO(files[f"inventory-{LAST_DAY:%Y-%m-%d}.xlsx"]), read_only=True)
    cells = [cell for page in sheet for row in page.iter_rows(values_only=True) for cell in row]
    assert 20 in cells
    assert 30 not in cells
    assert "SHELF" in str(cells)
    pdf = PdfReader(BytesIO(files[f"inventory-{LAST_DAY:%Y-%m-%d}.pdf"]))
    text = "".join(page.extract_text() for page in pdf.pages)
    assert "20.00" in text
    assert "30.00" not in text
    assert "SHELF" in text


def test_it_goes_once_to_each_person_however_often_the_job_runs(manager, bolt):
    send()
    admin = UserFactory(admin=True)

    _last, count = send()

    assert count == 1
    assert OutgoingMail.objects.filter(to=manager.email).count() == 1
    assert OutgoingMail.objects.filter(to=admin.email).count() == 1


@pytest.mark.parametrize(
    ("channels", "mails", "notes"),
    [
        pytest.param(Channels(in_app=True, by_mail=False), 0, 1, id="in the program"),
        pytest.param(Channels(in_app=False, by_mail=True), 1, 1, id="by mail"),
        pytest.param(Channels(in_app=False, by_mail=False), 0, 0, id="not at all"),
    ],
)
def test_each_person_chooses_how_it_comes(manager, bolt, channels, mails, notes):
    notifications.choose(manager, {Kind.MONTHLY_REPORT: channels})

    send()

    assert OutgoingMail.objects.count() == mails
    assert Notification.objects.filter(user=manager).count() == notes


def test_staff_are_not_offered_what_never_comes(staff, manager):
    assert Kind.MONTHLY_REPORT in notifications.channels_of(manager)
    assert Kind.MONTHLY_REPORT not in notifications.channels_of(staff)


def test_it_comes_in_the_reader_s_language(bolt):
    UserFactory(manager=True, language="fr")

    send()

    assert OutgoingMail.objects.get().subject.startswith("Rapport de stock de ")


def test_files_are_made_once_for_all_who_read_alike(bolt, monkeypatch):
    for language in ("en", "en", "fr"):
        UserFactory(manager=True, language=language)
    made = []
    attachments = monthly._attachments
    monkeypatch.setattr(monthly, "_attachments", lambda *args: made.append(1) or attachments(*args))

    send()

    assert OutgoingMail.objects.count() == 3
    assert len(made) == 2


@pytest.mark.parametrize(
    ("zone", "on", "key"),
    [
        ("UTC", datetime(2024, 3, 1, 5, tzinfo=UTC), "2024-02"),
        ("Africa/Kigali", datetime(2024, 2, 29, 23, tzinfo=UTC), "2024-02"),
        ("America/Lima", datetime(2024, 3, 1, 3, tzinfo=UTC), "2024-01"),
        ("UTC", datetime(2024, 1, 20, tzinfo=UTC), "2023-12"),
    ],
)
def test_the_month_is_that_of_where_the_site_is(manager, zone, on, key):
    settings = site.current()
    settings.timezone = zone
    settings.save()

    monthly.send(on=on)

    assert Notification.objects.get().key == key


def test_the_job_sends_it(manager, bolt):
    run = jobs.run("reports.monthly-stock")

    assert (run.status, run.error) == (JobStatus.DONE, "")
    assert run.result == f"Report of {MONTH}: told 1 people."
    assert to() == {manager.email}
