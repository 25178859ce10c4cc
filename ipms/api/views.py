"""Views: turn a request into objects, make one call of the domain, turn its answer into ours."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpResponse, HttpResponseNotModified
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.generics import get_object_or_404
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from ipms.api import envelope, etag, exceptions, idempotency, permissions
from ipms.errors import DomainError


class ApiMixin:
    """What every view of the API does: idempotent writes, our envelope, 401 before 403 before the rest."""

    permission_classes = (permissions.VerbPermission,)
    #: Answers beyond those of every operation, for the OpenAPI document: a status and its component's name.
    documented_errors: ClassVar[dict[str, str]] = {}
    #: False where what is answered has a shape of its own; for the OpenAPI document.
    is_enveloped: ClassVar[bool] = True

    def needed_permission(self) -> str | None:
        """Return the permission that this request needs beyond a login."""
        return None

    def initial(self, request, *args, **kwargs):
        """Negotiate, authenticate, count. Permissions come later, with the work: see `_answer`."""
        self.format_kwarg = self.get_format_suffix(**kwargs)
        request.accepted_renderer, request.accepted_media_type = self.perform_content_negotiation(request)
        request.version, request.versioning_scheme = self.determine_version(request, *args, **kwargs)
        try:
            self.perform_authentication(request)
        except AuthenticationFailed:
            self.check_throttles(request)  # a wrong token is counted for its address
            raise
        self.check_throttles(request)

    def dispatch(self, request, *args, **kwargs):
        """As DRF's, with the work wrapped in the idempotency of the request."""
        self.args, self.kwargs = args, kwargs
        self.headers = self.default_response_headers
        self.request = request = self.initialize_request(request, *args, **kwargs)
        try:
            self.initial(request, *args, **kwargs)
            key = request.headers.get(idempotency.HEADER)
            if key is None or request.method not in idempotency.METHODS:
                response = self._work()
            else:
                response = self._work_once(key)
        except Exception as error:  # noqa: BLE001 - answered, or raised again where it is unforeseen
            response = self.handle_exception(error)
        self.response = self.finalize_response(request, response, *args, **kwargs)
        return self.response

    def _work(self) -> Response:
        self.check_permissions(self.request)
        method = self.request.method.lower()
        handler = getattr(self, method, None) if method in self.http_method_names else None
        return (handler or self.http_method_not_allowed)(self.request, *self.args, **self.kwargs)

    def _work_once(self, key: str) -> HttpResponse:
        def run() -> idempotency.Answer:
            response = self._work()
            return idempotency.answer(response.status_code, response.data, response.headers)

        answer = idempotency.once(
            idempotency.scope_of(self.request),
            key,
            fingerprint=idempotency.fingerprint_of_request(self.request._request),
            run=run,
        )
        response = HttpResponse(
            answer.body, status=answer.status, headers=answer.headers, content_type="application/json"
        )
        if answer.replayed:
            response[idempotency.REPLAYED_HEADER] = "true"
        return response

    def options(self, request, *args, **kwargs):
        return self.done(_("OK"), {"allow": self.allowed_methods})

    def command(
        self,
        serializer_class: type[BaseSerializer],
        *,
        partial: bool = False,
        instance: Model | None = None,
        ignored_fields: Iterable[str] = (),
        **context: Any,
    ) -> dict[str, Any]:
        """Return what the body says, checked by a serializer, as keyword arguments for the domain.

        `ignored_fields` may be sent and are not looked at; any other field that the serializer does not
        know is refused. `context` is added to the serializer's.
        """
        serializer = serializer_class(
            instance,
            data=self.request.data,
            partial=partial,
            context={
                "request": self.request,
                "view": self,
                "ignored_fields": tuple(ignored_fields),
                **context,
            },
        )
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)

    def done(self, message: Any, data: Any = None, *, status: int = 200, headers: Any = None) -> Response:
        """Answer that it went well."""
        return Response(envelope.success(message, data), status=status, headers=headers)

    def refused(self, error: DomainError) -> Response:
        """Answer a refusal without undoing what was done: raise it where it shall be undone."""
        return exceptions.response(exceptions.describe(error))


class ApiView(ApiMixin, APIView):
    """A route that is not a collection; `method_permissions` names what a method needs beyond a login."""

    method_permissions: ClassVar[dict[str, str]] = {}

    def needed_permission(self) -> str | None:
        return self.method_permissions.get(self.request.method)


