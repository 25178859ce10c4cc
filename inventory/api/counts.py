"""Stock counts over the API: made, filled in by many, reviewed and posted."""

import django_filters
from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action

from accounts.models import User
from inventory import count_entry, counting
from inventory.api import count_examples as examples
from inventory.api.count_serializers import (
    ApproveCountSerializer,
    CancelCountSerializer,
    CountLineSerializer,
    CountSerializer,
    EnteredSerializer,
    EnterSerializer,
    NewCountSerializer,
    RecountSerializer,
    SubmitCountSerializer,
)
from inventory.count_entry import Figure
from inventory.count_scope import Scope
from inventory.models import CountHistory, CountLine, CountStatus, Item, Location, StockCount
from ipms.api.filters import ChoiceFilter, DayFilter, FlagFilter, RecordFilter
from ipms.api.views import Creates
from ipms.errors import NotAllowed
from ipms.trees import subtree_ids

LINE_SEARCH_FIELDS = ("item__sku", "item__name", "item__barcode", "location__code", "lot__number")
LINE_ORDERING_FIELDS = {
    "id": "id",
    "item": "item__sku",
    "location": "location__code",
    "lot": "lot__number",
    "counted_at": "counted_at",
    "counted_quantity": "counted_quantity",
    "variance": "variance",
    "variance_value": "worth",
}
_BY_THE_BOOKS = {"variance", "variance_value"}


class CountFilter(django_filters.FilterSet):
    status = ChoiceFilter("status", choices=CountStatus.choices)
    is_blind = FlagFilter("is_blind")
    location = RecordFilter(
        queryset=Location.objects.real(),
        natural_key="code",
        method="at_location",
        help_text=_("Code or id: counts of it, or of anything inside."),
    )
    made_by = RecordFilter("made_by", queryset=User.objects.all(), natural_key="email")
    date_from = DayFilter("started_at", since=True)
    date_to = DayFilter("started_at", until=True)

    class Meta:
        model = StockCount
        fields: list[str] = []

    def at_location(self, queryset, name, location):
        return queryset.filter(location__in=subtree_ids(Location, (location.pk,)))


class CountLineFilter(django_filters.FilterSet):
    uncounted = FlagFilter(method="still_to_count", help_text=_("Still to be counted, or counted again."))
    variance = FlagFilter(method="differing", help_text=_("Counted other than the books say."))
    added = FlagFilter("is_added", help_text=_("Found where the books have nothing."))
    item = RecordFilter("item", queryset=Item.objects.all(), natural_key="sku")
    location = RecordFilter(
        queryset=Location.objects.real(),
        natural_key="code",
        method="at_location",
        help_text=_("Code or id; with what is inside."),
    )

    def still_to_count(self, queryset, name, wanted):
        return queryset.uncounted() if wanted else queryset.counted()

    def differing(self, queryset, name, wanted):
        return (
            queryset.exclude(variance=0).filter(variance__isnull=False)
            if wanted
            else queryset.filter(variance=0)
        )

    def at_location(self, queryset, name, location):
        return queryset.filter(location__in=subtree_ids(Location, (location.pk,)))


def _with_progress_and_history() -> QuerySet[StockCount]:
    history = CountHistory.objects.select_related("by").order_by("id")
    return (
        StockCount.objects.with_progress()
        .select_related("location", "category", "made_by", "submitted_by", "approved_by")
        .prefetch_related(Prefetch("history", history))
    )


def _shown_lines() -> QuerySet[CountLine]:
    return CountLine.objects.compared().select_related("item", "location", "lot", "counted_by")


