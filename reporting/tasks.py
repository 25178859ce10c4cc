"""Jobs of the reports."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ipms import jobs
from reporting import stock_roll_up


@jobs.job(
    "stock.roll-up",
    title=gettext_lazy("Sum up the ledger for reports of the past"),
    schedule=jobs.every(seconds=300),
    quiet=True,
)
def sum_up_the_ledger(run: jobs.Run) -> str:
    return _("%(count)d movements summed up.") % {"count": stock_roll_up.catch_up()}
