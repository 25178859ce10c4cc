"""What people do with a spreadsheet: upload it, name its columns, import what is good, stop, undo."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import PurePath
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Case, F, Value, When
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext as _

from ipms.columns import as_text
from ipms.errors import InvalidInput, NotAllowed
from ipms.importing import files, naming, reading, registry, working
from ipms.importing.errors import FileRefused, ImportStateForbids
from ipms.importing.notation import COMMA, DAY_FIRST, MONTH_FIRST, POINT, Evidence, Notation
from ipms.importing.reading import Layout
from ipms.models import ImportMapping, ImportRun, ImportStatus
from ipms.models.imports import WAITING
from ipms.sheets import UnreadableFile

_SAMPLES = 3
_LONGEST_SAMPLE = 60
ENCODINGS = ("utf-8-sig", "cp1252", "utf-16")


def upload(what: str, file: Any, *, by: Any) -> ImportRun:
    """Store a file, look at it, and check it where nothing about it is in doubt.

    A file whose headings are ours, or were named before, is checked at once: here where it is small, else by
    a worker. Any other waits for `name_columns`. Raises `NotImportable`, `NotAllowed`, and `FileRefused` with
    a sentence for a file that cannot be read.
    """
    importable = registry.find(what)
    if not importable.is_open_to(by):
        raise NotAllowed(_("You may not import this."))
    if file.size > settings.MAX_IMPORT_BYTES:
        limit = filesizeformat(settings.MAX_IMPORT_BYTES)
        raise FileRefused(_("The file is larger than %(limit)s.") % {"limit": limit})
    name = PurePath(file.name or "").name[-200:]
    stored = files.keep(file, name)
    try:
        run = ImportRun(owner=by, what=what, file_name=name, file=stored, size=file.size)
        _look(run, reading.detect(files.path_of(stored), name))
        is_known = _take_known_names(run)
        run.save()
    except UnreadableFile as refusal:
        files.remove(stored)
        raise FileRefused(str(refusal)) from refusal
    if is_known:
        _begin(run, ImportStatus.CHECKING)
    return run


def name_columns(
    run: ImportRun,
    columns: Mapping[int, str],
    *,
    numbers: str,
    days: str,
    by: Any,
    layout: Layout | None = None,
) -> None:
    """Say which column is which and how numbers and days are written, and check the file.

    It is remembered for the next file with the same headings. With another `layout` (an encoding, a
    delimiter) the file is only looked at anew. Raises `InvalidInput`, `ImportStateForbids`, `NotAllowed`.
    """
    require_own(run, by)
    if layout is not None and layout != Layout(**run.layout):
        _look_again(run, layout)
        return
    resource = registry.find(run.what).resource()
    columns = {place: name for place, name in columns.items() if name}
    errors: dict[str, list[str]] = {}
    if wrong := list(naming.problems(resource, columns)):
        errors["columns"] = wrong
    found_numbers, found_days = naming.notation_of(resource, columns, run.looked_at)
    if found_numbers is None and numbers not in (POINT, COMMA):
        errors["numbers"] = [_("Say how this file writes numbers.")]
    if found_days is None and days not in (DAY_FIRST, MONTH_FIRST):
        errors["days"] = [_("Say how this file writes days.")]
    if errors:
        raise InvalidInput(errors)
    notation = naming.chosen(numbers or found_numbers, days or found_days)
    with transaction.atomic():
        run.lock()
        if not can_be_named(run):
            raise ImportStateForbids(_("This file is being worked at already."))
        run.mapping = {str(place): name for place, name in columns.items()}
        run.notation = vars(notation)
        run.outcomes = ""
        run.save()
        ImportMapping.objects.update_or_create(
            owner=by,
            what=run.what,
            headers_digest=naming.digest(run.headers),
            defaults={"mapping": run.mapping, "notation": run.notation},
        )
    _begin(run, ImportStatus.CHECKING)


def can_be_named(run: ImportRun) -> bool:
    """Tell whether the columns of a file can be named, or named otherwise: nothing of it has come in."""
    return bool(run.file) and run.status in (*WAITING, ImportStatus.FAILED) and not run.chunks.exists()


def start(run: ImportRun, *, by: Any) -> None:
    """Import the rows that the check found good.

    Raises `ImportStateForbids` unless it was checked, found something, and was not begun before.
    """
    require_own(run, by)
    with transaction.atomic():
        run.lock()
        if run.status != ImportStatus.CHECKED:
            raise ImportStateForbids(_("This import was begun already, or was cancelled."))
        if not run.good_count:
            raise ImportStateForbids(_("There is nothing to import in this file."))
        run.new_count = run.changed_count = run.unchanged_count = run.bad_count = 0
        run.last_row = 0
        run.save()
    _begin(run, ImportStatus.IMPORTING)


@transaction.atomic
def cancel(run: ImportRun, *, by: Any) -> None:
    """Give a file up before anything came in, or stop it where it is: what came in stays.

    Raises `ImportStateForbids` for one that has ended.
    """
    require_own(run, by)
    run.lock()
    if run.status == ImportStatus.IMPORTING:
        run.is_stopped = True
        run.save()
    elif run.is_waiting or run.status == ImportStatus.CHECKING:
        _drop_file(run)
        run.status, run.ended_at = ImportStatus.CANCELLED, timezone.now()
        run.save()
    else:
        raise ImportStateForbids(_("This import has ended."))


def go_on(run: ImportRun, *, by: Any) -> None:
    """Bring in the rest of an import that was stopped or failed. Raises `ImportStateForbids`."""
    require_own(run, by)
    with transaction.atomic():
        run.lock()
        if not can_go_on(run):
            raise ImportStateForbids(_("There is nothing left to import in this file."))
        run.is_stopped = False
        run.save()
    _begin(run, ImportStatus.IMPORTING)


def can_go_on(run: ImportRun) -> bool:
    was_cut = run.status == ImportStatus.FAILED or (run.status == ImportStatus.DONE and run.is_stopped)
    return bool(was_cut and run.file and run.outcomes and run.rows_done < run.rows_total)


def undo(run: ImportRun, *, by: Any) -> None:
    """Undo what an import did, as far as that can be done. Raises `ImportStateForbids`, `NotAllowed`."""
    require_own(run, by)
    with transaction.atomic():
        run.lock()
        if not can_undo(run):
            raise ImportStateForbids(_("There is nothing to undo in this import."))
        run.rows_done = run.undone_count = 0
        run.save()
    _begin(run, ImportStatus.UNDOING)


def can_undo(run: ImportRun) -> bool:
    has_ended = run.status in (ImportStatus.DONE, ImportStatus.FAILED)
    return has_ended and bool(run.last_row) and registry.find(run.what).can_undo and run.chunks.exists()


def require_own(run: ImportRun, by: Any) -> None:
    """Raise `NotAllowed` for somebody else's import, and for one that its owner may not do any more."""
    if run.owner_id != by.pk:
        raise NotAllowed(_("This import belongs to somebody else."))
    if not registry.find(run.what).is_open_to(by):
        raise NotAllowed(_("You may not import this."))


