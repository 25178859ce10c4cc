"""Exports in the background: made once, by whichever worker, and told to their owner."""

import csv
import hashlib
import json
import threading
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.utils import timezone
from kombu.exceptions import OperationalError as QueueAway

from accounts.models import Notification
from accounts.tests.factories import UserFactory
from inventory.tests.factories import CategoryFactory, ItemFactory
from ipms import outbox
from ipms.errors import InvalidInput, NotAllowed
from ipms.models import OutboxEvent
from reporting import exportables, exporting, tasks
from reporting.errors import FileGone, NotExportable, NotReady, TooManyExports
from reporting.models import Export, ExportStatus

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def root(settings, tmp_path):
    settings.EXPORTS_ROOT = tmp_path / "exports"
    return settings.EXPORTS_ROOT


def ask(by, what="inventory", format="csv", **filters):
    return exporting.request(what, format=format, filters=filters, by=by)


def made(by, **how):
    return exporting.make(ask(by, **how).pk)


def topics():
    return list(OutboxEvent.objects.filter(topic__startswith="export.").values_list("topic", "payload"))


def read(export, by):
    with exporting.open_file(export, by=by) as file:
        return file.read()


def test_worker_makes_the_file_and_its_owner_is_told_once(manager):
    ItemFactory(sku="BOLT"), ItemFactory(sku="NUT")

    export = made(manager)

    assert (export.status, export.rows_done, export.rows_total) == ("done", 2, 2)
    content = read(export, manager)
    assert (export.size, export.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    assert {row["sku"] for row in csv.DictReader(content.decode("utf-8-sig").splitlines())} == {"BOLT", "NUT"}
    assert topics() == [("export.ready", {"export": export.pk})]
    outbox.deliver()
    outbox.deliver()
    told = Notification.objects.get(user=manager)
    assert told.kind == "report-ready"
    assert told.title == "Items is ready"
    assert told.url == f"/admin/reporting/export/{export.pk}/change/"


@pytest.mark.parametrize("format", ["json", "csv", "xlsx", "pdf"])
@pytest.mark.parametrize("what", ["inventory", "suppliers", "purchase-orders"])
def test_each_list_is_exported_in_each_format(manager, what, format):
    export = made(manager, what=what, format=format)

    assert export.status == "done", export.error
    assert read(export, manager)


@pytest.mark.parametrize("format", ["json", "csv", "xlsx", "pdf"])
def test_each_report_is_exported_in_each_format(manager, format):
    reports = [name for name in exportables.names() if name.startswith("report:")]

    statuses = {name: made(manager, what=name, format=format).error for name in reports}

    assert {"report:purchase-orders", "report:suppliers"} <= set(statuses)
    assert set(statuses.values()) == {""}


def test_filters_are_those_of_the_list(manager):
    raw = CategoryFactory(slug="raw")
    ItemFactory(sku="STEEL", category=raw), ItemFactory(sku="PAPER")

    export = made(manager, format="json", category="raw")

    document = json.loads(read(export, manager))
    assert [row["sku"] for row in document["data"]] == ["STEEL"]
    assert document["count"] == 1


@pytest.mark.parametrize(
    ("filters", "field"), [({"status": "broken"}, "status"), ({"colour": "red"}, "colour")]
)
def test_filter_that_cannot_be_meant_is_refused(manager, filters, field):
    with pytest.raises(InvalidInput) as refusal:
        ask(manager, **filters)

    assert field in refusal.value.details["filters"]
    assert not Export.objects.exists()


def test_unknown_list_and_format_are_refused(manager):
    with pytest.raises(NotExportable):
        ask(manager, what="secrets")
    with pytest.raises(InvalidInput):
        ask(manager, format="docx")


def test_who_may_not_export_is_refused(staff):
    with pytest.raises(NotAllowed):
        ask(staff)


def test_right_that_was_taken_meanwhile_ends_in_failure(manager):
    export = ask(manager)
    manager.groups.clear()

    export = exporting.make(export.pk)

    assert export.status == "failed"
    assert "permission" in export.error
    assert topics() == [("export.failed", {"export": export.pk})]


def test_owner_is_told_of_a_failure(manager, monkeypatch):
    monkeypatch.setattr(exportables, "write", lambda *args, **kwargs: 1 / 0)

    export = made(manager)

    assert export.status == "failed"
    assert "ZeroDivisionError" not in export.error
    outbox.deliver()
    assert Notification.objects.get(user=manager).title == "Items could not be made"


def test_an_eleventh_unfinished_export_is_refused(manager):
    for _number in range(10):
        ask(manager)

    with pytest.raises(TooManyExports):
        ask(manager)
    assert ask(UserFactory(manager=True))


def test_only_the_owner_reads_the_file(manager, admin):
    export = made(manager)

    with pytest.raises(NotAllowed):
        exporting.open_file(export, by=admin)


def test_there_is_no_file_before_it_is_made_nor_after_it_expired(manager, settings):
    waiting, ready = ask(manager), made(manager)

    with pytest.raises(NotReady):
        exporting.open_file(waiting, by=manager)
    ready.expires_at = timezone.now()
    with pytest.raises(FileGone):
        exporting.open_file(ready, by=manager)


def test_what_is_made_is_not_made_again(manager):
    export = made(manager)

    assert exporting.make(export.pk) is None
    assert exporting.make(10**9) is None


def test_clean_up_deletes_what_has_expired(manager, root, settings):
    old, new = made(manager), made(manager)
    now = timezone.now()
    Export.objects.filter(pk=old.pk).update(expires_at=now)

    assert exporting.clean_up(at=now) == 1

    old.refresh_from_db()
    assert old.status == "expired"
    assert [path.name for path in root.iterdir()] == [new.file]


def test_clean_up_deletes_what_a_killed_worker_had_begun(manager, root):
    import os

    ready = made(manager)
    fresh, stale = root / "1-aa.csv", root / "2-bb.csv"
    for path in (fresh, stale):
        path.write_text("half")
    os.utime(stale, (0, 0))

    exporting.clean_up(at=timezone.now())

    assert sorted(path.name for path in root.iterdir()) == sorted([fresh.name, ready.file])


def test_deleting_an_export_deletes_its_file(manager, root, django_capture_on_commit_callbacks):
    export = made(manager)

    with django_capture_on_commit_callbacks(execute=True):
        exporting.delete(export, by=manager)

    assert not list(root.iterdir())
    assert not Export.objects.exists()


def test_export_deleted_while_it_is_made_leaves_nothing(manager, root, monkeypatch):
    export = ask(manager)
    ItemFactory()
    exportable = exportables.find("inventory")
    shown = exportable._shown

    def deleting(view):
        Export.objects.filter(pk=export.pk).delete()
        return shown(view)

    monkeypatch.setattr(exportable, "_shown", deleting)

    assert exporting.make(export.pk) is None
    assert not list(root.iterdir())
    assert topics() == []


def test_worker_that_was_given_up_for_lost_changes_nothing(manager, root, monkeypatch):
    export = ask(manager)

    def overtaken(*args, **kwargs):
        Export.objects.filter(pk=export.pk).update(attempts=2)  # by the worker that began anew

    monkeypatch.setattr(exportables, "write", overtaken)

    assert exporting.make(export.pk) is None
    assert Export.objects.get().status == "running"
    assert not list(root.iterdir())


def test_export_waits_where_the_queue_is_away(manager, monkeypatch, django_capture_on_commit_callbacks):
    def away(**kwargs):
        raise QueueAway

    monkeypatch.setattr(tasks.make_export, "apply_async", away)

    with django_capture_on_commit_callbacks(execute=True):
        export = ask(manager)

    assert Export.objects.get(pk=export.pk).status == "queued"


def test_queue_gets_the_export_after_the_transaction(manager, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        export = ask(manager)

    assert Export.objects.get(pk=export.pk).status == "done"  # tasks run at once in tests


def test_what_lost_its_worker_is_made_anew(manager):
    export = ask(manager)
    Export.objects.filter(pk=export.pk).update(status=ExportStatus.RUNNING, attempts=1)

    assert exporting.resume() == 1

    export.refresh_from_db()
    assert (export.status, export.attempts) == ("done", 2)


def test_what_never_came_to_a_worker_is_handed_over_after_a_while(manager):
    export = ask(manager)

    assert exporting.resume() == 0
    Export.objects.update(created_at=timezone.now() - timedelta(minutes=5))
    assert exporting.resume() == 1

    export.refresh_from_db()
    assert export.status == "done"


def test_export_that_takes_its_worker_with_it_is_given_up(manager):
    export = ask(manager)
    Export.objects.filter(pk=export.pk).update(status=ExportStatus.RUNNING, attempts=3)

    exporting.resume()

    export.refresh_from_db()
    assert export.status == "failed"
    assert topics() == [("export.failed", {"export": export.pk})]


def test_file_is_in_the_language_and_zone_of_its_owner(manager):
    manager.timezone = "Africa/Kigali"
    manager.save()

    export = made(manager, format="pdf")

    from pypdf import PdfReader

    with exporting.open_file(export, by=manager) as file:
        text = PdfReader(file).pages[0].extract_text()
    assert "CAT" in text


@pytest.mark.django_db(transaction=True)
class TestWithSessionsOfTheirOwn:
    """What two workers do at once, and a database that goes away."""

    def test_two_workers_make_one_file(self, manager, root, monkeypatch):
        export = self.waiting(manager)
        entered, go_on = threading.Event(), threading.Event()
        write = exportables.write

        def slowly(*args, **kwargs):
            entered.set()
            assert go_on.wait(20)
            write(*args, **kwargs)

        monkeypatch.setattr(exportables, "write", slowly)
        first = threading.Thread(target=self.in_a_thread, args=(exporting.make, export.pk))
        first.start()
        assert entered.wait(20)

        second = exporting.make(export.pk)
        resumed = exporting.resume()
        go_on.set()
        first.join()

        assert (second, resumed) == (None, 0)
        export.refresh_from_db()
        assert (export.status, export.attempts) == ("done", 1)
        assert len(list(root.iterdir())) == 1

    def test_progress_is_seen_while_the_snapshot_is_open(self, manager, monkeypatch):
        for _number in range(3):
            ItemFactory()
        export = self.waiting(manager)
        monkeypatch.setattr(exporting, "_PROGRESS_SECONDS", 0)
        seen = []
        exportable = exportables.find("inventory")
        shown = exportable._shown

        def looking(view):
            for row in shown(view):
                self.in_a_thread_and_wait(lambda: seen.append(self.progress(export)))
                yield row

        monkeypatch.setattr(exportable, "_shown", looking)

        exporting.make(export.pk)

        assert seen == [(0, 3), (1, 3), (2, 3)]

    def test_all_tables_of_a_file_see_the_same_moment(self, manager, monkeypatch):
        with exportables.snapshot():
            before = exportables.find("inventory").count({}, by=manager)
            self.in_a_thread_and_wait(ItemFactory)
            assert exportables.find("inventory").count({}, by=manager) == before
        assert exportables.find("inventory").count({}, by=manager) == before + 1

    def test_settings_that_another_session_makes_meanwhile_are_no_trouble(self):
        from ipms import site
        from ipms.models import SiteSettings

        SiteSettings.objects.all().delete()

        with exportables.snapshot():
            Export.objects.count()
            self.in_a_thread_and_wait(site.current)

            assert site.current().pk == 1

    def test_export_whose_database_goes_away_is_made_by_the_next_worker(self, manager, root, monkeypatch):
        export = self.waiting(manager)
        write = exportables.write

        def cut_off(*args, **kwargs):
            connection.connection.close()
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")

        monkeypatch.setattr(exportables, "write", cut_off)
        with pytest.raises(OperationalError):
            exporting.make(export.pk)
        connection.close()
        monkeypatch.setattr(exportables, "write", write)
        export.refresh_from_db()
        assert export.status == "running"

        assert exporting.resume() == 1

        export.refresh_from_db()
        assert export.status == "done"
        assert [path.name for path in root.iterdir()] == [export.file]

    def test_export_that_takes_too_long_is_ended(self, manager, root, settings, monkeypatch):
        settings.EXPORT_MAX_MINUTES = 1 / 60

        def sleep(*args, **kwargs):
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_sleep(20)")

        monkeypatch.setattr(exportables, "write", sleep)

        export = exporting.make(self.waiting(manager).pk)

        assert export.status == "failed"
        assert "took longer" in export.error
        assert not list(root.iterdir())

    @staticmethod
    def waiting(manager):
        return Export.objects.create(owner=manager, what="inventory", format="csv")

    @staticmethod
    def progress(export):
        return Export.objects.values_list("rows_done", "rows_total").get(pk=export.pk)

    @staticmethod
    def in_a_thread(function, *args):
        try:
            function(*args)
        finally:
            connection.close()

    @classmethod
    def in_a_thread_and_wait(cls, function):
        thread = threading.Thread(target=cls.in_a_thread, args=(function,))
        thread.start()
        thread.join()
