"""The first page of who looks after people, and what everybody was told."""

from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from accounts import notifications
from accounts.models import Kind, User
from accounts.tests.factories import UserFactory
from ipms.testing.back_office import cells_of, enter, first_page

pytestmark = pytest.mark.django_db


def tell(user, key):
    told = {"sku": "BOLT", "item": "Bolt", "available": 0, "unit": "EA", "reorder_level": 5}
    notifications.notify([user], Kind.STOCK_OUT, key=key, **told)


def test_only_ones_own_unread_notifications_are_shown(staff, manager):
    tell(staff, "read")
    notifications.mark_all_read(staff)
    tell(staff, "new")
    tell(manager, "other")

    ((notice, _when),) = cells_of(first_page(enter(staff))["Unread"])

    assert notice.startswith("BOLT Bolt is out of stock")


class TestPeople:
    def figures(self, user):
        return {str(each.label): each for each in first_page(enter(user))["People"]["figures"]}

    def test_the_figures_are_those_of_the_lists_they_lead_to(self, admin):
        now = timezone.now()
        for logins in (None, None, now, now - timedelta(days=3)):
            person = UserFactory()
            User.objects.filter(pk=person.pk).update(last_login=logins)
        gone = UserFactory()
        User.objects.filter(pk=gone.pk).update(is_active=False)
        for name, failures, minutes in (("ama", 5, 1), ("kofi", 4, 1), ("esi", 9, 60)):
            attempt = AccessAttempt.objects.create(
                username=name, ip_address="10.0.0.1", failures_since_start=failures
            )
            AccessAttempt.objects.filter(pk=attempt.pk).update(attempt_time=now - timedelta(minutes=minutes))
        assert settings.AXES_FAILURE_LIMIT == 5

        figures = self.figures(admin)

        # The administrator has logged in just now.
        told = {label: int(figure.value) for label, figure in figures.items()}
        assert told == {"May log in": 5, "Logged in today": 2, "Never logged in": 2, "Locked out now": 1}
        assert figures["Locked out now"].hint == "ama"
        for figure in figures.values():
            assert enter(admin).get(figure.url).context["cl"].result_count == int(figure.value), figure.label

    def test_who_may_not_see_attempts_is_not_told_of_them(self, staff):
        staff.user_permissions.add(Permission.objects.get(codename="view_user"))

        assert "Locked out now" not in self.figures(staff)

    def test_others_do_not_see_people(self, manager):
        assert "People" not in first_page(enter(manager))
        assert enter(manager).get(reverse("admin:accounts_user_changelist")).status_code == 403
