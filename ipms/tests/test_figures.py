"""Figures as people type them: understood, or refused in words, never a thousand times wrong."""

from decimal import Decimal

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.utils import translation

from ipms.admin import display, figures
from ipms.admin.pickers import FigureField

HALF = Decimal("1234.5")


def typed(text, language):
    with translation.override(language):
        return FigureField().clean(text)


@pytest.mark.parametrize("language", ["en", "fr", "sw", "pt", "ar"])
@pytest.mark.parametrize(
    "text",
    [
        "1234.5",
        "1234,5",
        "1 234,5",
        "1.234,5",
        "1,234.5",
        "1\u202f234,5",
        "1\u00a0234.50",
        "1'234.5",
        "١٢٣٤٫٥",
    ],
)
def test_figure_with_decimals_is_understood_however_its_thousands_are_parted(text, language):
    assert typed(text, language) == HALF


@pytest.mark.parametrize(
    ("text", "figure"),
    [
        ("1 234 567", 1234567),
        ("1.234.567", 1234567),
        ("1,234,567", 1234567),
        ("١٬٢٣٤٬٥٦٧", 1234567),
        ("-5", -5),
    ],
)
def test_thousands_alone_are_understood_where_there_are_several(text, figure):
    assert typed(text, "fr") == figure


@pytest.mark.parametrize(
    ("text", "language", "words"),
    [
        ("1,234", "en", ["1234", "1.2340"]),
        ("1,234", "sw", ["1234", "1.2340"]),
        ("1,234", "ar", ["1234", "1.2340"]),
        ("1.234", "pt", ["1234", "1,2340"]),
    ],
)
def test_figure_that_may_mean_two_things_is_refused_with_both(text, language, words):
    with pytest.raises(ValidationError) as refusal:
        typed(text, language)

    assert refusal.value.error_list[0].code == "ambiguous"
    assert all(word in refusal.value.messages[0] for word in words)


@pytest.mark.parametrize(
    ("text", "language", "figure"),
    [
        ("1,234", "fr", "1.234"),
        ("1,234", "pt", "1.234"),
        ("1.234", "en", "1.234"),
        ("1.234", "fr", "1.234"),
        ("0,125", "en", "0.125"),
        ("1234,567", "en", "1234.567"),
        ("1,5", "en", "1.5"),
    ],
)
def test_decimal_point_of_the_language_is_one(text, language, figure):
    assert typed(text, language) == Decimal(figure)


@pytest.mark.parametrize("text", ["12 34", "1,2,3", "1.2.3", "1,23.4", "1.234,5,6", "five", "1 2"])
@pytest.mark.parametrize("language", ["en", "fr", "ar"])
def test_what_is_no_figure_is_refused(text, language):
    with pytest.raises(ValidationError):
        typed(text, language)


@pytest.mark.parametrize("language", ["en", "fr", "sw", "pt", "ar"])
@pytest.mark.parametrize("figure", ["1.234", "1234.5", "0.5", "1000", "12345678.9"])
def test_what_a_form_shows_is_what_it_takes_back(figure, language):
    class Form(forms.Form):
        price = FigureField(initial=Decimal(figure))
        proposed = FigureField(initial=figure)

    with translation.override(language):
        form = Form()
        sent = Form(
            {name: form[name].value() for name in form.fields} | {"price": figures.written(Decimal(figure))}
        )

        assert sent.is_valid(), sent.errors
        assert sent.cleaned_data == {"price": Decimal(figure), "proposed": Decimal(figure)}


def test_sign_stays_before_its_figure_in_arabic():
    with translation.override("ar"):
        assert display.number(Decimal(-6)) == "\N{LEFT-TO-RIGHT MARK}-6"
        assert display.number(Decimal(6)) == "6"


def test_form_in_french_shows_a_comma():
    class Form(forms.Form):
        price = FigureField(initial=Decimal("7.75000000"))

    with translation.override("fr"):
        assert 'value="7,75"' in str(Form()["price"])
