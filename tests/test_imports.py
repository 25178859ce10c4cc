"""A spreadsheet on its way in: named, checked, imported, stopped, undone; each row once."""

from io import BytesIO

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone

from inventory.models import Category, Item, UnitOfMeasure
from inventory.tests.factories import ItemFactory
from ipms.errors import InvalidInput, NotAllowed
from ipms.importing import files, registry, runs, working, writing
from ipms.importing.errors import FileRefused, ImportStateForbids
from ipms.importing.reading import Layout
from ipms.models import ImportChunk, ImportRun, ImportStatus, OutboxEvent
from ipms.sheets import Csv, Xlsx
from ipms.testing.back_office import count_queries

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.IMPORTS_ROOT = tmp_path / "spreadsheets"


def upload(text, *, by, what="inventory.item", name="items.csv"):
    content = text if isinstance(text, bytes) else text.encode()
    return runs.upload(what, SimpleUploadedFile(name, content), by=by)


def items(*rows):
    return "\n".join(["sku,name,unit_price", *rows]) + "\n"


def bad_rows(run):
    return dict(files.problems(run))


def skus():
    return sorted(Item.objects.values_list("sku", flat=True))


def test_a_file_with_our_headings_is_checked_at_once_and_nothing_is_imported(manager):
    ItemFactory(sku="NUT", name="Nut", unit_price=1)
    ItemFactory(sku="PIN", name="Pin", unit_price=1)

    run = upload(items("BOLT,Bolt,2.50", "NUT,Wing nut,1", "PIN,Pin,1", "RIVET,,cheap"), by=manager)

    assert run.status == ImportStatus.CHECKED
    assert (run.new_count, run.changed_count, run.unchanged_count, run.bad_count) == (1, 1, 1, 1)
    assert run.findings["changes"] == {"name": 1}
    assert skus() == ["NUT", "PIN"]


def test_the_good_rows_are_imported_and_the_bad_ones_are_not(manager):
    run = upload(items("BOLT,Bolt,2.50", "RIVET,,1", "NUT,Nut,cheap"), by=manager)

    runs.start(run, by=manager)

    assert (run.status, run.new_count, run.bad_count) == (ImportStatus.DONE, 1, 2)
    assert skus() == ["BOLT"]
    assert sorted(bad_rows(run)) == [3, 4]


def test_a_second_click_imports_nothing(manager):
    run = upload(items("BOLT,Bolt,2.50"), by=manager)
    same = ImportRun.objects.get(pk=run.pk)
    runs.start(run, by=manager)

    with pytest.raises(ImportStateForbids):
        runs.start(same, by=manager)

    assert ImportChunk.objects.count() == 1


def test_faults_that_are_alike_are_told_once_with_their_rows(manager):
    rows = [f"ITEM-{number},Item,{'cheap' if number % 2 else '1'}" for number in range(10)]

    run = upload(items(*rows), by=manager)

    (group,) = run.findings["groups"]
    assert (group["column"], group["count"], group["rows"]) == ("unit_price", 5, [3, 5, 7, 9, 11])
    assert group["values"] == ["cheap"]


def test_what_somebody_made_meanwhile_is_not_overwritten(manager):
    run = upload(items("BOLT,Bolt,2.50", "NUT,Nut,1"), by=manager)
    ItemFactory(sku="BOLT", name="Somebody's bolt")

    runs.start(run, by=manager)

    assert Item.objects.get(sku="BOLT").name == "Somebody's bolt"
    assert (run.new_count, run.bad_count) == (1, 1)
    assert bad_rows(run) == {2: {"sku": ["Somebody has made this meanwhile: check the file again."]}}


def test_what_was_cut_goes_on_behind_the_last_row_that_came_in(manager, monkeypatch):
    monkeypatch.setattr(working, "CHUNK_ROWS", 2)
    run = upload(items(*(f"ITEM-{number},Item,1" for number in range(6))), by=manager)
    keep, calls = working._keep_chunk, []

    def killed_at_the_second(*args):
        calls.append(args)
        if len(calls) == 2:
            raise SystemExit
        keep(*args)

    monkeypatch.setattr(working, "_keep_chunk", killed_at_the_second)
    with pytest.raises(SystemExit):
        runs.start(run, by=manager)
    assert skus() == ["ITEM-0", "ITEM-1"]
    ImportRun.objects.update(begun_at=timezone.now() - timezone.timedelta(minutes=5))

    handed_over = working.resume()

    run.refresh_from_db()
    assert handed_over == 1
    assert (run.status, run.new_count) == (ImportStatus.DONE, 6)
    assert skus() == [f"ITEM-{number}" for number in range(6)]
    assert ImportChunk.objects.count() == 3