def clean_up(*, at: datetime) -> int:
    """Delete files some days after their last use, and records long after; return how many files went."""
    count = 0
    old = ImportRun.objects.exclude(file="").filter(created_at__lt=at - settings.IMPORT_KEEP)
    for run in old.exclude(status__in=[ImportStatus.CHECKING, ImportStatus.IMPORTING]):
        with transaction.atomic():
            run.lock()
            if run.status in WAITING:
                run.status, run.ended_at = ImportStatus.CANCELLED, at
            _drop_file(run)
            run.save()
        count += 1
    ImportRun.objects.filter(file="", created_at__lt=at - settings.IMPORT_RECORDS_KEEP).delete()
    files.remove_strays()
    return count


def _begin(run: ImportRun, status: ImportStatus) -> None:
    """Let the run be worked at: here where it is small, else by a worker, who then tells its owner."""
    run.status, run.attempts, run.error = status, 0, ""
    run.begun_at, run.ended_at = timezone.now(), None
    run.is_in_background = run.rows_total > settings.IMPORT_ROWS_AT_ONCE
    if status != ImportStatus.IMPORTING or not run.last_row:
        run.rows_done = 0
    run.save()
    if run.is_in_background:
        transaction.on_commit(lambda: working.hand_over(run.pk))
    else:
        working.work(run.pk)
    run.refresh_from_db()


