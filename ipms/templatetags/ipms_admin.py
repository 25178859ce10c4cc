"""Tags and filters of the back office's templates."""

from datetime import timedelta
from typing import Any

from django import forms, template
from django.contrib.admin.views.main import SEARCH_VAR
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from ipms.admin import carried, display, navigation, once
from ipms.money import MINOR_UNITS

register = template.Library()

_NUMERIC_FIELDS = (models.DecimalField, models.FloatField, models.IntegerField)


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """Draw an icon of static/ipms/icons.svg in the colour of the text around it."""
    return format_html(
        '<svg class="icon{}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        f" {css}" if css else "",
        static("ipms/icons.svg"),
        name,
    )


@register.simple_tag(takes_context=True)
def once_field(context: Any, token: str = "") -> SafeString:
    """The hidden fields by which a form that comes twice, or too late, is known.

    See `ipms.admin.once` and `ipms.admin.carried`.
    """
    fields = [(once.FIELD, token or once.new_token())]
    if request := context.get("request"):
        fields.append((carried.SHOWN_TO, carried.mark(request.user)))
    return format_html_join("", '<input type="hidden" name="{}" value="{}">', fields)


@register.filter
def grouped(value: Any) -> str:
    """A number with thousands separators."""
    return display.number(value)


@register.filter
def minutes(value: timedelta) -> int:
    return max(round(value.total_seconds() / 60), 1)


@register.filter
def initials(user: Any) -> str:
    """One or two letters that stand for a person."""
    words = (user.get_full_name() or user.get_username()).replace("@", " ").split()
    return "".join(word[0] for word in words[:2]).upper()


@register.filter
def verbose_name(model: type[models.Model]) -> str:
    return str(model._meta.verbose_name)


@register.filter
def with_models_of(entries: list[dict[str, Any]], app_list: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Keep the sections of the sidebar in which the models of an app stand, with the pages beside them."""
    keys = {entry["section"].key for entry in navigation.sections(app_list, "")}
    return [entry for entry in entries if entry["section"].key in keys]


# Lists.


@register.simple_tag
def numeric_columns(cl: Any) -> str:
    """Return classes that name, by position, the columns of a list that hold figures: `num-3 num-5`."""
    return " ".join(
        f"num-{position}"
        for position, name in enumerate(cl.list_display, start=1)
        if _is_numeric_column(cl, name)
    )


@register.simple_tag(takes_context=True)
def pages_beside(context: Any, cl: Any) -> list[Any]:
    """Return the pages to which this list leads."""
    return cl.model_admin.admin_site.pages_beside(cl.model, context["request"])


@register.filter
def without_search(cl: Any) -> str:
    """Return the list's query string without the search."""
    return cl.get_query_string(remove=[SEARCH_VAR])


def _is_numeric_column(cl: Any, name: Any) -> bool:
    if callable(name):
        return getattr(name, "is_numeric", False)
    if (method := getattr(cl.model_admin, name, None)) is not None:
        return getattr(method, "is_numeric", False)
    return _is_numeric_model_field(cl.model, name)


def _is_numeric_model_field(model: type[models.Model], name: str) -> bool:
    try:
        field = model._meta.get_field(name)
    except FieldDoesNotExist:
        return getattr(getattr(model, name, None), "is_numeric", False)
    return isinstance(field, _NUMERIC_FIELDS) and not field.is_relation and not field.choices


# Forms. `field` is an AdminField or an AdminReadonlyField of Django's, or a bound field.


@register.filter
def is_checkbox_field(field: Any) -> bool:
    return isinstance(field.field.widget, forms.CheckboxInput)


@register.simple_tag
def field_label(field: Any) -> SafeString:
    """The label of an AdminField or AdminReadonlyField, without a colon behind it."""
    if field.is_readonly:
        return format_html("<label>{}</label>", capfirst(str(field.field["label"])))
    bound = field.field
    required = " required" if bound.field.required and not field.is_checkbox else ""
    return format_html(
        '<label for="{}" class="{}">{}</label>',
        bound.id_for_label,
        required.strip(),
        capfirst(str(bound.label)),
    )


@register.simple_tag
def named_field(field: forms.BoundField) -> SafeString:
    """A field of a table: the column's heading is no label to who cannot see the table."""
    return field.as_widget(attrs={"aria-label": capfirst(str(field.label))})


@register.simple_tag
def mistakes(form: Any, inlines: Any = ()) -> list[tuple[str, str, str]]:
    """Return (id of the field, what it is called, what is wrong) of each mistake, in the order of the page.

    `inlines` are the formsets of a change page; the lines of an action's form are its own.
    """
    found = _mistakes_of(form)
    for inline in inlines:
        for row, row_form in enumerate(inline.formset.forms, start=1):
            found += _mistakes_of(row_form, row)
    for row, row_form in enumerate(getattr(form, "line_forms", ()), start=1):
        found += _mistakes_of(row_form, row)
    return found


def _mistakes_of(form: Any, row: int | None = None) -> list[tuple[str, str, str]]:
    found = []
    for field in form.visible_fields() if form.errors else ():
        name = capfirst(str(field.label))
        if row is not None:
            name = _("line %(number)s, %(name)s") % {"number": row, "name": name}
        target = field.id_for_label or field.auto_id
        found += [(target, capfirst(name), str(error)) for error in field.errors]
    return found


@register.filter
def is_numeric_cell(field: Any) -> bool:
    """Whether a cell of a table of forms holds figures."""
    if not field.is_readonly:
        return isinstance(field.field.field, forms.DecimalField | forms.IntegerField)
    name = field.field["field"]
    if callable(name):
        return getattr(name, "is_numeric", False)
    if (method := getattr(field.model_admin, str(name), None)) is not None:
        return getattr(method, "is_numeric", False)
    return _is_numeric_model_field(type(field.form.instance), str(name))


@register.filter
def readable(field: Any) -> Any:
    """Return what a read-only field shows; a decimal number without the zeros at its end."""
    name = field.field["field"]
    if callable(name) or hasattr(field.model_admin, str(name)):
        return field.contents()
    model = type(field.form.instance)
    try:
        model_field = model._meta.get_field(str(name))
    except FieldDoesNotExist:
        return field.contents()
    if isinstance(model_field, models.DecimalField):
        return display.number(getattr(field.form.instance, str(name)))
    return field.contents()


@register.filter
def cell_label(field: Any) -> str:
    """Return the name of a cell, shown beside it where the table becomes cards."""
    return capfirst(str(field.field["label"] if field.is_readonly else field.field.label))


# Figures and moments in templates of our own.


@register.filter
def in_currency(value: Any, currency: str) -> str:
    """An amount with the decimals of its currency, without the code."""
    return display.amount(value, currency)


@register.filter
def as_price(value: Any, currency: str) -> str:
    """A price of one unit with at least the decimals of its currency and at most four, without the code."""
    rounded = round(value, 4).normalize()
    if -rounded.as_tuple().exponent < MINOR_UNITS.get(currency, 2):
        return display.amount(rounded, currency)
    return display.number(rounded)


@register.filter
def short_moment(value: Any) -> Any:
    """A moment in the viewer's time zone, short."""
    return display.moment(value)
