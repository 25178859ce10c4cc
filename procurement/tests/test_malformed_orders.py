"""Whatever a client sends, it is told what is wrong with it: no body crashes an order."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inventory.tests.factories import ItemFactory
from procurement.tests.factories import approved_order, order
from suppliers.tests.factories import SupplierFactory

pytestmark = pytest.mark.django_db

URL = "/api/purchase-orders"

_scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["", " ", "0", "-0", "1e400", "1e-400", "NaN", "Infinity", "1_0", "٣", "9" * 70, "USD"])
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
)
_anything = st.recursive(
    _scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=2), inner),
    max_leaves=4,
)
_LINE = ("item", "quantity", "unit_price", "tax_rate", "description", "id")
_ARRIVAL = ("line", "quantity", "lot", "expires_on", "location")
_line = st.fixed_dictionaries({}, optional=dict.fromkeys((*_LINE, *_ARRIVAL), _anything))
_lines = _anything | st.lists(_anything | _line, max_size=3)
_NAMES = (
    "supplier",
    "currency",
    "expected_date",
    "deliver_to",
    "notes",
    "reference",
    "submit",
    "reason",
    "comment",
    "exchange_rate",
)
_bodies = _anything | st.fixed_dictionaries(
    {}, optional={**dict.fromkeys(_NAMES, _anything), "lines": _lines}
)
_some = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.mark.parametrize("verb", ["post", "put", "submit", "approve", "reject", "cancel", "deliver"])
@_some
@given(body=_bodies)
def test_no_body_crashes_a_call(api, admin, verb, body):
    client = api(admin)
    match verb:
        case "post":
            answer = client.post(URL, body, format="json")
        case "put":
            answer = client.put(f"{URL}/{order(by=admin).pk}", body, format="json")
        case "deliver":
            answer = client.post(f"{URL}/{approved_order().pk}/deliver", body, format="json")
        case _:
            answer = client.post(f"{URL}/{order().pk}/{verb}", body, format="json")

    assert answer.status_code < 500
    assert answer.status_code < 300 or answer.json()["code"]


@_some
@given(
    figures=st.fixed_dictionaries(
        {"quantity": _scalars, "unit_price": _scalars}, optional={"tax_rate": _scalars}
    ),
    currency=st.sampled_from(["USD", "RWF", "TND"]),
)
def test_no_figure_crashes_an_order(api, staff, figures, currency):
    body = {
        "supplier": SupplierFactory().pk,
        "currency": currency,
        "lines": [{"item": ItemFactory().pk, **figures}],
    }

    answer = api(staff).post(URL, body, format="json")

    assert answer.status_code in (201, 400)
