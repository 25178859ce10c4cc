import pytest
from django.utils import timezone

from ipms.models import JobRun, JobStatus
from reporting import health

pytestmark = pytest.mark.django_db


@pytest.fixture
def _last_night():
    at = timezone.now()
    JobRun.objects.create(
        name="backup.nightly",
        due=at,
        status=JobStatus.DONE,
        ended_at=at,
        result="one.backup, 15 KB, verified.",
    )


@pytest.mark.usefixtures("_last_night")
def test_backup_of_last_night_is_good_and_was_restored_on_trial():
    assert (health.backup().state, health.trial_restore().state) == ("good", "good")
    assert health.backup().means.endswith("one.backup, 15 KB, verified.")


@pytest.mark.usefixtures("_last_night")
def test_backup_that_is_not_proven_is_not_called_so(settings):
    settings.BACKUP_VERIFY = False

    assert (health.backup().state, health.trial_restore().state) == ("good", "warn")
