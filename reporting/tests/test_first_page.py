"""The first page of each role: its story, figures equal to those behind the links, links that open."""

import re
from datetime import timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from accounts import notifications
from accounts.models import Kind
from accounts.tests.factories import UserFactory
from inventory import counting, handling
from inventory.count_scope import Scope
from inventory.handling import Line
from inventory.models import Tracking
from inventory.tests.factories import ItemFactory, LocationFactory, stock
from ipms.models import JobRun, JobStatus, MailStatus, OutgoingMail, WebhookEndpoint
from ipms.testing.back_office import cells_of, count_queries, enter, first_page
from procurement import ordering, receiving
from procurement.tests.factories import approved_order, line, order

pytestmark = pytest.mark.django_db

HOME = reverse("admin:index")
#: Queries of a role's page whose figures are kept, and of one that works them out.
MOST_QUERIES = {"staff": (20, 28), "manager": (28, 60), "admin": (38, 68)}
STAFF = {"Start", "Deliveries", "OpenCounts", "MyOrders", "LowStock", "ExpiringLots", "Unread", "Standing"}
MANAGER = {"WaitingForApproval", "SpendByMonth", "StockValueByMonth", "SupplierStanding"}
ADMIN = {"SiteHealth", "TroubledJobs", "LostMail", "FailingWebhooks", "People", "LatestChanges"}


@pytest.fixture(params=["staff", "manager", "admin"])
def somebody(request):
    return request.getfixturevalue(request.param)


def a_busy_day(person, *, of_each=1):
    """Something of everything that the page of anybody may show."""
    today = timezone.localdate()
    for _number in range(of_each):
        shelf, bolt, flour = (
            LocationFactory(),
            ItemFactory(reorder_level=50),
            ItemFactory(tracking=Tracking.LOT),
        )
        stock(bolt, shelf, 10, unit_cost=Decimal("2.50"))
        stock(flour, shelf, 10, lot="L-1", expires_on=today + timedelta(days=3))
        handling.issue([Line(item=bolt, quantity=Decimal(1))], by=person, location=shelf)
        counting.create(Scope(location=shelf), by=UserFactory(manager=True))
        order()
        order(by=person, submit=False)
        sent_back = order(by=person)
        ordering.reject(sent_back, by=UserFactory(admin=True), reason="Too dear.")
        approved_order(line(bolt), expected_date=today - timedelta(days=1))
        receiving.receive(approved_order(expected_date=today), by=UserFactory())
        JobRun.objects.create(
            name="orders.overdue",
            due=timezone.now(),
            ended_at=timezone.now(),
            status=JobStatus.FAILED,
            error="No",
        )
        mail = OutgoingMail.objects.count()
        OutgoingMail.objects.create(
            to="a@example.com", subject="Low", text="", message_id=f"<{mail}>", status=MailStatus.FAILED
        )
        WebhookEndpoint.objects.create(
            name=f"Books {mail}",
            url="https://example.com",
            topics=["*"],
            created_by=person,
            failures_in_a_row=2,
        )
        notifications.notify(
            [person],
            Kind.ORDER_OVERDUE,
            key=f"{mail}",
            url=HOME,
            order="PO-1",
            supplier="Steel",
            expected_on=today,
            days_late=1,
        )


