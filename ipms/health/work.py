"""How the work behind the pages is: scheduler, worker, queue, events, mails, jobs."""

from datetime import datetime, timedelta

from django.db.models import Count, Min, Q
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from ipms import queues
from ipms.health import checks, signs
from ipms.health.findings import Finding, State, finding
from ipms.jobs import registered
from ipms.models import JobRun, MailStatus, OutboxEvent, OutgoingMail
from ipms.models.jobs import WENT_WRONG

_LONG_QUEUE, _HOPELESS_QUEUE = 100, 1000
_LATE, _TOO_LATE = timedelta(minutes=2), timedelta(minutes=15)


@finding(order=30)
def worker() -> Finding:
    title = _("Worker")
    if checks.worker_is_there():
        means = _("Mails, exports and scheduled jobs are done.")
        return Finding(title=title, state="good", value=_("At work"), means=means)
    if not signs.is_fresh("worker"):
        return Finding(
            title=title,
            state="bad",
            value=_since("tasks", never=_("Has given no sign so far")),
            means=_("Nobody sends mails, makes exports or runs scheduled jobs; they wait."),
            do=_("Start the worker again: “systemctl restart ipms-worker”, or its container."),
        )
    if checks.beat_is_there():
        return Finding(
            title=title,
            state="bad",
            value=_("Is there, but does not get through its work"),
            means=_("Mails, exports and scheduled jobs come late or not at all."),
            do=_("See which job runs for long, and restart the worker if it hangs."),
        )
    return Finding(
        title=title,
        state="warn",
        value=_("Is there and has nothing to do"),
        means=_("Nobody tells it what is due: see the scheduler."),
    )


@finding(order=35)
def beat() -> Finding:
    if checks.beat_is_there():
        means = _("What is due at its hour is begun: backups, reports, checks.")
        return Finding(title=_("Scheduler"), state="good", value=_("At work"), means=means)
    return Finding(
        title=_("Scheduler"),
        state="bad",
        value=_since("beat", never=_("Has given no sign so far")),
        means=_("Nothing is begun by itself any more: no backup, no mail, no report."),
        do=_("Start it again: “systemctl restart ipms-beat”, or its container."),
    )


def _since(part: signs.Part, *, never: str) -> str:
    age = signs.age(part)
    if age is None:
        return never
    moment = timezone.now() - timedelta(seconds=age)
    return _("Last seen %(time)s ago") % {"time": timesince(moment, depth=1)}


@finding(order=40)
def queue() -> Finding:
    title = _("Waiting tasks")
    length = queues.length()
    if length is None:
        return Finding(
            title=title,
            state="bad",
            value=_("The queue does not answer"),
            means=_("No new task reaches the worker."),
            do=_("Start the Redis server again and look into its log."),
        )
    state: State = "bad" if length > _HOPELESS_QUEUE else "warn" if length > _LONG_QUEUE else "good"
    return Finding(
        title=title,
        state=state,
        value=_("%(count)d waiting") % {"count": length},
        means=_("The worker keeps up.") if state == "good" else _("There is more to do than the worker can."),
        do="" if state == "good" else _("See whether the worker is at work; raise WORKER_THREADS."),
    )


@finding(order=45)
def events() -> Finding:
    waiting = OutboxEvent.objects.filter(delivered_at=None).aggregate(
        count=Count("pk"), oldest=Min("created_at")
    )
    oldest = waiting["oldest"]
    state = _lateness(oldest)
    return Finding(
        title=_("Events on their way"),
        state=state,
        value=_("None waiting")
        if not oldest
        else _("%(count)d waiting, the oldest for %(time)s")
        % {"count": waiting["count"], "time": timesince(oldest, depth=1)},
        means=_("Who is to hear of low stock or an order hears of it at once.")
        if state == "good"
        else _("Notifications, mails and other systems hear of changes late. Nothing is lost."),
        do="" if state == "good" else _("See whether the worker works, and look at the list of events."),
    )


@finding(order=50)
def mails() -> Finding:
    waiting = OutgoingMail.objects.filter(status=MailStatus.QUEUED).aggregate(oldest=Min("created_at"))
    lost = OutgoingMail.objects.filter(
        status=MailStatus.FAILED, created_at__gt=timezone.now() - timedelta(days=1)
    ).count()
    state = _lateness(waiting["oldest"])
    if lost:
        return Finding(
            title=_("Mail"),
            state="bad",
            value=_("%(count)d given up since yesterday") % {"count": lost},
            means=_("Some people were not told what they should have been told."),
            do=_("See the list of outgoing mails for the reason, and check the mail settings."),
        )
    return Finding(
        title=_("Mail"),
        state=state,
        value=_("None waiting")
        if not waiting["oldest"]
        else _("The oldest waits for %(time)s") % {"time": timesince(waiting["oldest"], depth=1)},
        means=_("Mails leave as they are written.")
        if state == "good"
        else _("The mail server takes nothing at the moment; mails wait and are tried again."),
        do="" if state == "good" else _("See the list of outgoing mails for the reason."),
    )


@finding(order=55)
def jobs() -> Finding:
    failing = [run.name for run in JobRun.objects.newest_ended() if run.status in WENT_WRONG]
    stuck = JobRun.objects.filter(
        Q(status="running"), started_at__lt=timezone.now() - timedelta(hours=3)
    ).values_list("name", flat=True)
    if not (failing or stuck):
        means = _("Each did its work when it last ran.")
        return Finding(title=_("Scheduled jobs"), state="good", value=_("All went well"), means=means)
    return Finding(
        title=_("Scheduled jobs"),
        state="bad",
        value=", ".join(_title(name) for name in dict.fromkeys([*failing, *stuck])),
        means=_("What these jobs do by themselves has not been done."),
        do=_("Open the list of job runs for the reason; “Run now” tries one again."),
    )


def _title(name: str) -> str:
    job = registered().get(name)
    return str(job.title) if job else name


def _lateness(oldest: datetime | None) -> State:
    if oldest is None or timezone.now() - oldest < _LATE:
        return "good"
    return "warn" if timezone.now() - oldest < _TOO_LATE else "bad"
