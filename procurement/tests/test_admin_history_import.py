import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from ipms.testing.back_office import enter, form, messages
from procurement.models import OrderStatus, PurchaseOrder
from procurement.tests.sheets import MAPPING, sheet

pytestmark = pytest.mark.django_db

PAGE = reverse("admin:procurement_purchaseorder_import_history")


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.VAR = tmp_path


def check(client, *changes, mapping=MAPPING, content=None):
    """Upload a spreadsheet with its mapping."""
    content = sheet(*changes).read() if content is None else content
    files = {
        "spreadsheet": SimpleUploadedFile("orders.csv", content),
        "mapping": SimpleUploadedFile("map.toml", mapping.encode()),
    }
    return client.post(PAGE, {**form(client.get(PAGE)), **files})


def take(client, preview):
    url = reverse("admin:procurement_purchaseorder_import_history_take", args=[preview.context["token"]])
    return client.post(url, form(preview, action=url), follow=True)


def test_a_look_at_the_file_tells_what_would_happen_and_does_nothing(manager):
    preview = check(enter(manager), {}, {"Article": "Nut M8", "Value": "10.00"})

    assert "Rows that would be imported: 2; orders: 1; value: 35.00 USD." in preview.content.decode()
    assert not PurchaseOrder.objects.exists()


def test_the_history_is_imported_as_it_was_looked_at(manager):
    client = enter(manager)

    answer = take(client, check(client, {}))

    assert "The import is finished." in answer.content.decode()
    made = PurchaseOrder.objects.get()
    assert (made.status, made.approved_by) == (OrderStatus.DELIVERED, manager)


def test_rows_that_cannot_be_taken_are_all_told_and_can_be_downloaded(manager):
    client = enter(manager)
    preview = check(
        client, {}, {"Order": "A-2", "Quantity": "many"}, {"Order": "A-3", "Ordered": "=1+1", "Value": "x"}
    )

    report = preview.context["report"]
    assert {problem.row for problem in report.problems} == {3, 4}
    url = reverse("admin:procurement_purchaseorder_import_history_problems", args=[preview.context["token"]])
    downloaded = b"".join(client.get(url).streaming_content).decode("utf-8-sig")
    assert "many" in downloaded
    assert "'=1+1" in downloaded

    take(client, preview)
    assert PurchaseOrder.objects.count() == 1


def test_a_second_click_imports_nothing_more(manager):
    client = enter(manager)
    preview = check(client, {})
    take(client, preview)

    answer = take(client, preview)

    assert "The uploaded file is gone" in messages(answer)[0]
    assert PurchaseOrder.objects.count() == 1


def test_a_file_of_somebody_else_cannot_be_imported(manager, admin):
    preview = check(enter(manager), {})

    take(enter(admin), preview)

    assert not PurchaseOrder.objects.exists()


@pytest.mark.parametrize(
    ("how", "field"),
    [
        pytest.param({"mapping": "source = 1"}, "mapping", id="a mapping that says too little"),
        pytest.param({"mapping": "]["}, "mapping", id="a mapping that is none"),
        pytest.param({"content": b"a,b\n1,2\n"}, "spreadsheet", id="a file without the columns"),
        pytest.param({"content": b"PK\x03\x04broken"}, "spreadsheet", id="half a workbook"),
    ],
)
def test_files_that_cannot_be_used_are_refused_in_words(manager, how, field):
    answer = check(enter(manager), {}, **how)

    assert answer.context["form"].errors[field]
    assert not PurchaseOrder.objects.exists()


def test_staff_imports_no_history(staff):
    assert enter(staff).get(PAGE).status_code == 403
    assert (
        PAGE not in enter(staff).get(reverse("admin:procurement_purchaseorder_changelist")).content.decode()
    )
