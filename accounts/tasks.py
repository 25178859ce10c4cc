"""Jobs about logins."""

from django.conf import settings
from django.utils.translation import gettext_lazy, ngettext

from accounts import sessions
from ipms import jobs


@jobs.job("logins.forget-expired", title=gettext_lazy("Forget expired logins"), schedule=jobs.daily("03:20"))
def forget_expired(run: jobs.Run) -> str:
    count = sessions.forget_expired()
    return ngettext("%(count)d token deleted.", "%(count)d tokens deleted.", count) % {"count": count}


@jobs.job(
    "logins.forget-failures", title=gettext_lazy("Forget old failed logins"), schedule=jobs.daily("03:30")
)
def forget_failures(run: jobs.Run) -> str:
    count = sessions.forget_failures(before=run.due - settings.LOGIN_FAILURES_KEEP)
    return ngettext("%(count)d failed login deleted.", "%(count)d failed logins deleted.", count) % {
        "count": count
    }
