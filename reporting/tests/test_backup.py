"""Backups on a real server: what was there is there again, and what cannot be used changes nothing."""

import os
import subprocess
import sys
from contextlib import contextmanager
from decimal import Decimal

import psycopg
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from psycopg import sql

from accounts import sessions
from accounts.tests.factories import UserFactory
from inventory import stock as stores
from inventory.tests.factories import ItemFactory, LocationFactory, stock
from ipms import jobs
from ipms.models import JobStatus, OutboxEvent
from procurement.tests.factories import approved_order
from reporting.backup import archive, making, moving, restoring, rotation, schema, tables, verifying
from reporting.backup.errors import BackupError
from reporting.backup.stores import Folder

pytestmark = pytest.mark.django_db(transaction=True)

PASSPHRASE = "correct horse"
_CONSTRAINTS = """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), convalidated FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2
"""


@pytest.fixture
def owner():
    """The server, as the role that owns the tables."""
    own = tables.own_database()
    return own | {name: settings.DATABASE_OWNER.get(name, "") for name in ("USER", "PASSWORD")}


@pytest.fixture
def stores_at_work(settings, tmp_path):
    """A little of everything: stock that moved, an order, a login, a logo."""
    bolt, shelf, keeper = ItemFactory(reorder_level=Decimal(3)), LocationFactory(), UserFactory()
    stock(bolt, shelf, "12.5", unit_cost=Decimal("0.3333"))
    stores.remove(bolt, quantity=Decimal(4), location=shelf, by=keeper, reason="Für\tden \\ Tag\nso")
    approved_order()
    sessions.start(keeper)
    settings.MEDIA_ROOT = tmp_path / "media"
    (settings.MEDIA_ROOT / "site").mkdir(parents=True)
    (settings.MEDIA_ROOT / "site/logo.png").write_bytes(b"\x89PNG" * 100_000)
    return bolt