class TestEachRole:
    def test_finds_its_own_work(self, staff, manager, admin):
        pages = {name: set(first_page(enter(user))) for name, user in _people(staff, manager, admin)}

        assert pages["staff"] >= STAFF
        assert not pages["staff"] & (MANAGER | ADMIN)
        assert pages["manager"] >= STAFF | MANAGER
        assert not pages["manager"] & ADMIN
        assert pages["admin"] >= STAFF | MANAGER | ADMIN

    def test_begins_with_the_buttons_of_what_it_may_do(self, staff, manager):
        def buttons(user):
            return [str(shortcut.label) for shortcut in first_page(enter(user))["Start"]["shortcuts"]]

        assert buttons(staff) == ["Receive", "Issue", "Transfer", "Count", "Reorder"]
        assert buttons(manager) == ["Approve", *buttons(staff)]

    def test_sees_the_site_before_the_business_if_it_runs_the_site(self, admin, manager):
        def groups(user):
            return [group["group"].key for group in enter(user).get(HOME).context["groups"]]

        assert groups(admin)[:3] == ["start", "site", "waiting"]
        assert groups(manager)[:2] == ["start", "waiting"]

    def test_opens_each_link_of_its_page(self, somebody):
        a_busy_day(somebody)
        client = enter(somebody)
        page = client.get(HOME).content.decode()
        middle = page[page.index('id="content-main"') :]

        links = sorted(set(map(unescape, re.findall(r'href="([^"#]+)', middle))))

        files = [link for link in links if link.startswith("/static/")]
        opened = {link: client.get(link, follow=True).status_code for link in links if link not in files}
        assert len(opened) > 30
        assert {link: status for link, status in opened.items() if status != 200} == {}

    def test_costs_the_same_queries_for_much_as_for_little(self, somebody):
        a_busy_day(somebody)
        client = enter(somebody)
        client.get(HOME)
        few = _cost(client)

        a_busy_day(somebody, of_each=7)

        assert _cost(client) == few
        kept, worked_out = MOST_QUERIES[somebody.role]
        assert few <= worked_out
        client.get(HOME)
        assert count_queries(lambda: client.get(HOME)) <= kept

    def test_of_no_kind_sees_nothing_and_is_told_whom_to_ask(self):
        nobody = UserFactory()
        nobody.groups.clear()

        response = enter(nobody).get(HOME)

        assert set(first_page(enter(nobody))) == {"Unread"}
        assert "Ask an administrator for a role." in response.content.decode()

    def test_several_roles_see_what_each_sees(self):
        both = UserFactory()
        both.user_permissions.add(*Permission.objects.filter(codename__in=["view_jobrun", "view_reports"]))

        assert set(first_page(enter(both))) >= STAFF | {"TroubledJobs", "SpendByMonth"}