def _look(run: ImportRun, layout: Layout) -> None:
    """Read the whole file once: its headings, samples of each column, how it writes numbers and days."""
    run.layout = {"kind": layout.kind, "encoding": layout.encoding, "delimiter": layout.delimiter}
    run.headers, run.rows_total = [], 0
    samples: list[list[str]] = []
    evidence: list[Evidence] = []
    marks = naming.example_marks()
    for number, cells in reading.rows(files.path_of(run.file), layout):
        if not run.headers:
            run.headers = [as_text(cell) if cell is not None else "" for cell in cells]
            run.header_row = number
            samples, evidence = [[] for _cell in cells], [Evidence() for _cell in cells]
            continue
        if len(cells) > len(run.headers):
            sentence = _("Row %(number)d has more cells than there are column names.")
            raise UnreadableFile(sentence % {"number": number})
        if naming.is_example(cells[-1], marks):
            continue
        run.rows_total += 1
        for place, cell in enumerate(cells):
            if isinstance(cell, str):
                evidence[place].see(cell)
            text = (
                as_text(cell)[:_LONGEST_SAMPLE] if len(samples[place]) < _SAMPLES and cell is not None else ""
            )
            if text and text not in samples[place]:
                samples[place].append(text)
    if not run.headers:
        raise UnreadableFile(_("The file is empty."))
    if not run.rows_total:
        raise UnreadableFile(_("The file has no rows below its column names."))
    run.looked_at = {
        "samples": samples,
        "evidence": {str(place): found.as_json() for place, found in enumerate(evidence) if found.counts},
    }


def _look_again(run: ImportRun, layout: Layout) -> None:
    with transaction.atomic():
        run.lock()
        if not run.is_waiting:
            raise ImportStateForbids(_("This file is being worked at already."))
        try:
            _look(run, layout)
        except UnreadableFile as refusal:
            raise InvalidInput({"layout": [str(refusal)]}) from refusal
        _take_known_names(run)
        run.status = ImportStatus.NAMING
        run.save()


def _take_known_names(run: ImportRun) -> bool:
    """Name the columns as far as that can be known; return whether nothing is left to be said."""
    resource = registry.find(run.what).resource()
    known = _remembered(run)
    if known is not None:
        columns = {int(place): name for place, name in known.mapping.items() if name in resource.columns()}
        is_sure = not list(naming.problems(resource, columns))
    else:
        guessed = naming.guess(resource, run.headers)
        columns, is_sure = guessed.columns, guessed.is_sure
    numbers, days = naming.notation_of(resource, columns, run.looked_at)
    if known is not None:
        before = Notation(**known.notation)
        # What the file says itself counts more than what was said of the one before it, and what may mean
        # two things is asked of each person once.
        is_own = known.owner_id == run.owner_id
        numbers, days = (
            said or (before_it if is_own else said)
            for said, before_it in ((numbers, before.decimal), (days, before.days))
        )
    run.mapping = {str(place): name for place, name in columns.items()}
    is_clear = numbers is not None and days is not None
    is_known = is_sure and is_clear
    run.notation = vars(naming.chosen(numbers, days)) if is_known else {}
    return is_known


def _remembered(run: ImportRun) -> ImportMapping | None:
    """Return how columns with these headings were named before: by the same person, else by anybody."""
    known = ImportMapping.objects.filter(what=run.what, headers_digest=naming.digest(run.headers))
    own_first = Case(When(owner=run.owner_id, then=Value(0)), default=Value(1))
    return known.order_by(own_first, F("used_at").desc()).first()


def _drop_file(run: ImportRun) -> None:
    name, run.file = run.file, ""
    if name:
        transaction.on_commit(lambda: files.remove(name))
