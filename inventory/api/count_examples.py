"""Examples of the OpenAPI document: one stock count from its making to its posting."""

from typing import Any

from drf_spectacular.utils import OpenApiExample

_STORE = {"id": 5, "code": "MAIN", "name": "Main store"}
_MANAGER = {"id": 2, "email": "kwame@example.com", "name": "Kwame Boateng"}
_KEEPER = {"id": 7, "email": "grace@example.com", "name": "Grace Mukamana"}
_MADE = {
    "from": None,
    "to": "open",
    "by": _MANAGER,
    "at": "2031-05-31T06:00:00.000000Z",
    "comment": "",
}
_BEGUN = {
    "from": "open",
    "to": "counting",
    "by": _KEEPER,
    "at": "2031-05-31T08:00:00.000000Z",
    "comment": "",
}
_COUNT: dict[str, Any] = {
    "id": 12,
    "number": "CNT-2031-00012",
    "status": "open",
    "is_blind": True,
    "location": _STORE,
    "category": None,
    "abc_class": "A",
    "named_items": 0,
    "includes_empty": False,
    "notes": "",
    "progress": {"lines": 48, "counted": 0, "to_recount": 0},
    "made_by": _MANAGER,
    "started_at": "2031-05-31T06:00:00.000000Z",
    "submitted_by": None,
    "submitted_at": None,
    "approved_by": None,
    "approved_at": None,
    "history": [_MADE],
    "updated_at": "2031-05-31T06:00:00.000000Z",
}
_LINE = {
    "id": 903,
    "item": {"id": 41, "sku": "ROD-12", "name": "Steel rod 12 mm"},
    "location": _STORE,
    "lot": None,
    "book_quantity": None,
    "counted_quantity": "118",
    "counted_by": _KEEPER,
    "counted_at": "2031-05-31T08:00:00.000000Z",
    "needs_recount": False,
    "reason": "",
    "is_added": False,
    "expected_quantity": None,
    "variance": None,
    "variance_value": None,
    "movement": None,
}
_COUNTING = {
    **_COUNT,
    "status": "counting",
    "progress": {"lines": 48, "counted": 1, "to_recount": 0},
    "history": [_MADE, _BEGUN],
}

CREATE = [
    OpenApiExample(
        "Class A in the main store, blind",
        value={"location": "MAIN", "abc_class": "A", "is_blind": True},
        request_only=True,
    ),
    OpenApiExample("Two items", value={"items": ["ROD-12", "NUT-12"]}, request_only=True),
    OpenApiExample("As it was made", value=_COUNT, response_only=True, status_codes=["201"]),
]
ENTER = [
    OpenApiExample(
        "By line, and what was found beside it",
        value={
            "lines": [
                {"line": 903, "counted": "118"},
                {"item": "MILK-1", "location": "MAIN", "lot": "H-2207", "counted": "4"},
            ]
        },
        request_only=True,
    ),
    OpenApiExample("Entered", value={"count": _COUNTING, "lines": [_LINE]}, response_only=True),
]
SUBMIT = [
    OpenApiExample("What was not counted stays as it is", value={"leave_uncounted": True}, request_only=True)
]
RECOUNT = [
    OpenApiExample("Doubted", value={"lines": [903], "comment": "Look behind the rack"}, request_only=True)
]
CANCEL = [OpenApiExample("Why", value={"reason": "The store is being moved."}, request_only=True)]
