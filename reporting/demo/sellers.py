"""Who sells to the factory, and what their money was worth."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from accounts.models import User
from ipms import audit
from ipms.models import ExchangeRate
from suppliers import registry
from suppliers.models import Supplier

#: US dollars for one unit, about 2025; a year of monthly rates wanders around it.
_DOLLARS = {
    "AOA": "0.00109",
    "BIF": "0.000337",
    "BWP": "0.0735",
    "CDF": "0.000348",
    "CNY": "0.138",
    "EGP": "0.0204",
    "ETB": "0.00760",
    "EUR": "1.09",
    "GBP": "1.27",
    "GHS": "0.0820",
    "INR": "0.0117",
    "KES": "0.00774",
    "MAD": "0.1010",
    "MUR": "0.0216",
    "MWK": "0.000577",
    "MZN": "0.01565",
    "NGN": "0.000650",
    "RWF": "0.000702",
    "TND": "0.321",
    "TZS": "0.000385",
    "UGX": "0.000272",
    "USD": "1",
    "XAF": "0.00166",
    "XOF": "0.00166",
    "ZAR": "0.0552",
    "ZMW": "0.0365",
}
_MONTHS = 13


@dataclass(frozen=True, kw_only=True)
class Seller:
    """A supplier as the demo knows it. `every_days` is the rhythm of orders, none where it is 0."""

    code: str
    name: str
    contact_person: str
    city: str
    country: str
    currency: str
    phone: str
    lead_time_days: int
    payment_terms_days: int
    every_days: int
    tax_rate: int = 0
    on_hold: bool = False
    is_active: bool = True
    notes: str = ""


SELLERS = [
    Seller(
        code="GORILLA-GRAINS",
        name="Gorilla Highlands Grain Growers",
        contact_person="Emmanuel Nsengimana",
        city="Musanze",
        country="RW",
        currency="RWF",
        phone="+250 788 000 101",
        lead_time_days=7,
        payment_terms_days=14,
        every_days=58,
    ),
    Seller(
        code="PEARL-SOYA",
        name="Pearl Soya & Pulses",
        contact_person="Grace Nakato",
        city="Kampala",
        country="UG",
        currency="UGX",
        phone="+256 772 000 102",
        lead_time_days=12,
        payment_terms_days=30,
        every_days=96,
    ),
    Seller(
        code="RIFT-PACK",
        name="Rift Valley Packaging",
        contact_person="Peter Kamau",
        city="Nairobi",
        country="KE",
        currency="KES",
        phone="+254 722 000 103",
        lead_time_days=18,
        payment_terms_days=30,
        every_days=88,
    ),
    Seller(
        code="KILI-SWEET",
        name="Kilimanjaro Sugar & Salt Traders",
        contact_person="Neema Mushi",
        city="Dar es Salaam",
        country="TZ",
        currency="TZS",
        phone="+255 754 000 104",
        lead_time_days=20,
        payment_terms_days=30,
        every_days=118,
    ),
    Seller(
        code="COAST-OILS",
        name="Coast Edible Oils",
        contact_person="Salim Abdalla",
        city="Mombasa",
        country="KE",
        currency="USD",
        phone="+254 733 000 105",
        lead_time_days=16,
        payment_terms_days=30,
        every_days=112,
    ),
    Seller(
        code="CAPE-NUTRI",
        name="Cape Nutrition Premixes",
        contact_person="Thandi Dlamini",
        city="Cape Town",
        country="ZA",
        currency="ZAR",
        phone="+27 82 000 0106",
        lead_time_days=35,
        payment_terms_days=45,
        every_days=150,
    ),
    Seller(
        code="DECCAN-DRIVES",
        name="Deccan Drives & Bearings",
        contact_person="Ravi Kulkarni",
        city="Pune",
        country="IN",
        currency="INR",
        phone="+91 98200 00107",
        lead_time_days=42,
        payment_terms_days=45,
        every_days=156,
    ),
    Seller(
        code="MOLINO-ALPI",
        name="Molino Alpi Macchine",
        contact_person="Chiara Ferrero",
        city="Cuneo",
        country="IT",
        currency="EUR",
        phone="+39 335 000 0108",
        lead_time_days=55,
        payment_terms_days=60,
        every_days=175,
    ),
    Seller(
        code="PEARL-RIVER",
        name="Pearl River Film & Machinery",
        contact_person="Chen Wei",
        city="Guangzhou",
        country="CN",
        currency="CNY",
        phone="+86 138 0000 0109",
        lead_time_days=60,
        payment_terms_days=0,
        every_days=170,
    ),
    Seller(
        code="UMUJYI-SUPPLIES",
        name="Umujyi Industrial Supplies",
        contact_person="Diane Ingabire",
        city="Kigali",
        country="RW",
        currency="RWF",
        phone="+250 788 000 110",
        lead_time_days=3,
        payment_terms_days=30,
        every_days=80,
        tax_rate=18,
    ),
    Seller(
        code="LAKE-LAB",
        name="Lakeside Laboratory Supplies",
        contact_person="Joseph Okello",
        city="Entebbe",
        country="UG",
        currency="USD",
        phone="+256 701 000 111",
        lead_time_days=14,
        payment_terms_days=30,
        every_days=0,
        on_hold=True,
        notes="On hold: two deliveries failed incoming inspection; new certificate awaited.",
    ),
    Seller(
        code="OLD-MILLERS",
        name="Old Millers Trading",
        contact_person="",
        city="Huye",
        country="RW",
        currency="RWF",
        phone="",
        lead_time_days=10,
        payment_terms_days=30,
        every_days=0,
        is_active=False,
        notes="Closed its business; kept for its history.",
    ),
]


class UnknownCurrency(LookupError):
    """The site's base currency is none that the demo has rates for."""


