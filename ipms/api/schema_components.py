"""Parts of the OpenAPI document that all operations share."""

from typing import Any

_TIMESTAMP = "2031-05-31T08:00:00.000Z"


def _error(description: str, code: str, sentence: str, **more: Any) -> dict[str, Any]:
    example = {"error": sentence, "code": code, "timestamp": _TIMESTAMP, **more}
    return {
        "description": description,
        "headers": {"X-Request-ID": {"$ref": "#/components/headers/RequestId"}},
        "content": {
            "application/json": {"schema": {"$ref": "#/components/schemas/Error"}, "example": example}
        },
    }


def _with_retry(response: dict[str, Any]) -> dict[str, Any]:
    response["headers"]["Retry-After"] = {"$ref": "#/components/headers/RetryAfter"}
    return response


def _header(description: str, **schema: Any) -> dict[str, Any]:
    return {"description": description, "schema": {"type": "string", **schema}}


def _parameter(name: str, description: str, **schema: Any) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": False, **_header(description, **schema)}


_COUNT = {"type": "integer", "minimum": 0}

COMPONENTS: dict[str, dict[str, Any]] = {
    "schemas": {
        "Error": {
            "type": "object",
            "required": ["error", "code", "timestamp"],
            "properties": {
                "error": {"type": "string", "description": "A sentence for people."},
                "code": {
                    "type": "string",
                    "description": "A word for programs.",
                    "example": "VALIDATION_ERROR",
                },
                "timestamp": {"type": "string", "format": "date-time"},
                "details": {
                    "type": "object",
                    "additionalProperties": True,
                    "description": "What there is to say beyond the sentence: for `VALIDATION_ERROR` each "
                    "field with its sentences, for lines a list with an object for each line.",
                },
            },
        },
        "Pagination": {
            "type": "object",
            "required": ["page", "pages", "per_page", "total", "has_next", "has_prev"],
            "properties": {
                "page": {"type": "integer", "minimum": 1, "example": 1},
                "pages": {"type": "integer", "minimum": 1, "example": 5},
                "per_page": {"type": "integer", "minimum": 1, "maximum": 200, "example": 20},
                "total": {**_COUNT, "example": 100},
                "has_next": {"type": "boolean"},
                "has_prev": {"type": "boolean"},
            },
        },
        "FeedPagination": {
            "type": "object",
            "required": ["next", "previous", "per_page"],
            "properties": {
                "next": {
                    "type": "string",
                    "nullable": True,
                    "description": "Send it as `cursor` for older rows.",
                },
                "previous": {
                    "type": "string",
                    "nullable": True,
                    "description": "Send it as `cursor` for newer rows.",
                },
                "per_page": {"type": "integer", "minimum": 1, "maximum": 200, "example": 20},
            },
        },
    },
    "parameters": {
        "IdempotencyKey": _parameter(
            "Idempotency-Key",
            "Any key of your own, new for each intended effect. Sent again with the same request it gives "
            "the first answer again and no second effect, for 30 days.",
            minLength=1,
            maxLength=255,
            pattern="^[!-~]+$",
        ),
        "IfMatch": _parameter("If-Match", "The `ETag` you read: 412 where the record has changed since."),
        "IfNoneMatch": _parameter("If-None-Match", "The `ETag` you have: 304 where it is still the newest."),
    },
    "headers": {
        "RequestId": _header("Your own `X-Request-ID`, or a new one; also in the logs and the audit trail."),
        "ETag": _header("The version of the record."),
        "IdempotencyReplayed": _header(
            "`true` where this is the answer of an earlier request.", enum=["true"]
        ),
        "RetryAfter": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}},
    },
    "responses": {
        "NotModified": {"description": "You have the newest version."},
        "Invalid": _error(
            "What was sent cannot be taken.",
            "VALIDATION_ERROR",
            "Please correct what is marked.",
            details={"quantity": ["Must be greater than zero."]},
        ),
        "Unauthenticated": _error(
            "No access token, or one that is not valid any more.", "NOT_AUTHENTICATED", "Please log in."
        ),
        "InvalidCredentials": _error(
            "No active account has this email address with this password.",
            "INVALID_CREDENTIALS",
            "The email address or the password is wrong.",
        ),
        "TokenInvalid": _error(
            "The token is expired, used up or revoked.",
            "TOKEN_INVALID",
            "This token is not valid any more: please log in again.",
        ),
        "AccountLocked": _error(
            "Too many failed logins with this email address from this network address.",
            "ACCOUNT_LOCKED",
            "Too many failed logins: try again in 15 minutes.",
        ),
        "Forbidden": _error(
            "Not with your role, or not on this document.",
            "PERMISSION_DENIED",
            "You do not have permission to do this.",
        ),
        "NotFound": _error("No such record.", "NOT_FOUND", "There is nothing at this address."),
        "Conflict": _error(
            "Not in the present state of things, or the first request with this key is still running.",
            "INVALID_STATE",
            "This order is already delivered.",
            details={"status": "delivered", "allowed": []},
        ),
        "PreconditionFailed": _error(
            "The record has changed since you read it.",
            "PRECONDITION_FAILED",
            "The record has changed since you read it: read it again.",
        ),
        "PayloadTooLarge": _error("The body is too large.", "PAYLOAD_TOO_LARGE", "The request is too large."),
        "UnsupportedMediaType": _error(
            "The body is not JSON.", "UNSUPPORTED_MEDIA_TYPE", "Send the body as application/json."
        ),
        "IdempotencyKeyReused": _error(
            "The key stands for another request.",
            "IDEMPOTENCY_KEY_REUSED",
            "This Idempotency-Key was used for another request: use a new one.",
        ),
        "RateLimited": _with_retry(
            _error("Too many requests.", "RATE_LIMITED", "Too many requests: try again later.")
        ),
        "Unavailable": _with_retry(
            _error(
                "The database is away.",
                "UNAVAILABLE",
                "The service is not available at the moment: try again shortly.",
            )
        ),
    },
}
