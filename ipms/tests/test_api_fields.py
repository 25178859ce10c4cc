from decimal import Decimal
from types import SimpleNamespace

import pytest
from rest_framework.exceptions import ValidationError

from ipms.api import fields
from ipms.api.natural_keys import Keys, NotFoundByKey
from ipms.api.serializers import CommandSerializer
from ipms.models import ExchangeRate, NumberSequence


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("5", "5"),
        (5, "5"),
        ("2.5", "2.5"),
        (Decimal("2.5"), "2.5"),
        (" 2.50 ", "2.5"),
        ("5.000000", "5"),
        (Decimal("1E+2"), "100"),
        ("1e2", "100"),
        ("0.0001", "0.0001"),
        ("-0", "0"),
        ("99999999999999.9999", "99999999999999.9999"),
    ],
)
def test_quantity_is_taken_exactly_and_given_in_its_shortest_form(sent, meant):
    field = fields.QuantityField()

    assert field.to_representation(field.run_validation(sent)) == meant


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "five",
        "1,5",
        "1_0",
        "٣",
        "0x1",
        "NaN",
        "Infinity",
        "1e",
        "--1",
        True,
        1.5,
        [],
        {},
        "1" * 61,
        10**60,
    ],
    ids=str,
)
def test_what_is_no_number_is_refused(sent):
    with pytest.raises(ValidationError):
        fields.QuantityField().run_validation(sent)


@pytest.mark.parametrize(
    "sent", ["0.00001", "1e-400", "100000000000000", "1e400", 10**30, "-0.0001"], ids=str
)
def test_number_beyond_the_field_is_refused_not_rounded(sent):
    with pytest.raises(ValidationError):
        fields.QuantityField().run_validation(sent)


def test_zero_is_refused_where_something_must_move():
    with pytest.raises(ValidationError, match="greater than zero"):
        fields.QuantityField(above_zero=True).run_validation("0")


def test_negative_number_is_taken_where_it_may_be():
    assert fields.QuantityField(minimum=None).run_validation("-2.5") == Decimal("-2.5")


@pytest.mark.parametrize(
    ("price", "shown"),
    [
        ("12.5", "12.50"),
        ("12", "12.00"),
        ("0.00012345", "0.00012345"),
        ("1.23456789", "1.23456789"),
        ("0", "0.00"),
    ],
)
def test_unit_price_has_at_least_two_decimals(price, shown):
    field = fields.UnitPriceField()

    assert field.to_representation(field.run_validation(price)) == shown


@pytest.mark.parametrize(
    ("currency", "shown"), [("USD", "1234.57"), ("RWF", "1235"), ("TND", "1234.568"), ("JPY", "1235")]
)
def test_amount_has_the_decimals_of_its_currency(currency, shown):
    class OrderSerializer(CommandSerializer):
        total = fields.AmountField(currency="order.currency")

    line = SimpleNamespace(total=Decimal("1234.5675"), order=SimpleNamespace(currency=currency))

    assert OrderSerializer(line).data == {"total": shown}


@pytest.mark.django_db
def test_amount_without_a_currency_is_in_base_currency_asked_once(django_assert_max_num_queries):
    class ValueSerializer(CommandSerializer):
        value = fields.AmountField()

    rows = [SimpleNamespace(value=Decimal("1.5")), SimpleNamespace(value=None)] * 5

    with django_assert_max_num_queries(8):  # the settings record makes itself once
        shown = ValueSerializer(rows, many=True).data

    assert shown == [{"value": "1.50"}, {"value": None}] * 5


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("2031-05-31T08:00:00Z", "2031-05-31T08:00:00Z"),
        ("2031-05-31T10:00:00+02:00", "2031-05-31T08:00:00Z"),
        ("2031-05-31T08:00", "2031-05-31T08:00:00Z"),
    ],
)
def test_moment_is_shown_in_utc(sent, shown, settings):
    settings.TIME_ZONE = "Africa/Kigali"
    field = fields.MomentField()

    assert field.to_representation(field.run_validation(sent)) == shown


@pytest.mark.parametrize(
    "sent", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "now", 7, None, "", []]
)
def test_moment_that_is_none_is_refused(sent):
    with pytest.raises(ValidationError):
        fields.MomentField().run_validation(sent)


