"""Tags of the back office's templates."""

import re
from typing import Any

from django import forms, template
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from ipms.admin import once

register = template.Library()

_NUMERIC_FIELDS = (models.DecimalField, models.FloatField, models.IntegerField)
_STYLE_ATTRIBUTE = re.compile(r'<(ins|del|span) style="[^"<>]*">')


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """Draw an icon of static/ipms/icons.svg in the colour of the text around it."""
    return format_html(
        '<svg class="icon {}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        css,
        static("ipms/icons.svg"),
        name,
    )


@register.simple_tag
def numeric_columns(cl: Any) -> str:
    """Return classes that name, by position, the columns of a list that hold figures: `num-3 num-5`."""
    classes = []
    for position, name in enumerate(cl.list_display, start=1):
        if _is_numeric(cl, name):
            classes.append(f"num-{position}")
    return " ".join(classes)


@register.simple_tag
def once_field(token: str = "") -> SafeString:
    """The hidden field by which a form that comes twice is known; see `ipms.admin.once`."""
    return format_html('<input type="hidden" name="{}" value="{}">', once.FIELD, token or once.new_token())


@register.filter
def without_styles(html: str) -> SafeString:
    """Take the style attributes out of the differences that django-import-export marks in a preview."""
    return mark_safe(_STYLE_ATTRIBUTE.sub(r"<\1>", str(html)))  # noqa: S308 - it came escaped


@register.filter
def is_numeric_field(bound_field: Any) -> bool:
    """Whether a form field takes figures, so that its column is set to the right."""
    return isinstance(bound_field, forms.DecimalField | forms.IntegerField)


def _is_numeric(cl: Any, name: Any) -> bool:
    if callable(name):
        return getattr(name, "is_numeric", False)
    attribute = getattr(cl.model_admin, name, None)
    if attribute is not None:
        return getattr(attribute, "is_numeric", False)
    try:
        field = cl.lookup_opts.get_field(name)
    except FieldDoesNotExist:
        attribute = getattr(cl.model, name, None)
        return getattr(attribute, "is_numeric", False)
    return isinstance(field, _NUMERIC_FIELDS) and not field.is_relation and not field.choices