class DomainViewSet(ApiMixin, GenericViewSet):
    """A collection that can be listed and read; `Creates`, `Changes` and `Deletes` add the rest.

    `serializer_class` shows a record. `verb_permissions` names the permission of each further action (None
    where a login is enough); list and read, create, change and delete ask for those of the model.
    """

    lookup_value_regex = "[0-9]+"
    verb_permissions: ClassVar[dict[str, str | None]] = {}
    search_fields: ClassVar[tuple[str, ...]] = ()
    ordering_fields: ClassVar[Any] = ()

    def needed_permission(self) -> str | None:
        return permissions.of_action(self)

    def list(self, request, *args, **kwargs):
        return self.page_of(self.get_queryset(), self.get_serializer_class())

    def retrieve(self, request, *args, **kwargs):
        shown = self.show(self.get_object())
        tag = etag.etag_of(shown)
        if (known := request.headers.get("If-None-Match")) and etag.names(known, tag):
            return HttpResponseNotModified(headers={"ETag": tag, "Cache-Control": "private, no-cache"})
        return self.done(_("OK"), shown, headers={"ETag": tag, "Cache-Control": "private, no-cache"})

    def page_of(self, queryset: QuerySet, serializer_class: type[BaseSerializer]) -> Response:
        """Answer with a page of `queryset`, filtered, searched and ordered as the view says."""
        page = self.paginate_queryset(self.filter_queryset(queryset))
        return self.get_paginated_response(
            serializer_class(page, many=True, context=self.get_serializer_context()).data
        )

    def get_object(self) -> Model:
        """Return the record that the address names; the filters of the list do not apply."""
        record = get_object_or_404(self.get_queryset(), pk=self.kwargs["pk"])
        self.check_object_permissions(self.request, record)
        return record

    def get_locked_object(self) -> Model:
        """Return the record, locked until the transaction ends and still what the `If-Match` names.

        The lock lets others point at the record meanwhile (FOR NO KEY UPDATE), so that it cannot deadlock
        with a posting. Call it inside a transaction.
        """
        self.lock(self.kwargs["pk"])
        record = self.get_object()
        if (wanted := self.request.headers.get("If-Match")) is not None:
            etag.require_match(wanted, etag.etag_of(self.show(record)))
        return record

    def lock(self, pk: str) -> None:
        """Lock the record's row, if there is one."""
        self.get_queryset().model._base_manager.select_for_update(no_key=True).filter(pk=pk).first()

    def show(self, record: Model) -> dict[str, Any]:
        """Return the representation of a record of this view's queryset."""
        return self.get_serializer_class()(record, context=self.get_serializer_context()).data

    def done(self, message: Any, data: Any = None, *, status: int = 200, headers: Any = None) -> Response:
        """Answer that it went well; a record of this collection is read again and shown with its version."""
        if isinstance(data, self.get_queryset().model):
            data = self.show(self.get_queryset().get(pk=data.pk))
            headers = {"ETag": etag.etag_of(data), **(headers or {})}
        return super().done(message, data, status=status, headers=headers)

    def shown_fields(self) -> Iterable[str]:
        """Return the names that a record shows: a client may send back what it read."""
        return self.get_serializer_class()().fields.keys()


class Creates(DomainViewSet):
    """POST to the collection: `make(**fields)` returns the new record."""

    create_serializer_class: ClassVar[type[BaseSerializer] | None] = None
    created_message = gettext_lazy("Created.")

    def make(self, **fields: Any) -> Model:
        raise NotImplementedError

    def create(self, request, *args, **kwargs):
        fields = self.command(
            self.create_serializer_class or self.get_serializer_class(), ignored_fields=self.shown_fields()
        )
        return self.done(self.created_message, self.make(**fields), status=201)


class Changes(DomainViewSet):
    """PUT and PATCH to a record: `change(record, **fields)` gets the fields that were sent."""

    change_serializer_class: ClassVar[type[BaseSerializer] | None] = None
    changed_message = gettext_lazy("Changed.")

    def change(self, record: Any, **fields: Any) -> None:
        raise NotImplementedError

    @transaction.atomic
    def update(self, request, *args, **kwargs):
        record = self.get_locked_object()
        fields = self.command(
            self.change_serializer_class or self.get_serializer_class(),
            instance=record,
            partial=True,
            ignored_fields=self.shown_fields(),
        )
        self.change(record, **fields)
        return self.done(self.changed_message, record)

    def partial_update(self, request, *args, **kwargs):
        return self.update(request, *args, **kwargs)


class Deletes(DomainViewSet):
    """DELETE of a record: `remove(record)`."""

    deleted_message = gettext_lazy("Deleted.")

    def remove(self, record: Any) -> None:
        raise NotImplementedError

    @transaction.atomic
    def destroy(self, request, *args, **kwargs):
        record = self.get_locked_object()
        pk = record.pk
        self.remove(record)
        return self.done(self.deleted_message, {"id": pk})
