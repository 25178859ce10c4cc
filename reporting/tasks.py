"""Jobs of the reports."""

from celery import shared_task
from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ipms import jobs
from reporting import exporting, monthly, stock_roll_up
from reporting.backup import nightly


@shared_task(ignore_result=True)
def make_export(pk: int) -> None:
    """Make the file of an export."""
    exporting.make(pk)


@jobs.job(
    "exports.resume",
    title=gettext_lazy("Hand over exports that lost their worker"),
    schedule=jobs.every(seconds=60),
    quiet=True,
)
def resume_exports(run: jobs.Run) -> str:
    count = exporting.resume()
    return ngettext("%(count)d export handed over.", "%(count)d exports handed over.", count) % {
        "count": count
    }


@jobs.job("exports.clean-up", title=gettext_lazy("Delete expired exports"), schedule=jobs.every(seconds=3600))
def delete_expired_exports(run: jobs.Run) -> str:
    count = exporting.clean_up(at=run.due)
    return ngettext("%(count)d file deleted.", "%(count)d files deleted.", count) % {"count": count}


@jobs.job(
    "stock.roll-up",
    title=gettext_lazy("Sum up the ledger for reports of the past"),
    schedule=jobs.every(seconds=300),
    time_limit=1800,
    quiet=True,
)
def sum_up_the_ledger(run: jobs.Run) -> str:
    return _("%(count)d movements summed up.") % {"count": stock_roll_up.catch_up()}


@jobs.job(
    "stock.verify-sums",
    title=gettext_lazy("Verify the sums of the ledger"),
    schedule=jobs.daily("04:20"),
    time_limit=1800,
)
def verify_sums(run: jobs.Run) -> str:
    return _("Every sum up to movement %(key)d is right.") % {"key": stock_roll_up.require_sound()}


@jobs.job(
    "backup.nightly", title=gettext_lazy("Nightly backup"), schedule=jobs.daily("02:30"), time_limit=7200
)
def back_up(run: jobs.Run) -> str:
    kept = nightly.run(seconds=7200, progress=run.progress)
    sentence = _("%(name)s, %(size)s, verified.") if settings.BACKUP_VERIFY else _("%(name)s, %(size)s.")
    return sentence % {"name": kept.name, "size": filesizeformat(kept.size)}


@jobs.job(
    "reports.monthly-stock",
    title=gettext_lazy("Monthly stock report by mail"),
    schedule=jobs.monthly(day=1, at="05:00"),
    time_limit=1800,
)
def send_the_monthly_report(run: jobs.Run) -> str:
    last, count = monthly.send(on=run.due)
    month = date_format(last, "YEAR_MONTH_FORMAT")
    return _("Report of %(month)s: told %(count)d people.") % {"month": month, "count": count}
