"""Stock counts in the back office: the list, how one is made, and its page."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelectMultiple
from django.db.models import QuerySet
from django.http import HttpResponseRedirect
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from inventory import count_scope, counting
from inventory.abc_xyz import Importance
from inventory.admin import count_entry, count_review
from inventory.count_scope import Scope
from inventory.models import CountLine, Item, StockCount
from ipms.admin.base import DomainAdmin
from ipms.admin.cards import CardsMixin, FactsCard, FiguresCard, TableCard, card_of
from ipms.admin.display import EMPTY, badge, moment, number, numeric
from ipms.admin.forms import ActionForm, ReasonForm
from ipms.admin.imports.begin import ImportPageMixin
from ipms.admin.object_actions import ObjectAction
from ipms.admin.panels import Figure
from ipms.errors import InvalidInput

_TONES = {"open": "quiet", "counting": "info", "submitted": "warn", "posted": "good", "cancelled": "quiet"}


def status_badge(count: StockCount):
    return badge(count.status, count.get_status_display(), tone=_TONES[count.status])


def _classes() -> list[tuple[str, Any]]:
    return [("", _("All classes")), *((name, f"{name} · {label}") for name, label in Importance.choices)]


class NewCountForm(forms.ModelForm):
    abc_class = forms.ChoiceField(
        label=_("ABC class"),
        required=False,
        choices=_classes,
        help_text=_("By the value that was used in the last 365 days."),
    )
    items = forms.ModelMultipleChoiceField(
        label=_("items"),
        queryset=Item.objects.active(),
        required=False,
        widget=AutocompleteSelectMultiple(CountLine._meta.get_field("item"), admin.site),
        help_text=_("Only these, wherever they stand in the place above."),
    )


class SubmitForm(ActionForm):
    leave_uncounted = forms.BooleanField(
        label=_("what is not counted stays as it is"),
        required=False,
        help_text=_("The books are not changed there."),
    )
    comment = forms.CharField(label=_("comment"), required=False, max_length=1000)


def _may_cancel(count: StockCount, user: Any) -> bool:
    return count.is_unfinished and (
        count.made_by_id == user.pk or user.has_perm("inventory.approve_stockcount")
    )


def _submit(count: StockCount, *, by: Any, **how: Any) -> None:
    try:
        counting.submit(count, by=by, **how)
    except InvalidInput as refusal:
        # The form has no lines: what is said of them stands above it.
        told = {"__all__" if name == "lines" else name: why for name, why in refusal.details.items()}
        raise InvalidInput(told) from refusal


@admin.register(StockCount)
class StockCountAdmin(ImportPageMixin, CardsMixin, DomainAdmin):
    """Counts are made here, filled in on their own page, reviewed on another."""

    object_actions = [
        ObjectAction(
            name="enter",
            label=_("Count"),
            style="primary",
            permission="inventory.change_stockcount",
            allowed=lambda count, user: count.is_countable,
            page=lambda count: reverse("admin:inventory_stockcount_enter", args=[count.pk]),
        ),
        ObjectAction(
            name="review",
            label=_("Review"),
            style="primary",
            permission="inventory.approve_stockcount",
            allowed=lambda count, user: count.status == "submitted",
            page=lambda count: reverse("admin:inventory_stockcount_review", args=[count.pk]),
        ),
        ObjectAction(
            name="lines",
            label=_("Lines"),
            allowed=lambda count, user: (
                count.status != "submitted" or not user.has_perm("inventory.approve_stockcount")
            ),
            page=lambda count: reverse("admin:inventory_stockcount_review", args=[count.pk]),
        ),
        ObjectAction(
            name="submit",
            label=_("Hand over for review"),
            permission="inventory.change_stockcount",
            allowed=lambda count, user: count.status == "counting",
            form=SubmitForm,
            run=_submit,
            done=_("%(object)s was handed over for review."),
        ),
        ObjectAction(
            name="cancel",
            label=_("Cancel this count"),
            style="danger",
            permission="inventory.change_stockcount",
            allowed=_may_cancel,
            form=ReasonForm,
            run=counting.cancel,
            done=_("%(object)s was cancelled."),
        ),
    ]
    list_display = ["number", "state", "scope", "progress", "is_blind", "made_by", "started"]
    list_display_links = ["number"]
    list_filter = ["status", "is_blind"]
    search_fields = ["number", "location__code", "location__name", "category__name", "notes"]
    search_help_text = _("Number, place, category or notes")
    date_hierarchy = "started_at"
    autocomplete_fields = ["location", "category"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("location", "category"),
                    "abc_class",
                    "items",
                    "is_blind",
                    "includes_empty",
                    "notes",
                ],
                "description": _(
                    "What you choose holds together: this category, of this class, in this place."
                ),
            },
        )
    ]

    def get_queryset(self, request) -> QuerySet[StockCount]:
        counts = super().get_queryset(request).with_progress()
        return counts.select_related("location", "category", "made_by", "submitted_by", "approved_by")

    def get_urls(self):
        view = self.admin_site.admin_view
        return [
            path(
                "<int:pk>/enter/",
                view(lambda request, pk: count_entry.page(self, request, pk)),
                name="inventory_stockcount_enter",
            ),
            path(
                "<int:pk>/lines/",
                view(lambda request, pk: count_review.page(self, request, pk)),
                name="inventory_stockcount_review",
            ),
            *super().get_urls(),
        ]

    # A count is changed by what is done with it, never by a form of its own. Nobody deletes one.

    def has_change_permission(self, request, obj=None):
        return obj is None and super().has_change_permission(request)

    def has_delete_permission(self, request, obj=None):
        return False

    def get_fieldsets(self, request, obj=None):
        return [(None, {"fields": ["notes"]})] if obj else self.fieldsets

    def get_form(self, request, obj=None, change=False, **kwargs):
        if not change:
            kwargs["form"] = NewCountForm
        return super().get_form(request, obj, change, **kwargs)

    def get_changeform_initial_data(self, request):
        initial = super().get_changeform_initial_data(request)
        if "items" in initial:
            initial["items"] = initial["items"].split(",")
        return initial

    def create(self, request, values, lines):
        scope = Scope(
            location=values["location"],
            category=values["category"],
            abc_class=values["abc_class"],
            items=list(values["items"]),
            includes_empty=values["includes_empty"],
        )
        return counting.create(scope, by=request.user, is_blind=values["is_blind"], notes=values["notes"])

    def response_post_save_add(self, request, obj):
        """Go on to the count: whoever makes one wants to print or begin it."""
        return HttpResponseRedirect(reverse("admin:inventory_stockcount_change", args=[obj.pk]))

    def get_object_summary(self, request, count):
        uncounted = count.line_total - count.counted_total
        return [
            (_("Scope"), count_scope.in_words(count)),
            (_("Counted"), f"{number(count.counted_total)} / {number(count.line_total)}"),
            (_("Still to count"), number(uncounted)),
        ]

    @admin.display(description=_("status"), ordering="status")
    def state(self, count):
        return status_badge(count)

    @admin.display(description=_("scope"))
    def scope(self, count):
        return count_scope.in_words(count)

    @numeric(description=_("counted"))
    def progress(self, count):
        return f"{number(count.counted_total)} / {number(count.line_total)}"

    @admin.display(description=_("started"), ordering="started_at")
    def started(self, count):
        return moment(count.started_at)


@card_of(StockCount)
class Progress(FiguresCard):
    is_above = True
    order = 10

    def figures(self, request: Any, count: StockCount) -> list[Figure]:
        left = count.line_total - count.counted_total
        lines = reverse("admin:inventory_stockcount_review", args=[count.pk])
        return [
            Figure(label=_("Status"), value=status_badge(count)),
            Figure(label=_("Lines"), value=number(count.line_total), url=f"{lines}?show=all"),
            Figure(label=_("Counted"), value=number(count.counted_total)),
            Figure(
                label=_("Still to count"),
                value=number(left),
                hint=_("%(lines)s of them again") % {"lines": number(count.recount_total)}
                if count.recount_total
                else "",
                url=f"{lines}?show=uncounted" if left else "",
                tone="warn" if left and count.is_unfinished else "",
            ),
        ]


@card_of(StockCount)
class Facts(FactsCard):
    is_above = True
    order = 20

    def facts(self, request: Any, count: StockCount) -> list[tuple[Any, Any]]:
        return [
            (_("Scope"), count_scope.in_words(count)),
            (_("Blind"), _("yes") if count.is_blind else _("no")),
            (_("Made by"), count.made_by),
            (_("Started"), moment(count.started_at)),
            (_("Submitted by"), count.submitted_by or EMPTY),
            (_("Approved by"), count.approved_by or EMPTY),
        ]


@card_of(StockCount)
class Steps(TableCard):
    title = _("What happened")
    order = 50
    headings = [_("When"), _("Status"), _("Who"), _("Comment")]

    def rows(self, request: Any, count: StockCount) -> list[list[Any]]:
        steps = count.history.select_related("by").order_by("-id")
        return [
            [
                moment(step.at),
                badge(step.to_status, step.get_to_status_display(), tone=_TONES[step.to_status]),
                step.by,
                format_html("{}", step.comment or EMPTY),
            ]
            for step in steps
        ]
