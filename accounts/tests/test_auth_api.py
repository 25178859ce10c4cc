"""Sessions and one's own account over HTTP."""

import pytest
from django.conf import settings as django_settings

from accounts.models import AuditEntry, User
from accounts.tests.factories import UserFactory

pytestmark = pytest.mark.django_db

PASSWORD = "correct-Horse-7"
USER_FIELDS = {
    "id",
    "username",
    "email",
    "first_name",
    "last_name",
    "role",
    "is_active",
    "phone",
    "language",
    "timezone",
    "permissions",
    "last_login",
    "created_at",
}


@pytest.fixture
def login(api):
    def post(user, password=PASSWORD, **kwargs):
        email = user if isinstance(user, str) else user.email
        return api().post("/api/auth/login", {"email": email, "password": password}, **kwargs)

    return post


@pytest.fixture
def me(api):
    return lambda token: api(Authorization=f"Bearer {token}").get("/api/auth/me")


def refused(response, status, code, *fields):
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert set(response.json().get("details", {})) == set(fields)


class TestLogin:
    def test_answer_holds_tokens_and_user(self, login, manager):
        response = login(manager)
        data = response.json()["data"]

        assert response.status_code == 200
        assert data.keys() == {"access", "refresh", "token_type", "expires_in", "user"}
        assert (data["token_type"], data["expires_in"]) == ("Bearer", 900)
        assert data["user"].keys() == USER_FIELDS
        assert data["user"]["email"] == manager.email
        assert "inventory.add_item" in data["user"]["permissions"]
        assert data["user"]["last_login"].endswith("Z")
        assert response["Cache-Control"] == "no-store"

    def test_access_token_opens_the_rest(self, login, me, staff):
        assert me(login(staff).json()["data"]["access"]).json()["data"]["id"] == staff.pk

    @pytest.mark.parametrize("email", [None, "nobody@example.com", "nonsense", "x' OR 1=1 --"])
    def test_wrong_credentials_are_refused_alike(self, login, staff, email):
        response = login(email or staff, "wrong")

        refused(response, 401, "INVALID_CREDENTIALS")
        assert response.json()["error"] == "The email address or the password is wrong."
        assert response["WWW-Authenticate"]

    @pytest.mark.parametrize(
        ("body", "fields"),
        [
            ({}, ["email", "password"]),
            ({"email": "a@example.com"}, ["password"]),
            ({"email": "a@example.com", "password": ""}, ["password"]),
            ({"email": "a@example.com", "password": None}, ["password"]),
            ({"email": ["a"], "password": "x"}, ["email"]),
            ({"email": "a@example.com", "password": "x", "otp": "1"}, ["otp"]),
            ({"email": "a" * 121, "password": "x"}, ["email"]),
            ({"email": "a@example.com", "password": "x" * 257}, ["password"]),
            ({"email": "a\x00b@example.com", "password": "x\x00"}, ["email"]),
        ],
        ids=str,
    )
    def test_incomplete_login_names_its_fields(self, api, body, fields):
        response = api().post("/api/auth/login", body)

        assert (response.status_code, response.json()["code"]) == (400, "VALIDATION_ERROR")
        assert set(fields) <= set(response.json()["details"])

    def test_password_counts_to_the_last_space(self, login):
        user = UserFactory(password=" correct Horse 7 ")

        assert login(user, " correct Horse 7 ").status_code == 200
        assert login(user, "correct Horse 7").status_code == 401

    def test_sixth_attempt_is_locked_out_in_our_words_and_not_with_a_page(self, login, staff):
        assert [login(staff, "wrong").status_code for _ in range(5)] == [401] * 5

        refused(login(staff), 423, "ACCOUNT_LOCKED")
        assert login(staff, REMOTE_ADDR="10.0.0.9").status_code == 200

    def test_failures_with_keys_count_too(self, login, staff):
        for number in range(5):
            login(staff, "wrong", headers={"Idempotency-Key": f"attempt-{number}"})

        refused(login(staff, headers={"Idempotency-Key": "right"}), 423, "ACCOUNT_LOCKED")

    def test_retried_failure_counts_once(self, login, staff):
        for _ in range(6):
            login(staff, "wrong", headers={"Idempotency-Key": "k"})

        assert login(staff).status_code == 200

    def test_lost_answer_comes_again_with_the_same_tokens(self, login, staff):
        first = login(staff, headers={"Idempotency-Key": "k"})
        second = login(staff, headers={"Idempotency-Key": "k"})

        assert first.content == second.content
        assert second["Idempotency-Replayed"] == "true"
        assert second["Cache-Control"] == "no-store"

    def test_old_token_in_the_header_does_not_hinder_a_login(self, api, staff):
        body = {"email": staff.email, "password": PASSWORD}

        assert api(Authorization="Bearer old").post("/api/auth/login", body).status_code == 200

    def test_login_is_audited_with_address_agent_and_request(self, login, staff):
        login(staff, REMOTE_ADDR="10.0.0.9", headers={"User-Agent": "phone", "X-Request-ID": "r-1"})

        entry = AuditEntry.objects.get(event="login")
        assert (entry.actor, entry.remote_addr, entry.user_agent, entry.request_id) == (
            staff,
            "10.0.0.9",
            "phone",
            "r-1",
        )


