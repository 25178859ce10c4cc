"""Examples of the OpenAPI document: a manager logs in; an administrator takes somebody on."""

from typing import Any

from drf_spectacular.utils import OpenApiExample

_ACCESS = "eyJhbGciOiJIUzI1NiJ9.eyJ0b2tlbl90eXBlIjoiYWNjZXNzIn0.c2lnbmF0dXJl"
_REFRESH = "eyJhbGciOiJIUzI1NiJ9.eyJ0b2tlbl90eXBlIjoicmVmcmVzaCJ9.c2lnbmF0dXJl"
_PASSWORD = "correct-Horse-7"  # noqa: S105 - an example

_GRACE = {
    "id": 7,
    "username": "grace",
    "email": "grace@example.com",
    "first_name": "Grace",
    "last_name": "Mukamana",
    "role": "manager",
    "is_active": True,
    "phone": "+250 788 000 000",
    "language": "en",
    "timezone": "Africa/Kigali",
    "permissions": ["inventory.add_item", "inventory.view_item"],
    "last_login": "2031-05-31T08:00:00.000000Z",
    "created_at": "2031-01-02T07:30:00.000000Z",
}


def _sent(title: str, **value: Any) -> OpenApiExample:
    return OpenApiExample(title, value=value, request_only=True)


def _shown(title: str, value: Any, *, status: str = "200") -> OpenApiExample:
    return OpenApiExample(title, value=value, response_only=True, status_codes=[status])


_TOKENS = _shown(
    "Tokens and user",
    {"access": _ACCESS, "refresh": _REFRESH, "token_type": "Bearer", "expires_in": 900, "user": _GRACE},
)

LOGIN = [_sent("A manager", email="grace@example.com", password=_PASSWORD), _TOKENS]
REFRESH = [_sent("The refresh token of the last answer", refresh=_REFRESH), _TOKENS]
LOGOUT = [_sent("The refresh token of this device", refresh=_REFRESH)]
ME = [_shown("A manager", _GRACE)]
PROFILE = [
    _sent("A new telephone", phone="+250 788 000 001"),
    _shown("The user", {**_GRACE, "phone": "+250 788 000 001"}),
]
CHANGE_PASSWORD = [
    _sent("Both passwords", current_password=_PASSWORD, new_password="another-Horse-8"),  # noqa: S106
    _TOKENS,
]
REGISTER = [
    _sent(
        "A storekeeper",
        username="kofi",
        email="kofi@example.com",
        password=_PASSWORD,
        first_name="Kofi",
        last_name="Boateng",
        role="staff",
    ),
    _shown(
        "As he was made",
        _GRACE
        | {
            "id": 8,
            "username": "kofi",
            "email": "kofi@example.com",
            "first_name": "Kofi",
            "last_name": "Boateng",
            "role": "staff",
            "phone": "",
            "timezone": "UTC",
            "permissions": ["inventory.view_item"],
            "last_login": None,
        },
        status="201",
    ),
]
USER = [_shown("A manager", _GRACE)]
CHANGE_USER = [_sent("Another role", role="staff"), _shown("The user", {**_GRACE, "role": "staff"})]
DEACTIVATE = [_shown("The row stays", {**_GRACE, "is_active": False, "permissions": []})]
AUDIT_ENTRY = [
    _shown(
        "A new price",
        {
            "id": 90210,
            "actor": {"id": 7, "email": "grace@example.com", "name": "Grace Mukamana"},
            "action": "update",
            "object_type": "inventory.item",
            "object_id": 41,
            "object_repr": "ROD-12",
            "changes": {"unit_price": ["7.25", "7.40"]},
            "ip_address": "10.0.4.17",
            "user_agent": "Mozilla/5.0",
            "request_id": "1f0d6b2c7f2e4f0e8f6f7a3f3a1c9c54",
            "timestamp": "2031-05-31T08:00:00.000000Z",
        },
    )
]

_LOW = {
    "id": 311,
    "kind": "stock-low",
    "title": "ROD-12 Steel rod is low on stock",
    "body": "Available: 40 EA. Reorder level: 50 EA.",
    "url": "/admin/inventory/item/41/change/",
    "read_at": None,
    "created_at": "2031-05-31T07:42:10.000000Z",
}
_CHOSEN = {"kind": "stock-low", "label": "Stock is low", "in_app": True, "by_mail": True}

NOTIFICATION = [_shown("Low stock", _LOW)]
NOTIFICATION_READ = [_shown("Now it is read", {**_LOW, "read_at": "2031-05-31T08:00:00.000000Z"})]
NOTIFICATIONS_READ = [_shown("There were three", {"read": 3})]
PREFERENCES = [_shown("One kind of those that may come", {"preferences": [_CHOSEN]})]
CHANGE_PREFERENCES = [
    _sent("By mail too", preferences=[{"kind": "stock-low", "in_app": True, "by_mail": True}]),
    *PREFERENCES,
]
