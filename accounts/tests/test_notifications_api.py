"""One's own notifications over HTTP."""

from decimal import Decimal

import pytest

from accounts.models import Kind, Notification, NotificationPreference
from accounts.notifications import notify
from accounts.tests.factories import UserFactory

pytestmark = pytest.mark.django_db

URL = "/api/notifications"


def tell(user, key="1", sku="BOLT"):
    words = {"sku": sku, "item": "Bolt", "available": Decimal(4), "unit": "EA", "reorder_level": Decimal(10)}
    return notify([user], Kind.STOCK_LOW, key=key, url="/admin/inventory/item/1/change/", **words)[0]


def titles(response):
    return [row["title"].split()[0] for row in response.json()["data"]]


def test_own_notifications_are_listed_newest_first(api, staff, manager):
    tell(manager)
    first, second = tell(staff, "1", "NUT"), tell(staff, "2", "ROD")

    response = api(staff).get(URL)

    assert response.status_code == 200
    assert titles(response) == ["ROD", "NUT"]
    assert response.json()["data"][1] == {
        "id": first.pk,
        "kind": "stock-low",
        "title": "NUT Bolt is low on stock",
        "body": "Available: 4 EA. Reorder level: 10 EA.",
        "url": "/admin/inventory/item/1/change/",
        "read_at": None,
        "created_at": response.json()["data"][1]["created_at"],
    }
    assert response.json()["data"][1]["created_at"].endswith("Z")
    assert response.json()["pagination"]["total"] == 2
    assert second.pk > first.pk


@pytest.mark.parametrize("role", ["staff", "manager", "admin"])
def test_every_role_reads_the_own_ones(request, api, role):
    user = request.getfixturevalue(role)
    tell(user)

    assert len(api(user).get(URL).json()["data"]) == 1


def test_nobody_reads_them_without_a_login(api):
    assert api().get(URL).status_code == 401
    assert api().post(f"{URL}/read-all").status_code == 401
    assert api().get(f"{URL}/preferences").status_code == 401


def test_what_goes_by_mail_alone_is_not_listed(api, manager):
    NotificationPreference.objects.create(user=manager, kind=Kind.STOCK_LOW, in_app=False, by_mail=True)
    tell(manager)

    assert titles(api(manager).get(URL)) == []


def test_filters_search_and_order(api, staff):
    client = api(staff)
    nut, rod = tell(staff, "1", "NUT"), tell(staff, "2", "ROD")
    client.post(f"{URL}/{nut.pk}/read")

    assert titles(client.get(URL, {"unread": "true"})) == ["ROD"]
    assert titles(client.get(URL, {"unread": "false"})) == ["NUT"]
    assert titles(client.get(URL, {"q": "rod low"})) == ["ROD"]
    assert titles(client.get(URL, {"ordering": "title"})) == ["NUT", "ROD"]
    assert titles(client.get(URL, {"kind": "order-waiting"})) == []
    assert client.get(URL, {"unread": "maybe"}).status_code == 400
    assert client.get(URL, {"kind": "love-letter"}).status_code == 400
    assert rod.read_at is None


def test_reading_one(api, staff):
    told = tell(staff)
    client = api(staff)

    response = client.post(f"{URL}/{told.pk}/read")

    assert response.status_code == 200
    assert response.json()["data"]["read_at"]
    again = client.post(f"{URL}/{told.pk}/read")
    assert again.json()["data"]["read_at"] == response.json()["data"]["read_at"]


def test_another_s_notification_does_not_exist(api, staff, manager):
    told = tell(manager)

    for method, path in (("post", "/read"), ("get", "")):
        response = getattr(api(staff), method)(f"{URL}/{told.pk}{path}")
        assert (response.status_code, response.json()["code"]) == (404, "NOT_FOUND")
    told.refresh_from_db()
    assert told.read_at is None


def test_reading_all_reads_the_own_ones_alone(api, staff, manager):
    tell(staff, "1")
    tell(staff, "2")
    tell(manager)

    response = api(staff).post(f"{URL}/read-all")

    assert response.json()["data"] == {"read": 2}
    assert [one.user for one in Notification.objects.unread()] == [manager]


def test_list_costs_the_same_for_any_number_of_rows(api, staff, django_assert_num_queries):
    client = api(staff)
    tell(staff, "0")
    with django_assert_num_queries(3):  # who, how many, which
        client.get(URL)
    for number in range(1, 15):
        tell(staff, str(number))
    with django_assert_num_queries(3):
        assert len(client.get(URL).json()["data"]) == 15


class TestPreferences:
    def test_are_those_of_the_kinds_that_may_come(self, api, staff, admin):
        def kinds(user):
            shown = api(user).get(f"{URL}/preferences").json()["data"]["preferences"]
            return {one["kind"]: one for one in shown}

        assert kinds(admin).keys() == set(Kind)
        assert kinds(staff).keys() == {
            "order-approved",
            "order-rejected",
            "order-delivered",
            "order-overdue",
            "count-returned",
            "report-ready",
            "import-ended",
        }
        assert kinds(admin)["stock-low"] == {
            "kind": "stock-low",
            "label": "Stock is low",
            "in_app": True,
            "by_mail": False,
        }

    def test_are_changed_one_by_one(self, api, staff):
        client = api(staff)
        wanted = {"kind": "report-ready", "in_app": False, "by_mail": True}
        before = client.get(f"{URL}/preferences").json()["data"]["preferences"]

        response = client.put(f"{URL}/preferences", {"preferences": [wanted]})

        after = response.json()["data"]["preferences"]
        assert response.status_code == 200
        assert [one for one in after if one not in before] == [{**wanted, "label": "A report is ready"}]
        assert client.get(f"{URL}/preferences").json()["data"]["preferences"] == after

    def test_can_be_sent_back_as_they_were_read(self, api, admin):
        client = api(admin)
        shown = client.get(f"{URL}/preferences").json()["data"]

        response = client.put(f"{URL}/preferences", shown)

        assert response.json()["data"] == shown

    @pytest.mark.parametrize(
        "row",
        [
            {"kind": "love-letter", "in_app": True, "by_mail": True},
            {"kind": "backup-failed", "in_app": True, "by_mail": True},
            {"kind": "report-ready", "in_app": True},
            {"kind": "report-ready", "in_app": True, "by_mail": True, "by_phone": True},
            {"kind": "report-ready", "in_app": "perhaps", "by_mail": True},
        ],
        ids=["unknown kind", "not for this role", "incomplete", "unknown way", "neither yes nor no"],
    )
    def test_that_cannot_be_meant_are_refused(self, api, staff, row):
        response = api(staff).put(f"{URL}/preferences", {"preferences": [row]})

        assert (response.status_code, response.json()["code"]) == (400, "VALIDATION_ERROR")
        assert "preferences" in response.json()["details"]
        assert not NotificationPreference.objects.exists()

    def test_are_one_s_own(self, api, staff):
        other = UserFactory()
        api(staff).put(
            f"{URL}/preferences",
            {"preferences": [{"kind": "report-ready", "in_app": False, "by_mail": False}]},
        )

        assert [one.user for one in NotificationPreference.objects.all()] == [staff]
        assert other.notification_preferences.count() == 0