def price_in(currency: str, dollars: Decimal) -> Decimal:
    """Return a price given in US dollars in another currency, rounded as prices there are."""
    price = dollars / Decimal(_DOLLARS[currency])
    return round(price, 0 if price >= 500 else 2 if price >= 5 else 4)


def make() -> dict[str, Supplier]:
    """Make the suppliers, all free to be ordered from; return them by code."""
    made = {}
    for seller in SELLERS:
        mailbox = seller.name.split()[0].lower()
        made[seller.code] = registry.create(
            code=seller.code,
            name=seller.name,
            email=f"orders@{mailbox}.example.com",
            phone=seller.phone,
            contact_person=seller.contact_person,
            city=seller.city,
            country=seller.country,
            currency=seller.currency,
            payment_terms_days=seller.payment_terms_days,
            lead_time_days=seller.lead_time_days,
            notes=seller.notes,
        )
    return made


def close(suppliers: dict[str, Supplier]) -> None:
    """Put on hold and deactivate those that are no longer ordered from."""
    for seller in SELLERS:
        if seller.on_hold or not seller.is_active:
            registry.update(suppliers[seller.code], on_hold=seller.on_hold, is_active=seller.is_active)


def make_rates(*, base: str, today: date, by: User, random: Random) -> None:
    """Store a year of monthly rates of the suppliers' currencies into `base`.

    Raises `UnknownCurrency`.
    """
    if base not in _DOLLARS:
        raise UnknownCurrency(base)
    rates = []
    for currency in sorted({seller.currency for seller in SELLERS} | {"EUR", "USD"}):
        rate = Decimal(_DOLLARS[currency]) / Decimal(_DOLLARS[base])
        for month in range(_MONTHS if currency != base else 0):
            rate *= 1 + Decimal(random.randint(-120, 130)) / 10_000
            rates.append(
                ExchangeRate(
                    currency=currency,
                    rate=round(rate, 10),
                    valid_from=today - timedelta(days=30 * (_MONTHS - month)),
                    source="central bank, monthly mean",
                    created_by=by,
                )
            )
    ExchangeRate.objects.bulk_create(rates)
    audit.created(rates)
