"""Example of the OpenAPI document: a store with a steel rod, mostly."""

from drf_spectacular.utils import OpenApiExample

_ROD = {"id": 41, "sku": "ROD-12", "name": "Steel rod 12 mm", "unit": "EA"}
_CELLS = {("A", "X"): (1, "18250.00"), ("C", "Z"): (4, "310.40")}
_TURNING = {
    "consumption": "18250.00",
    "average_stock_value": "3041.67",
    "turnover": "6",
    "days_of_inventory": "60.8",
}

ANALYTICS = [
    OpenApiExample(
        "One item that matters",
        response_only=True,
        media_type="application/json",
        value={
            "consumption_trend": [{"month": "2031-05", "value": "1521.00", "issues": 31}],
            "spend_trend": [{"month": "2031-05", "amount": "2278.38", "orders": 2}],
            "abc_xyz": {
                "days": 365,
                "total_items": 5,
                "total_value": "18560.40",
                "matrix": [
                    {
                        "abc": abc,
                        "xyz": xyz,
                        "items": _CELLS.get((abc, xyz), (0, "0.00"))[0],
                        "value": _CELLS.get((abc, xyz), (0, "0.00"))[1],
                    }
                    for abc in "ABC"
                    for xyz in "XYZ"
                ],
                "items": [
                    {
                        "item": _ROD,
                        "abc": "A",
                        "xyz": "X",
                        "value": "18250.00",
                        "share": "0.983276",
                        "cumulative_share": "0.983276",
                        "variation": "0.2113",
                    }
                ],
            },
            "turnover": {
                "days": 365,
                "totals": _TURNING,
                "by_category": [
                    {"category": {"id": 3, "slug": "raw-materials", "name": "Raw materials"}, **_TURNING}
                ],
                "items": [{"item": _ROD, **_TURNING}],
            },
            "forecast": [
                {
                    "item": _ROD,
                    "kind": "smooth",
                    "method": "exponential-smoothing",
                    "parameters": {"alpha": "0.1"},
                    "weeks": 104,
                    "per_week": "48.2",
                    "per_day": "6.8857",
                    "deviation": "10.4",
                    "accuracy": {"periods": 78, "rmsse": "0.7412", "mase": "0.7555", "bias": "-0.12"},
                    "naive": {"periods": 78, "rmsse": "1.0016", "mase": "1.0034", "bias": "0.04"},
                }
            ],
            "reorder_suggestions": [
                {
                    "item": _ROD,
                    "available": "80",
                    "on_order": "0",
                    "requested": "0",
                    "per_day": "6.8857",
                    "days_left": "11.6",
                    "lead_time_days": "12.7",
                    "lead_time_source": "item-receipts",
                    "safety_stock": "33",
                    "reorder_point": "121",
                    "quantity": "248",
                    "supplier": {"id": 12, "code": "KIGALI-STEEL-LTD", "name": "Kigali Steel Ltd"},
                    "unit_price": "7.25",
                    "currency": "EUR",
                    "why": "Available 80 EA, on order 0: no more than the reorder point of 121. …",
                }
            ],
            "currency": "USD",
            "as_of": "2031-05-31T08:00:00.000000Z",
        },
    )
]
