"""What the page of an import tells: counts, faults that are alike as one line, some of the good rows."""

from collections.abc import Iterator
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ipms.admin.display import badge
from ipms.columns import DayColumn, NumberColumn
from ipms.importing import naming
from ipms.importing.findings import ranges
from ipms.importing.notation import Notation
from ipms.models import ImportRun, ImportStatus
from ipms.resources import CHANGED, NEW, SheetResource

_RANGES_SHOWN = 12
_KEPT_SHOWN = 200


def of(run: ImportRun, resource: SheetResource) -> dict[str, Any]:
    """Return what the template draws."""
    over = (ImportStatus.CANCELLED, ImportStatus.CHECKING, ImportStatus.UNDONE)
    found = run.findings if run.status not in over else {}
    groups = [*found.get("late", []), *found.get("groups", [])]
    return {
        "counts": _counts(run),
        "groups": [_group(resource, group) for group in groups],
        "groups_left_out": found.get("groups_left_out", 0),
        "changes": [(_label(resource, name), count) for name, count in found.get("changes", {}).items()],
        "preview": _preview(resource, found) if run.status == ImportStatus.CHECKED else {},
        "how_read": list(_how_read(run, resource)),
        "kept": _kept(run),
    }


def _how_read(run: ImportRun, resource: SheetResource) -> Iterator[str]:
    """Say how the texts of the file were read where they might mean something else."""
    columns = {int(place): name for place, name in run.mapping.items()}
    notation = Notation(**run.notation) if run.notation else Notation()
    if any(naming.evidence(resource, columns, run.looked_at, NumberColumn)):
        yield _("Numbers are read as %(example)s.") % {"example": notation.number_example}
    if any(naming.evidence(resource, columns, run.looked_at, DayColumn)):
        yield _("Days are read as %(example)s.") % {"example": notation.day_example}


def _counts(run: ImportRun) -> list[tuple[int, str, str]]:
    """Return (count, words, tone) of each outcome there was."""
    found = [
        (run.new_count, _("new"), "good"),
        (run.changed_count, _("changed"), "info"),
        (run.unchanged_count, _("unchanged"), "quiet"),
        (run.bad_count, _("cannot be taken"), "bad"),
    ]
    return [entry for entry in found if entry[0]]


def _group(resource: SheetResource, group: dict[str, Any]) -> dict[str, Any]:
    """Return a fault with its column in words, and its rows as ranges."""
    found = ranges(group["rows"])[:_RANGES_SHOWN]
    texts = [str(first) if first == last else f"{first}–{last}" for first, last in found]
    more = group["count"] - sum(last - first + 1 for first, last in found)
    if more:
        texts.append(ngettext("and %(count)d more", "and %(count)d more", more) % {"count": more})
    return {**group, "column": _label(resource, group["column"]), "rows": ", ".join(texts)}


def _preview(resource: SheetResource, found: dict[str, Any]) -> dict[str, Any]:
    """Return some of the rows that would come in, those that are changed first."""
    words = {NEW: badge(NEW, _("New"), tone="good"), CHANGED: badge(CHANGED, _("Changed"), tone="info")}
    samples = found.get("samples", [])
    return {
        "headings": [_label(resource, name) for name in found.get("names", [])],
        "rows": [{**sample, "badge": words[sample["outcome"]]} for sample in samples],
    }


def _kept(run: ImportRun) -> dict[str, Any]:
    """Return what could not be undone, and why."""
    kept = [one for part in run.chunks.exclude(kept=[]).values_list("kept", flat=True) for one in part]
    return {"count": len(kept), "rows": kept[:_KEPT_SHOWN]}


def _label(resource: SheetResource, name: str) -> str:
    return capfirst(resource.label_of(name)) if name in resource.fields else name
