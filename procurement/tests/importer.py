"""The command `import_orders`: run, or killed in the middle."""

import io
import os
import signal
import subprocess
import sys
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management import call_command
from django.db import connection


def import_orders(*arguments):
    """Run the command; answer with its exit code and all that it said."""
    said = io.StringIO()
    try:
        call_command("import_orders", *arguments, stdout=said, stderr=said)
    except SystemExit as end:
        return end.code, said.getvalue()
    return 0, said.getvalue()


def kill_at(progress, *arguments):
    """Run the command in a process of its own, and kill that with kill -9 once it tells this progress."""
    with _start(*arguments) as process:
        said = []
        for line in process.stderr:
            said.append(line)
            if line.startswith(progress):
                break
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL, "".join(said)


def _start(*arguments):
    name = connection.settings_dict["NAME"]
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
    return subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "manage.py", "import_orders", *arguments],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DATABASE_URL": url, "DATABASE_OWNER_URL": url},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
