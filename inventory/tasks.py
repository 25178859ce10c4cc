"""Jobs of the stores."""

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from inventory import verification, watch
from ipms import jobs


@jobs.job("stock.low", title=gettext_lazy("Look for low stock"), schedule=jobs.every(seconds=900), quiet=True)
def tell_low_stock(run: jobs.Run) -> str:
    count = watch.tell_low_stock()
    return ngettext("%(count)d item told.", "%(count)d items told.", count) % {"count": count}


@jobs.job("lots.expiring", title=gettext_lazy("Lots about to expire"), schedule=jobs.daily("05:30"))
def warn_of_expiry(run: jobs.Run) -> str:
    count = watch.warn_of_expiry(on=timezone.localdate(run.due), thresholds=settings.EXPIRY_WARNING_DAYS)
    return ngettext("%(count)d lot told.", "%(count)d lots told.", count) % {"count": count}


@jobs.job(
    "ledger.verify", title=gettext_lazy("Verify the ledger"), schedule=jobs.daily("04:00"), time_limit=1800
)
def verify_ledger(run: jobs.Run) -> str:
    count = verification.require_sound()
    return _("%(count)d movements: every invariant of the ledger holds.") % {"count": count}
