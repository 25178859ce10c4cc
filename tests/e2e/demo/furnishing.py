"""`python -m tests.e2e.demo.furnishing PORT`: a record of everything that the demo has none of.

What people cause is caused as they do it, at the running site or by the functions of the domain.
"""

import sys
from decimal import Decimal
from typing import Any

from tests.http_clients import Client

_COUNTS = 3


def furnish(port: int) -> None:
    from accounts.models import User
    from inventory import count_entry, counting
    from inventory.count_scope import Scope
    from inventory.models import Location, StockCount
    from ipms import jobs, outbox
    from ipms.importing import runs
    from ipms.jobs import periodic
    from ipms.webhooks import endpoints
    from procurement.models import ImportedLine, PurchaseOrderLine
    from reporting import exporting

    people = {user.role: user for user in User.objects.all()}
    admin, manager, staff = people["admin"], people["manager"], people["staff"]

    # Logins by the API, one of which is refused and one used up.
    client = Client(port)
    login = {"email": manager.email, "password": "manager123"}
    tokens = client.post("/api/auth/login", login)
    client.request("POST", "/api/auth/refresh", {"refresh": tokens["refresh"]})
    client.request("POST", "/api/auth/login", {"email": "stranger@example.com", "password": "guessed"})
    category = {"name": "Laboratory glass", "slug": "laboratory-glass"}
    Client(port, token=tokens["access"]).post("/api/inventory/categories/", category, key="glass-1")

    # A count in each state that a page looks different in.
    shelves = Location.objects.filter(balances__on_hand__gt=0).distinct().order_by("pk")
    if StockCount.objects.count() < _COUNTS:
        for state, shelf in zip(("counting", "submitted", "posted"), shelves, strict=False):
            count = counting.create(Scope(location=shelf), by=staff, is_blind=state == "counting")
            figures = [
                count_entry.Figure(line=line, counted=max(line.book_quantity - 1, Decimal(0)))
                for line in count.lines.all()
            ]
            count_entry.enter(count, figures[:1] if state == "counting" else figures, by=staff)
            if state == "counting":
                continue
            counting.submit(count, by=staff)
            if state == "posted":
                counting.approve(count, by=manager)

    # A spreadsheet whose columns nobody knows, one that is checked, one that has come in.
    runs.upload("suppliers.supplier", _sheet("Kürzel,Firma\nX-1,Mühle\n"), by=admin)
    runs.upload("suppliers.supplier", _sheet("code,name,currency\nX-2,Mill,XXX\nX-3,Mill,USD\n"), by=admin)
    done = runs.upload("suppliers.supplier", _sheet("code,name\nX-4,New mill\n"), by=admin)
    runs.start(done, by=admin)

    periodic.install()
    for name in ("ledger.verify", "stock.low", "lots.expiring", "orders.overdue"):
        jobs.run(name)
    endpoint = endpoints.add(
        by=admin, name="Accounting", url="https://accounts.example.com/ipms", topics=["*"]
    )
    endpoints.test(endpoint, by=admin)
    exporting.request("inventory", format="csv", filters={}, by=manager)
    line = PurchaseOrderLine.objects.order_by("pk").first()
    ImportedLine.objects.create(source="old-books", key="1", fingerprint="0" * 64, order_line=line)
    while outbox.deliver():
        pass


def _sheet(text: str) -> Any:
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile("suppliers.csv", text.encode())


if __name__ == "__main__":
    import django

    django.setup()
    furnish(int(sys.argv[1]))