class TestToken:
    def test_without_a_token_one_is_told_to_log_in(self, api):
        refused(api().get("/api/auth/me"), 401, "NOT_AUTHENTICATED")

    @pytest.mark.parametrize(
        "header", ["Bearer", "Bearer ", "Bearer x", "Bearer a b", "bearer x.y.z", "Bearer é"]
    )
    def test_bad_token_is_told_apart(self, api, header):
        refused(api(Authorization=header).get("/api/auth/me"), 401, "TOKEN_INVALID")

    @pytest.mark.parametrize("header", ["", "Basic YTpi", "Token x"])
    def test_other_scheme_is_no_token(self, api, header):
        refused(api(Authorization=header).get("/api/auth/me"), 401, "NOT_AUTHENTICATED")

    def test_token_of_a_deactivated_user_is_dead(self, login, me, api, admin, staff):
        tokens = login(staff).json()["data"]

        assert api(admin).delete(f"/api/auth/users/{staff.pk}").status_code == 200

        refused(me(tokens["access"]), 401, "TOKEN_INVALID")
        refused(api().post("/api/auth/refresh", {"refresh": tokens["refresh"]}), 401, "TOKEN_INVALID")
        refused(login(staff), 401, "INVALID_CREDENTIALS")


class TestRefresh:
    def test_next_pair_has_the_shape_of_a_login(self, login, api, me, staff):
        tokens = login(staff).json()["data"]

        response = api().post("/api/auth/refresh", {"refresh": tokens["refresh"]})

        assert response.status_code == 200
        assert response.json()["data"].keys() == tokens.keys()
        assert me(response.json()["data"]["access"]).status_code == 200

    @pytest.mark.parametrize("with_keys", [False, True])
    def test_reuse_kills_the_family_access_tokens_too(self, login, api, me, staff, with_keys):
        def refresh(token, key):
            headers = {"Idempotency-Key": key} if with_keys else {}
            return api().post("/api/auth/refresh", {"refresh": token}, headers=headers)

        first = login(staff).json()["data"]
        second = refresh(first["refresh"], "a").json()["data"]

        refused(refresh(first["refresh"], "b"), 401, "TOKEN_INVALID")

        refused(refresh(second["refresh"], "c"), 401, "TOKEN_INVALID")
        refused(me(second["access"]), 401, "TOKEN_INVALID")
        refused(me(first["access"]), 401, "TOKEN_INVALID")

    def test_lost_answer_is_no_reuse(self, login, api, me, staff):
        body = {"refresh": login(staff).json()["data"]["refresh"]}

        first = api().post("/api/auth/refresh", body, headers={"Idempotency-Key": "k"})
        second = api().post("/api/auth/refresh", body, headers={"Idempotency-Key": "k"})

        assert first.content == second.content
        assert me(second.json()["data"]["access"]).status_code == 200

    @pytest.mark.parametrize("token", ["x", "a.b.c", "é"])
    def test_what_is_no_token_is_invalid(self, api, token):
        refused(api().post("/api/auth/refresh", {"refresh": token}), 401, "TOKEN_INVALID")

    def test_missing_token_is_a_mistake_of_the_body(self, api):
        refused(api().post("/api/auth/refresh", {}), 400, "VALIDATION_ERROR", "refresh")


