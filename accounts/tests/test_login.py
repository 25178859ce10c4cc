"""Who gets in, and who is kept out for a while."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import sessions
from accounts.errors import AccountLocked, InvalidCredentials
from accounts.models import AuditEntry
from accounts.tests.factories import UserFactory

pytestmark = pytest.mark.django_db

PASSWORD = "correct-Horse-7"


@pytest.fixture
def ama(db):
    return UserFactory(email="Ama@example.com")


@pytest.fixture
def login(rf):
    def attempt(email, password=PASSWORD, address="10.0.0.1", **headers):
        request = rf.post("/api/auth/login", REMOTE_ADDR=address, headers=headers)
        return sessions.login(request, email=email, password=password)

    return attempt


def fail(login, email, times, **kwargs):
    for _ in range(times):
        with pytest.raises(InvalidCredentials):
            login(email, "wrong", **kwargs)


class TestLogin:
    @pytest.mark.parametrize("email", ["Ama@example.com", "ama@EXAMPLE.com", " ama@example.com"])
    def test_email_is_known_without_regard_to_case(self, login, ama, email):
        assert login(email.strip()).user == ama

    def test_username_is_not_an_email(self, login, ama):
        with pytest.raises(InvalidCredentials):
            login(ama.username)

    def test_wrong_password_unknown_email_and_inactive_account_are_refused_alike(self, login, ama):
        gone = UserFactory(is_active=False)
        sentences = set()

        for email, password in (
            (ama.email, "wrong"),
            ("nobody@example.com", PASSWORD),
            (gone.email, PASSWORD),
        ):
            with pytest.raises(InvalidCredentials) as refusal:
                login(email, password)
            sentences.add(str(refusal.value))

        assert len(sentences) == 1

    def test_unknown_email_costs_a_password_check_too(self, login, ama, hashes):
        for email in (ama.email, "nobody@example.com"):
            with hashes(1), pytest.raises(InvalidCredentials):
                login(email, "wrong")

    def test_login_is_remembered_with_its_time(self, login, ama):
        before = timezone.now()

        login(ama.email)

        ama.refresh_from_db()
        assert ama.last_login >= before

    def test_logins_and_failures_are_in_the_audit_trail(self, login, ama):
        login(ama.email)
        fail(login, ama.email, 1)
        fail(login, "nobody@example.com", 1)

        found = list(AuditEntry.objects.exclude(event="").order_by("pk").values_list("event", "object_repr"))
        assert found == [
            ("login", str(ama)),
            ("login-failed", str(ama)),
            ("login-failed", "nobody@example.com"),
        ]


class TestLockOut:
    def test_account_is_locked_after_five_failures_whatever_the_password(self, login, ama):
        fail(login, ama.email, 5)

        for password in ("wrong", PASSWORD):
            with pytest.raises(AccountLocked):
                login(ama.email, password)

    def test_address_that_no_account_has_is_locked_alike(self, login, db):
        fail(login, "nobody@example.com", 5)

        with pytest.raises(AccountLocked):
            login("nobody@example.com")

    def test_spelling_of_the_email_does_not_help(self, login, ama):
        fail(login, "ama@example.com", 3)
        fail(login, "AMA@EXAMPLE.COM", 2)

        with pytest.raises(AccountLocked):
            login("Ama@example.com")

    def test_other_browser_does_not_help(self, login, ama):
        for number in range(5):
            fail(login, ama.email, 1, **{"User-Agent": f"browser {number}"})

        with pytest.raises(AccountLocked):
            login(ama.email, **{"User-Agent": "another"})

    def test_other_addresses_and_other_accounts_are_not_shut_out(self, login, ama):
        kofi = UserFactory()
        fail(login, ama.email, 5)

        assert login(ama.email, address="10.0.0.2").user == ama
        assert login(kofi.email).user == kofi

    def test_success_begins_the_count_anew(self, login, ama):
        fail(login, ama.email, 4)
        login(ama.email)
        fail(login, ama.email, 4)

        assert login(ama.email)

    @pytest.mark.parametrize(
        ("ago", "is_open"),
        [(timedelta(minutes=14, seconds=50), False), (timedelta(minutes=15, seconds=1), True)],
    )
    def test_lock_opens_after_its_time_and_not_before(self, login, ama, at, ago, is_open):
        with at(timezone.now() - ago):
            fail(login, ama.email, 5)

        if is_open:
            assert login(ama.email).user == ama
        else:
            with pytest.raises(AccountLocked):
                login(ama.email)

    def test_trying_while_locked_does_not_prolong_the_lock(self, login, ama, at):
        with at(timezone.now() - timedelta(minutes=16)):
            fail(login, ama.email, 5)
        with at(timezone.now() - timedelta(minutes=5)), pytest.raises(AccountLocked):
            login(ama.email)

        assert login(ama.email).user == ama