@extend_schema_view(create=extend_schema(request=NewCountSerializer, examples=examples.CREATE))
class StockCountViewSet(Creates):
    """Stock counts: who counts enters figures, somebody else approves them, all are posted at once."""

    queryset = _with_progress_and_history()
    serializer_class = CountSerializer
    create_serializer_class = NewCountSerializer
    filterset_class = CountFilter
    search_fields = ("number", "notes", "location__code", "location__name", "category__name")
    ordering_fields = ("id", "number", "status", "started_at", "submitted_at", "approved_at", "updated_at")
    verb_permissions = {
        "enter": "inventory.change_stockcount",
        "submit": "inventory.change_stockcount",
        "recount": "inventory.approve_stockcount",
        "approve": "inventory.approve_stockcount",
        "cancel": "inventory.change_stockcount",
    }
    created_message = _("Stock count created.")

    def make(self, *, is_blind=False, notes="", **scope):
        return counting.create(Scope(**scope), by=self.request.user, is_blind=is_blind, notes=notes)

    @extend_schema(responses=CountLineSerializer(many=True))
    @action(
        detail=True,
        filterset_class=CountLineFilter,
        search_fields=LINE_SEARCH_FIELDS,
        ordering_fields=LINE_ORDERING_FIELDS,
    )
    def lines(self, request, pk):
        """List the lines of a count, in the order in which one walks."""
        count = self.get_object()
        self.hides_books = count.hides_books_from(request.user)
        if self.hides_books:
            self._refuse_what_tells(request)
        return self.page_of(_shown_lines().filter(count=count), CountLineSerializer)

    @extend_schema(request=EnterSerializer, responses=EnteredSerializer, examples=examples.ENTER)
    @action(detail=True, methods=["post"])
    def enter(self, request, pk):
        """Enter what was counted: one line or many, all or none. What the count has no line for is added.

        The same figure once more changes nothing, unless `counted_at` says that it was counted later.
        """
        count = self.get_object()
        sent = self.command(EnterSerializer)["lines"]
        figures = [Figure(at=line.pop("counted_at", None), **line) for line in sent]
        entered = count_entry.enter(count, figures, by=request.user)
        self.hides_books = count.hides_books_from(request.user)
        by_key = {line.pk: line for line in _shown_lines().filter(pk__in=[line.pk for line in entered])}
        shown = {
            "count": self.get_queryset().get(pk=count.pk),
            "lines": [by_key[line.pk] for line in entered],
        }
        return self.done(_("Counted."), EnteredSerializer(shown, context=self.get_serializer_context()).data)

    @extend_schema(request=SubmitCountSerializer, responses=CountSerializer, examples=examples.SUBMIT)
    @action(detail=True, methods=["post"])
    def submit(self, request, pk):
        """Hand the count over for review."""
        count = self.get_object()
        counting.submit(count, by=request.user, **self.command(SubmitCountSerializer))
        return self.done(_("Stock count submitted."), count)

    @extend_schema(request=RecountSerializer, responses=CountSerializer, examples=examples.RECOUNT)
    @action(detail=True, methods=["post"])
    def recount(self, request, pk):
        """Ask for lines (by their ids) to be counted again. The count goes back to who counts."""
        count = self.get_object()
        counting.request_recount(count, by=request.user, **self.command(RecountSerializer))
        return self.done(_("Lines are to be counted again."), count)

    @extend_schema(request=ApproveCountSerializer, responses=CountSerializer)
    @action(detail=True, methods=["post"])
    def approve(self, request, pk):
        """Post all variances, all or none. Not by who counted or submitted."""
        count = self.get_object()
        counting.approve(count, by=request.user, **self.command(ApproveCountSerializer))
        return self.done(_("Stock count posted."), count)

    @extend_schema(request=CancelCountSerializer, responses=CountSerializer, examples=examples.CANCEL)
    @action(detail=True, methods=["post"])
    def cancel(self, request, pk):
        """Give a count up; the books stay as they are."""
        count = self.get_object()
        counting.cancel(count, by=request.user, **self.command(CancelCountSerializer))
        return self.done(_("Stock count cancelled."), count)

    def get_serializer_context(self):
        return {**super().get_serializer_context(), "hides_books": getattr(self, "hides_books", False)}

    @staticmethod
    def _refuse_what_tells(request) -> None:
        """Refuse to sort or filter by what a blind count does not tell."""
        terms = {
            term.strip().removeprefix("-") for term in request.query_params.get("ordering", "").split(",")
        }
        if "variance" in request.query_params or terms & _BY_THE_BOOKS:
            raise NotAllowed(_("This count is blind: what the books say is not told to who counts."))
