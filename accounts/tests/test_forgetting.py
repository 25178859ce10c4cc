"""What is kept about logins goes when it serves nobody any more."""

from datetime import timedelta

import pytest
from axes.models import AccessAttempt, AccessFailureLog
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.utils import timezone
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken

from accounts import sessions
from accounts.models import TokenFamily
from ipms import jobs
from ipms.models import JobStatus

pytestmark = pytest.mark.django_db


def test_expired_tokens_and_browser_sessions_go_and_living_ones_stay(staff):
    sessions.start(staff)
    alive = sessions.start(staff)
    old = OutstandingToken.objects.order_by("pk").first()
    OutstandingToken.objects.filter(pk=old.pk).update(expires_at=timezone.now() - timedelta(minutes=1))
    TokenFamily.objects.filter(pk=TokenFamily.objects.earliest("created_at").pk).update(
        last_used_at=timezone.now() - timedelta(days=8)
    )
    for age in (-60, 60):
        browser = SessionStore()
        browser.set_expiry(age)
        browser.create()

    record = jobs.run("logins.forget-expired")

    assert (record.status, record.result) == (JobStatus.DONE, "1 token deleted.")
    assert TokenFamily.objects.count() == 1
    assert Session.objects.count() == 1
    assert sessions.refresh(alive.refresh).user == staff


def test_a_lock_that_still_holds_is_not_forgotten(settings):
    settings.AXES_COOLOFF_TIME = timedelta(days=400)
    settings.LOGIN_FAILURES_KEEP = timedelta(days=180)
    for days in (401, 390, 1):
        at = timezone.now() - timedelta(days=days)
        for model in (AccessAttempt, AccessFailureLog):
            attempts = {"failures_since_start": 5} if model is AccessAttempt else {}
            made = model.objects.create(
                username="a@b.example", ip_address="10.0.0.1", user_agent=str(days), **attempts
            )
            model.objects.filter(pk=made.pk).update(attempt_time=at)

    jobs.run("logins.forget-failures")

    assert set(AccessAttempt.objects.values_list("user_agent", flat=True)) == {"390", "1"}
    assert set(AccessFailureLog.objects.values_list("user_agent", flat=True)) == {"1"}
