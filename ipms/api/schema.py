"""The OpenAPI document: what the code does, in the envelope of every answer.

A view says no more than what a verb takes and gives (`extend_schema(request=…, responses=…)`); the envelope,
the errors, the headers and the summaries are written here, once.
"""

import inspect
from typing import Any

from django.utils.text import capfirst
from drf_spectacular.openapi import AutoSchema

from ipms.api import idempotency
from ipms.api.schema_components import COMPONENTS

_WRITES = idempotency.METHODS
_CRUD = {
    "list": "List %(many)s",
    "retrieve": "Read one of the %(many)s",
    "create": "Create: %(one)s",
    "update": "Change: %(one)s",
    "partial_update": "Change: %(one)s",
    "destroy": "Delete: %(one)s",
}


def add_components(result: dict[str, Any], generator: Any, **kwargs: Any) -> dict[str, Any]:
    """Add what all operations point at: errors, headers, pagination."""
    components = result.setdefault("components", {})
    for kind, named in COMPONENTS.items():
        components[kind] = dict(sorted({**components.get(kind, {}), **named}.items()))
    return result


class EnvelopeSchema(AutoSchema):
    """Describes an operation as `ipms.api.views` answers it."""

    def get_operation(self, *args: Any) -> dict[str, Any] | None:
        operation = super().get_operation(*args)
        if operation is not None and self._is_ours():
            operation.setdefault("parameters", []).extend(self._header_parameters())
            operation["responses"] |= self._errors(operation)
        return operation

    def get_summary(self) -> str | None:
        """Say in a few words what the operation does: the first sentence of its docstring, else its name."""
        if sentence := self.get_description().partition("\n")[0].partition(". ")[0].rstrip("."):
            return sentence
        action = getattr(self.view, "action", None)
        if action in _CRUD:
            model = self.view.get_queryset().model._meta
            return _CRUD[action] % {"one": model.verbose_name, "many": model.verbose_name_plural}
        return capfirst((action or self.path.rsplit("/", 1)[-1]).replace("_", " ").replace("-", " "))

    def get_description(self) -> str:
        """Return the docstring of the operation itself; what the frame says to programmers stays inside."""
        handler = getattr(self.view, getattr(self.view, "action", None) or self.method.lower(), None)
        if handler is None or handler.__module__.startswith("ipms.api"):
            return ""
        return inspect.getdoc(handler) or ""

    def get_request_serializer(self) -> Any:
        match getattr(self.view, "action", None):
            case "create":
                return getattr(self.view, "create_serializer_class", None) or super().get_request_serializer()
            case "update" | "partial_update":
                return getattr(self.view, "change_serializer_class", None) or super().get_request_serializer()
        return super().get_request_serializer()

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        if self.method == "DELETE" and not isinstance(self.get_response_serializers(), dict):
            deleted = {"type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"]}
            return {"200": self._get_response_for_code(deleted, "200", direction=direction)}
        return super()._get_response_bodies(direction)

    def _get_response_for_code(self, serializer, status_code, media_types=None, direction="response"):
        response = super()._get_response_for_code(serializer, status_code, media_types, direction)
        if direction != "response" or not self._is_ours() or not status_code.startswith("2"):
            return response
        if "content" not in response or not response["description"]:
            response["description"] = "Done."
        response["headers"] = response.get("headers", {}) | self._response_headers()
        content = response.setdefault("content", {"application/json": {"schema": {"nullable": True}}})
        for media_type, media in content.items():
            if media_type == "application/json" and self._is_enveloped(media["schema"]):
                media["schema"] = _enveloped(media["schema"])
                for example in media.get("examples", {}).values():
                    example["value"] = _example(example["value"])
        return response

    def _is_enveloped(self, schema: dict[str, Any]) -> bool:
        return getattr(self.view, "is_enveloped", True) and not _is_page(schema)

    def _is_ours(self) -> bool:
        return hasattr(self.view, "needed_permission")

    def _is_versioned(self) -> bool:
        """Say whether a record with a version is read or changed."""
        return getattr(self.view, "action", None) in {"retrieve", "update", "partial_update"}

    def _header_parameters(self) -> list[dict[str, str]]:
        names = []
        if self.method in _WRITES:
            names.append("IdempotencyKey")
        if self._is_versioned():
            names.append("IfNoneMatch" if self.method == "GET" else "IfMatch")
        return [{"$ref": f"#/components/parameters/{name}"} for name in names]

    def _response_headers(self) -> dict[str, dict[str, str]]:
        names = {"X-Request-ID": "RequestId"}
        if self.method in _WRITES:
            names["Idempotency-Replayed"] = "IdempotencyReplayed"
        if self._is_versioned():
            names["ETag"] = "ETag"
        return {header: {"$ref": f"#/components/headers/{name}"} for header, name in names.items()}

    def _errors(self, operation: dict[str, Any]) -> dict[str, Any]:
        is_write, has_id = self.method in _WRITES, "{id}" in self.path or "{pk}" in self.path
        takes_values = is_write or any(
            parameter.get("in") == "query" for parameter in operation["parameters"]
        )
        names = {
            "304": "NotModified" if self._is_versioned() and self.method == "GET" else None,
            "400": "Invalid" if takes_values else None,
            "401": "Unauthenticated" if operation.get("security") else None,
            "403": "Forbidden" if operation.get("security") else None,
            "404": "NotFound" if has_id else None,
            "409": "Conflict" if is_write else None,
            "412": "PreconditionFailed" if self._is_versioned() and is_write else None,
            "413": "PayloadTooLarge" if is_write else None,
            "415": "UnsupportedMediaType" if "requestBody" in operation else None,
            "422": "IdempotencyKeyReused" if is_write else None,
            "429": "RateLimited",
            "503": "Unavailable",
        }
        names |= getattr(self.view, "documented_errors", {})
        return {
            status: {"$ref": f"#/components/responses/{name}"}
            for status, name in sorted(names.items())
            if name and status not in operation["responses"]
        }


def _is_page(schema: dict[str, Any]) -> bool:
    reference = schema.get("$ref", "")
    return reference.startswith("#/components/schemas/Paginated") or "pagination" in schema.get(
        "properties", {}
    )


def _enveloped(schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["message", "data", "timestamp"],
        "properties": {
            "message": {"type": "string", "example": "Done."},
            "data": schema,
            "timestamp": {"type": "string", "format": "date-time"},
        },
    }


def _example(data: Any) -> dict[str, Any]:
    return {"message": "Done.", "data": data, "timestamp": "2031-05-31T08:00:00.000Z"}
