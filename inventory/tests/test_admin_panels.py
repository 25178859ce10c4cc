"""The first page of the stores: counts, lots that expire, and what one posted oneself."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from accounts.tests.factories import UserFactory
from inventory import count_entry, counting, handling
from inventory.count_entry import Figure
from inventory.count_scope import Scope
from inventory.handling import Line
from inventory.models import Lot, Tracking
from inventory.tests.factories import ItemFactory, LocationFactory, stock
from ipms.testing.back_office import cells_of, enter, first_page

pytestmark = pytest.mark.django_db

LOTS = reverse("admin:inventory_lot_changelist")


def panel(user, name):
    return first_page(enter(user))[name]


class TestCounts:
    def test_a_count_that_was_sent_back_says_why(self, staff):
        shelf, bolt, counter = LocationFactory(), ItemFactory(), UserFactory()
        stock(bolt, shelf, 10)
        count = counting.create(Scope(location=shelf), by=UserFactory(manager=True))
        (line,) = count.lines.all()
        count_entry.enter(count, [Figure(line=line, counted=Decimal(7))], by=counter)
        counting.submit(count, by=counter)
        counting.request_recount(
            count, [line.pk], by=UserFactory(manager=True), comment="Three are on the upper shelf."
        )

        ((count_cell, status, counted),) = cells_of(panel(staff, "OpenCounts"))

        assert "Three are on the upper shelf." in count_cell
        assert (status, counted) == ("Counting", "0 / 1")

    def test_who_may_only_look_is_led_to_a_page_that_opens(self):
        shelf, reader = LocationFactory(), UserFactory()
        stock(ItemFactory(), shelf, 1)
        count = counting.create(Scope(location=shelf), by=UserFactory())
        reader.groups.clear()
        reader.user_permissions.add(Permission.objects.get(codename="view_stockcount"))

        link = str(panel(reader, "OpenCounts")["rows"][0][0].text)

        address = reverse("admin:inventory_stockcount_change", args=[count.pk])
        assert f'href="{address}"' in link
        assert enter(reader).get(address).status_code == 200


class TestLotsThatExpire:
    def test_the_nearest_day_comes_first_and_what_is_gone_is_left_out(self, staff):
        today = timezone.localdate()
        flour, shelf = ItemFactory(tracking=Tracking.LOT), LocationFactory()
        for number, days in (("LATER", 31), ("SOON", 30), ("GONE", -1), ("NOW", 0), ("NEVER", None)):
            expires_on = None if days is None else today + timedelta(days=days)
            stock(flour, shelf, 5, lot=number, expires_on=expires_on)
        Lot.objects.create(item=flour, number="EMPTY", expires_on=today)

        rows = cells_of(panel(staff, "ExpiringLots"))

        assert [row[0].split()[0] for row in rows] == ["GONE", "NOW", "SOON"]
        assert [row[1].split(" / ")[0] for row in rows] == ["Expired", "Expires today", "In 30 days"]
        assert rows[0][2] == "5 EA"
        listed = enter(staff).get(LOTS, {"expiry": "soon"}).context["cl"].result_list
        assert [lot.number for lot in listed] == ["GONE", "NOW", "SOON"]


class TestPostedByYou:
    def test_it_leads_to_where_a_slip_is_undone(self, staff):
        shelf, bolt = LocationFactory(code="SHELF"), ItemFactory(sku="BOLT")
        stock(bolt, shelf, 10, by=UserFactory())
        handling.issue([Line(item=bolt, quantity=Decimal(2))], by=staff, location=shelf)
        (mistake,) = handling.issue([Line(item=bolt, quantity=Decimal(3))], by=staff, location=shelf)
        handling.undo(mistake, by=staff, at=timezone.now(), reason="Twice")

        shown = panel(staff, "MyPostings")

        undone, posted = cells_of(shown)
        assert (undone[2], undone[4]) == ("3 EA", "Undone")
        assert posted[:3] == [f"BOLT / {bolt.name}", "Issue / SHELF → Consumption", "2 EA"]
        page = enter(staff).get(str(shown["rows"][1][4].text).split('href="')[1].split("#")[0])
        assert 'id="handling-last"' in page.content.decode()

    def test_what_others_posted_is_not_there(self, staff):
        shelf, bolt = LocationFactory(), ItemFactory()
        stock(bolt, shelf, 10, by=UserFactory())
        stock(bolt, shelf, 1, by=staff)

        rows = cells_of(panel(staff, "MyPostings"))

        assert [row[2] for row in rows] == ["1 EA"]

    def test_what_can_be_undone_no_more_is_not_there(self, staff, monkeypatch):
        stock(ItemFactory(), LocationFactory(), 1, by=staff)
        monkeypatch.setattr(handling, "UNDO_WITHIN", timedelta(0))

        assert cells_of(panel(staff, "MyPostings")) == []
