import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
import redis

import manage
from ipms import embedded
from ipms.embedded import paths, postgres, processes, schema, valkey
from ipms.embedded.supervisor import Supervisor

PROJECT = Path(embedded.__file__).resolve().parent.parent.parent


@contextmanager
def data_folder():
    """Lend a data folder in a place where root's servers can reach it."""
    folder = Path(tempfile.mkdtemp(prefix="ipms-embedded-"))
    folder.chmod(0o711)
    yield folder / "var"
    valkey.stop(paths.layout(folder / "var"))
    postgres.stop(paths.layout(folder / "var"))
    embedded.remove(folder / "var")
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def var():
    """A data folder whose database is made once; every test leaves it stopped and whole."""
    with data_folder() as var:
        yield var


@pytest.fixture
def fresh_var():
    """A data folder that a test may spoil."""
    with data_folder() as var:
        yield var


@contextmanager
def another_user(var, *, durable=True):
    """Use the servers from another process until the end of the block, which kills it."""
    code = "import sys, time; from pathlib import Path; from ipms import embedded\n"
    code += f"embedded.start(Path(sys.argv[1]), durable={durable}); print('up', flush=True); time.sleep(60)"
    with subprocess.Popen(
        [sys.executable, "-c", code, str(var)], cwd=PROJECT, stdout=subprocess.PIPE
    ) as user:
        assert user.stdout.readline() == b"up\n"
        yield
        user.kill()


def run(var, **environment):
    """Start `make run`'s program and return what it says, for the cases that end by themselves."""
    started = subprocess.run(
        [sys.executable, "-m", "ipms.embedded.run"],
        cwd=PROJECT,
        env=os.environ | {"IPMS_VAR": str(var), "DATABASE_URL": "", "REDIS_URL": ""} | environment,
        capture_output=True,
        text=True,
        timeout=30,
    )
    return started.returncode, started.stderr.strip()


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def postmaster(var):
    return int((paths.layout(var).postgres / "postmaster.pid").read_text().split()[0])


def is_answering(var):
    return postgres.answers(paths.layout(var)) and valkey.answers(paths.layout(var))


def test_addresses_are_known_before_anything_runs(tmp_path):
    urls = embedded.urls(tmp_path / "var")

    assert urls.database["USER"] == embedded.APP_ROLE
    assert urls.database_owner["USER"] == embedded.OWNER_ROLE
    assert urls.database_url == f"postgresql://ipms_app@/ipms?host={urls.database['HOST']}"
    assert urls.redis.startswith("unix:///")
    assert urls.broker.startswith("redis+socket:///")
    assert not (tmp_path / "var").exists()


@pytest.mark.parametrize("name", ["a" * 120, "with space", "größe"], ids=["too long", "space", "accents"])
def test_sockets_of_an_unfit_folder_lie_elsewhere_always_in_the_same_place(tmp_path, name):
    place = paths.layout(tmp_path / name / "var")

    assert place.sockets == paths.layout(tmp_path / name / "var").sockets
    assert str(place.sockets).isascii()
    assert len(str(place.sockets / f"{paths.POSTGRES_SOCKET}.lock")) < 104


def test_secrets_survive_and_are_for_the_owner_alone(tmp_path):
    made = embedded.secrets(tmp_path / "var")

    assert embedded.secrets(tmp_path / "var") == made
    assert made["SECRET_KEY"] != made["JWT_SECRET_KEY"]
    assert (tmp_path / "var" / "secrets.env").stat().st_mode & 0o777 == 0o600


