"""The administration of users over HTTP."""

import pytest

from accounts.models import User
from accounts.tests.factories import UserFactory

pytestmark = pytest.mark.django_db

KOFI = {
    "username": "kofi",
    "email": "kofi@example.com",
    "password": "correct-Horse-7",
    "first_name": "Kofi",
    "last_name": "Boateng",
    "role": "manager",
}


def refused(response, status, code, *fields):
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert set(response.json().get("details", {})) == set(fields)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "/api/auth/users"),
        ("post", "/api/auth/register"),
        ("get", "/api/auth/users/{}"),
        ("put", "/api/auth/users/{}"),
        ("patch", "/api/auth/users/{}"),
        ("delete", "/api/auth/users/{}"),
    ],
)
def test_administration_is_for_administrators(api, staff, manager, method, path):
    path = path.format(staff.pk)

    refused(getattr(api(), method)(path, {}), 401, "NOT_AUTHENTICATED")
    refused(getattr(api(staff), method)(path, {}), 403, "PERMISSION_DENIED")
    refused(getattr(api(manager), method)(path, {}), 403, "PERMISSION_DENIED")


def test_registered_user_can_log_in_with_the_rights_of_the_role(api, admin):
    response = api(admin).post("/api/auth/register", KOFI)

    assert response.status_code == 201
    data = response.json()["data"]
    assert {name: data[name] for name in KOFI if name != "password"} == {
        n: v for n, v in KOFI.items() if n != "password"
    }
    assert "inventory.add_item" in data["permissions"]
    login = api().post("/api/auth/login", {"email": KOFI["email"], "password": KOFI["password"]})
    assert login.json()["data"]["user"]["id"] == data["id"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": "AMA@example.com"}, "email"),
        ({"username": "AMA"}, "username"),
        ({"email": "nonsense"}, "email"),
        ({"password": "short"}, "password"),
        ({"role": "king"}, "role"),
        ({"is_superuser": True}, "is_superuser"),
        ({"username": None}, "username"),
        ({"first_name": "x" * 151}, "first_name"),
        ({"language": "tlh"}, "language"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
    ],
    ids=str,
)
def test_wrong_value_is_refused_on_its_field(api, admin, change, field):
    UserFactory(username="ama", email="ama@example.com")

    refused(api(admin).post("/api/auth/register", {**KOFI, **change}), 400, "VALIDATION_ERROR", field)


def test_users_are_listed_with_search_filter_and_order(api, admin):
    UserFactory(username="kofi", email="kofi@example.com", first_name="Kofi", last_name="Boateng")
    UserFactory(username="efua", manager=True, is_active=False)
    client = api(admin)

    def names(**query):
        return [user["username"] for user in client.get("/api/auth/users", query).json()["data"]]

    assert names(q="boat kof") == ["kofi"]
    assert names(role="manager") == ["efua"]
    assert names(is_active="false") == ["efua"]
    assert names(ordering="-username", role="staff,manager") == ["kofi", "efua"]
    assert client.get("/api/auth/users").json()["pagination"]["total"] == 3


def test_list_costs_the_same_for_any_number_of_users(api, admin, django_assert_max_num_queries):
    UserFactory.create_batch(12)
    client = api(admin)

    with django_assert_max_num_queries(8):
        assert len(client.get("/api/auth/users").json()["data"]) == 13


def test_what_was_read_can_be_sent_back(api, admin, staff):
    client = api(admin)
    shown = client.get(f"/api/auth/users/{staff.pk}").json()["data"]

    response = client.put(f"/api/auth/users/{staff.pk}", shown)

    assert response.status_code == 200
    assert response.json()["data"] == shown


def test_new_role_brings_its_permissions(api, admin, staff):
    data = api(admin).put(f"/api/auth/users/{staff.pk}", {"role": "manager"}).json()["data"]

    assert data["role"] == "manager"
    assert "inventory.add_item" in data["permissions"]


def test_password_is_not_changed_here(api, admin, staff):
    refused(
        api(admin).put(f"/api/auth/users/{staff.pk}", {"password": "another-Horse-8"}),
        400,
        "VALIDATION_ERROR",
        "password",
    )


def test_deactivated_user_stays_in_the_list(api, admin, staff):
    response = api(admin).delete(f"/api/auth/users/{staff.pk}")

    assert response.status_code == 200
    assert response.json()["data"]["is_active"] is False
    assert User.objects.filter(pk=staff.pk, is_active=False).exists()


@pytest.mark.parametrize(
    ("method", "body"), [("delete", None), ("put", {"is_active": False}), ("put", {"role": "staff"})]
)
def test_last_active_admin_stays(api, admin, method, body):
    UserFactory(admin=True, is_active=False)

    refused(getattr(api(admin), method)(f"/api/auth/users/{admin.pk}", body), 409, "IN_USE")
    assert User.objects.get(pk=admin.pk).is_active


def test_nobody_deactivates_oneself(api, admin):
    UserFactory(admin=True)

    refused(api(admin).delete(f"/api/auth/users/{admin.pk}"), 409, "IN_USE")


def test_version_guards_a_change(api, admin, staff):
    client = api(admin)
    stale = client.get(f"/api/auth/users/{staff.pk}")["ETag"]
    client.put(f"/api/auth/users/{staff.pk}", {"phone": "1"})

    response = client.put(f"/api/auth/users/{staff.pk}", {"phone": "2"}, headers={"If-Match": stale})

    refused(response, 412, "PRECONDITION_FAILED")


def test_unknown_user_is_not_found(api, admin):
    for method in ("get", "put", "delete"):
        refused(getattr(api(admin), method)("/api/auth/users/999999", {}), 404, "NOT_FOUND")


def test_site_may_give_its_groups_more(api, manager):
    from django.contrib.auth.models import Group, Permission

    Group.objects.get(name="manager").permissions.add(Permission.objects.get(codename="view_user"))

    assert api(manager).get("/api/auth/users").status_code == 200


def test_reading_oneself_costs_the_same_however_much_one_may_do(api, staff, admin, django_assert_num_queries):
    for user in (staff, admin):
        client = api(user)
        with django_assert_num_queries(2):
            assert client.get("/api/auth/me").status_code == 200