class TestFigures:
    def test_spend_of_a_month_is_that_of_the_report_behind_it(self, manager):
        today = timezone.localdate()
        approved_order(line(quantity=10, unit_price=3))
        approved_order(line(quantity=1, unit_price=5), ordered_on=today.replace(day=1) - timedelta(days=1))
        order(line(quantity=1000, unit_price=3))

        points = first_page(enter(manager))["SpendByMonth"]["chart"].points

        assert len(points) == 12
        assert [point.value for point in points[-2:]] == [5, 30]
        for point in points[-2:]:
            assert _figure(enter(manager).get(point.url), "Spend") == f"{point.value:.2f}"

    def test_the_value_of_the_stock_is_that_of_the_report_behind_it(self, manager):
        shelf, month = LocationFactory(), timezone.now().replace(day=1)
        bolt = ItemFactory()
        stock(bolt, shelf, 10, unit_cost=Decimal("2.50"), occurred_at=month - timedelta(days=40))
        stock(bolt, shelf, 4, unit_cost=Decimal(1), occurred_at=month - timedelta(days=3))

        points = first_page(enter(manager))["StockValueByMonth"]["chart"].points

        assert [point.value for point in points][-2:] == [29, 29]
        assert points[0].value == 25
        for point in points:
            shown = _figure(enter(manager).get(point.url), "Stock value")
            assert shown == f"{point.value:.2f}"

    def test_suppliers_are_judged_as_in_the_report_behind_them(self, manager):
        today = timezone.localdate()
        late = approved_order(
            line(quantity=10, unit_price=3),
            ordered_on=today - timedelta(days=9),
            expected_date=today - timedelta(days=4),
        )
        receiving.receive(late, by=UserFactory())
        client = enter(manager)

        page = client.get(HOME).context["groups"]
        (entry,) = (
            entry
            for group in page
            for entry in group["entries"]
            if type(entry["panel"]).__name__ == "SupplierStanding"
        )

        ((supplier, on_time, lead_time, score),) = cells_of(entry["context"])
        assert supplier == f"{late.supplier.name} / 30 USD"
        assert (on_time, lead_time) == ("0 %", "9 days")
        report = client.get(entry["panel"].more_url).content.decode()
        assert f">{score}<" in report
        assert late.supplier.name in report

    def test_the_line_of_the_business_is_that_of_the_lists_it_leads_to(self, manager):
        shelf = LocationFactory()
        stock(ItemFactory(), shelf, 10, unit_cost=Decimal("2.50"))
        stock(ItemFactory(reorder_level=5), shelf, 4, unit_cost=Decimal(1))
        ItemFactory()
        ItemFactory(is_active=False)
        order()
        approved_order(expected_date=timezone.localdate() - timedelta(days=1))
        approved_order()

        figures = first_page(enter(manager))["Standing"]["figures"]

        told = {str(figure.label): int(figure.value) for figure in figures}
        value = told.pop("Stock value, USD")
        assert value == 29
        assert told == {
            "Low stock": 1,
            "Out of stock": 4,
            "Waiting for approval": 1,
            "To receive": 2,
            "Overdue": 1,
        }
        for figure in figures[1:]:
            shown = enter(manager).get(figure.url).context["cl"].result_count
            assert shown == int(figure.value), figure.label

    def test_who_may_not_see_the_stock_is_shown_no_figure_of_it(self):
        buyer = UserFactory()
        buyer.groups.clear()
        buyer.user_permissions.add(Permission.objects.get(codename="view_purchaseorder"))
        stock(ItemFactory(name="Secret"), LocationFactory(), 3, unit_cost=Decimal(4321))

        response = enter(buyer).get(HOME)

        assert set(first_page(enter(buyer))) == {"Start", "Deliveries", "Unread"}
        assert "12,963" not in response.content.decode()


class TestFirstSteps:
    def test_a_new_site_says_what_to_do_first(self, admin):
        UserFactory()
        LocationFactory()

        steps = first_page(enter(admin))["FirstSteps"]["steps"]

        done = {str(entry["step"].label): entry["is_done"] for entry in steps}
        assert done == {
            "Say where stock stands": True,
            "Enter your items": False,
            "Take in what stands there already": False,
            "Enter your suppliers": False,
            "Let others in": True,
        }
        client = enter(admin)
        links = [entry[way] for entry in steps for way in ("add", "sheet") if entry[way]]
        assert {client.get(link).status_code for link in links} == {200}

    def test_each_person_is_shown_the_steps_that_are_theirs(self, staff, manager):
        labels = [str(entry["step"].label) for entry in first_page(enter(manager))["FirstSteps"]["steps"]]

        assert "Let others in" not in labels
        assert "Enter your items" in labels
        assert "FirstSteps" not in first_page(enter(staff))

    def test_they_are_gone_once_something_has_moved(self, admin):
        stock(ItemFactory(), LocationFactory(), 1)

        assert "FirstSteps" not in first_page(enter(admin))

    def test_a_page_with_nothing_to_show_says_so_in_lines(self, manager):
        page = enter(manager).get(HOME).content.decode()

        assert "Nothing has stood in the stores yet: the value begins with the first receipt." in page
        assert '<svg class="chart' not in page


def _people(*users):
    return [(user.role, user) for user in users]


def _cost(client):
    """Queries of a page whose figures have to be worked out; who is logged in stays so."""
    cache.clear()
    return count_queries(lambda: client.get(HOME))


def _figure(response, label):
    (found,) = (
        figure for figure in response.context["drawn"]["figures"] if str(figure.label).startswith(label)
    )
    return str(found.value)
