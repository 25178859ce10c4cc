"""A small API over exchange rates: the frame is tested without any app's business."""

from decimal import Decimal

import django_filters
from django.db import OperationalError
from django.urls import include, path
from rest_framework import serializers
from rest_framework.decorators import action

from ipms.api.fields import RateField
from ipms.api.filters import ChoiceFilter, DayFilter, FlagFilter, MomentFilter
from ipms.api.pagination import FeedPagination
from ipms.api.routers import Router
from ipms.api.serializers import CommandSerializer, RecordSerializer
from ipms.api.views import ApiView, Changes, Creates, Deletes
from ipms.errors import InUse
from ipms.models import ExchangeRate, OutboxEvent


class RateSerializer(RecordSerializer):
    class Meta:
        model = ExchangeRate
        fields = ["id", "currency", "rate", "valid_from", "source"]


class RateFilter(django_filters.FilterSet):
    currency = ChoiceFilter(choices=[("EUR", "Euro"), ("RWF", "Franc")])
    valid_since = DayFilter("valid_from", since=True, of_moment=False)
    valid_until = DayFilter("valid_from", until=True, of_moment=False)
    is_manual = FlagFilter("source", method="by_hand")

    def by_hand(self, queryset, name, value):
        return queryset.filter(source="") if value else queryset.exclude(source="")


class EventFilter(django_filters.FilterSet):
    since = MomentFilter("created_at", lookup_expr="gte")
    date_to = DayFilter("created_at", until=True)


class RoundSerializer(CommandSerializer):
    rate = RateField(above_zero=True)
    note = serializers.CharField(required=False)


class RateViewSet(Creates, Changes, Deletes):
    queryset = ExchangeRate.objects.all()
    serializer_class = RateSerializer
    filterset_class = RateFilter
    search_fields = ("currency", "source")
    ordering_fields = ("currency", "rate", "valid_from")
    verb_permissions = {
        "double": "ipms.change_exchangerate",
        "refuse": None,
        "break_down": None,
        "go_away": None,
    }

    def make(self, **fields):
        return ExchangeRate.objects.create(**fields)

    def change(self, record, **fields):
        for name, value in fields.items():
            setattr(record, name, value)
        record.save()

    def remove(self, record):
        if record.source == "bank":
            raise InUse("The bank needs it.")
        record.delete()

    @action(detail=True, methods=["post"])
    def double(self, request, pk):
        rate = self.get_object()
        rate.rate = self.command(RoundSerializer)["rate"] * Decimal(2)
        rate.save()
        return self.done("Doubled.", rate)

    @action(detail=True, methods=["post"])
    def refuse(self, request, pk):
        self.get_object().delete()
        raise InUse("Not after all.", depends=["an order"])

    @action(detail=True, methods=["post"], url_path="break-down")
    def break_down(self, request, pk):
        self.get_object().delete()
        raise RuntimeError("nobody foresaw this")

    @action(detail=True, methods=["post"], url_path="go-away")
    def go_away(self, request, pk):
        self.get_object().delete()
        raise OperationalError("the connection is lost")

    @action(
        detail=False, pagination_class=FeedPagination, filterset_class=EventFilter, ordering_fields=("topic",)
    )
    def events(self, request):
        return self.page_of(OutboxEvent.objects.all(), EventSerializer)


class EventSerializer(RecordSerializer):
    class Meta:
        model = OutboxEvent
        fields = ["id", "topic", "created_at"]


class WhoView(ApiView):
    def get(self, request):
        return self.done("OK", {"name": request.user.username})


router = Router()
router.register("rates", RateViewSet, basename="rate")

urlpatterns = [
    path("api/", include("ipms.api.urls")),
    path("api/auth/", include("accounts.api.urls")),
    path("api/", include(router.urls)),
    path("api/who", WhoView.as_view()),
    path("", include("ipms.api.health_urls")),
]
