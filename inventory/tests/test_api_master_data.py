"""Categories, locations, units and lots over the API."""

from datetime import date

import pytest

from inventory.models import Category, Location, Tracking
from inventory.tests.factories import CategoryFactory, ItemFactory, LocationFactory, stock

pytestmark = pytest.mark.django_db

CATEGORIES = "/api/inventory/categories"
LOCATIONS = "/api/inventory/locations"


def column(answer, name):
    assert answer.status_code == 200, answer.json()
    return [row[name] for row in answer.json()["data"]]


def test_a_category_gets_its_slug_from_its_name(api, manager):
    client = api(manager)

    made = [client.post(CATEGORIES, {"name": "Raw materials"}).json()["data"] for _ in range(3)]

    assert [category.pop("slug") for category in made] == [
        "raw-materials",
        "raw-materials-2",
        "raw-materials-3",
    ]
    assert made[0] == {"id": made[0]["id"], "name": "Raw materials", "parent": None, "is_active": True}


@pytest.mark.parametrize("name", ["食品", "!!!", "a" * 120])
def test_every_name_gives_a_slug(api, manager, name):
    client = api(manager)

    made = [client.post(CATEGORIES, {"name": name}) for _ in range(2)]

    assert [answer.status_code for answer in made] == [201, 201]
    assert len({answer.json()["data"]["slug"] for answer in made}) == 2


def test_categories_form_a_tree(api, manager):
    metals = CategoryFactory(slug="metals", name="Metals")
    client = api(manager)

    steel = client.post(CATEGORIES, {"name": "Steel", "slug": "ST", "parent": "Metals"}).json()["data"]
    renamed = client.put(f"{CATEGORIES}/{steel['id']}", {"name": "Steels", "slug": ""}).json()["data"]
    loop = client.put(f"{CATEGORIES}/{metals.pk}", {"parent": steel["id"]})

    assert steel["parent"] == {"id": metals.pk, "slug": "metals", "name": "Metals"}
    assert (renamed["name"], renamed["slug"]) == ("Steels", "ST")
    assert (loop.status_code, list(loop.json()["details"])) == (400, ["parent"])
    assert column(client.get(CATEGORIES, {"parent": "metals"}), "slug") == ["ST"]
    assert column(client.get(CATEGORIES, {"q": "steel"}), "slug") == ["ST"]


def test_a_slug_is_given_once_without_regard_to_case(api, manager):
    CategoryFactory(slug="metals")

    answer = api(manager).post(CATEGORIES, {"name": "Metals", "slug": "METALS"})

    assert (answer.status_code, list(answer.json()["details"])) == (400, ["slug"])


@pytest.mark.parametrize(
    ("body", "field"),
    [
        pytest.param({"name": ""}, "name", id="no name"),
        pytest.param({"name": "x" * 121}, "name", id="too long a name"),
        pytest.param({"slug": "a b"}, "slug", id="a slug with a space"),
        pytest.param({"slug": "x" * 81}, "slug", id="too long a slug"),
        pytest.param({"parent": "nowhere"}, "parent", id="unknown parent"),
        pytest.param({"parent": {"id": [1]}}, "parent", id="an odd parent"),
        pytest.param({"is_active": "maybe"}, "is_active", id="neither true nor false"),
        pytest.param({"colour": "red"}, "colour", id="unknown field"),
    ],
)
def test_what_is_no_category_is_refused(api, manager, body, field):
    answer = api(manager).post(CATEGORIES, {"name": "Metals", **body})

    assert (answer.status_code, list(answer.json()["details"])) == (400, [field])
    assert not Category.objects.exists()


def test_a_category_in_use_stays(api, manager):
    empty, parent, full = (CategoryFactory() for _ in range(3))
    CategoryFactory(parent=parent)
    ItemFactory(category=full)
    client = api(manager)

    assert client.delete(f"{CATEGORIES}/{empty.pk}").json()["data"] == {"id": empty.pk}
    for category in (parent, full):
        answer = client.delete(f"{CATEGORIES}/{category.pk}")
        assert (answer.status_code, answer.json()["code"]) == (409, "IN_USE")


def test_a_location_is_a_warehouse_unless_it_says_otherwise(api, manager):
    client = api(manager)

    store = client.post(LOCATIONS, {"code": "MAIN", "name": "Main store"}).json()["data"]
    shelf = client.post(LOCATIONS, {"code": "M-1", "name": "Shelf 1", "kind": "bin", "parent": "main"})

    assert store == {
        "id": store["id"],
        "code": "MAIN",
        "name": "Main store",
        "kind": "warehouse",
        "parent": None,
        "is_active": True,
    }
    assert shelf.status_code == 201
    assert shelf.json()["data"]["kind"] == "bin"
    assert shelf.json()["data"]["parent"] == {"id": store["id"], "code": "MAIN", "name": "Main store"}
    assert column(client.get(LOCATIONS, {"kind": "bin"}), "code") == ["M-1"]
    assert column(client.get(LOCATIONS, {"ordering": "-code"}), "code") == ["MAIN", "M-1"]


