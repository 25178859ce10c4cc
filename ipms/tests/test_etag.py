import threading
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection

from ipms.api import etag
from ipms.models import ExchangeRate

pytestmark = [pytest.mark.django_db, pytest.mark.urls("ipms.tests.urls")]


@pytest.fixture
def path():
    rate = ExchangeRate.objects.create(currency="EUR", rate=Decimal(1), valid_from=date(2031, 5, 1))
    return f"/api/rates/{rate.pk}"


def test_record_that_did_not_change_is_not_sent_again(api, staff, path):
    client = api(staff)
    first = client.get(path)

    again = client.get(path, headers={"If-None-Match": first["ETag"]})

    assert again.status_code == 304
    assert again.content == b""
    assert again["ETag"] == first["ETag"]


def test_changed_record_is_sent(api, manager, path):
    client = api(manager)
    first = client.get(path)
    client.patch(path, {"source": "bank"})

    assert client.get(path, headers={"If-None-Match": first["ETag"]}).status_code == 200


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_change_of_another_version_is_refused_and_changes_nothing(api, manager, path, method):
    client = api(manager)
    stale = client.get(path)["ETag"]
    client.patch(path, {"source": "somebody else"})

    response = getattr(client, method)(path, {"source": "mine"}, headers={"If-Match": stale})

    assert (response.status_code, response.json()["code"]) == (412, "PRECONDITION_FAILED")
    assert ExchangeRate.objects.get().source == "somebody else"


@pytest.mark.parametrize("header", ["{}", "W/{}", '"other", {}', "*"])
def test_change_of_this_version_is_made(api, manager, path, header):
    client = api(manager)
    tag = client.get(path)["ETag"]

    response = client.put(path, {"source": "mine"}, headers={"If-Match": header.format(tag)})

    assert response.status_code == 200
    assert response["ETag"] == client.get(path)["ETag"] != tag


@pytest.mark.parametrize("header", ["", "nonsense", '"', 'W/""', "é"])
def test_malformed_version_matches_nothing(api, manager, path, header):
    assert api(manager).put(path, {"source": "mine"}, headers={"If-Match": header}).status_code == 412


def test_version_follows_what_is_shown_not_when():
    assert etag.etag_of({"a": 1, "b": [1]}) == etag.etag_of({"b": [1], "a": 1})
    assert etag.etag_of({"a": "1"}) != etag.etag_of({"a": 1})


@pytest.mark.django_db(transaction=True)
def test_of_many_changes_to_one_version_one_is_made(api, manager, path):
    clients = [api(manager) for _ in range(6)]
    tag = clients[0].get(path)["ETag"]
    start = threading.Barrier(len(clients))
    statuses = []

    def put(client, number):
        start.wait()
        response = client.put(path, {"source": f"writer {number}"}, headers={"If-Match": tag})
        statuses.append(response.status_code)
        connection.close()

    threads = [threading.Thread(target=put, args=pair) for pair in zip(clients, range(6), strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(statuses) == [200, 412, 412, 412, 412, 412]
