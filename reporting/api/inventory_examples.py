"""Examples of the OpenAPI document: the stock of a small store."""

from drf_spectacular.utils import OpenApiExample

_ROD = {"id": 41, "sku": "ROD-12", "name": "Steel rod 12 mm"}
_PAINT = {"id": 57, "sku": "PAINT-RED-5", "name": "Red paint, 5 l"}
_SUMS = {"items": 2, "quantity": "132.5", "stock_value": "1161.25"}


def _age(bucket: str, since: int, until: int | None, items: int, quantity: str, value: str) -> dict:
    return {
        "bucket": bucket,
        "from_days": since,
        "to_days": until,
        "items": items,
        "quantity": quantity,
        "stock_value": value,
    }


INVENTORY = [
    OpenApiExample(
        "Two items in one store",
        response_only=True,
        media_type="application/json",
        value={
            "totals": {
                **_SUMS,
                "currency": "USD",
                "low_stock": 1,
                "dead_stock": 1,
                "dead_stock_value": "291.25",
            },
            "by_category": [
                {
                    "category": {"id": 3, "slug": "raw-materials", "name": "Raw materials"},
                    "items": 1,
                    "quantity": "120",
                    "stock_value": "870.00",
                },
                {"category": None, "items": 1, "quantity": "12.5", "stock_value": "291.25"},
            ],
            "by_location": [{"location": {"id": 5, "code": "MAIN", "name": "Main store"}, **_SUMS}],
            "low_stock": [
                {
                    "item": _ROD,
                    "unit": "MTR",
                    "status": "low-stock",
                    "quantity": "120",
                    "available": "100",
                    "reorder_level": "150",
                    "reorder_quantity": "500",
                }
            ],
            "dead_stock": [
                {
                    "item": _PAINT,
                    "unit": "LTR",
                    "quantity": "12.5",
                    "stock_value": "291.25",
                    "last_issued_on": "2030-09-02",
                    "days_idle": 271,
                }
            ],
            "ageing": [
                _age("0-30", 0, 30, 1, "100", "725.00"),
                _age("31-90", 31, 90, 1, "20", "145.00"),
                _age("91-180", 91, 180, 0, "0", "0.00"),
                _age("181-365", 181, 365, 0, "0", "0.00"),
                _age(">365", 366, None, 1, "12.5", "291.25"),
            ],
            "abc": [
                {
                    "class": "A",
                    "items": 1,
                    "consumption_value": "8200.00",
                    "share": "1",
                    "stock_value": "870.00",
                },
                {
                    "class": "B",
                    "items": 0,
                    "consumption_value": "0.00",
                    "share": "0",
                    "stock_value": "0.00",
                },
                {
                    "class": "C",
                    "items": 1,
                    "consumption_value": "0.00",
                    "share": "0",
                    "stock_value": "291.25",
                },
            ],
            "as_of": "2031-05-31T08:00:00.000000Z",
            "known_at": None,
        },
    )
]
