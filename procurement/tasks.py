"""Jobs of purchasing."""

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ipms import jobs
from procurement import overdue, rate_watch


@jobs.job("orders.overdue", title=gettext_lazy("Overdue orders"), schedule=jobs.daily("06:00"))
def tell_overdue(run: jobs.Run) -> str:
    count = overdue.tell_overdue(on=timezone.localdate(run.due))
    return ngettext("%(count)d order told.", "%(count)d orders told.", count) % {"count": count}


@jobs.job("rates.stale", title=gettext_lazy("Old exchange rates"), schedule=jobs.daily("05:00"))
def tell_stale_rates(run: jobs.Run) -> str:
    today = timezone.localdate(run.due)
    currencies = rate_watch.tell_stale_rates(on=today, days=settings.RATE_STALE_DAYS)
    return _("Told: %(currencies)s.") % {"currencies": ", ".join(currencies) or _("none")}