def test_virtual_locations_are_not_for_clients(api, manager):
    virtual = Location.objects.get(kind="supplier")
    store = LocationFactory()
    client = api(manager)

    assert column(client.get(LOCATIONS), "id") == [store.pk]
    assert client.get(f"{LOCATIONS}/{virtual.pk}").status_code == 404
    assert client.put(f"{LOCATIONS}/{virtual.pk}", {"name": "Mine"}).status_code == 404
    assert client.delete(f"{LOCATIONS}/{virtual.pk}").status_code == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        pytest.param({"code": ""}, "code", id="no code"),
        pytest.param({"code": "x" * 41}, "code", id="too long a code"),
        pytest.param({"code": "main"}, "code", id="a code that is taken"),
        pytest.param({"code": "@supplier"}, "code", id="the code of a virtual location"),
        pytest.param({"name": None}, "name", id="no name"),
        pytest.param({"kind": "supplier"}, "kind", id="a virtual kind"),
        pytest.param({"kind": "shelf"}, "kind", id="unknown kind"),
        pytest.param({"parent": "@scrap"}, "parent", id="a virtual parent"),
        pytest.param({"parent": 10**20}, "parent", id="a huge id"),
    ],
)
def test_what_is_no_location_is_refused(api, manager, body, field):
    LocationFactory(code="MAIN")

    answer = api(manager).post(LOCATIONS, {"code": "NEW", "name": "New", **body})

    assert (answer.status_code, list(answer.json()["details"])) == (400, [field])


def test_a_location_does_not_stand_inside_itself(api, manager):
    site = LocationFactory(code="SITE")
    hall = LocationFactory(code="HALL", parent=site)

    for parent in ("SITE", hall.pk):
        answer = api(manager).put(f"{LOCATIONS}/{site.pk}", {"parent": parent})
        assert (answer.status_code, list(answer.json()["details"])) == (400, ["parent"])


def test_a_location_in_use_stays(api, manager):
    empty, parent, home, stocked = (LocationFactory() for _ in range(4))
    LocationFactory(parent=parent)
    ItemFactory(location=home)
    stock(ItemFactory(), stocked, 1)
    client = api(manager)

    assert client.delete(f"{LOCATIONS}/{empty.pk}").status_code == 200
    for location in (parent, home, stocked):
        answer = client.delete(f"{LOCATIONS}/{location.pk}")
        assert (answer.status_code, answer.json()["code"]) == (409, "IN_USE")


@pytest.mark.parametrize("url", [CATEGORIES, LOCATIONS])
def test_staff_read_master_data_and_managers_write_it(api, staff, manager, url):
    body = {"name": "New", "code": "NEW"} if url == LOCATIONS else {"name": "New"}

    made = api(manager).post(url, body).json()["data"]

    record = f"{url}/{made['id']}"
    assert api(staff).get(record).json()["data"] == made
    assert api(staff).post(url, body).status_code == 403
    assert api(staff).put(record, {"name": "x"}).status_code == 403
    assert api(staff).delete(record).status_code == 403
    assert api().get(url).status_code == 401
    assert api(manager).patch(record, {"name": "Newer"}).json()["data"]["name"] == "Newer"
    assert api(manager).delete(record).status_code == 200


def test_units_are_there_to_be_read(api, manager):
    client = api(manager)

    units = client.get("/api/inventory/units", {"q": "kilogram"}).json()["data"]

    assert [(unit["code"], unit["name"], unit["decimals"]) for unit in units] == [("KGM", "kilogram", 4)]
    assert client.post("/api/inventory/units", {"code": "X"}).status_code == 405


def test_lots_are_found_by_item_and_expiry(api, staff):
    milk, pill, shelf = (
        ItemFactory(sku="MILK", tracking=Tracking.LOT),
        ItemFactory(sku="PILL", tracking=Tracking.LOT),
        LocationFactory(),
    )
    stock(milk, shelf, 1, lot="LATE", expires_on=date(2099, 6, 1))
    stock(milk, shelf, 1, lot="SOON", expires_on=date(2099, 1, 1))
    stock(pill, shelf, 1, lot="NEVER")
    client = api(staff)
    url = "/api/inventory/lots"

    assert column(client.get(url), "number") == ["SOON", "LATE", "NEVER"]
    assert column(client.get(url, {"item": "milk"}), "number") == ["SOON", "LATE"]
    assert column(client.get(url, {"expires_to": "2099-05-31"}), "number") == ["SOON"]
    assert column(client.get(url, {"q": "nev"}), "number") == ["NEVER"]
    assert client.get(url, {"status": "eaten"}).status_code == 400
    assert client.post(url, {"number": "X"}).status_code == 405


@pytest.mark.parametrize("url", [CATEGORIES, LOCATIONS, "/api/inventory/lots"])
def test_a_list_costs_the_same_queries_for_any_number_of_rows(
    api, staff, django_assert_num_queries, django_assert_max_num_queries, url
):
    def some(count):
        for _ in range(count):
            CategoryFactory(parent=CategoryFactory())
            shelf = LocationFactory(parent=LocationFactory())
            stock(ItemFactory(tracking=Tracking.LOT), shelf, 1, lot="L")

    client = api(staff)
    some(1)
    client.get(url)
    with django_assert_max_num_queries(15) as few:
        client.get(url)
    some(10)

    with django_assert_num_queries(len(few)):
        assert len(client.get(url).json()["data"]) >= 10
