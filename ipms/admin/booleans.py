"""Yes and no as pictures, which say what they mean in the reader's language to who cannot see them."""

from typing import Any

from django.contrib.admin.templatetags import admin_list
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _


def picture(value: Any) -> SafeString:
    names = {True: ("yes", _("yes")), False: ("no", _("no"))}
    name, words = names.get(value, ("unknown", _("unknown")))
    return format_html('<img src="{}" alt="{}">', static(f"admin/img/icon-{name}.svg"), words)


def install() -> None:
    """Let Django's lists and pages use our picture: theirs says `True`, whatever the language."""
    admin_list._boolean_icon = picture
