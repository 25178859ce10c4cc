"""Examples of the OpenAPI document: one order from its making to its receipt."""

from drf_spectacular.utils import OpenApiExample

_MAKER = {"id": 3, "email": "grace@example.com", "name": "Grace Mukamana"}
_APPROVER = {"id": 2, "email": "kwame@example.com", "name": "Kwame Boateng"}
_ITEM = {"id": 41, "sku": "ROD-12", "name": "Steel rod 12 mm"}
_STORE = {"id": 5, "code": "MAIN", "name": "Main store"}

_LINE = {
    "id": 311,
    "item": _ITEM,
    "description": "Steel rod 12 mm",
    "quantity": "200",
    "unit_price": "7.25",
    "tax_rate": "18",
    "line_total": "1450.00",
    "received_quantity": "0",
    "outstanding_quantity": "200",
}
_MADE = {
    "from": None,
    "to": "pending",
    "by": _MAKER,
    "at": "2031-05-30T07:12:09.120000Z",
    "comment": "",
}
_ORDER = {
    "id": 96,
    "po_number": "PO-2031-00096",
    "supplier": {"id": 12, "code": "KIGALI-STEEL-LTD", "name": "Kigali Steel Ltd"},
    "status": "pending",
    "currency": "EUR",
    "exchange_rate": None,
    "subtotal": "1450.00",
    "tax_amount": "261.00",
    "total_amount": "1711.00",
    "total_base": None,
    "expected_date": "2031-06-20",
    "deliver_to": _STORE,
    "notes": "",
    "reference": "REQ-7",
    "lines": [_LINE],
    "created_by": _MAKER,
    "approved_by": None,
    "approved_at": None,
    "rejected_by": None,
    "rejection_reason": "",
    "delivered_at": None,
    "history": [_MADE],
    "created_at": "2031-05-30T07:12:09.118000Z",
    "updated_at": "2031-05-30T07:12:09.118000Z",
}
_APPROVED = {
    **_ORDER,
    "status": "approved",
    "exchange_rate": "1.08",
    "total_base": "1847.88",
    "approved_by": _APPROVER,
    "approved_at": "2031-05-31T08:00:00.000000Z",
    "history": [
        _MADE,
        {
            "from": "pending",
            "to": "approved",
            "by": _APPROVER,
            "at": "2031-05-31T08:00:00.000000Z",
            "comment": "Within budget",
        },
    ],
    "updated_at": "2031-05-31T08:00:00.000000Z",
}
_PARTLY = {
    **_APPROVED,
    "status": "partially_delivered",
    "lines": [{**_LINE, "received_quantity": "120", "outstanding_quantity": "80"}],
    "history": [
        *_APPROVED["history"],
        {
            "from": "approved",
            "to": "partially_delivered",
            "by": _MAKER,
            "at": "2031-06-19T14:31:55.402000Z",
            "comment": "",
        },
    ],
    "updated_at": "2031-06-19T14:31:55.402000Z",
    "receipt": {
        "id": 58,
        "number": "GRN-2031-00058",
        "order": {"id": 96, "po_number": "PO-2031-00096"},
        "reference": "DN 4471",
        "lines": [
            {
                "line": 311,
                "item": _ITEM,
                "quantity": "120",
                "lot": None,
                "location": _STORE,
                "movement": 2204,
            }
        ],
        "received_by": _MAKER,
        "occurred_at": "2031-06-19T14:31:55.398000Z",
        "created_at": "2031-06-19T14:31:55.398000Z",
    },
}

PLACE = [
    OpenApiExample(
        "An order",
        value={
            "supplier": "KIGALI-STEEL-LTD",
            "currency": "EUR",
            "expected_date": "2031-06-20",
            "deliver_to": "MAIN",
            "reference": "REQ-7",
            "lines": [{"item": "ROD-12", "quantity": "200", "unit_price": "7.25", "tax_rate": "18"}],
        },
        request_only=True,
    ),
    OpenApiExample("As it was made", value=_ORDER, response_only=True, status_codes=["201"]),
]
APPROVE = [
    OpenApiExample(
        "With a rate", value={"comment": "Within budget", "exchange_rate": "1.08"}, request_only=True
    ),
    OpenApiExample("Approved", value=_APPROVED, response_only=True),
]
REJECT = [OpenApiExample("Why", value={"reason": "Ask for a second quotation."}, request_only=True)]
CANCEL = [OpenApiExample("Why", value={"reason": "The machine was sold."}, request_only=True)]
DELIVER = [
    OpenApiExample("All that is outstanding", value={"reference": "DN 4471"}, request_only=True),
    OpenApiExample(
        "A part, with its lot",
        value={
            "lines": [{"line": 311, "quantity": "120", "lot": "H-2207", "location": "MAIN"}],
            "reference": "DN 4471",
        },
        request_only=True,
    ),
    OpenApiExample("Received in part", value=_PARTLY, response_only=True),
]
