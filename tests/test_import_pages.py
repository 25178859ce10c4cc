"""The pages of an import, as a person goes through them without scripts."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from inventory.models import Item
from inventory.tests.factories import ItemFactory
from ipms.importing import registry, runs
from ipms.models import ImportRun
from ipms.testing.back_office import count_queries, enter, form, messages, press, send

pytestmark = pytest.mark.django_db

BEGIN = reverse("admin:inventory_item_import")
LIST = reverse("admin:ipms_importrun_changelist")


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.IMPORTS_ROOT = tmp_path


def csv(text, name="items.csv"):
    return SimpleUploadedFile(name, text.encode())


def uploaded(client, text, **how):
    return client.post(BEGIN, {**form(client.get(BEGIN)), "file": csv(text, **how)}, follow=True)


def page_of(run):
    return reverse("admin:ipms_importrun_change", args=[run.pk])


@pytest.mark.parametrize("what", sorted(registry._registered))
def test_each_object_has_its_page_and_its_templates(admin, what):
    client = enter(admin)
    page = client.get(reverse(registry.find(what).url_name))

    html = page.content.decode()
    assert "Check the file" in html
    for _kind, url in page.context["template_urls"]:
        assert url in html
        answer = client.get(url)
        assert answer["Content-Disposition"].startswith("attachment")
        assert b"".join(answer.streaming_content)


def test_a_file_goes_from_the_button_to_the_items(manager):
    client = enter(manager)

    checked = uploaded(client, "sku,name,unit_price\nBOLT,Bolt,2.50\nNUT,,1\nPIN,Pin,cheap\n")
    html = checked.content.decode()
    assert "Import 1 good row" in html
    assert "2 rows cannot be taken" in html
    assert "Enter a number such as 1,250.50." in html
    assert not Item.objects.exists()
    done = press(client, checked.redirect_chain[-1][0], "/act/start/")

    assert "The import is finished." in done.content.decode()
    assert Item.objects.get().sku == "BOLT"


def test_columns_are_named_on_a_page_that_keeps_what_was_chosen(manager):
    client = enter(manager)
    naming = uploaded(client, "Artikel;Bezeichnung;Preis\nBOLT;Bolzen;1.250\n")
    address = naming.redirect_chain[-1][0]
    assert address.endswith("/columns/")

    asked = send(client, address, column_1="name", column_2="unit_price")
    assert "Say how this file writes numbers." in asked.content.decode()
    assert form(asked)["column_1"] == "name"
    checked = client.post(address, {**form(asked), "numbers": ","}, follow=True)

    assert "Import 1 good row" in checked.content.decode()
    assert "Numbers are read as 1.250,50." in checked.content.decode()


def test_a_form_that_comes_twice_makes_one_import(manager):
    client = enter(manager)
    filled = form(client.get(BEGIN))

    for _time in range(2):
        client.post(BEGIN, {**filled, "file": csv("sku,name\nBOLT,Bolt\n")})

    assert ImportRun.objects.count() == 1


def test_a_second_click_on_import_is_told_and_does_nothing(manager):
    client = enter(manager)
    uploaded(client, "sku,name\nBOLT,Bolt\n")
    start = reverse("admin:ipms_importrun_act", args=[ImportRun.objects.get().pk, "start"])

    client.post(start)
    second = client.post(start, follow=True)

    assert messages(second) == ["This import was begun already, or was cancelled."]
    assert Item.objects.count() == 1


def test_who_had_to_log_in_before_the_button_worked_is_led_back_to_it(manager):
    client = enter(manager)
    uploaded(client, "sku,name\nBOLT,Bolt\n")
    run = ImportRun.objects.get()

    answer = client.get(reverse("admin:ipms_importrun_act", args=[run.pk, "start"]), follow=True)

    assert "Import 1 good row" in answer.content.decode()
    assert not Item.objects.exists()


def test_an_import_is_undone_after_a_question(manager):
    client = enter(manager)
    checked = uploaded(client, "sku,name\nBOLT,Bolt\n")
    address = checked.redirect_chain[-1][0]
    press(client, address, "/act/start/")
    run = ImportRun.objects.get()

    undone = press(client, reverse("admin:ipms_importrun_undo", args=[run.pk]), "/act/undo/")

    assert "1 row was undone." in undone.content.decode()
    assert not Item.objects.exists()


def test_the_page_of_a_running_import_refreshes_without_scripts(manager, settings):
    settings.IMPORT_ROWS_AT_ONCE = 0
    client = enter(manager)
    run = runs.upload("inventory.item", csv("sku,name\nBOLT,Bolt\n"), by=manager)
    assert run.status == "checking"

    html = client.get(page_of(run)).content.decode()

    assert '<noscript><meta http-equiv="refresh" content="3"></noscript>' in html
    assert "<progress" in html
    stopped = press(client, page_of(run), "/act/cancel/")
    assert "nothing came in" in stopped.content.decode()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("items.xlsx", "not a workbook", "This is not an XLSX file."),
        ("items.csv", "sku,name\n", "The file has no rows below its column names."),
        ("items.csv", "", "The submitted file is empty."),
    ],
    ids=["no workbook", "no rows", "nothing"],
)
def test_a_file_that_cannot_be_read_is_refused_in_words(manager, name, content, said):
    answer = uploaded(enter(manager), content, name=name)

    assert answer.context["form"].errors["file"] == [said]
    assert not ImportRun.objects.exists()


def test_a_file_above_the_limit_is_refused_in_words(manager, settings):
    settings.MAX_IMPORT_BYTES = 10

    answer = uploaded(enter(manager), "sku,name\nBOLT,Bolt\n")

    assert "The file is larger than" in answer.context["form"].errors["file"][0]


def test_imports_of_others_are_seen_by_administrators_and_touched_by_nobody(manager, admin, staff):
    run = runs.upload("inventory.item", csv("sku,name\nBOLT,Bolt\n"), by=manager)

    assert enter(staff).get(page_of(run)).status_code == 403
    assert "Import 1 good row" not in enter(admin).get(page_of(run)).content.decode()
    for act in ("start", "cancel", "undo"):
        assert enter(admin).post(reverse("admin:ipms_importrun_act", args=[run.pk, act])).status_code == 403
    assert enter(staff).get(BEGIN).status_code == 403
    assert enter(staff).get(reverse("admin:ipms_importrun_bad_rows", args=[run.pk, "csv"])).status_code == 403


def test_bad_rows_are_downloaded_by_their_owner(manager):
    client = enter(manager)
    run = runs.upload("inventory.item", csv("sku,name\nBOLT,\n"), by=manager)

    answer = client.get(reverse("admin:ipms_importrun_bad_rows", args=[run.pk, "csv"]))

    assert b"a new record needs it" in b"".join(answer.streaming_content)
    assert "items-to-correct.csv" in answer["Content-Disposition"]


def test_the_list_costs_the_same_queries_for_one_import_as_for_ten(manager):
    client = enter(manager)

    def more():
        runs.upload("inventory.item", csv("sku,name\nBOLT,Bolt\n"), by=manager)

    more()
    client.get(LIST)
    one = count_queries(lambda: client.get(LIST))
    for _number in range(9):
        more()

    assert count_queries(lambda: client.get(LIST)) == one


def test_the_page_costs_the_same_queries_for_one_row_as_for_thirty(manager):
    client = enter(manager)
    ItemFactory(sku="ITEM-0")
    few = runs.upload("inventory.item", csv("sku,name\nITEM-0,Nut\nX,\n"), by=manager)
    rows = [f"ITEM-{number},{'Item' if number % 2 else ''}" for number in range(30)]
    many = runs.upload("inventory.item", csv("\n".join(["sku,name", *rows])), by=manager)
    client.get(page_of(few))

    assert count_queries(lambda: client.get(page_of(many))) == count_queries(lambda: client.get(page_of(few)))
