"""The form in which the columns of a file are named, and how it writes numbers and days."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from ipms.columns import DayColumn, NumberColumn
from ipms.errors import InvalidInput
from ipms.importing import naming, notation, registry, runs
from ipms.importing.notation import COMMA, DAY_FIRST, MONTH_FIRST, POINT, Notation
from ipms.importing.reading import DELIMITERS, Layout
from ipms.models import ImportRun

_ENCODINGS = {"utf-8-sig": "UTF-8", "cp1252": "Windows-1252", "utf-16": "UTF-16"}


class NamingForm(forms.Form):
    """A select for each column of the file, filled in as far as can be guessed."""

    def __init__(self, data: Any = None, *, run: ImportRun) -> None:
        super().__init__(data)
        self.run = run
        self._resource = registry.find(run.what).resource()
        self._columns = {int(place): name for place, name in run.mapping.items()}
        self._add_columns()
        self._add_notation()
        if run.layout["kind"] == "csv":
            self._add_layout()

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield each column of the file: its heading, what stands below it, and what it is."""
        samples = self.run.looked_at["samples"]
        for place, header in enumerate(self.run.headers):
            if f"column_{place}" in self.fields:
                yield {
                    "header": header or _("Column %(number)d") % {"number": place + 1},
                    "samples": samples[place],
                    "field": self[f"column_{place}"],
                }

    def others(self) -> Iterator[Any]:
        """Yield the fields that are about the whole file."""
        return (self[name] for name in self.fields if not name.startswith("column_"))

    def columns(self) -> dict[int, str]:
        return {
            place: self.cleaned_data[f"column_{place}"]
            for place in range(len(self.run.headers))
            if self.cleaned_data.get(f"column_{place}")
        }

    def layout(self) -> Layout | None:
        if "encoding" not in self.fields:
            return None
        return Layout(
            kind="csv", encoding=self.cleaned_data["encoding"], delimiter=self.cleaned_data["delimiter"]
        )

    def save(self, *, by: Any) -> None:
        """Name the columns. A refusal becomes errors of the form, and is raised."""
        try:
            runs.name_columns(
                self.run,
                self.columns(),
                numbers=self.cleaned_data.get("numbers", ""),
                days=self.cleaned_data.get("days", ""),
                layout=self.layout(),
                by=by,
            )
        except InvalidInput as refusal:
            for name, sentences in refusal.details.items():
                for sentence in sentences:
                    self.add_error(name if name in self.fields else None, sentence)
            raise

    def _add_columns(self) -> None:
        columns, required = self._resource.columns(), set(self._resource.required())
        labels = {name: capfirst(self._resource.label_of(name)) for name in columns}
        choices = [("", _("– leave out –"))]
        choices += [(name, f"{label} *" if name in required else label) for name, label in labels.items()]
        ignored, samples = naming.remark_headings(), self.run.looked_at["samples"]
        for place, header in enumerate(self.run.headers):
            if naming.is_remark(header, ignored) or not (header or samples[place]):
                continue
            self.fields[f"column_{place}"] = forms.ChoiceField(
                choices=choices, required=False, initial=self._columns.get(place, ""), label=header
            )

    def _add_notation(self) -> None:
        columns = self._resource.columns().values()
        # Whichever columns turn out to be numbers: what may mean two things is not chosen beforehand.
        seen = self.run.looked_at.get("evidence", {}).values()
        numbers, days = notation.numbers(seen), notation.days(seen)
        known, month_first = self.run.notation, Notation(days=MONTH_FIRST)
        if any(isinstance(column, NumberColumn) for column in columns):
            self.fields["numbers"] = _choice(
                _("Numbers are written"),
                [(POINT, "1,250.50"), (COMMA, "1.250,50")],
                found=numbers,
                known=known.get("decimal"),
                seen=_seen(self.run, (POINT, COMMA, "number?")),
            )
        if any(isinstance(column, DayColumn) for column in columns):
            self.fields["days"] = _choice(
                _("Days are written"),
                [
                    (DAY_FIRST, _("day first: %(example)s") % {"example": Notation().day_example}),
                    (MONTH_FIRST, _("month first: %(example)s") % {"example": month_first.day_example}),
                ],
                found=days,
                known=known.get("days"),
                seen=_seen(self.run, (DAY_FIRST, MONTH_FIRST, "day?")),
            )

    def _add_layout(self) -> None:
        names = {",": _("comma"), ";": _("semicolon"), "\t": _("tab"), "|": _("bar")}
        self.fields["encoding"] = forms.ChoiceField(
            label=_("Letters"),
            choices=list(_ENCODINGS.items()),
            initial=self.run.layout["encoding"],
            help_text=_("Change it where letters with accents look wrong."),
        )
        self.fields["delimiter"] = forms.ChoiceField(
            label=_("Cells are parted by"),
            choices=[(mark, names[mark]) for mark in DELIMITERS],
            initial=self.run.layout["delimiter"],
        )


def _choice(
    label: str, choices: list[tuple[str, str]], *, found: str | None, known: str | None, seen: str
) -> forms.ChoiceField:
    """Return a choice of two; nothing is chosen beforehand where the file leaves it open."""
    initial = known or found or (None if found is None else choices[0][0])
    return forms.ChoiceField(
        label=label,
        choices=choices,
        initial=initial,
        required=False,
        widget=forms.RadioSelect,
        help_text=seen,
    )


def _seen(run: ImportRun, kinds: tuple[str, ...]) -> str:
    """Say which cells of the file the choice is about."""
    texts: list[str] = []
    for column in run.looked_at.get("evidence", {}).values():
        texts += [first for said, (_count, first) in column.items() if said in kinds]
    return _("In this file: %(texts)s") % {"texts": ", ".join(texts[:4])} if texts else ""
