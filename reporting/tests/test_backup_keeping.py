"""Where backups are kept, and for how long."""

from datetime import UTC, datetime, timedelta

import pytest

from reporting.backup import rotation
from reporting.backup.errors import BackupError
from reporting.backup.stores import Folder, found

NEW_YEAR = datetime(2031, 1, 1, 2, 30, tzinfo=UTC)


def nights(count, *, until=NEW_YEAR):
    return [rotation.name_of(until - timedelta(days=day)) for day in range(count)]


def kept(names, **numbers):
    numbers = {"daily": 0, "weekly": 0, "monthly": 0} | numbers
    surplus = set(rotation.beyond(names, **numbers))
    return sorted((name[5:13] for name in names if name not in surplus), reverse=True)


def test_the_newest_of_each_of_the_last_days_is_kept():
    twice_a_day = nights(5) + nights(5, until=NEW_YEAR - timedelta(hours=12))

    assert kept(twice_a_day, daily=3) == ["20310101", "20301231", "20301230"]


def test_the_newest_of_each_of_the_last_weeks_is_kept():
    assert kept(nights(40), weekly=3) == ["20310101", "20301229", "20301222"]


def test_the_newest_of_each_of_the_last_months_is_kept():
    assert kept(nights(90), monthly=3) == ["20310101", "20301231", "20301130"]


def test_days_without_a_backup_do_not_count():
    names = [rotation.name_of(NEW_YEAR - timedelta(days=days)) for days in (0, 10, 20, 30)]

    assert kept(names, daily=3) == ["20310101", "20301222", "20301212"]


def test_the_newest_is_kept_whatever_the_numbers():
    assert kept(nights(3)) == ["20310101"]


def test_other_files_are_not_ours_to_delete(tmp_path, settings):
    settings.BACKUP_KEEP_DAILY = settings.BACKUP_KEEP_WEEKLY = settings.BACKUP_KEEP_MONTHLY = 1
    for name in [*nights(3), "notes.txt", "ipms-before-the-move.backup"]:
        (tmp_path / name).write_text("x")

    assert rotation.rotate(Folder(tmp_path)) == sorted(nights(3)[1:])

    left = {path.name for path in tmp_path.iterdir()}
    assert left == {*nights(1), "notes.txt", "ipms-before-the-move.backup"}


def test_a_crash_in_the_middle_leaves_no_half_file(tmp_path):
    def write_half():
        with Folder(tmp_path).draft() as draft:
            draft.write_bytes(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_half()

    assert list(tmp_path.iterdir()) == []


def test_a_draft_is_no_backup_until_it_is_kept(tmp_path):
    store = Folder(tmp_path)

    with store.draft() as draft:
        draft.write_bytes(b"whole")
        assert store.kept() == []
        store.keep(draft, "ipms-x")

    assert [(one.name, one.size) for one in store.kept()] == [("ipms-x", 5)]
    assert (tmp_path / "ipms-x").stat().st_mode & 0o077 == 0


def test_a_backup_that_is_not_there_is_told(settings, tmp_path):
    settings.BACKUP_TO = str(tmp_path)

    with pytest.raises(BackupError, match="There is no backup"), found("ipms-x.backup"):
        pass
