"""Examples of the OpenAPI document: one item from its making to its reversal."""

from typing import Any

from drf_spectacular.utils import OpenApiExample

_CATEGORY = {"id": 3, "slug": "raw-materials", "name": "Raw materials"}
_STORE = {"id": 5, "code": "MAIN", "name": "Main store"}
_BIN = {"id": 9, "code": "MAIN-A-03", "name": "Rack A, bin 3"}
_KEEPER = {"id": 7, "email": "grace@example.com", "name": "Grace Mukamana"}
_NOW = "2031-05-31T08:00:00.000000Z"

_ITEM = {
    "id": 41,
    "sku": "ROD-12",
    "name": "Steel rod 12 mm",
    "description": "Hot rolled, 6 m",
    "category": _CATEGORY,
    "location": _STORE,
    "unit": "EA",
    "barcode": "",
    "unit_price": "7.25",
    "currency": "USD",
    "reorder_level": "40",
    "reorder_quantity": "200",
    "is_active": True,
    "tracking": "none",
    "quantity": "120",
    "reserved": "0",
    "available": "120",
    "average_cost": "7.10",
    "stock_value": "852.00",
    "status": "in-stock",
    "created_at": "2031-05-30T07:00:00.000000Z",
    "updated_at": "2031-05-30T07:00:00.000000Z",
}


def _movement(**changed: Any) -> dict[str, Any]:
    movement = {
        "id": 2204,
        "kind": "receipt",
        "item": {"id": 41, "sku": "ROD-12", "name": "Steel rod 12 mm"},
        "lot": None,
        "quantity": "20",
        "from_location": {"id": 1, "code": "@supplier", "name": "Supplier"},
        "to_location": _STORE,
        "unit_cost": "7.10",
        "value": "142.00",
        "on_hand_after": "120",
        "reason": "",
        "reference": "DN 4471",
        "document": "",
        "actor": _KEEPER,
        "occurred_at": _NOW,
        "posted_at": _NOW,
        "reverses": None,
    }
    return movement | changed


def _done(title: str, /, movement: dict[str, Any], **item: Any) -> OpenApiExample:
    return OpenApiExample(title, value={"movement": movement, "item": _ITEM | item}, response_only=True)


def _sent(title: str, /, **value: Any) -> OpenApiExample:
    return OpenApiExample(title, value=value, request_only=True)


CATEGORY = [
    _sent("A category", name="Raw materials"),
    OpenApiExample(
        "As it was made",
        value={**_CATEGORY, "parent": None, "is_active": True},
        response_only=True,
        status_codes=["201"],
    ),
]
LOCATION = [
    _sent("A bin", code="MAIN-A-03", name="Rack A, bin 3", kind="bin", parent="MAIN"),
    OpenApiExample(
        "As it was made",
        value={**_BIN, "kind": "bin", "parent": _STORE, "is_active": True},
        response_only=True,
        status_codes=["201"],
    ),
]
NEW_ITEM = [
    _sent(
        "With an opening balance",
        sku="ROD-12",
        name="Steel rod 12 mm",
        category="raw-materials",
        location="MAIN",
        unit_price="7.25",
        reorder_level="40",
        quantity="120",
        unit_cost="7.10",
    ),
    OpenApiExample("As it was made", value=_ITEM, response_only=True, status_codes=["201"]),
]
CHANGED_ITEM = [
    _sent("A new price", unit_price="7.40"),
    OpenApiExample("As it is now", value=_ITEM | {"unit_price": "7.40"}, response_only=True),
]
ADD = [
    _sent("A delivery", quantity="20", unit_cost="7.10", reference="DN 4471"),
    _sent("A lot that expires", quantity="20", lot="H-2207", expires_on="2032-01-31"),
    _done("Added", _movement()),
]
REMOVE = [
    _sent("An issue", quantity="2.5", location="MAIN", reason="Job 118"),
    _done(
        "Removed",
        _movement(
            kind="issue",
            quantity="2.5",
            from_location=_STORE,
            to_location={"id": 2, "code": "@consumption", "name": "Consumption"},
            value="17.75",
            on_hand_after="117.5",
            reason="Job 118",
            reference="",
        ),
        quantity="117.5",
        available="117.5",
        stock_value="834.25",
    ),
]
TRANSFER = [
    _sent("Into a bin", quantity="20", from_location="MAIN", to_location="MAIN-A-03"),
    _done(
        "Transferred",
        _movement(kind="transfer", from_location=_STORE, to_location=_BIN, reference=""),
    ),
]
ADJUST = [
    _sent("A count", counted="118", location="MAIN", reason="Yearly count"),
    _done(
        "Two were missing",
        _movement(
            kind="adjustment",
            quantity="2",
            from_location=_STORE,
            to_location={"id": 3, "code": "@adjustment", "name": "Adjustment"},
            value="14.20",
            on_hand_after="118",
            reason="Yearly count",
            reference="",
        ),
        quantity="118",
        available="118",
        stock_value="837.80",
    ),
]
REVERSE = [
    _sent("Why", reason="Delivered to the neighbour."),
    _done(
        "Reversed",
        _movement(
            id=2205,
            kind="reversal",
            from_location=_STORE,
            to_location={"id": 1, "code": "@supplier", "name": "Supplier"},
            on_hand_after="100",
            reason="Delivered to the neighbour.",
            reverses=2204,
        ),
        quantity="100",
        available="100",
        stock_value="710.00",
    ),
]
BATCH = [
    _sent(
        "Two operations",
        operations=[
            {
                "key": "tablet-7/118",
                "type": "remove",
                "item": "ROD-12",
                "quantity": "500",
                "location": "MAIN",
                "occurred_at": "2031-05-31T06:12:00Z",
            },
            {
                "key": "tablet-7/119",
                "type": "add",
                "item": "ROD-12",
                "quantity": "20",
                "reference": "DN 4471",
            },
        ],
    ),
    OpenApiExample(
        "One refused, one done",
        value={
            "results": [
                {
                    "key": "tablet-7/118",
                    "status": 409,
                    "replayed": False,
                    "code": "INSUFFICIENT_STOCK",
                    "error": "Only 100 EA of ROD-12 can be taken at MAIN; 500 were asked for.",
                    "details": {
                        "item": {"id": 41, "sku": "ROD-12", "name": "Steel rod 12 mm"},
                        "location": _STORE,
                        "requested": "500",
                        "available": "100",
                    },
                },
                {"key": "tablet-7/119", "status": 200, "replayed": False, "movement": _movement()},
            ]
        },
        response_only=True,
    ),
]
