"""The tokens that descend from a login."""

import threading
from datetime import timedelta

import jwt
import pytest
from django.db import connection
from django.utils import timezone
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken

from accounts import sessions, users
from accounts.errors import TokenInvalid
from accounts.models import AuditEntry, TokenFamily
from accounts.tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def ama(db):
    return UserFactory(email="Ama@example.com")


class TestRefresh:
    def test_next_pair_works_and_the_old_refresh_token_does_not(self, ama):
        first = sessions.start(ama)

        second = sessions.refresh(first.refresh)

        assert sessions.user_of(second.access) == ama
        assert second.refresh != first.refresh
        with pytest.raises(TokenInvalid):
            sessions.refresh(first.refresh)

    def test_reuse_kills_the_whole_family_and_no_other(self, ama):
        first, elsewhere = sessions.start(ama), sessions.start(ama)
        second = sessions.refresh(first.refresh)
        with pytest.raises(TokenInvalid):
            sessions.refresh(first.refresh)

        for token in (first.access, second.access):
            with pytest.raises(TokenInvalid):
                sessions.user_of(token)
        with pytest.raises(TokenInvalid):
            sessions.refresh(second.refresh)
        assert sessions.user_of(elsewhere.access) == ama
        assert AuditEntry.objects.filter(event="token-reuse").count() == 1

    def test_access_token_is_no_refresh_token_nor_the_reverse(self, ama):
        tokens = sessions.start(ama)

        with pytest.raises(TokenInvalid):
            sessions.refresh(tokens.access)
        with pytest.raises(TokenInvalid):
            sessions.user_of(tokens.refresh)

    def test_inactive_user_gets_no_next_pair(self, ama):
        tokens = sessions.start(ama)
        type(ama).objects.filter(pk=ama.pk).update(is_active=False)

        with pytest.raises(TokenInvalid):
            sessions.refresh(tokens.refresh)

    @pytest.mark.parametrize("token", ["", "x", "a.b.c", "é.é.é", "\x00", "a" * 5000])
    def test_what_is_no_token_is_refused(self, token, db):
        with pytest.raises(TokenInvalid):
            sessions.refresh(token)
        with pytest.raises(TokenInvalid):
            sessions.user_of(token)

    def test_token_of_another_key_or_without_a_signature_is_refused(self, ama):

        claims = jwt.decode(sessions.start(ama).access, options={"verify_signature": False})

        for forged in (
            jwt.encode(claims, "another-key-of-the-same-length-as-ours-is", algorithm="HS256"),
            jwt.encode(claims, "", algorithm="none"),
        ):
            with pytest.raises(TokenInvalid):
                sessions.user_of(forged)

    def test_token_whose_login_is_forgotten_is_refused(self, ama):
        tokens = sessions.start(ama)
        TokenFamily.objects.all().delete()

        with pytest.raises(TokenInvalid):
            sessions.user_of(tokens.access)
        with pytest.raises(TokenInvalid):
            sessions.refresh(tokens.refresh)

    @pytest.mark.django_db(transaction=True)
    def test_of_two_refreshes_at_once_one_succeeds_and_the_family_dies(self, ama):
        tokens = sessions.start(ama)
        start = threading.Barrier(2)
        outcomes = []

        def refresh():
            start.wait()
            try:
                outcomes.append(sessions.refresh(tokens.refresh))
            except TokenInvalid:
                outcomes.append(None)
            finally:
                connection.close()

        threads = [threading.Thread(target=refresh) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        (winner,) = [outcome for outcome in outcomes if outcome]
        assert None in outcomes
        with pytest.raises(TokenInvalid):
            sessions.user_of(winner.access)


class TestAccess:
    def test_who_asks_costs_one_query(self, ama, django_assert_num_queries):
        token = sessions.start(ama).access

        with django_assert_num_queries(1):
            sessions.user_of(token)

    def test_token_dies_with_the_deactivation_of_its_user(self, ama, admin):
        token = sessions.start(ama).access

        users.deactivate(ama, by=admin)

        with pytest.raises(TokenInvalid):
            sessions.user_of(token)

    def test_token_stays_dead_when_the_user_is_let_in_again(self, ama, admin):
        token = sessions.start(ama).access
        users.deactivate(ama, by=admin)
        users.change(ama, by=admin, is_active=True)

        with pytest.raises(TokenInvalid):
            sessions.user_of(token)

    @pytest.mark.parametrize(
        ("ago", "is_alive"), [(timedelta(minutes=14), True), (timedelta(minutes=15, seconds=1), False)]
    )
    def test_access_token_lives_fifteen_minutes(self, ama, at, ago, is_alive):
        with at(timezone.now() - ago):
            token = sessions.start(ama).access

        if is_alive:
            assert sessions.user_of(token) == ama
        else:
            with pytest.raises(TokenInvalid):
                sessions.user_of(token)

    @pytest.mark.parametrize(
        ("ago", "is_alive"), [(timedelta(days=6, hours=23), True), (timedelta(days=7, seconds=1), False)]
    )
    def test_refresh_token_lives_seven_days(self, ama, at, ago, is_alive):
        with at(timezone.now() - ago):
            token = sessions.start(ama).refresh

        if is_alive:
            assert sessions.refresh(token).user == ama
        else:
            with pytest.raises(TokenInvalid):
                sessions.refresh(token)


class TestLogout:
    @pytest.fixture
    def logout(self, rf):
        return lambda user, token: sessions.logout(rf.post("/api/auth/logout"), by=user, token=token)

    def test_every_token_of_the_login_is_dead(self, logout, ama):
        tokens = sessions.start(ama)

        logout(ama, tokens.refresh)

        with pytest.raises(TokenInvalid):
            sessions.refresh(tokens.refresh)
        with pytest.raises(TokenInvalid):
            sessions.user_of(tokens.access)
        assert AuditEntry.objects.filter(event="logout", object_id=ama.pk).count() == 1

    def test_other_devices_stay_logged_in(self, logout, ama):
        here, elsewhere = sessions.start(ama), sessions.start(ama)

        logout(ama, here.refresh)

        assert sessions.user_of(elsewhere.access) == ama

    def test_second_logout_is_no_mistake_and_leaves_no_second_trace(self, logout, ama):
        tokens = sessions.start(ama)

        logout(ama, tokens.refresh)
        logout(ama, tokens.refresh)

        assert AuditEntry.objects.filter(event="logout").count() == 1

    def test_nobody_ends_the_session_of_another(self, logout, ama, manager):
        tokens = sessions.start(ama)

        with pytest.raises(TokenInvalid):
            logout(manager, tokens.refresh)

        assert sessions.user_of(tokens.access) == ama


class TestCleanUp:
    def test_what_nobody_can_use_any_more_is_forgotten(self, ama, at):
        with at(timezone.now() - timedelta(days=8)):
            sessions.start(ama)
        with at(timezone.now() - timedelta(days=5)):
            later = sessions.start(ama)

        assert sessions.forget_expired() == 1

        assert TokenFamily.objects.count() == 1
        assert sessions.refresh(later.refresh)

    def test_no_token_is_kept_in_a_form_that_lets_anybody_in(self, ama):
        tokens = sessions.start(ama)

        assert tokens.refresh not in OutstandingToken.objects.get().token
