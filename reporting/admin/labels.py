"""The page that asks how labels are to be printed, and answers with them."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import models
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory.models import Item, Location, Lot, Tracking
from ipms.admin import object_links, refusals
from ipms.admin.bulk_actions import action_of
from ipms.admin.object_links import ObjectLink
from ipms.admin.pages import Page
from ipms.errors import DomainError
from procurement.models import GoodsReceipt
from reporting.papers import label_drawing, labels
from reporting.papers.label_drawing import MOST_LABELS
from reporting.papers.label_sheets import SHEETS
from reporting.papers.labels import STOCKED, Label
from reporting.papers.sending import answer

#: So many are named on the page.
_NAMED = 12
_MOST_LOTS = 200
#: What was chosen last is offered first.
_REMEMBERED = "labels"


class LabelForm(forms.Form):
    """On what, how many of each, and where a sheet that was begun goes on."""

    sheet = forms.ChoiceField(
        label=gettext_lazy("Labels"), choices=[(sheet.name, sheet.label) for sheet in SHEETS.values()]
    )
    copies = forms.IntegerField(
        label=gettext_lazy("How many of each"), min_value=1, max_value=MOST_LABELS, initial=1
    )
    start = forms.IntegerField(
        label=gettext_lazy("First label to print on"),
        min_value=1,
        initial=1,
        help_text=gettext_lazy("Of a sheet that was begun: counted from the left, line by line."),
    )
    qr = forms.ChoiceField(
        label=gettext_lazy("QR code"),
        choices=[
            ("link", gettext_lazy("Opens the record, for a telephone")),
            ("data", gettext_lazy("The same as the bars, for a scanner")),
        ],
    )


class ItemLabelForm(LabelForm):
    """Asks for lots as well: all that stand, or of one item one of its own."""

    lots = forms.ChoiceField(label=gettext_lazy("Lot"), required=False)

    field_order = ("sheet", "copies", "lots")

    def __init__(self, *args: Any, keys: Collection[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        tracked = Item.objects.filter(pk__in=keys).exclude(tracking=Tracking.NONE)
        if not tracked.exists():
            del self.fields["lots"]
            return
        choices: list[tuple[str, Any]] = [
            ("", gettext_lazy("None")),
            (STOCKED, gettext_lazy("A label for each lot in stock")),
        ]
        if len(keys) == 1:
            found = Lot.objects.filter(item__in=keys)[:_MOST_LOTS]
            choices += [(str(lot.pk), lot.number) for lot in found]
        self.fields["lots"].choices = choices


@dataclass(frozen=True, kw_only=True)
class Subject:
    """Records of which labels are printed."""

    name: str
    model: type[models.Model]
    make: Callable[..., list[Label]]
    permission: str
    form: type[LabelForm] = LabelForm

    @property
    def page_name(self) -> str:
        return f"labels-{self.name}"

    def url(self, record: models.Model) -> str:
        return reverse(f"admin:{self.page_name}", query={"id": record.pk})

    def view(self, request: HttpRequest) -> HttpResponseBase:
        """Ask how; answer with the labels where that was said."""
        sent = request.POST if request.method == "POST" else None
        keys = _keys(request.POST.getlist("id") if sent else request.GET.getlist("id"))
        if not keys:
            text = _("Select in the list what to print labels of.")
            messages.warning(request, text)
            return HttpResponseRedirect(self._list_url())
        return self.ask(request, keys, sent)

    def ask(self, request: HttpRequest, keys: Collection[int], sent: Any = None) -> HttpResponseBase:
        form = self._form(request, keys, sent)
        if form.is_bound and form.is_valid():
            try:
                return self._printed(request, keys, **form.cleaned_data)
            except DomainError as refusal:
                refusals.add_to_form(form, refusal)
        found = self.model._default_manager.filter(pk__in=keys)
        context = {
            **admin.site.each_context(request),
            "title": _("Print labels"),
            "opts": self.model._meta,
            "form": form,
            "keys": ",".join(map(str, keys)),
            "address": reverse(f"admin:{self.page_name}"),
            "back": self._list_url(),
            "named": found[:_NAMED],
            "others": max(len(keys) - _NAMED, 0),
        }
        request.current_app = admin.site.name
        return TemplateResponse(request, "admin/reporting/labels.html", context)

    def _form(self, request: HttpRequest, keys: Collection[int], sent: Any) -> LabelForm:
        more = {"keys": keys} if self.form is ItemLabelForm else {}
        return self.form(sent, initial=request.session.get(_REMEMBERED, {}), **more)

    def _printed(
        self,
        request: HttpRequest,
        keys: Collection[int],
        *,
        sheet: str,
        copies: int,
        start: int,
        qr: Any,
        **which: Any,
    ) -> HttpResponseBase:
        file = BytesIO()
        found = self.make(keys, **which)
        label_drawing.write(found, SHEETS[sheet], file, copies=copies, start=start, qr=qr)
        request.session[_REMEMBERED] = {"sheet": sheet, "qr": qr}
        return answer(file.getvalue(), f"labels-{self.name}.pdf")

    def _list_url(self) -> str:
        return reverse(f"admin:{self.model._meta.app_label}_{self.model._meta.model_name}_changelist")


_SUBJECTS = [
    Subject(
        name="items",
        model=Item,
        make=labels.of_items,
        permission="inventory.view_item",
        form=ItemLabelForm,
    ),
    Subject(name="lots", model=Lot, make=labels.of_lots, permission="inventory.view_lot"),
    Subject(name="locations", model=Location, make=labels.of_locations, permission="inventory.view_location"),
    Subject(
        name="receipts",
        model=GoodsReceipt,
        make=labels.of_receipts,
        permission="procurement.view_goodsreceipt",
    ),
]


def _keys(texts: Collection[str]) -> list[int]:
    words = [word for text in texts for word in text.split(",")]
    return [int(word) for word in words if word.isascii() and word.isdigit() and len(word) < 19][:MOST_LABELS]


def _print_labels(
    page: admin.ModelAdmin, request: HttpRequest, selected: models.QuerySet, *, subject: Subject
) -> HttpResponseBase | None:
    keys = list(selected.order_by().values_list("pk", flat=True)[: MOST_LABELS + 1])
    if len(keys) > MOST_LABELS:
        words = {"most": MOST_LABELS}
        page.message_user(request, _("One file holds at most %(most)s labels.") % words, messages.ERROR)
        return None
    return subject.ask(request, keys)


def _offer(subject: Subject) -> None:
    admin.site.register_page(
        Page(
            name=subject.page_name,
            route=f"labels/{subject.name}/",
            permission=subject.permission,
            view=subject.view,
        )
    )
    object_links.register(
        subject.model,
        ObjectLink(
            label=gettext_lazy("Print labels"),
            url=subject.url,
            icon="label",
            allowed=lambda record: getattr(record, "is_real", True),
        ),
    )
    action = partial(_print_labels, subject=subject)
    action_of(subject.model, name="print_labels", label=gettext_lazy("Print labels"))(action)


for _subject in _SUBJECTS:
    _offer(_subject)