def test_an_import_that_takes_its_worker_with_it_is_left_alone(manager):
    run = upload(items("BOLT,Bolt,2.50"), by=manager)
    ImportRun.objects.filter(pk=run.pk).update(
        status="importing", rows_done=0, attempts=3, begun_at=timezone.now() - timezone.timedelta(hours=1)
    )

    working.resume()

    run.refresh_from_db()
    assert run.status == ImportStatus.FAILED
    assert "never ended" in run.error
    assert runs.can_go_on(run)


def test_what_is_stopped_says_what_came_in_and_can_go_on(manager, monkeypatch):
    monkeypatch.setattr(working, "CHUNK_ROWS", 2)
    run = upload(items(*(f"ITEM-{number},Item,1" for number in range(4))), by=manager)
    keep = working._keep_chunk

    def and_somebody_stops(run, *args):
        keep(run, *args)
        ImportRun.objects.filter(pk=run.pk).update(is_stopped=True)

    monkeypatch.setattr(working, "_keep_chunk", and_somebody_stops)
    runs.start(run, by=manager)
    assert (run.status, run.is_stopped, run.last_row) == (ImportStatus.DONE, True, 3)
    monkeypatch.setattr(working, "_keep_chunk", keep)

    runs.go_on(run, by=manager)

    assert (run.new_count, len(skus())) == (4, 4)


def test_an_import_is_undone_as_far_as_nobody_built_on_it(manager, monkeypatch):
    monkeypatch.setattr(working, "CHUNK_ROWS", 1)
    ItemFactory(sku="NUT", name="Nut", unit_price=1)
    run = upload(items("BOLT,Bolt,2.50", "NUT,Wing nut,1", "PIN,Pin,1"), by=manager)
    runs.start(run, by=manager)
    Item.objects.filter(sku="PIN").update(name="Split pin")

    runs.undo(run, by=manager)

    assert (run.status, run.undone_count) == (ImportStatus.UNDONE, 2)
    assert skus() == ["NUT", "PIN"]
    assert Item.objects.get(sku="NUT").name == "Nut"
    (kept,) = [one for chunk in run.chunks.all() for one in chunk.kept]
    assert (kept["row"], kept["reason"]) == (4, "It was changed since: name.")


def test_what_was_undone_is_not_undone_again(manager):
    run = upload(items("BOLT,Bolt,2.50"), by=manager)
    runs.start(run, by=manager)
    runs.undo(run, by=manager)

    with pytest.raises(ImportStateForbids):
        runs.undo(run, by=manager)


def test_large_files_are_worked_at_in_the_background_and_their_owner_is_told(
    manager, settings, django_capture_on_commit_callbacks
):
    settings.IMPORT_ROWS_AT_ONCE = 1
    with django_capture_on_commit_callbacks(execute=True):
        run = upload(items("BOLT,Bolt,2.50", "NUT,Nut,1"), by=manager)
    run.refresh_from_db()
    assert (run.status, run.is_in_background) == (ImportStatus.CHECKED, True)

    with django_capture_on_commit_callbacks(execute=True):
        runs.start(run, by=manager)

    run.refresh_from_db()
    assert run.status == ImportStatus.DONE
    told = OutboxEvent.objects.filter(topic="import.ended").order_by("pk")
    assert [event.payload["status"] for event in told] == ["checked", "done"]


def test_nobody_does_what_belongs_to_somebody_else(manager, admin, staff):
    run = upload(items("BOLT,Bolt,2.50"), by=manager)

    with pytest.raises(NotAllowed):
        runs.start(run, by=admin)
    with pytest.raises(NotAllowed):
        upload(items("BOLT,Bolt,2.50"), by=staff)