@pytest.mark.parametrize(
    "sent", ["2031-5-1", "20310501", "2031-W01-1", "2031-02-29", "0000-01-01", 20310501, True]
)
def test_day_has_one_form(sent):
    with pytest.raises(ValidationError):
        fields.DayField().run_validation(sent)


def test_currency_is_taken_in_small_letters():
    assert fields.CurrencyField().run_validation("rwf") == "RWF"


@pytest.mark.django_db
class TestRecordField:
    @pytest.fixture
    def orders(self):
        return NumberSequence.objects.create(kind="PO", year=2031)

    @pytest.fixture
    def field(self):
        return fields.RecordField(NumberSequence.objects.all(), "kind", shows=("id", "kind"))

    def test_id_natural_key_and_what_was_read_all_name_the_record(self, field, orders):
        for sent in (
            orders.pk,
            "PO",
            "po",
            " Po ",
            str(orders.pk),
            {"id": orders.pk},
            {"kind": "po", "year": 1},
        ):
            assert field.run_validation(sent) == orders

    def test_natural_key_comes_before_an_id_in_digits(self, field, orders):
        digits = NumberSequence.objects.create(kind=str(orders.pk), year=2032)

        assert field.run_validation(str(orders.pk)) == digits
        assert field.run_validation(orders.pk) == orders

    @pytest.mark.parametrize(
        "sent",
        [0, -1, 10**30, "nothing", "", "9" * 30, "a\x00b", True, 1.5, [], [1], {}, {"id": None}, {"id": "x"}],
        ids=str,
    )
    def test_what_names_no_record_is_refused(self, field, orders, sent):
        with pytest.raises(ValidationError):
            field.run_validation(sent)

    def test_record_is_shown_as_a_small_object(self, field, orders):
        assert field.to_representation(orders) == {"id": orders.pk, "kind": "PO"}

    def test_methods_may_be_shown(self, admin):
        field = fields.RecordField(shows={"id": "id", "name": "get_full_name"})

        assert field.to_representation(admin) == {"id": admin.pk, "name": admin.get_full_name()}

    def test_records_of_many_rows_cost_one_query(self, orders, django_assert_num_queries):
        class LineSerializer(CommandSerializer):
            sequence = fields.RecordField(NumberSequence.objects.all(), "kind")

        receipts = NumberSequence.objects.create(kind="GRN", year=2031)
        serializer = LineSerializer(
            data=[{"sequence": "po"}, {"sequence": receipts.pk}, {"sequence": "GRN"}] * 20, many=True
        )

        with django_assert_num_queries(1):
            assert serializer.is_valid()

        assert [line["sequence"] for line in serializer.validated_data] == [orders, receipts, receipts] * 20

    def test_missing_records_of_many_rows_cost_no_query_each(self, django_assert_max_num_queries):
        class LineSerializer(CommandSerializer):
            sequence = fields.RecordField(NumberSequence.objects.all(), "kind")

        serializer = LineSerializer(data=[{"sequence": f"no {number}"} for number in range(50)], many=True)

        with django_assert_max_num_queries(1):
            assert not serializer.is_valid()

        assert len(serializer.errors) == 50

    def test_one_wrong_line_is_told_in_its_place(self, orders):
        class LineSerializer(CommandSerializer):
            sequence = fields.RecordField(NumberSequence.objects.all(), "kind")

        class OrderSerializer(CommandSerializer):
            lines = LineSerializer(many=True)

        serializer = OrderSerializer(
            data={"lines": [{"sequence": "PO"}, {"sequence": "XX"}, {"sequence": "PO", "a": 1}]}
        )

        assert not serializer.is_valid()
        assert [set(line) for line in serializer.errors["lines"]] == [set(), {"sequence"}, {"a"}]


@pytest.mark.django_db
def test_keys_without_a_natural_key_are_ids_only():
    rate = ExchangeRate.objects.create(currency="EUR", rate=Decimal(1), valid_from="2031-05-01")
    keys = Keys(ExchangeRate.objects.all())

    assert keys.get(str(rate.pk)) == rate
    with pytest.raises(NotFoundByKey):
        keys.get("EUR")
