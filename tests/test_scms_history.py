"""The proof on a real file: ten years of deliveries to 43 countries, dirty as spreadsheets are."""

from collections import defaultdict
from decimal import Decimal

import pytest
from django.db.models import Count, Sum
from django.db.models.functions import TruncDate

from accounts.models import AuditEntry
from inventory.models import Item, ItemValuation, StockBalance, StockMovement
from inventory.verification import offences
from procurement.models import GoodsReceipt, ImportedLine, OrderStatus, PurchaseOrder, PurchaseOrderLine
from procurement.tests.importer import import_orders, kill_at
from suppliers.models import Supplier
from tests import scms, scms_demand, scms_reports, scms_stock
from tests.stock_story import Books, buy_receive_and_issue

ARGUMENTS = (str(scms.FILE), "--map", str(scms.MAPPING))


def sums(deliveries, key, figure):
    """Add up a figure of the file by a key, without the help of the database."""
    found = defaultdict(Decimal)
    for delivery in deliveries:
        found[key(delivery)] += figure(delivery)
    return dict(found)


@scms.needs_scms
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_whole_history_comes_in_although_the_run_was_killed(api, admin, manager, staff):
    history = scms.deliveries()

    kill_at("20 %", *ARGUMENTS, "--chunk", "500")
    taken = ImportedLine.objects.count()
    code, said = import_orders(*ARGUMENTS)
    again, said_again = import_orders(*ARGUMENTS)

    assert 0 < taken < 10_324
    assert (code, again) == (0, 0), said
    assert "Rows imported before: 10,324.\nNothing was changed." in said_again
    assert PurchaseOrderLine.objects.count() == ImportedLine.objects.count() == len(history) == 10_324
    assert (PurchaseOrder.objects.count(), Supplier.objects.count(), Item.objects.count()) == (6_233, 73, 184)
    total = PurchaseOrderLine.objects.aggregate(total=Sum("line_total"))["total"]
    assert total == Decimal("1627584457.29")
    assert set(PurchaseOrder.objects.values_list("status", flat=True)) == {OrderStatus.DELIVERED}
    spend = PurchaseOrder.objects.values_list("supplier__name").annotate(Sum("total_base"))
    assert dict(spend) == sums(history, lambda row: " ".join(row.supplier.split()), lambda row: row.value)
    _check_stock(history)
    _check_documents(history)
    scms_reports.check(api(manager), history)
    scms_demand.check(history)
    scms_stock.check(api(manager), history)
    assert not list(offences())

    mine = [row for row in history if row.item == "Efavirenz 600mg, tablets, 30 Tabs"]
    buy_receive_and_issue(
        staff=api(staff),
        manager=api(manager),
        sku="EFAVIRENZ-600MG-TABLETS-30-TABS",
        supplier="AUROBINDO-PHARMA-LIMITED",
        store="NIGERIA",
        before=Books(on_hand=sum(row.quantity for row in mine), value=sum(row.value for row in mine)),
    )
    assert not list(offences())


def _check_stock(history):
    """All that was delivered stands in stock, in its country, at what it cost, since its day."""
    stands = StockBalance.objects.values_list("item__name", "location__name", "on_hand")
    assert {(item, place): on_hand for item, place, on_hand in stands} == sums(
        history, lambda row: (row.item, row.country), lambda row: row.quantity
    )
    values = ItemValuation.objects.values_list("item__name", "value")
    assert dict(values) == sums(history, lambda row: row.item, lambda row: row.value)
    by_day = StockMovement.objects.annotate(day=TruncDate("occurred_at")).values_list("day")
    assert dict(by_day.annotate(Sum("value"))) == sums(
        history, lambda row: row.delivered_on, lambda row: row.value
    )


def _check_documents(history):
    """What came on one day with one paper is one receipt; everything is in the audit trail."""
    papers = {(row.order, row.delivered_on, row.paper) for row in history}
    assert GoodsReceipt.objects.count() == len(papers)
    made = AuditEntry.objects.filter(action=AuditEntry.Action.CREATE).values_list("content_type__model")
    counts = dict(made.annotate(Count("pk")))
    assert counts["purchaseorder"] == 6_233
    assert counts["purchaseorderline"] == 10_324
    assert counts["goodsreceipt"] == len(papers)
    assert (counts["supplier"], counts["item"]) == (73, 184)