def test_the_audit_trail_says_that_it_was_an_import(manager):
    run = upload(items("BOLT,Bolt,2.50"), by=manager)

    runs.start(run, by=manager)

    with connection.cursor() as cursor:
        cursor.execute("SELECT actor_id, user_agent FROM accounts_auditentry WHERE object_repr LIKE 'BOLT%'")
        assert cursor.fetchall() == [(manager.pk, f"import {run.pk}: items.csv")]


# Columns.


def test_foreign_headings_wait_to_be_named_and_are_remembered(manager):
    text = "Code article;Désignation;Prix\nBOLT;Boulon;2,50\n"
    run = upload(text, by=manager)
    assert run.status == ImportStatus.NAMING
    assert run.mapping == {"0": "sku", "1": "name", "2": "unit_price"}

    runs.name_columns(run, {0: "sku", 1: "name", 2: "unit_price"}, numbers="", days="", by=manager)
    again = upload(text, by=manager)

    assert run.status == again.status == ImportStatus.CHECKED
    runs.start(again, by=manager)
    assert Item.objects.get().unit_price == 2.5


def test_columns_are_known_by_their_labels_in_every_language(manager):
    run = upload("SKU *;Name *;Unit price\nBOLT;Bolt;2,50\n", by=manager)

    assert (run.status, run.good_count) == (ImportStatus.CHECKED, 1)


@pytest.mark.parametrize(
    ("price", "decimal"),
    [
        pytest.param("1.234,50", ",", id="comma before the decimals"),
        pytest.param("1,234.50", ".", id="point before the decimals"),
        pytest.param("12,5", ",", id="no thousands to be seen"),
    ],
)
def test_how_numbers_are_written_is_read_from_the_file(manager, price, decimal):
    run = upload(f"sku;name;unit_price\nBOLT;Bolt;{price}\n", by=manager)

    assert (run.status, run.notation["decimal"]) == (ImportStatus.CHECKED, decimal)


def test_a_number_that_may_mean_two_things_is_asked_about(manager):
    run = upload("sku;name;unit_price\nBOLT;Bolt;1.250\n", by=manager)
    columns = {0: "sku", 1: "name", 2: "unit_price"}
    assert run.status == ImportStatus.NAMING

    with pytest.raises(InvalidInput) as refused:
        runs.name_columns(run, columns, numbers="", days="", by=manager)
    runs.name_columns(run, columns, numbers=",", days="", by=manager)
    runs.start(run, by=manager)

    assert list(refused.value.details) == ["numbers"]
    assert Item.objects.get().unit_price == 1250


def test_a_number_of_the_other_way_of_writing_is_refused(manager):
    run = upload("sku;name;unit_price\nBOLT;Bolt;2,50\nNUT;Nut;3,75\nPIN;Pin;1.50\n", by=manager)
    runs.name_columns(run, {0: "sku", 1: "name", 2: "unit_price"}, numbers=",", days="", by=manager)

    assert bad_rows(run) == {
        4: {"unit_price": ["This is written as 1,250.50, the numbers of this file as 1.250,50."]}
    }


def test_columns_that_are_needed_or_named_twice_are_told(manager):
    run = upload("Code;Titel\nBOLT;Bolt\n", by=manager)

    with pytest.raises(InvalidInput) as missing:
        runs.name_columns(run, {1: "name"}, numbers="", days="", by=manager)
    with pytest.raises(InvalidInput) as twice:
        runs.name_columns(run, {0: "sku", 1: "sku"}, numbers="", days="", by=manager)

    assert missing.value.details["columns"] == ["Say which column is: SKU."]
    assert twice.value.details["columns"] == ["Two columns are named “SKU”."]


def test_another_encoding_shows_the_letters_anew(manager):
    run = upload("Code;Nom à lire\nBOLT;Écrou\n".encode("cp1252"), by=manager)
    assert run.headers[1] == "Nom à lire"

    runs.name_columns(
        run,
        {},
        numbers="",
        days="",
        by=manager,
        layout=Layout(kind="csv", encoding="utf-8-sig", delimiter=";"),
    )

    assert "\N{REPLACEMENT CHARACTER}" in run.headers[1]
    assert run.status == ImportStatus.NAMING


