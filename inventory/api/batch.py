"""Many stock operations in one request, for clients that were offline: each stands or falls alone."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import connection
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema_field
from rest_framework import serializers

from inventory import ledger, stock
from inventory.api.movements import MovementSerializer
from inventory.api.references import ITEM
from inventory.api.stock import (
    AddStockSerializer,
    AdjustStockSerializer,
    PostedSerializer,
    RemoveStockSerializer,
    TransferStockSerializer,
    posted,
)
from inventory.models import Item, StockMovement
from ipms.api import exceptions, idempotency
from ipms.api.fields import MomentField, RecordField
from ipms.api.natural_keys import Keys
from ipms.api.serializers import CommandSerializer
from ipms.errors import DomainError, InvalidInput

MOST_OPERATIONS = 500


class _Operation(CommandSerializer):
    key = serializers.CharField(max_length=255, help_text=_("The operation's idempotency key."))
    type = serializers.CharField()
    item = RecordField(Item.objects.select_related("location"), "sku", shows=ITEM)
    occurred_at = MomentField(
        required=False,
        allow_null=True,
        help_text=_("When it happened; now if left out. Never in the future."),
    )


class AddOperation(_Operation, AddStockSerializer):
    pass


class RemoveOperation(_Operation, RemoveStockSerializer):
    pass


class TransferOperation(_Operation, TransferStockSerializer):
    pass


class AdjustOperation(_Operation, AdjustStockSerializer):
    pass


@dataclass(frozen=True, kw_only=True)
class _Kind:
    serializer_class: type[_Operation]
    permission: str
    post: Callable[..., list[StockMovement]]


_KINDS = {
    "add": _Kind(serializer_class=AddOperation, permission="inventory.move_stock", post=stock.add),
    "remove": _Kind(serializer_class=RemoveOperation, permission="inventory.move_stock", post=stock.remove),
    "transfer": _Kind(
        serializer_class=TransferOperation, permission="inventory.move_stock", post=stock.transfer
    ),
    "adjust": _Kind(serializer_class=AdjustOperation, permission="inventory.adjust_stock", post=stock.adjust),
}


@extend_schema_field(
    PolymorphicProxySerializer(
        component_name="StockOperation",
        serializers={name: kind.serializer_class for name, kind in _KINDS.items()},
        resource_type_field_name="type",
    )
)
class _OperationField(serializers.Field):
    """Anything: what is wrong with an operation is told in its own result."""

    def to_internal_value(self, data):
        return data


class BatchSerializer(CommandSerializer):
    operations = serializers.ListField(
        child=_OperationField(allow_null=True), min_length=1, max_length=MOST_OPERATIONS
    )


class ResultSerializer(PostedSerializer):
    """`status` is the HTTP status of the operation alone; `movement` tells what was done, `error` why not."""

    key = serializers.CharField(allow_null=True)
    status = serializers.IntegerField()
    replayed = serializers.BooleanField(
        help_text=_("The operation was done before; this is its first answer.")
    )
    code = serializers.CharField(required=False)
    error = serializers.CharField(required=False)
    details = serializers.DictField(required=False)
    movement = MovementSerializer(allow_null=True, required=False)


class BatchDoneSerializer(serializers.Serializer):
    results = ResultSerializer(many=True)


class Batch:
    """The operations of one request, with the records they name fetched at once."""

    def __init__(self, operations: Sequence[Any], *, request: Any, context: dict[str, Any]) -> None:
        self._operations = operations
        self._request = request
        self._context = context
        self._scope = idempotency.scope_of(request)
        self._serializers = {name: self._serializer(name) for name in _KINDS}

    def run(self) -> list[dict[str, Any]]:
        """Do the operations in their order; return the result of each.

        Each ends in its own transaction, unless the request runs in one. Then all items are locked first, in
        the order that everybody keeps: two such batches wait for each other, never in a circle.
        """
        if connection.in_atomic_block:
            self._lock_items()
        return [self._result(operation) for operation in self._operations]

    def _serializer(self, name: str) -> _Operation:
        serializer = _KINDS[name].serializer_class(context=self._context)
        rows = [row for row in self._operations if isinstance(row, Mapping) and row.get("type") == name]
        for field_name, field in serializer.fields.items():
            if isinstance(field, RecordField):
                field.load([row[field_name] for row in rows if field_name in row])
        return serializer

    def _lock_items(self) -> None:
        named = [row["item"] for row in self._operations if isinstance(row, Mapping) and "item" in row]
        found = Keys(Item.objects.all(), "sku").get_many(named)
        ledger.lock({item.pk for item in found.values()})

    def _result(self, operation: Any) -> dict[str, Any]:
        key = operation.get("key") if isinstance(operation, Mapping) else None
        try:
            answer = self._once(key, operation)
        except DomainError as error:
            return {"key": key, "replayed": False, **_told(exceptions.describe(error))}
        body = answer.data
        body.pop("timestamp", None)
        return {"key": key, "status": answer.status, "replayed": answer.replayed, **body}

    def _once(self, key: Any, operation: Any) -> idempotency.Answer:
        if not isinstance(operation, Mapping):
            raise InvalidInput({"non_field_errors": [_("An operation is an object.")]})
        if not isinstance(key, str):
            raise InvalidInput({"key": [_("Give the operation a key of its own, as text.")]})
        fingerprint = idempotency.fingerprint_of(
            "POST", self._request.path, json.dumps(operation, default=str).encode()
        )
        try:
            return idempotency.once(
                self._scope, key, fingerprint=fingerprint, run=lambda: self._perform(operation)
            )
        except InvalidInput as error:
            raise InvalidInput({"key": error.details[idempotency.HEADER]}) from error

    def _perform(self, operation: Mapping[str, Any]) -> idempotency.Answer:
        name = operation.get("type")
        kind = _KINDS.get(name) if isinstance(name, str) else None
        if kind is None:
            raise InvalidInput({"type": [_("One of: %(types)s.") % {"types": ", ".join(_KINDS)}]})
        if not self._request.user.has_perm(kind.permission):
            raise PermissionDenied
        fields = self._serializers[name].run_validation(operation)
        item = fields.pop("item")
        del fields["key"], fields["type"]
        movements = kind.post(item, by=self._request.user, **fields)
        return idempotency.answer(200, posted(movements, self._context))


def _told(refusal: exceptions.Refusal) -> dict[str, Any]:
    told = {"status": refusal.status, "code": refusal.code, "error": refusal.message}
    return {**told, "details": refusal.details} if refusal.details else told
