"""Forms of the back office itself: the login, and what a button asks before it acts."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.admin.widgets import AdminTextareaWidget
from django.db import models
from django.forms.utils import pretty_name
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from ipms.admin import refusals
from ipms.errors import DomainError


class LoginForm(AdminAuthenticationForm):
    """Login by email address."""

    error_messages = {
        **AdminAuthenticationForm.error_messages,
        "invalid_login": _(
            "This email address and password do not match, or the account may not enter here."
        ),
    }

    def __init__(self, request: Any = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        self.fields["username"].label = _("Email")
        self.fields["username"].widget = forms.EmailInput(
            attrs={"autocomplete": "username", "autofocus": True, "maxlength": 254}
        )


class ActionForm(forms.Form):
    """What a button of the change page asks before it acts. Knows the object and who is asking."""

    def __init__(self, *args: Any, obj: models.Model, user: Any, **kwargs: Any) -> None:
        self.obj = obj
        self.user = user
        super().__init__(*args, **kwargs)

    def arguments(self) -> dict[str, Any]:
        """Return what the domain function is called with, besides the object and `by`."""
        return self.cleaned_data

    @property
    def has_line_errors(self) -> bool:
        return False

    def refuse(self, refusal: DomainError) -> None:
        """Show what the domain refused, beside the fields it names."""
        refusals.add_to_form(self, refusal)


class ReasonForm(ActionForm):
    """Asks why, in words that are kept in the document's history."""

    reason = forms.CharField(
        label=_("Reason"),
        widget=AdminTextareaWidget(attrs={"rows": 3}),
        max_length=1000,
        help_text=_("Kept in the history, where everybody concerned can read it."),
    )


class LineForm(forms.Form):
    """What is asked for one line of a document; `line` is the object the row stands for."""

    def __init__(self, *args: Any, line: Any = None, **kwargs: Any) -> None:
        self.line = line
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            # The column's heading is no label to who cannot see the table.
            field.widget.attrs.setdefault("aria-label", str(field.label or pretty_name(name)))


class LinesActionForm(ActionForm):
    """Asks something for each line of a document, in a table: quantities to receive, for instance.

    A subclass names `line_form` and says in `lines()` which lines there are, in `cells()` what is shown of
    each (as many cells as `columns` has headings) and in `line_initial()` what is filled in beforehand.
    `arguments()` answers the form's own fields and, under `lines_argument`, a list with `line_arguments()`
    of each line that was filled in.
    """

    line_form: type[LineForm]
    columns: Sequence[Any] = ()
    lines_argument = "lines"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        data, files = (self.data, self.files) if self.is_bound else (None, None)
        self.line_forms = [
            self.line_form(data, files, prefix=f"line-{line.pk}", line=line, initial=self.line_initial(line))
            for line in self.lines()
        ]

    def lines(self) -> Sequence[Any]:
        raise NotImplementedError

    def cells(self, line: Any) -> Sequence[Any]:
        raise NotImplementedError

    def line_initial(self, line: Any) -> dict[str, Any]:
        return {}

    def line_arguments(self, line_form: LineForm) -> dict[str, Any] | None:
        """Return what the domain gets of one line, None to leave the line out."""
        return {"line": line_form.line, **line_form.cleaned_data}

    def arguments(self) -> dict[str, Any]:
        lines = [self.line_arguments(line_form) for line_form in self.line_forms]
        return {**super().arguments(), self.lines_argument: [line for line in lines if line is not None]}

    def is_valid(self) -> bool:
        # Not `all(generator)`: every line shows what is wrong with it.
        valid = [line_form.is_valid() for line_form in self.line_forms]
        return super().is_valid() and all(valid)

    def refuse(self, refusal: DomainError) -> None:
        refusals.add_to_form(self, refusal, elsewhere=[self.lines_argument])
        problems = refusal.details.get(self.lines_argument)
        given = [line_form for line_form in self.line_forms if self.line_arguments(line_form) is not None]
        refusals.add_to_line_forms(given, problems)

    def rows(self) -> list[dict[str, Any]]:
        """Rows for the template: the cells and the bound fields of each line."""
        return [
            {"cells": zip(self.columns, self.cells(form.line), strict=True), "form": form}
            for form in self.line_forms
        ]

    @property
    def has_line_errors(self) -> bool:
        return self.is_bound and any(form.errors for form in self.line_forms)

    def column_count(self) -> int:
        return len(self.columns) + len(self.line_labels())

    def line_labels(self) -> list[str]:
        return [
            capfirst(field.label or pretty_name(name))
            for name, field in self.line_form.base_fields.items()
            if not field.widget.is_hidden
        ]

    @property
    def media(self) -> forms.Media:
        return super().media + self.line_form(prefix="media").media
