"""How the servers are that the site stands on: database, cache, disk, clock."""

import shutil
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext as _

from ipms import embedded
from ipms.health import checks
from ipms.health.findings import Finding, State, finding

_CROWDED = 0.8
_SKEW_SECONDS, _BAD_SKEW_SECONDS = 2, 30
#: Of a disk: little is left below the first, almost nothing below the second (share, bytes).
_LITTLE, _NOTHING = (0.10, 2 * 1024**3), (0.03, 512 * 1024**2)

_THIS_MACHINE = ("", "localhost", "127.0.0.1", "::1")
_POSTGRES_OF_DEBIAN = Path("/var/lib/postgresql")


@finding(order=10)
def database() -> Finding:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('server_version'), pg_database_size(current_database()),"
            # What others' sessions do is hidden from the application's role; how many there are is not.
            " (SELECT sum(numbackends)::int FROM pg_stat_database),"
            " current_setting('max_connections')::int"
        )
        version, size, sessions, most = cursor.fetchone()
    is_crowded = sessions > _CROWDED * most
    return Finding(
        title=_("Database"),
        state="warn" if is_crowded else "good",
        value=_("PostgreSQL %(version)s, %(size)s, %(sessions)d of %(most)d connections")
        % {
            "version": version.split()[0],
            "size": filesizeformat(size),
            "sessions": sessions,
            "most": most,
        },
        means=_("Nearly all connections are taken: soon somebody is turned away.")
        if is_crowded
        else _("Everything that was saved is here, and it answers."),
        do=_("Lower WEB_WORKERS, WEB_THREADS or WORKER_THREADS, or raise max_connections of PostgreSQL.")
        if is_crowded
        else "",
    )


@finding(order=15)
def migrations() -> Finding:
    applied = set(MigrationRecorder(connection).applied_migrations())
    pending = sorted(_known_migrations() - applied)
    if not pending:
        means = _("The database fits this version of the program.")
        value = _("Version %(version)s, up to date") % {"version": settings.RELEASE}
        return Finding(title=_("Version"), state="good", value=value, means=means)
    return Finding(
        title=_("Version"),
        state="bad",
        value=_("%(count)d changes are not applied yet") % {"count": len(pending)},
        means=_("The program is newer than its database: some pages will fail."),
        do=_("Run “manage.py prepare”, then reload the web server."),
    )


@lru_cache(maxsize=1)
def _known_migrations() -> set[tuple[str, str]]:
    # The code of a process does not change while it runs.
    loader = MigrationLoader(None, load=False)
    loader.load_disk()
    return set(loader.disk_migrations)


@finding(order=20)
def memory() -> Finding:
    if checks.cache_is_there():
        means = _("Pages are quick, and failed log-ins are counted.")
        return Finding(title=_("Quick memory (Redis)"), state="good", value=_("Answers"), means=means)
    return Finding(
        title=_("Quick memory (Redis)"),
        state="bad",
        value=_("Does not answer"),
        means=_(
            "The site works, but slowly; mails, exports and scheduled jobs wait, limits are not counted."
        ),
        do=_("Start the Redis server again and look into its log."),
    )


@finding(order=80)
def disk() -> Finding:
    return _space(_("Disk of files and backups"), settings.VAR)


@finding(order=85)
def database_disk() -> Finding:
    host = settings.DATABASES["default"]["HOST"]
    if host == (sockets := embedded.urls(settings.VAR).database["HOST"]):
        return _space(_("Disk of the database"), Path(sockets).parent)
    if host in _THIS_MACHINE and _POSTGRES_OF_DEBIAN.exists():
        return _space(_("Disk of the database"), _POSTGRES_OF_DEBIAN)
    return Finding(
        title=_("Disk of the database"),
        state="good",
        value=_("On the database's own server"),
        means=_("It cannot be seen from here: let the server's own watch warn you."),
    )


def _space(title: str, folder: Path) -> Finding:
    usage = shutil.disk_usage(folder if folder.exists() else folder.parent)
    state: State = "good"
    if _is_below(usage.free, usage.total, _NOTHING):
        state = "bad"
    elif _is_below(usage.free, usage.total, _LITTLE):
        state = "warn"
    return Finding(
        title=title,
        state=state,
        value=_("%(free)s free of %(total)s")
        % {"free": filesizeformat(usage.free), "total": filesizeformat(usage.total)},
        means=_("There is room to grow.")
        if state == "good"
        else _("When the disk is full, nothing can be saved any more."),
        do="" if state == "good" else _("Make room, or move to a larger disk: old backups are a good start."),
    )


def _is_below(free: int, total: int, limit: tuple[float, int]) -> bool:
    share, size = limit
    return free < min(share * total, size)


@finding(order=90)
def clock() -> Finding:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        apart = abs((cursor.fetchone()[0] - timezone.now()).total_seconds())
    if apart < _SKEW_SECONDS:
        means = _("The web server and the database agree about the time.")
        return Finding(title=_("Clock"), state="good", value=_("Agrees"), means=means)
    return Finding(
        title=_("Clock"),
        state="bad" if apart >= _BAD_SKEW_SECONDS else "warn",
        value=_("%(seconds)d seconds apart") % {"seconds": round(apart)},
        means=_("Times in lists and in the ledger may be in the wrong order, and log-ins may end early."),
        do=_("Switch on time synchronisation (NTP) on both machines."),
    )
