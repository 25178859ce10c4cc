"""The Celery application: `celery -A ipms worker`."""

import logging.config
import time
from typing import Any

from celery import Celery, Task, signals

from ipms import environment, logs

environment.choose_settings()

access = logging.getLogger("ipms.access")


class WatchedTask(Task):
    """A task whose lines in the log carry its name and run, and that tells what it cost."""

    #: Told only where debugging.
    quiet = False

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        from ipms import queries  # reads the settings, which are not there yet when this module is loaded

        began = time.perf_counter()
        with logs.about(job=self.name, run=self.request.id), queries.counted() as tally:
            try:
                return super().__call__(*args, **kwargs)
            finally:
                access.log(
                    logging.DEBUG if self.quiet else logging.INFO,
                    "%s done",
                    self.name,
                    extra={
                        "ms": round((time.perf_counter() - began) * 1000, 1),
                        "queries": tally.count,
                        "database_ms": round(tally.seconds * 1000, 1),
                    },
                )


class QuietTask(WatchedTask):
    """A task that runs every few seconds, or tells of itself."""

    quiet = True


app = Celery("ipms", task_cls=WatchedTask)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@signals.setup_logging.connect
def _log_as_the_site_does(**kwargs: Any) -> None:
    from django.conf import settings

    logging.config.dictConfig(settings.LOGGING)


@signals.heartbeat_sent.connect
def _worker_listens(**kwargs: Any) -> None:
    from ipms.health import signs

    signs.give_now_and_then("worker")
