"""Workers that are processes of their own, and die as they do when the power of one goes."""

import os
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest
from django.conf import settings
from django.db import connection

from ipms import jobs
from ipms.jobs.registry import _jobs
from ipms.models import JobRun, JobStatus

pytestmark = pytest.mark.django_db(transaction=True)

DUE = "2031-03-01T06:00:00+00:00"
_WORKER = """
import sys, time, django
django.setup()
from datetime import datetime
from ipms import jobs

@jobs.job("test.long", title="Long", schedule=jobs.daily("06:00"))
def body(run):
    print("at work", flush=True)
    time.sleep(float(sys.argv[1]))
    return "slept"

sys.stdin.readline()
print(jobs.run("test.long", due=datetime.fromisoformat(sys.argv[2])).status, flush=True)
"""


@pytest.fixture
def long_job():
    before = dict(jobs.registered())
    jobs.job("test.long", title="Long", schedule=jobs.daily("06:00"))(lambda run: "this time")
    yield
    _jobs.clear()
    _jobs.update(before)


@contextmanager
def worker(seconds):
    """A process with everything loaded, which begins to run the job when it gets a line."""
    own = connection.settings_dict
    url = f"postgresql://{own['USER']}@/{own['NAME']}?host={own['HOST'] or own['OPTIONS'].get('host', '')}"
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", _WORKER, str(seconds), DUE],
        cwd=settings.BASE_DIR,
        env=os.environ | {"DATABASE_URL": url},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def begin(process):
    process.stdin.write("\n")
    process.stdin.flush()


def test_of_two_workers_one_runs_the_moment(long_job):
    with worker(1) as first, worker(1) as second:
        for process in (first, second):
            begin(process)
        said = sorted(process.communicate()[0].split("\n") for process in (first, second))

    assert sum("at work" in lines for lines in said) == 1
    assert JobRun.objects.get().status == JobStatus.DONE


def test_a_run_whose_worker_was_killed_is_run_again(long_job):
    with worker(60) as process:
        begin(process)
        assert process.stdout.readline() == "at work\n"
        assert jobs.rerun_lost() == 0  # it is alive
        process.send_signal(signal.SIGKILL)
        process.wait()
        for _moment in range(50):  # the server notices that the session is gone
            if jobs.rerun_lost():
                break

    assert [(run.status, run.result) for run in JobRun.objects.order_by("pk")] == [
        (JobStatus.LOST, ""),
        (JobStatus.DONE, "this time"),
    ]
