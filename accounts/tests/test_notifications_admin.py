"""The bell, the list of what one was told, and the page of choices."""

from decimal import Decimal

import pytest
from django.urls import reverse

from accounts.models import Kind, Notification
from accounts.notifications import channels_of, notify
from ipms.testing.back_office import count_queries, enter, form, messages, send

pytestmark = pytest.mark.django_db

LIST = reverse("admin:accounts_notification_changelist")
CHOICES = reverse("admin:notification_preferences")
HOME = reverse("admin:index")


def tell(user, key="1", url="", sku="BOLT"):
    words = {"sku": sku, "item": "Bolt", "available": Decimal(4), "unit": "EA", "reorder_level": Decimal(10)}
    return notify([user], Kind.STOCK_LOW, key=key, url=url, **words)[0]


def page(notification):
    return reverse("admin:accounts_notification_change", args=[notification.pk])


def shown(client, **query):
    return [row.title for row in client.get(LIST, query).context["cl"].result_list]


class TestBell:
    def test_counts_what_is_unread_on_every_page(self, staff):
        client = enter(staff)
        assert b"bell__count" not in client.get(HOME).content
        tell(staff, "1")
        tell(staff, "2")

        for url in (HOME, LIST, reverse("admin:inventory_item_changelist")):
            html = client.get(url).content.decode()
            assert 'aria-label="Notifications, unread: 2"' in html
            assert LIST in html

    def test_counts_to_ninety_nine(self, staff):
        tell(staff)
        Notification.objects.bulk_create(
            Notification(user=staff, kind=Kind.STOCK_LOW, key=f"more {number}", title="Low")
            for number in range(99)
        )

        assert "unread: 99+" in enter(staff).get(HOME).content.decode()

    def test_costs_one_query(self, staff):
        client = enter(staff)
        client.get(HOME)
        for number in range(20):
            tell(staff, str(number))

        bare = count_queries(lambda: client.get(HOME))
        popup = reverse("admin:inventory_item_changelist")
        with_bar = count_queries(lambda: client.get(popup))
        without_bar = count_queries(lambda: client.get(popup, {"_popup": "1"}))

        assert bare <= 24
        assert with_bar - without_bar == 1


class TestList:
    def test_shows_everybody_the_own_ones(self, staff, manager, admin):
        tell(staff, sku="NUT")
        tell(admin, sku="ROD")

        assert shown(enter(staff)) == ["NUT Bolt is low on stock"]
        assert shown(enter(manager)) == []
        assert shown(enter(admin)) == ["ROD Bolt is low on stock"]

    def test_is_searched_and_filtered(self, staff):
        client = enter(staff)
        nut = tell(staff, "1", sku="NUT")
        tell(staff, "2", sku="ROD")
        client.get(page(nut))

        assert shown(client, unread="1") == ["ROD Bolt is low on stock"]
        assert shown(client, unread="0") == ["NUT Bolt is low on stock"]
        assert shown(client, q="rod low") == ["ROD Bolt is low on stock"]

    def test_costs_the_same_for_any_number_of_rows(self, staff):
        client = enter(staff)
        tell(staff, "0")
        client.get(LIST)
        before = count_queries(lambda: client.get(LIST))
        for number in range(1, 15):
            tell(staff, str(number))

        assert count_queries(lambda: client.get(LIST)) == before

    def test_leads_to_the_record_and_marks_as_read(self, staff):
        url = "/admin/inventory/item/41/change/"
        told = tell(staff, url=url)

        response = enter(staff).get(page(told))

        assert (response.status_code, response.url) == (302, url)
        told.refresh_from_db()
        assert told.read_at

    def test_shows_one_that_is_about_no_record(self, staff):
        told = tell(staff)

        response = enter(staff).get(page(told))

        assert response.status_code == 200
        assert told.body in response.content.decode()

    def test_leads_nobody_to_another_s(self, staff, manager):
        told = tell(manager)

        enter(staff).get(page(told))

        told.refresh_from_db()
        assert told.read_at is None

    def test_is_read_as_a_whole_by_one_button(self, staff, manager):
        tell(staff, "1")
        tell(staff, "2")
        tell(manager)
        client = enter(staff)

        response = client.post(reverse("admin:accounts_notification_read_all"), follow=True)

        assert messages(response) == ["All are read."]
        assert [one.user for one in Notification.objects.unread()] == [manager]
        assert b"Mark all as read" not in response.content

    def test_marks_the_selected_ones(self, staff):
        client = enter(staff)
        nut, rod = tell(staff, "1", sku="NUT"), tell(staff, "2", sku="ROD")
        chosen = {"action": "mark_read", "_selected_action": [nut.pk]}

        client.post(LIST, {**form(client.get(LIST), action=""), **chosen}, follow=True)

        assert list(Notification.objects.unread()) == [rod]

    def test_is_reached_by_the_bell_and_not_by_the_sidebar(self, staff):
        html = enter(staff).get(HOME).content.decode()

        assert html.count(f'href="{LIST}"') == 1

    def test_asks_strangers_to_log_in(self, client):
        assert "/login/" in client.get(LIST).url
        assert "/login/" in client.get(CHOICES).url


class TestChoices:
    def test_show_what_is_in_force(self, staff, admin):
        fields = form(enter(admin).get(CHOICES), action="")

        assert "stock-low-in_app" in fields
        assert "stock-low-by_mail" not in fields  # unchecked: a browser does not send it
        assert "stock-low-in_app" not in form(enter(staff).get(CHOICES), action="")

    def test_are_kept(self, staff):
        send(enter(staff), CHOICES, **{"report-ready-by_mail": "on", "report-ready-in_app": None})

        chosen = channels_of(staff)[Kind.REPORT_READY]
        assert (chosen.in_app, chosen.by_mail) == (False, True)
        assert channels_of(staff)[Kind.ORDER_APPROVED].in_app

    def test_set_the_language_in_which_one_is_told(self, staff):
        send(enter(staff), CHOICES, language="sw")

        staff.refresh_from_db()
        assert staff.language == "sw"
        assert tell(staff).title == "Akiba ya BOLT Bolt ni ndogo"

    def test_know_no_language_that_nobody_reads(self, staff):
        response = send(enter(staff), CHOICES, language="tlh")

        staff.refresh_from_db()
        assert staff.language == "en"
        assert b"errorlist" in response.content

    def test_are_reached_from_the_menu(self, staff):
        assert CHOICES in enter(staff).get(HOME).content.decode()
