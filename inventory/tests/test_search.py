"""Search as storekeepers type: any order, beginnings, slips; by index, whatever is typed."""

import pytest
from django.db import connection

from inventory.models import Item
from inventory.tests.factories import ItemFactory
from ipms import search

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelf():
    for sku, name, barcode, description in (
        ("HAM-500", "Claw hammer 500 g", "4006381333931", "Forged steel, hickory handle"),
        ("CEM-25", "Cement grey", "", "Portland cement, bag of 25 kg"),
        ("WRE-17", "Wrench 17 mm", "", "Chrome vanadium"),
        ("BLT-M8X40", "Bolt M8×40, galvanised", "", "Sechskantschraube, größe 13"),
        ("BLT-M8X50", "Bolt M8×50", "", ""),
        ("ŁOŻ-6204", "Łożysko 6204", "", "Kugellager für Förderband"),
        ("AR-1", "مسمار حديد", "", ""),
        ("O-RING", "O'Ring 20 mm", "", "NBR 70; 100% resistant"),
    ):
        ItemFactory(sku=sku, name=name, barcode=barcode, description=description)


def found(text):
    return [item.sku for item in Item.objects.search(text)]


@pytest.mark.parametrize(
    ("typed", "sku"),
    [
        pytest.param("hammer", "HAM-500", id="a word"),
        pytest.param("HAMMER claw", "HAM-500", id="words in any order and case"),
        pytest.param("hand hick", "HAM-500", id="beginnings of the description"),
        pytest.param("ham", "HAM-500", id="a beginning"),
        pytest.param("4006381333931", "HAM-500", id="a barcode"),
        pytest.param("400638", "HAM-500", id="the beginning of a barcode"),
        pytest.param("cem-25", "CEM-25", id="a SKU with its dash"),
        pytest.param("cem25", "CEM-25", id="a SKU without its dash"),
        pytest.param("cem 25", "CEM-25", id="a SKU with a space"),
        pytest.param("m8x40", "BLT-M8X40", id="a size"),
        pytest.param("grosse", "BLT-M8X40", id="ss for ß and o for ö"),
        pytest.param("lozysko", "ŁOŻ-6204", id="without the strokes of a language"),
        pytest.param("ŁOŻYSKO", "ŁOŻ-6204", id="with them, in capitals"),
        pytest.param("fo\u0308rderband", "ŁOŻ-6204", id="an accent typed as a sign of its own"),
        pytest.param("حديد", "AR-1", id="Arabic"),
        pytest.param("oring", "O-RING", id="an apostrophe left out"),
        pytest.param("o'ring", "O-RING", id="an apostrophe"),
        pytest.param("hamer", "HAM-500", id="a letter forgotten"),
        pytest.param("hammmer", "HAM-500", id="a letter too many"),
        pytest.param("hanmer", "HAM-500", id="a wrong letter"),
        pytest.param("hmamer", "HAM-500", id="two letters swapped"),
        pytest.param("cemnt", "CEM-25", id="a vowel forgotten"),
        pytest.param("wrnech", "WRE-17", id="swapped in the middle"),
        pytest.param("rwench", "WRE-17", id="swapped at the beginning"),
        pytest.param("galvnised blot", "BLT-M8X40", id="a slip in each word"),
        pytest.param("galvn", "BLT-M8X40", id="a slip in a beginning"),
        pytest.param("claw hammers", "HAM-500", id="a plural"),
    ],
)
def test_what_was_meant_is_found(shelf, typed, sku):
    assert found(typed) == [sku]


@pytest.mark.parametrize(
    "typed",
    ["screwdriver", "hammer cement", "CEM-26", "4006381333932", "M8X41", "6240", "am"],
)
def test_what_is_not_there_is_not_found(shelf, typed):
    assert found(typed) == []


def test_slips_count_only_where_nothing_is_right(shelf):
    ItemFactory(sku="HAMPER", name="Hamper")

    assert found("hamper") == ["HAMPER"]
    assert set(found("hamer")) == {"HAM-500", "HAMPER"}


