"""No body, however made, is more than a mistake of its sender."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ipms.models import ExchangeRate

pytestmark = [pytest.mark.django_db, pytest.mark.urls("ipms.tests.urls")]

GOOD = {"currency": "EUR", "rate": "1.25", "valid_from": "2031-05-01"}


def post(api, user, body):
    return api(user).post("/api/rates", body, content_type="application/json")


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"{", id="half an object"),
        pytest.param(b"\xff\xfe{}", id="not UTF-8"),
        pytest.param('{"rate": 1}'.encode("utf-16"), id="UTF-16"),
        pytest.param(b'{"rate": NaN}', id="NaN"),
        pytest.param(b'{"rate": Infinity}', id="infinity"),
        pytest.param(b'{"rate": -Infinity}', id="minus infinity"),
        pytest.param(b'{"rate": 1e400}', id="beyond a double"),
        pytest.param(b'{"rate": 1e99999999999999999999}', id="beyond a decimal"),
        pytest.param(b'{"rate": 1e-400}', id="tiny"),
        pytest.param(b'{"rate": ' + b"9" * 30 + b"}", id="thirty digits"),
        pytest.param(b'{"rate": ' + b"9" * 5000 + b"}", id="five thousand digits"),
        pytest.param(b'{"rate": 0.' + b"1" * 5000 + b"}", id="five thousand decimals"),
        pytest.param(b'{"rate": "1e999999999"}', id="exponent as text"),
        pytest.param(b'{"rate": "1_000"}', id="underscore"),
        pytest.param('{"rate": "٣"}'.encode(), id="digits of another script"),
        pytest.param(b'{"rate": true}', id="a truth for a number"),
        pytest.param(b'{"rate": [1]}', id="a list for a number"),
        pytest.param(b'{"rate": {"a": 1}}', id="an object for a number"),
        pytest.param(b'{"rate": null}', id="null for a number"),
        pytest.param(b"[" * 100_000, id="deep and unfinished"),
        pytest.param(b"[" * 900 + b"]" * 900, id="deep"),
        pytest.param(b'{"source": ' + b"[" * 200 + b"]" * 200 + b"}", id="deep inside"),
        pytest.param(b'{"rate": 1, "rate": 2}', id="a name twice"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b'[{"rate": 1}]', id="a list of objects"),
        pytest.param(b'"text"', id="text"),
        pytest.param(b"7", id="a number"),
        pytest.param(b"null", id="null"),
        pytest.param(json.dumps({**GOOD, "source": "a\x00b"}).encode(), id="NUL"),
        pytest.param(json.dumps({**GOOD, "source": "\ud800"}).encode(), id="half a surrogate pair"),
        pytest.param(json.dumps({**GOOD, "a\x00b": 1}).encode(), id="NUL in a name"),
        pytest.param(json.dumps({**GOOD, "source": "x" * 121}).encode(), id="too long"),
        pytest.param(json.dumps({**GOOD, "source": {"a": [1]}}).encode(), id="an object for text"),
        pytest.param(json.dumps({**GOOD, "valid_from": "2031-02-30"}).encode(), id="no such day"),
        pytest.param(json.dumps({**GOOD, "valid_from": "20310501"}).encode(), id="a day in another form"),
        pytest.param(json.dumps({**GOOD, "valid_from": 20310501}).encode(), id="a number for a day"),
        pytest.param(json.dumps({**GOOD, "currency": "XXQ"}).encode(), id="no such currency"),
    ],
)
def test_malformed_body_is_the_senders_mistake(api, manager, body):
    response = post(api, manager, body)

    assert response.status_code == 400
    assert response.json()["code"] in {"VALIDATION_ERROR", "PARSE_ERROR"}
    assert not ExchangeRate.objects.exists()


def test_malformed_body_with_a_key_is_kept_as_any_answer(api, manager):
    client = api(manager, **{"Idempotency-Key": "k"})

    first = client.post("/api/rates", b"{", content_type="application/json")
    second = client.post("/api/rates", b"{", content_type="application/json")

    assert first.status_code == second.status_code == 400
    assert second["Idempotency-Replayed"] == "true"
    assert first.content == second.content


def test_byte_order_mark_is_forgiven(api, manager):
    assert post(api, manager, b"\xef\xbb\xbf" + json.dumps(GOOD).encode()).status_code == 201


def test_number_is_exact_however_it_is_sent(api, manager):
    body = b'{"currency": "EUR", "rate": 0.1234567891, "valid_from": "2031-05-01"}'

    assert post(api, manager, body).json()["data"]["rate"] == "0.1234567891"


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=_json
    | st.fixed_dictionaries({"currency": _json, "rate": _json, "valid_from": _json, "source": _json})
)
def test_any_json_is_taken_or_refused(api, manager, body):
    assert post(api, manager, json.dumps(body)).status_code in {201, 400}
