"""Examples of the OpenAPI document: two suppliers, a few orders."""

from drf_spectacular.utils import OpenApiExample

_STEEL = {"id": 12, "code": "KIGALI-STEEL-LTD", "name": "Kigali Steel Ltd"}
_TOOLS = {"id": 15, "code": "MUSANZE-TOOLS", "name": "Musanze Tools"}
_STORE = {"id": 5, "code": "MAIN", "name": "Main store"}
_AS_OF = "2031-05-31T08:00:00.000000Z"
_NO_ORDERS = {"orders": 0, "amount": "0.00", "spend": "0.00"}
_STEEL_SUMS = {"orders": 2, "amount": "2961.88", "spend": "1847.88"}
_TOOLS_SUMS = {"orders": 1, "amount": "430.50", "spend": "430.50"}
_ALL_SUMS = {"orders": 3, "amount": "3392.38", "spend": "2278.38"}


def _span(orders: int, median: str, mean: str) -> dict[str, object]:
    return {"orders": orders, "median_days": median, "mean_days": mean}


PURCHASE_ORDERS = [
    OpenApiExample(
        "Three orders of a month",
        response_only=True,
        media_type="application/json",
        value={
            "totals": {**_ALL_SUMS, "overdue": 1, "currency": "USD"},
            "by_status": [
                {"status": "draft", **_NO_ORDERS},
                {"status": "pending", "orders": 1, "amount": "1114.00", "spend": "0.00"},
                {"status": "approved", "orders": 1, "amount": "1847.88", "spend": "1847.88"},
                {"status": "rejected", **_NO_ORDERS},
                {"status": "partially_delivered", **_NO_ORDERS},
                {"status": "delivered", **_TOOLS_SUMS},
                {"status": "cancelled", **_NO_ORDERS},
            ],
            "by_supplier": [{"supplier": _STEEL, **_STEEL_SUMS}, {"supplier": _TOOLS, **_TOOLS_SUMS}],
            "by_country": [{"country": "RW", **_ALL_SUMS}],
            "by_location": [{"location": _STORE, **_ALL_SUMS}],
            "by_month": [{"month": "2031-05", **_ALL_SUMS}],
            "without_rate": [],
            "overdue": [
                {
                    "id": 96,
                    "po_number": "PO-2031-00096",
                    "supplier": _STEEL,
                    "status": "approved",
                    "expected_date": "2031-05-20",
                    "days_late": 11,
                    "amount": "1847.88",
                    "outstanding_amount": "1566.00",
                }
            ],
            "cycle_time": {
                "ordered_to_approved": _span(2, "1.5", "1.5"),
                "approved_to_first_receipt": _span(1, "6", "6"),
                "ordered_to_first_receipt": _span(1, "8", "8"),
                "first_receipt_to_delivered": _span(1, "0", "0"),
                "ordered_to_delivered": _span(1, "8", "8"),
            },
            "as_of": _AS_OF,
        },
    )
]
SUPPLIERS = [
    OpenApiExample(
        "Two suppliers, one of them not yet measured",
        response_only=True,
        media_type="application/json",
        value={
            "suppliers": [
                {
                    "supplier": _TOOLS,
                    "orders": 14,
                    "spend": "6027.10",
                    "on_time_rate": "0.9286",
                    "fill_rate": "1",
                    "average_lead_time_days": "8.29",
                    "lead_time_reliability": "0.8125",
                    "price_variance": "0.0142",
                    "score": "92.9",
                },
                {
                    "supplier": _STEEL,
                    "orders": 1,
                    "spend": "1847.88",
                    "on_time_rate": None,
                    "fill_rate": None,
                    "average_lead_time_days": None,
                    "lead_time_reliability": None,
                    "price_variance": None,
                    "score": None,
                },
            ],
            "weights": {"on_time": 40, "fill": 25, "price": 20, "lead_time": 15},
            "currency": "USD",
            "as_of": _AS_OF,
        },
    )
]
