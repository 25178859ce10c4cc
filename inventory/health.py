"""The stores on the health page."""

from django.utils.translation import gettext as _

from ipms.health.findings import Finding, finding, of_daily_job


@finding(order=70)
def ledger() -> Finding:
    return of_daily_job(
        "ledger.verify",
        title=_("Proof of the ledger"),
        means=_("Movements, balances and values agree."),
        missed=_("Nobody has checked lately that stock and its value add up."),
        do=_("Open the job runs for the reason. If rows are named, ask for help before you post more."),
    )
