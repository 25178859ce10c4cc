"""Whatever is thrown at the doors of the site, it is the sender's mistake, never ours."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytestmark = pytest.mark.django_db

ROUTES = [
    ("post", "/api/auth/login"),
    ("post", "/api/auth/refresh"),
    ("post", "/api/auth/logout"),
    ("post", "/api/auth/change-password"),
    ("post", "/api/auth/register"),
    ("put", "/api/auth/profile"),
    ("put", "/api/auth/users/{pk}"),
]
FIELDS = [
    "email", "password", "refresh", "current_password", "new_password", "username", "first_name", "last_name",
    "role", "is_active", "phone", "language", "timezone",
]  # fmt: skip
_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=40)
    | st.sampled_from(["\x00", "\ud800"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
_bodies = st.dictionaries(st.sampled_from(FIELDS), _values, max_size=6).map(json.dumps) | st.binary(
    max_size=200
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(route=st.sampled_from(ROUTES), body=_bodies)
def test_any_body_ends_below_500(api, admin, staff, route, body):
    method, path = route

    response = getattr(api(admin), method)(path.format(pk=staff.pk), body, content_type="application/json")

    assert response.status_code < 500
    assert response["Content-Type"] == "application/json"
    assert {"error", "code"} <= response.json().keys() or response.status_code < 300


_header = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=80)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    token=_header,
    key=_header,
    agent=_header,
    language=_header,
    accept=_header,
    forwarded=_header,
    match=_header,
)
def test_any_header_ends_below_500(api, staff, token, key, agent, language, accept, forwarded, match):
    headers = {
        "Authorization": f"Bearer {token}",
        "Idempotency-Key": key,
        "User-Agent": agent,
        "Accept-Language": language,
        "Accept": accept,
        "X-Forwarded-For": forwarded,
        "X-Request-ID": key,
        "If-Match": match,
    }

    for client in (
        api(**headers),
        api(staff, **{name: value for name, value in headers.items() if name != "Authorization"}),
    ):
        response = client.put("/api/auth/profile", {"phone": "1"})
        assert response.status_code < 500
        assert response["Content-Type"] == "application/json"


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    query=st.dictionaries(
        st.sampled_from(["q", "page", "per_page", "ordering", "role", "is_active", "cursor"]),
        st.text(max_size=30),
    )
)
def test_any_query_ends_below_500(api, admin, query):
    query = {name: value.encode(errors="replace").decode() for name, value in query.items()}

    response = api(admin).get("/api/auth/users", query)

    assert response.status_code in {200, 400, 404}
