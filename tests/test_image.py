"""The image's own steps, and production started from what they made."""

import os
import re
import secrets
import signal
import socket
import subprocess
from http.client import HTTPConnection

import psycopg
import pytest

from ipms import embedded
from ipms.embedded import paths, postgres, processes
from tests import server
from tests.image import Image, copied_files
from tests.test_embedded import data_folder

pytestmark = pytest.mark.slow

ROLES = server.PROJECT / "deploy" / "postgres" / "roles.sql"
NAME = "ipms.example.org"
SECONDS = 90


def test_image_has_the_code_and_neither_tests_nor_anything_of_this_machine():
    files = {str(file) for file in copied_files()}

    assert {"manage.py", "ipms/serve/web.py", "static/ipms/admin.js", "templates/500.html"} <= files
    assert {file for file in files if file.startswith("requirements/")} == {"requirements/base.txt"}
    unwanted = re.compile(r"(^|/)(tests|__pycache__|var|\.venv|\.env|\.git)(/|$)|\.pyc$")
    assert [file for file in files if unwanted.search(file)] == []


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    built = Image(tmp_path_factory.mktemp("image"))
    built.build(server.PROJECT / "deploy" / "Dockerfile")
    return built


@pytest.fixture(scope="module")
def outside():
    """PostgreSQL with the roles and the empty database that roles.sql makes, and Redis."""
    with data_folder() as var:
        servers = embedded.start(var)
        sockets = paths.layout(var).sockets
        with psycopg.connect(f"postgresql://postgres@/postgres?host={sockets}", autocommit=True) as root:
            root.execute("DROP DATABASE ipms")
            root.execute("DROP ROLE ipms_owner, ipms_app")
        for _twice in range(2):
            make_roles(var, sockets)
        yield servers.urls
        servers.stop()


def make_roles(var, sockets):
    psql = postgres._binaries_for(paths.layout(var)).folder / "psql"
    done = subprocess.run(
        [psql, "--no-psqlrc", "--quiet", "-h", sockets, "-U", "postgres", "-d", "postgres", "-f", ROLES],
        env={
            "PATH": os.defpath,
            **{f"{role}_PASSWORD": f"it's {role}" for role in ("OWNER", "APP", "BACKUP")},
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.fixture(scope="module")
def environment(outside):
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    return {
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "DATABASE_URL": outside.database_url,
        "REDIS_URL": outside.redis,
        "CELERY_BROKER_URL": outside.broker,
        "ALLOWED_HOSTS": NAME,
        "SECRET_KEY": secrets.token_urlsafe(64),
        "JWT_SECRET_KEY": secrets.token_urlsafe(64),
    }


def finish(process):
    said, _ = process.communicate(timeout=SECONDS)
    return process.returncode, said


def ask(environment, method, path, body=None, **headers):
    connection = HTTPConnection("127.0.0.1", int(environment["PORT"]), timeout=SECONDS)
    connection.request(method, path, body, {"Host": NAME, **headers})
    answer = connection.getresponse()
    return answer.status, answer.headers, answer.read().decode()


@pytest.fixture(scope="module")
def prepared(image, outside, environment):
    """What two containers said that prepared the database at the same time."""
    owner = {"DATABASE_OWNER_URL": outside.database_owner_url}
    together = [image.run("manage.py", "prepare", "--skip-static", **environment, **owner) for _ in range(2)]
    return [finish(process) for process in together]


def test_image_prepares_the_database_serves_and_ends_when_told(image, environment, prepared):
    for code, said in prepared:
        assert code == 0, said
        assert "System check identified no issues" in said

    web = image.run(*image.command, **environment)
    is_alive = processes.wait_until(
        lambda: finish(image.run("-m", "ipms.health", "web", **environment))[0] == 0, seconds=SECONDS
    )
    by_http = ask(environment, "GET", "/admin/login/")
    behind_proxy = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}
    page = ask(environment, "GET", "/admin/login/", **behind_proxy)
    style = re.search(r"/static/admin/css/base\.[0-9a-f]{12}\.css", page[2])
    sheet = ask(environment, "GET", style[0], **behind_proxy)
    refused = ask(environment, "GET", "/metrics", **behind_proxy)
    figures = ask(environment, "GET", "/metrics", Host="127.0.0.1")
    web.send_signal(signal.SIGTERM)
    code, log = finish(web)

    assert is_alive
    assert (by_http[0], by_http[1]["Location"]) == (301, f"https://{NAME}/admin/login/")
    assert page[0] == 200
    assert "max-age=315360000" in sheet[1]["Cache-Control"]
    assert (refused[0], figures[0]) == (403, 200)
    assert code == 0
    assert '"address": "203.0.113.9"' in log
    assert image.user == "10001"


@pytest.mark.usefixtures("prepared")
def test_worker_proves_a_backup_without_the_owner_of_the_tables(image, outside, environment):
    trial = {"DATABASE_OWNER_URL": outside.database_url.replace("ipms_app", "ipms_backup")}

    code, said = finish(image.run("manage.py", "run_job", "backup.nightly", **environment, **trial))

    assert code == 0, said
    assert "verified" in said


@pytest.mark.usefixtures("prepared")
def test_application_of_a_prepared_database_cannot_rewrite_the_ledger(outside):
    with psycopg.connect(outside.database_url) as application:
        tables = application.execute("SELECT count(*) FROM inventory_stockmovement").fetchone()
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            application.execute("DELETE FROM inventory_stockmovement")

    assert tables == (0,)
