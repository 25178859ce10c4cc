"""Refusals of the domain, told where the person is looking: beside the field or above the form."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.forms.formsets import BaseFormSet

from ipms.errors import DomainError, InvalidInput


def add_to_form(form: forms.BaseForm, refusal: DomainError, *, elsewhere: Collection[str] = ()) -> None:
    """Show the refusal in a validated form: by field where it names fields, else above the form.

    What is named in `elsewhere` is shown by somebody else (the lines of a document, in their own table).
    """
    details = refusal.details if isinstance(refusal, InvalidInput) else {}
    if not details:
        form.add_error(None, str(refusal))
    for name, problem in details.items():
        if name in elsewhere:
            continue
        field = name if name in form.fields else None
        for text in _sentences(problem):
            form.add_error(field, text if field or name == NON_FIELD_ERRORS else f"{name}: {text}")


def add_to_formset(formset: BaseFormSet, problems: Any) -> None:
    """Show refusals of lines in a validated formset, the n-th mapping at the n-th line that was filled in."""
    if not _is_by_line(problems):
        sentences = [*formset.non_form_errors(), *_sentences(problems)]
        formset._non_form_errors = formset.error_class(sentences, renderer=formset.renderer)
        return
    add_to_line_forms(filled_in(formset), problems)


def add_to_line_forms(line_forms: Sequence[forms.BaseForm], problems: Any) -> None:
    """Show the n-th mapping of refusals in the n-th form."""
    if not _is_by_line(problems):
        return
    for form, problem in zip(line_forms, problems, strict=False):
        for name, sentences in problem.items():
            for text in _sentences(sentences):
                form.add_error(name if name in form.fields else None, text)


def filled_in(formset: BaseFormSet) -> list[forms.BaseForm]:
    """Return the forms that stand for a line: not those left empty, not those marked for deletion."""
    return [
        form
        for form in formset.forms
        if (form.has_changed() or _is_stored(form))
        and not (formset.can_delete and formset._should_delete_form(form))
    ]


def _is_stored(form: forms.BaseForm) -> bool:
    return getattr(form, "instance", None) is not None and form.instance.pk is not None


def _is_by_line(problems: Any) -> bool:
    return isinstance(problems, list | tuple) and all(isinstance(problem, Mapping) for problem in problems)


def _sentences(problem: Any) -> list[str]:
    if isinstance(problem, Mapping):
        return [f"{name}: {text}" for name, inner in problem.items() for text in _sentences(inner)]
    if isinstance(problem, list | tuple):
        return [text for inner in problem for text in _sentences(inner)]
    return [str(problem)]
