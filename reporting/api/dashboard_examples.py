"""Examples of the OpenAPI document: the figures of a small factory."""

from drf_spectacular.utils import OpenApiExample

_AS_OF = "2031-05-31T08:00:00.000000Z"

SUMMARY = [
    OpenApiExample(
        "A small factory",
        response_only=True,
        value={
            "items": {"total": 214, "active": 210, "in_stock": 181, "low_stock": 17, "out_of_stock": 12},
            "stock_value": "184211.60",
            "currency": "USD",
            "purchase_orders": {
                "draft": 2,
                "pending": 5,
                "approved": 9,
                "rejected": 1,
                "partially_delivered": 3,
                "delivered": 140,
                "cancelled": 4,
                "overdue": 2,
            },
            "suppliers": {"total": 31, "active": 29},
            "notifications_unread": 3,
            "as_of": _AS_OF,
        },
    )
]
METRICS = [
    OpenApiExample(
        "A small factory, lists cut short",
        response_only=True,
        value={
            "currency": "USD",
            "stock_turnover": "5.83",
            "days_of_inventory": "62.6",
            "fill_rate": "0.9741",
            "stockout_rate": "0.0412",
            "po_cycle_days": "18.4",
            "on_time_delivery_rate": "0.8913",
            "spend_30d": "61240.00",
            "spend_by_month": [
                {"month": "2031-04", "amount": "58102.25"},
                {"month": "2031-05", "amount": "61240.00"},
            ],
            "movements_by_day": [
                {"date": "2031-05-30", "in": 12, "out": 41, "value_in": "8210.00", "value_out": "2904.75"},
                {"date": "2031-05-31", "in": 3, "out": 8, "value_in": "725.00", "value_out": "611.10"},
            ],
            "top_items": [
                {
                    "item": {"id": 41, "sku": "ROD-12", "name": "Steel rod 12 mm"},
                    "unit": "MTR",
                    "quantity": "11200",
                    "value": "81200.00",
                }
            ],
            "as_of": _AS_OF,
        },
    )
]