def test_the_very_sku_comes_first(shelf):
    ItemFactory(sku="BLT-M8", name="Zinc bolt")

    assert found("blt m8") == ["BLT-M8X40", "BLT-M8X50", "BLT-M8"]
    assert found("blt-m8") == ["BLT-M8", "BLT-M8X40", "BLT-M8X50"]


@pytest.mark.parametrize(
    "typed",
    [
        "'",
        '"',
        "\\",
        "\\'",
        "'' :*",
        "hammer:*",
        "hammer' | 'cement",
        "!hammer",
        "a & | ! ( ) <-> :ABCD*",
        "%",
        "%%",
        "_",
        "100%",
        "%s %(name)s",
        "$1 $$ ; DROP TABLE inventory_item --",
        "\x00",
        "ham\x00mer",
        "\u200b\u202e",
        "😀",
        "~hamer",
        "x" * 10_000,
        "word " * 1_000,
        "ß" * 300,
        "ﷺ" * 100,
        "\ud7ff\uffff",
    ],
    ids=lambda typed: ascii(typed)[:30],
)
def test_hostile_text_is_only_text(shelf, typed):
    assert len(found(typed)) <= 8
    assert Item.objects.count() == 8


@pytest.mark.parametrize("typed", ["", "   ", "\n"])
def test_nothing_typed_finds_everything(shelf, typed):
    assert len(found(typed)) == 8


@pytest.mark.parametrize("typed", ["-", "...", "()", "''"])
def test_only_punctuation_finds_nothing(shelf, typed):
    assert found(typed) == []


@pytest.mark.parametrize(
    "description",
    ["x" * 30_000, "é" * 5_000, " ".join(f"word{number}" for number in range(10_000)), "漢" * 9_000],
    ids=["one long word", "an accented one", "ten thousand words", "Chinese"],
)
def test_an_item_with_a_long_description_is_stored_and_found(description):
    ItemFactory(sku="LONG-1", name="Manual", description=description)

    assert found("manual") == ["LONG-1"]


def test_an_item_is_found_by_what_it_is_called_now(shelf):
    hammer = Item.objects.get(sku="HAM-500")
    hammer.name = "Mallet"
    hammer.save()

    assert found("mallet") == ["HAM-500"]
    assert found("claw") == []


def test_search_keeps_to_the_rows_it_was_given(shelf):
    Item.objects.filter(sku="HAM-500").update(is_active=False)

    assert [item.sku for item in Item.objects.active().search("hamer")] == []


@pytest.fixture
def many(as_owner):
    """20,000 items, half of them a bolt, and what the planner should know of them."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO inventory_item (sku, name, description, barcode, unit_id, unit_price, currency,
                reorder_level, reorder_quantity, safety_stock, tracking, is_active, created_at, updated_at)
            SELECT 'MANY-' || n,
                CASE WHEN n % 2 = 0 THEN 'Bolt ' ELSE 'Nut ' END || md5(n::text),
                CASE WHEN n % 100 = 0 THEN 'galvanised' ELSE '' END,
                '', 'EA', 1, 'USD', 0, 0, 0, 'none', true, now(), now()
            FROM generate_series(1, 20000) AS n
            """
        )
    as_owner("ANALYZE inventory_item")


def test_the_index_serves_whatever_is_typed(many):
    for typed in (
        "galvanised",
        "galvnised",
        "bolt",
        "blot",
        "b",
        "MANY-12345",
        "12345 bolt",
        "bolt nut",
        "zzzz",
    ):
        for similar in (False, True):
            matching = Item.objects.filter(search.matching(search.words_of(typed), similar=similar))
            for query in (matching.order_by(), matching.order_by("name", "pk")[:20], matching.order_by()[:1]):
                plan = query.explain()
                assert "Bitmap Index Scan on item_words" in plan, typed
                assert "Seq Scan" not in plan, typed
    assert found("many-12345") == ["MANY-12345"]
    assert Item.objects.search("galvnised blot").count() == 200
