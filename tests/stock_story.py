"""What a buyer, a manager and the store do with an item over the API, with the figures worked out by hand."""

from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")


@dataclass(frozen=True, kw_only=True)
class Books:
    """An item as plain arithmetic has it: what is on hand, and what that is worth in US dollars."""

    on_hand: Decimal
    value: Decimal

    def received(self, quantity, unit_price):
        worth = round_half_up(quantity * unit_price, CENT)
        return replace(self, on_hand=self.on_hand + quantity, value=self.value + worth)

    def issued(self, quantity):
        worth = round_half_up(self.value * quantity / self.on_hand, CENT)
        return replace(self, on_hand=self.on_hand - quantity, value=self.value - worth)

    @property
    def average_cost(self):
        return round_half_up(self.value / self.on_hand, Decimal("1e-8"))


def round_half_up(number, step):
    return number.quantize(step, rounding=ROUND_HALF_UP)


def data(answer, status=200):
    """Return the data of an answer that came with this status."""
    assert answer.status_code == status, answer.json()
    return answer.json()["data"]


def buy_receive_and_issue(*, staff, manager, sku, supplier, store, before):
    """Order 12 at 3.10 from an imported supplier, receive 5 and then 7, issue 9; check each step.

    `staff` and `manager` are clients of the API; `before` is what the import left on hand, and `store` the
    code of a location where at least 9 stand.
    """
    found = data(staff.get("/api/inventory/items", {"q": sku}))
    item = next(one for one in found if one["sku"] == sku)
    url = f"/api/inventory/items/{item['id']}"
    at_store = stands(staff, url, store)
    check(staff, url, before)

    asked = {
        "supplier": supplier,
        "deliver_to": store,
        "currency": "USD",
        "lines": [{"item": sku, "quantity": "12", "unit_price": "3.10"}],
    }
    order = data(staff.post("/api/purchase-orders", asked), 201)
    assert (order["status"], order["total_amount"], order["total_base"]) == ("pending", "37.20", "37.20")
    order_url = f"/api/purchase-orders/{order['id']}"
    assert staff.post(f"{order_url}/approve").status_code == 403
    assert data(manager.post(f"{order_url}/approve"))["status"] == "approved"
    check(staff, url, before)

    line = order["lines"][0]["id"]
    part = {"lines": [{"line": line, "quantity": "5"}], "reference": "DN-1"}
    order = data(staff.post(f"{order_url}/deliver", part))
    assert order["status"] == "partially_delivered"
    assert order["lines"][0]["outstanding_quantity"] == "7"
    after_five = before.received(Decimal(5), Decimal("3.10"))
    check(staff, url, after_five)

    order = data(staff.post(f"{order_url}/deliver", {"reference": "DN-2"}))
    assert order["status"] == "delivered"
    after_twelve = after_five.received(Decimal(7), Decimal("3.10"))
    check(staff, url, after_twelve)

    issue = {"quantity": "9", "location": store, "reason": "Ward 3"}
    posted = data(staff.post(f"{url}/remove-stock", issue))
    after_issue = after_twelve.issued(Decimal(9))
    assert Decimal(posted["movement"]["value"]) == after_twelve.value - after_issue.value
    check(staff, url, after_issue)
    assert stands(staff, url, store) == at_store + 12 - 9

    movements = data(staff.get(f"{url}/movements", {"per_page": "3"}))
    assert [
        (movement["kind"], movement["quantity"], Decimal(movement["on_hand_after"])) for movement in movements
    ] == [
        ("issue", "9", after_issue.on_hand),
        ("receipt", "7", after_twelve.on_hand),
        ("receipt", "5", after_five.on_hand),
    ]
    assert [movement["reference"] for movement in movements[1:]] == ["DN-2", "DN-1"]
    assert [movement["value"] for movement in movements[1:]] == ["21.70", "15.50"]


def check(client, url, books):
    """Compare what the API says of an item with the arithmetic."""
    item = data(client.get(url))
    said = [Decimal(item[name]) for name in ("quantity", "available", "stock_value", "average_cost")]
    assert said == [books.on_hand, books.on_hand, books.value, books.average_cost]
    balances = data(client.get(f"{url}/balances", {"per_page": "200"}))
    assert sum(Decimal(balance["on_hand"]) for balance in balances) == books.on_hand


def stands(client, url, store):
    """Return what stands at a location."""
    (balance,) = data(client.get(f"{url}/balances", {"location": store}))
    return Decimal(balance["on_hand"])