class TestLogout:
    def test_tokens_of_this_login_are_dead(self, login, api, me, staff):
        tokens = login(staff).json()["data"]
        client = api(Authorization=f"Bearer {tokens['access']}")

        response = client.post("/api/auth/logout", {"refresh": tokens["refresh"]})

        assert response.status_code == 200
        refused(api().post("/api/auth/refresh", {"refresh": tokens["refresh"]}), 401, "TOKEN_INVALID")
        refused(me(tokens["access"]), 401, "TOKEN_INVALID")

    def test_logout_whose_answer_was_lost_can_be_sent_again(self, login, api, staff):
        tokens = login(staff).json()["data"]
        client = api(Authorization=f"Bearer {tokens['access']}", **{"Idempotency-Key": "k"})

        first = client.post("/api/auth/logout", {"refresh": tokens["refresh"]})
        second = client.post("/api/auth/logout", {"refresh": tokens["refresh"]})

        assert first.status_code == second.status_code == 200
        assert first.content == second.content

    def test_it_needs_an_access_token_and_a_refresh_token_of_ones_own(self, api, login, staff, manager):
        token = login(staff).json()["data"]["refresh"]

        refused(api().post("/api/auth/logout", {"refresh": token}), 401, "NOT_AUTHENTICATED")
        refused(api(manager).post("/api/auth/logout", {}), 400, "VALIDATION_ERROR", "refresh")
        refused(api(manager).post("/api/auth/logout", {"refresh": token}), 401, "TOKEN_INVALID")


class TestProfile:
    @pytest.mark.parametrize("method", ["put", "patch"])
    def test_own_details_are_saved(self, api, staff, method):
        body = {"first_name": "Efua", "phone": "+233 20 000 0000", "timezone": "Africa/Accra"}

        data = getattr(api(staff), method)("/api/auth/profile", body).json()["data"]

        assert {name: data[name] for name in body} == body
        assert data["last_name"] == staff.last_name

    def test_role_and_state_are_never_taken(self, api, staff):
        shown = api(staff).get("/api/auth/me").json()["data"]

        response = api(staff).put(
            "/api/auth/profile", {**shown, "role": "admin", "is_active": False, "email": "x@y.zz"}
        )

        assert response.status_code == 200
        staff.refresh_from_db()
        assert (staff.role, staff.is_active, staff.is_superuser) == ("staff", True, False)
        assert response.json()["data"] == shown

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("timezone", "Mars/Olympus"),
            ("language", "tlh"),
            ("is_superuser", True),
            ("password", "x"),
            ("phone", "1" * 41),
            ("first_name", None),
        ],
    )
    def test_what_cannot_be_is_refused_on_its_field(self, api, staff, field, value):
        refused(api(staff).put("/api/auth/profile", {field: value}), 400, "VALIDATION_ERROR", field)


class TestPassword:
    def test_older_tokens_are_dead_and_new_ones_are_given(self, login, api, me, staff):
        old = login(staff).json()["data"]
        body = {"current_password": PASSWORD, "new_password": "another-Horse-8"}

        response = api(Authorization=f"Bearer {old['access']}").post("/api/auth/change-password", body)

        assert response.status_code == 200
        refused(me(old["access"]), 401, "TOKEN_INVALID")
        refused(api().post("/api/auth/refresh", {"refresh": old["refresh"]}), 401, "TOKEN_INVALID")
        assert me(response.json()["data"]["access"]).status_code == 200
        refused(login(staff), 401, "INVALID_CREDENTIALS")
        assert login(staff, "another-Horse-8").status_code == 200

    @pytest.mark.parametrize(
        ("current", "new", "field"),
        [("wrong", "another-Horse-8", "current_password"), (PASSWORD, "password", "new_password")],
    )
    def test_mistake_is_named_on_its_field(self, api, staff, current, new, field):
        body = {"current_password": current, "new_password": new}

        refused(api(staff).post("/api/auth/change-password", body), 400, "VALIDATION_ERROR", field)


def test_no_hash_is_ever_in_an_answer(login, api, admin):
    client = api(admin)
    body = {"username": "kofi", "email": "kofi@example.com", "password": PASSWORD}
    answers = [
        login(admin),
        client.get("/api/auth/me"),
        client.get("/api/auth/users"),
        client.post("/api/auth/register", body),
        client.get(f"/api/auth/users/{admin.pk}"),
        client.put("/api/auth/profile", {"phone": "1"}),
        client.post(
            "/api/auth/change-password", {"current_password": PASSWORD, "new_password": "another-Horse-8"}
        ),
    ]

    for answer in answers:
        assert answer.status_code < 300
        text = answer.content.decode()
        assert 'password"' not in text
        for user in User.objects.all():
            assert user.password not in text


def test_hashes_are_bcrypt():
    from importlib import import_module

    base = import_module("ipms.settings.base")
    assert base.PASSWORD_HASHERS[0].endswith("BCryptSHA256PasswordHasher")
    assert django_settings.AUTH_PASSWORD_VALIDATORS == base.AUTH_PASSWORD_VALIDATORS
