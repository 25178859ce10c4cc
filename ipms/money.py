"""Currencies and rounding.

Amounts are rounded half-up to the minor unit of their currency (ISO 4217:2015, list one), once, at the line.
"""

from decimal import ROUND_HALF_UP, Decimal, localcontext

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

#: Codes of ISO 4217 by the number of decimals of their minor unit; funds and metals are left out.
_CODES_BY_DECIMALS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: (
        "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD "
        "CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD "
        "HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD "
        "MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON "
        "RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD "
        "TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG"
    ),
    3: "BHD IQD JOD KWD LYD OMR TND",
}
MINOR_UNITS: dict[str, int] = {
    code: decimals for decimals, codes in _CODES_BY_DECIMALS.items() for code in codes.split()
}


def validate_currency(code: str) -> None:
    """Raise `ValidationError` unless `code` is a current ISO 4217 code."""
    if code not in MINOR_UNITS:
        raise ValidationError(_("“%(code)s” is not an ISO 4217 currency code."), params={"code": code})


def round_amount(amount: Decimal, currency: str) -> Decimal:
    """Round half-up to the minor unit of `currency`."""
    with localcontext(prec=60):
        return amount.quantize(Decimal(1).scaleb(-MINOR_UNITS[currency]), rounding=ROUND_HALF_UP)


def multiply(quantity: Decimal, unit_price: Decimal, currency: str) -> Decimal:
    """Return quantity x price as an amount in `currency`, exact before its one rounding."""
    with localcontext(prec=60):
        return round_amount(quantity * unit_price, currency)


def plain(number: Decimal) -> str:
    """Return the shortest plain form of a number: `5`, `2.5`, never `5.0000` or `5E+3`."""
    text = format(number, "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"
