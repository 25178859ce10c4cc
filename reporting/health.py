"""Backups on the health page."""

from django.conf import settings
from django.utils.translation import gettext as _

from ipms.health.findings import Finding, finding, of_daily_job

_JOB = "backup.nightly"


@finding(order=60)
def backup() -> Finding:
    return of_daily_job(
        _JOB,
        title=_("Nightly backup"),
        means=_("If this machine broke now, you would lose what came since."),
        missed=_("If this machine broke now, you would lose all that came since, perhaps everything."),
        do=_("Open the job runs for the reason: is the disk full, the store away? Then run it by hand."),
    )


@finding(order=65)
def trial_restore() -> Finding:
    if not settings.BACKUP_VERIFY:
        return Finding(
            title=_("Trial restore"),
            state="warn",
            value=_("Switched off"),
            means=_("Nobody knows whether the newest backup can be restored."),
            do=_("Take BACKUP_VERIFY out of the settings, or restore one on trial from time to time."),
        )
    # The nightly backup counts as made only after it was restored on trial.
    return of_daily_job(
        _JOB,
        title=_("Trial restore"),
        means=_("The newest backup was restored on trial; counts, balances and the ledger were equal."),
        missed=_("Nobody knows whether the newest backup can be restored."),
        do=_("Run “manage.py backup --verify” and see what it says."),
    )