def test_owner_makes_extensions_and_application_role_owns_nothing(var):
    servers = embedded.start(var)

    with psycopg.connect(servers.urls.database_owner_url, autocommit=True) as owner:
        for extension in ("pg_trgm", "unaccent", "btree_gin"):
            owner.execute(f"CREATE EXTENSION {extension}")
        owner.execute("CREATE TABLE ledger (quantity int)")
        with (
            psycopg.connect(servers.urls.database_url) as application,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            application.execute("INSERT INTO ledger VALUES (1)")
        owner.execute("DROP TABLE ledger")
    servers.stop()


def test_what_was_committed_and_queued_survives_kill_9_of_everything(var):
    servers = embedded.start(var)
    with psycopg.connect(servers.urls.database_owner_url) as connection:
        connection.execute("CREATE TABLE movement AS SELECT 7 AS quantity")
    queue = redis.Redis.from_url(servers.urls.redis)
    queue.rpush("queue", "task")
    for pid in (queue.info("server")["process_id"], postmaster(var)):
        os.kill(pid, signal.SIGKILL)

    again = embedded.start(var)

    with psycopg.connect(again.urls.database_owner_url) as connection:
        assert connection.execute("SELECT quantity FROM movement").fetchall() == [(7,)]
    assert redis.Redis.from_url(again.urls.redis).lrange("queue", 0, -1) == [b"task"]
    again.stop()


def test_process_number_taken_by_another_after_a_power_cut_does_no_harm(var):
    embedded.start(var).stop()
    place = paths.layout(var)
    (place.postgres / "postmaster.pid").write_text(f"{os.getpid()}\n{place.postgres}\n")

    servers = embedded.start(var)

    assert is_answering(var)
    servers.stop()


def test_servers_run_until_the_last_of_two_users_leaves(var):
    first, second = embedded.start(var), embedded.start(var)

    first.stop()
    assert is_answering(var)
    second.stop()
    assert not is_answering(var)


def test_servers_of_a_killed_user_are_taken_over(var):
    with another_user(var):
        server = postmaster(var)

    servers = embedded.start(var)

    assert postmaster(var) == server
    servers.stop()
    assert not is_answering(var)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process of its parent's death")
def test_throwaway_servers_die_with_their_user(fresh_var):
    with another_user(fresh_var, durable=False):
        assert is_answering(fresh_var)

    assert processes.wait_until(lambda: not is_answering(fresh_var), seconds=10)


def test_taken_port_is_one_sentence_and_nothing_is_started(fresh_var):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        code, said = run(fresh_var, PORT=str(port))

    assert (code, said) == (
        1,
        f"Port {port} is taken by another program: "
        f"end that one, or choose a port with PORT={port + 1} make run.",
    )
    assert not paths.layout(fresh_var).postgres.exists()


def test_port_that_is_no_port_is_one_sentence(fresh_var):
    code, said = run(fresh_var, PORT="http")

    assert (code, said) == (1, "PORT is 'http': it must be a number from 1 to 65535.")


def test_data_of_another_major_version_is_one_sentence(fresh_var):
    place = paths.layout(fresh_var)
    paths.make_folders(place)
    paths.make_private(place.postgres, place.user)
    (place.postgres / "PG_VERSION").write_text("9\n")

    code, said = run(fresh_var, PORT=str(free_port()))

    assert code == 1
    assert said.startswith(f"The data in {fresh_var}/postgres was made by PostgreSQL 9, and only PostgreSQL ")
    assert "\n" not in said


def test_folder_that_is_no_database_is_one_sentence(fresh_var):
    place = paths.layout(fresh_var)
    paths.make_folders(place)
    paths.make_private(place.postgres, place.user)

    with pytest.raises(embedded.EmbeddedError, match="is not a PostgreSQL data folder"):
        embedded.start(fresh_var)


def test_damaged_database_is_told_in_the_words_of_postgresql(fresh_var):
    embedded.start(fresh_var, durable=False).stop()
    (paths.layout(fresh_var).postgres / "global" / "pg_control").write_bytes(b"")

    with pytest.raises(embedded.EmbeddedError, match=r"could not start: .*pg_control.* Its log is "):
        embedded.start(fresh_var)


def test_data_folder_that_is_a_file_is_one_sentence(tmp_path):
    (tmp_path / "var").write_text("")

    with pytest.raises(embedded.EmbeddedError, match="is a file where a folder is needed"):
        embedded.start(tmp_path / "var")


def test_missing_programs_are_one_sentence(fresh_var, monkeypatch):
    monkeypatch.setattr(postgres, "_installed", lambda place: iter(()))

    with pytest.raises(embedded.EmbeddedError, match="PostgreSQL was not found"):
        embedded.start(fresh_var)


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("migrate", True),
        ("makemigrations inventory", True),
        ("check --database default", True),
        ("makemigrations --check", False),
        ("check", False),
        ("migrate --help", False),
        ("--version", False),
        ("", False),
    ],
)
def test_only_commands_that_ask_the_database_start_it(command, expected):
    assert manage.needs_servers(command.split()) is expected


def test_schema_is_current_until_code_or_database_change(var, tmp_path):
    servers = embedded.start(var)
    url = servers.urls.database_owner_url
    migration = tmp_path / "inventory" / "migrations" / "0001_initial.py"
    for file in (migration, tmp_path / "ipms" / "grants.py", tmp_path / "ipms" / "append_only.py"):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("first")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE django_migrations (id serial, app text, name text)")
        seen = [schema.is_current(var, tmp_path, url)]
        schema.note(var, tmp_path, url)
        seen.append(schema.is_current(var, tmp_path, url))
        connection.execute("INSERT INTO django_migrations (app, name) VALUES ('inventory', '0001_initial')")
        seen.append(schema.is_current(var, tmp_path, url))
        schema.note(var, tmp_path, url)
        migration.write_text("second")
        seen.append(schema.is_current(var, tmp_path, url))
        connection.execute("DROP TABLE django_migrations")
    servers.stop()

    assert seen == [False, True, False, False]


@pytest.fixture
def supervisor(tmp_path):
    said = []
    supervisor = Supervisor(folder=tmp_path, environment=dict(os.environ), say=said.append)
    supervisor.said = said
    yield supervisor
    supervisor.stop()


def written(file):
    """Return the process numbers that a shell has written so far."""
    return [int(line) for line in file.read_text().splitlines()] if file.exists() else []


def test_killed_child_is_started_again(supervisor, tmp_path):
    supervisor.start("The worker", ["sh", "-c", "echo $$ >> started; exec sleep 60"])
    supervisor.wait_until(lambda: len(written(tmp_path / "started")) == 1, seconds=20)
    os.kill(written(tmp_path / "started")[0], signal.SIGKILL)

    assert supervisor.wait_until(lambda: len(written(tmp_path / "started")) == 2, seconds=20)
    assert supervisor.said == ["The worker was killed by signal 9; it is started again."]


def test_child_that_dies_again_and_again_is_given_up(supervisor):
    supervisor.start("The worker", ["sh", "-c", "exit 3"])

    with pytest.raises(embedded.EmbeddedError, match="The worker ended with code 3 again and again"):
        supervisor.run()


def test_what_a_child_started_ends_with_it(supervisor, tmp_path):
    supervisor.start("The web server", ["sh", "-c", "sleep 60 & echo $! > grandchild; wait"])
    supervisor.wait_until(lambda: written(tmp_path / "grandchild"), seconds=20)
    grandchild = written(tmp_path / "grandchild")[0]

    supervisor.stop()

    assert processes.wait_until(lambda: not processes.command_line(grandchild), seconds=5)