# Files to fill in and to correct.


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_bad_rows_come_back_with_their_reasons_and_go_in_corrected(manager, kind):
    run = upload(items("BOLT,Bolt,2.50", "NUT,,1", "PIN,Pin,cheap"), by=manager)
    runs.start(run, by=manager)

    file = writing.bad_rows(run, registry.find(run.what).resource(), format=kind)
    content = file.read()
    if kind == "csv":
        assert 'PIN,Pin,cheap,"Unit price: Enter a number such as 1,250.50."' in content.decode("utf-8-sig")
        corrected = content.replace(b"NUT,,1", b"NUT,Nut,1").replace(b"cheap", b"3")
    else:
        book = openpyxl.load_workbook(BytesIO(content))
        sheet = book.active
        assert sheet["D2"].value == "Name: This cell is empty: a new record needs it."
        sheet["B2"], sheet["C3"] = "Nut", 3
        corrected = BytesIO()
        book.save(corrected)
        corrected = corrected.getvalue()
    second = upload(corrected, by=manager, name=f"again.{kind}")
    runs.start(second, by=manager)

    assert skus() == ["BOLT", "NUT", "PIN"]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("what", sorted(registry._registered))
def test_every_template_is_read_and_its_example_is_left_out(admin, what, kind):
    Category.objects.create(slug="fasteners", name="Fasteners")
    importable = registry.find(what)
    content = writing.template(importable.resource(), title=importable.title, format=kind).read()

    with pytest.raises(FileRefused, match="no rows below"):
        upload(content, by=admin, what=what, name=f"template.{kind}")


def test_a_template_offers_the_allowed_values(manager):
    content = writing.template(
        registry.find("inventory.item").resource(), title="Items", format="xlsx"
    ).read()

    book = openpyxl.load_workbook(BytesIO(content))

    sheet, values = book.worksheets[0], book.worksheets[1]
    lists = {str(rule.sqref): rule.formula1 for rule in sheet.data_validations.dataValidation}
    unit = next(cell for cell in sheet[1] if cell.value == "Unit of measure")
    source = lists[f"{unit.column_letter}2:{unit.column_letter}5001"]
    column = source.split("$")[1]
    offered = [cell.value for cell in values[column][1:] if cell.value]
    assert offered == list(UnitOfMeasure.objects.order_by("code").values_list("code", flat=True))
    assert sheet["A1"].value == "SKU *"
    assert sheet["A1"].comment is not None


def test_an_export_read_back_changes_nothing(manager):
    ItemFactory(sku="=1+1", name="@cmd", reorder_level="2.5", barcode="0012345678905", unit_price="1250.5")
    resource = registry.find("inventory.item").resource
    for kind in (Csv, Xlsx):
        run = upload(
            kind().export_data(resource().export()), by=manager, name=f"items.{kind().get_extension()}"
        )

        assert (run.status, run.unchanged_count, run.bad_count) == (ImportStatus.CHECKED, 1, 0)


# Keeping and forgetting.


def test_files_go_after_some_days_and_records_long_after(manager, settings):
    run = upload(items("BOLT,Bolt,2.50"), by=manager)
    path = files.path_of(run.file)
    now = timezone.now()

    ImportRun.objects.update(created_at=now - settings.IMPORT_KEEP - timezone.timedelta(hours=1))
    with_callbacks(lambda: runs.clean_up(at=now))
    run.refresh_from_db()
    assert (run.status, run.file, path.exists()) == (ImportStatus.CANCELLED, "", False)

    ImportRun.objects.update(created_at=now - settings.IMPORT_RECORDS_KEEP - timezone.timedelta(hours=1))
    runs.clean_up(at=now)
    assert not ImportRun.objects.exists()


def with_callbacks(act):
    from django.test import TestCase

    with TestCase.captureOnCommitCallbacks(execute=True):
        act()


def test_checking_costs_the_same_queries_for_ten_rows_as_for_a_hundred(manager):
    def check(count):
        rows = [f"ITEM-{number},Item,{'x' if number % 7 == 0 else 1}" for number in range(count)]
        return count_queries(lambda: upload(items(*rows), by=manager))

    check(1)

    assert check(10) == check(100)