@contextmanager
def database(owner, name):
    """An empty database beside the test's own."""
    with tables.connect(owner) as session:
        session.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        session.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        yield owner | {"NAME": name}
        session.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def manage(target, *command, **environment):
    """Run a command as a person does, on another database."""
    url = verifying.url_of(target)
    return subprocess.run(  # noqa: S603
        [sys.executable, "manage.py", *command],
        cwd=settings.BASE_DIR,
        env=os.environ | {"DATABASE_URL": url, "DATABASE_OWNER_URL": url, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def figures_of(target):
    with tables.connect(target) as session, session.cursor() as cursor:
        return tables.measure(cursor, tables.find_tables(cursor, without=making.LOGINS))


def written(folder, **options):
    path = folder / "made.backup"
    with path.open("wb") as file:
        making.write(file, **({"passphrase": ""} | options))
    return path


@pytest.mark.slow
def test_what_was_dropped_comes_back(stores_at_work, owner, tmp_path):
    kept, before = written(tmp_path, passphrase=PASSPHRASE), figures_of(owner)
    with database(owner, "ipms_test_restored") as target:
        first = manage(target, "restore", str(kept), "--database-only", BACKUP_PASSPHRASE=PASSPHRASE)
        assert first.returncode == 0, first.stderr
        with tables.connect(target) as session, session.cursor() as cursor:
            schema.drop_all(cursor)
            assert tables.find_tables(cursor) == []

        back = manage(
            target, "restore", str(kept), IPMS_VAR=str(tmp_path / "var"), BACKUP_PASSPHRASE=PASSPHRASE
        )

        assert back.returncode == 0, back.stderr
        assert before.differences(figures_of(target)) == []
        assert (tmp_path / "var/media/site/logo.png").read_bytes() == b"\x89PNG" * 100_000
        assert before.movements == 2
        assert "2 movements: every invariant" in manage(target, "verify_ledger").stdout
        with tables.connect(target) as session:
            # Still append-only, and numbers go on where they stood.
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                session.execute("DELETE FROM inventory_stockmovement")
            assert session.execute("SELECT count(*) FROM accounts_tokenfamily").fetchone() == (0,)
            with connection.cursor() as own:
                own.execute(_CONSTRAINTS)
                assert session.execute(_CONSTRAINTS).fetchall() == own.fetchall()
            sequence = session.execute("SELECT nextval('inventory_stockmovement_id_seq')").fetchone()
            newest = session.execute("SELECT max(id) FROM inventory_stockmovement").fetchone()
            assert sequence == (newest[0] + 1,)


def test_a_database_that_holds_something_is_not_replaced_unasked(stores_at_work, tmp_path):
    with pytest.raises(BackupError, match="say --yes to replace all of it"):
        restoring.restore(written(tmp_path))


@pytest.mark.slow
def test_a_file_that_was_altered_changes_nothing(stores_at_work, owner, tmp_path):
    path = written(tmp_path)
    altered = bytearray(path.read_bytes())
    altered[-100] ^= 1
    path.write_bytes(altered)
    with database(owner, "ipms_test_untouched") as target:
        refused = manage(target, "restore", str(path), "--database-only", "--yes")

        assert "The backup is altered" in refused.stderr.splitlines()[-1]
        with tables.connect(target) as session, session.cursor() as cursor:
            assert tables.find_tables(cursor) == []


@pytest.mark.slow
def test_a_backup_is_verified_in_a_database_of_its_own(stores_at_work, owner, tmp_path, settings):
    settings.BACKUP_PASSPHRASE = PASSPHRASE
    with tables.connect(owner) as session:  # left behind by a verification that was killed
        session.execute("CREATE DATABASE ipms_verify_1700000000_dead TEMPLATE template0")

    call_command("backup", to=str(tmp_path), verify=True, encrypt=True)

    assert [rotation.moment_of(one.name) is not None for one in Folder(tmp_path).kept()] == [True]
    with tables.connect(owner) as session:
        left = session.execute(
            "SELECT count(*) FROM pg_database WHERE datname LIKE 'ipms\\_verify%'"
        ).fetchone()
    assert left == (0,)


@pytest.mark.slow
def test_a_site_moves_to_another_server(stores_at_work, owner):
    with database(owner, "ipms_test_moved") as target:
        figures = moving.move(target, role="ipms_app", while_in_use=True)

        assert figures.rows["accounts_tokenfamily"] == 1
        assert "every invariant" in manage(target, "verify_ledger").stdout
        app = target | {"USER": "ipms_app"}
        with tables.connect(app) as session:
            assert session.execute("SELECT count(*) FROM inventory_stockmovement").fetchone() == (2,)
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                session.execute("DELETE FROM inventory_stockmovement")
        with pytest.raises(BackupError, match="not empty"):
            moving.move(target, role="ipms_app", while_in_use=True)


def test_a_site_that_is_at_work_does_not_move(owner):
    with tables.connect(owner), pytest.raises(BackupError, match="stop IPMS first"):
        moving.move(owner | {"NAME": "nowhere"})


def test_a_server_that_cannot_be_reached_is_told(owner):
    with pytest.raises(BackupError, match="cannot be reached"):
        moving.move(owner | {"NAME": "nowhere"}, while_in_use=True)


def test_a_backup_holds_the_uploads_but_no_logins(stores_at_work, tmp_path):
    with written(tmp_path).open("rb") as file:
        content = archive.examine(file, passphrase="")

    assert content.files == ["site/logo.png"]
    assert not set(making.LOGINS) & {table.name for table in content.manifest.tables}
    assert content.figures.movements == 2


def test_what_is_written_meanwhile_is_not_half_in_it(stores_at_work, tmp_path, monkeypatch):
    """A posting between two tables: the snapshot has neither its movement nor its balance."""
    original, shelf, keeper = tables.copy_out, LocationFactory(), UserFactory()

    def and_post(cursor, table):
        if table.name == "inventory_stockbalance":
            stock(stores_at_work, shelf, 7, by=keeper)
        return original(cursor, table)

    monkeypatch.setattr(tables, "copy_out", and_post)
    with written(tmp_path).open("rb") as file:
        content = archive.examine(file, passphrase="")

    assert content.figures.movements == 2
    assert content.figures.rows["inventory_stockmovement"] == 2
    assert Decimal(content.figures.on_hand) == Decimal("8.5")


def test_a_backup_of_a_newer_version_is_named_as_such():
    with pytest.raises(
        BackupError, match=r"newer version of IPMS, which has the migration inventory\.0999_robots"
    ):
        schema.require_known([("inventory", "0001_initial"), ("inventory", "0999_robots")])


def test_where_nothing_can_be_written_the_reason_is_told(settings, tmp_path):
    (tmp_path / "taken").write_text("a file")

    with pytest.raises(CommandError, match=r"cannot be kept in .*taken"):
        call_command("backup", to=str(tmp_path / "taken" / "backups"))


def test_a_nightly_backup_that_fails_is_told(settings, tmp_path):
    (tmp_path / "taken").write_text("a file")
    settings.BACKUP_TO = str(tmp_path / "taken" / "backups")

    record = jobs.run("backup.nightly")

    assert record.status == JobStatus.FAILED
    assert "cannot be kept" in OutboxEvent.objects.get(topic="backup.failed").payload["error"]
