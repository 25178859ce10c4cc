"""What a notification of each kind says, who may choose it, and how words are written in a language."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import get_language_bidi
from django.utils.translation import gettext_lazy as _

from accounts.models import Kind
from ipms.money import MINOR_UNITS, plain

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

# Around a word in a text from right to left: a code such as PO-2031-00001 keeps its order.
_ISOLATE, _END = "\u2068", "\u2069"


@dataclass(frozen=True)
class Amount:
    """Money as a word of a sentence."""

    value: Decimal
    currency: str


@dataclass(frozen=True)
class Month:
    """The month of a day, as a word of a sentence."""

    day: date


@dataclass(frozen=True)
class Sentence:
    """Title and text, with the places of their words."""

    title: "StrPromise"
    body: "StrPromise"


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A kind: its sentence, others for its variants, and how people hear of it unless they chose.

    `permission` says who may ever be told, so that nobody is offered a choice without effect; None is all.
    """

    sentence: Sentence
    variants: dict[str, Sentence]
    in_app: bool = True
    by_mail: bool = False
    permission: str | None = None

    def of(self, variant: str) -> Sentence:
        return self.variants[variant] if variant else self.sentence


_ADMINISTRATION = "ipms.change_sitesettings"
_WEBHOOKS = "ipms.change_webhookendpoint"
_REPORTS = "reporting.view_reports"

SUBJECTS: dict[str, Subject] = {
    Kind.STOCK_LOW: Subject(
        sentence=Sentence(
            _("%(sku)s %(item)s is low on stock"),
            _("Available: %(available)s %(unit)s. Reorder level: %(reorder_level)s %(unit)s."),
        ),
        variants={},
        permission="inventory.change_item",
    ),
    Kind.STOCK_OUT: Subject(
        sentence=Sentence(
            _("%(sku)s %(item)s is out of stock"),
            _("Available: %(available)s %(unit)s. Reorder level: %(reorder_level)s %(unit)s."),
        ),
        variants={},
        by_mail=True,
        permission="inventory.change_item",
    ),
    Kind.LOT_EXPIRING: Subject(
        sentence=Sentence(
            _("Lot %(lot)s of %(sku)s %(item)s expires on %(expires_on)s"),
            _("Days left: %(days_left)s. On hand: %(on_hand)s %(unit)s."),
        ),
        variants={
            "expired": Sentence(
                _("Lot %(lot)s of %(sku)s %(item)s expired on %(expires_on)s"),
                _("On hand: %(on_hand)s %(unit)s. It is no longer issued."),
            ),
        },
        permission="inventory.change_item",
    ),
    Kind.COUNT_WAITING: Subject(
        sentence=Sentence(
            _("Count %(count)s waits for your review"),
            _("%(by)s counted %(scope)s. Lines that differ: %(differing)s of %(lines)s."),
        ),
        variants={},
        permission="inventory.approve_stockcount",
    ),
    Kind.COUNT_RETURNED: Subject(
        sentence=Sentence(
            _("Count %(count)s is to be counted again in part"),
            _("%(by)s sent it back: “%(why)s”"),
        ),
        variants={},
        permission="inventory.change_stockcount",
    ),
    Kind.ORDER_WAITING: Subject(
        sentence=Sentence(
            _("Order %(order)s waits for your approval"),
            _("%(maker)s wants to buy from %(supplier)s for %(amount)s."),
        ),
        variants={
            "converted": Sentence(
                _("Order %(order)s waits for your approval"),
                _("%(maker)s wants to buy from %(supplier)s for %(amount)s, that is %(base)s."),
            ),
        },
        by_mail=True,
        permission="procurement.approve_purchaseorder",
    ),
    Kind.ORDER_APPROVED: Subject(
        sentence=Sentence(
            _("Order %(order)s was approved"),
            _("%(by)s approved your order from %(supplier)s for %(amount)s."),
        ),
        variants={
            "commented": Sentence(
                _("Order %(order)s was approved"),
                _("%(by)s approved your order from %(supplier)s for %(amount)s: “%(comment)s”"),
            ),
        },
        by_mail=True,
    ),
    Kind.ORDER_REJECTED: Subject(
        sentence=Sentence(
            _("Order %(order)s was rejected"),
            _("%(by)s rejected your order from %(supplier)s for %(amount)s: “%(reason)s”"),
        ),
        variants={},
        by_mail=True,
    ),
    Kind.ORDER_DELIVERED: Subject(
        sentence=Sentence(
            _("The goods of order %(order)s came"),
            _("All that you ordered from %(supplier)s was received."),
        ),
        variants={
            "partially": Sentence(
                _("A part of order %(order)s came"),
                _("From %(supplier)s. Complete lines: %(complete)s of %(lines)s."),
            ),
        },
    ),
    Kind.ORDER_OVERDUE: Subject(
        sentence=Sentence(
            _("Order %(order)s is overdue"),
            _("%(supplier)s was to deliver by %(expected_on)s. Days late: %(days_late)s."),
        ),
        variants={},
        by_mail=True,
    ),
    Kind.REPORT_READY: Subject(
        sentence=Sentence(
            _("%(report)s is ready"), _("You can download it until %(until)s; the link is for you alone.")
        ),
        variants={
            "failed": Sentence(_("%(report)s could not be made"), _("What went wrong: %(error)s")),
        },
    ),
    Kind.IMPORT_ENDED: Subject(
        sentence=Sentence(
            _("The file %(file)s was checked"),
            _("Rows that can be imported: %(good)s. Rows that cannot: %(bad)s."),
        ),
        variants={
            "done": Sentence(
                _("The file %(file)s was imported"),
                _("New: %(new)s. Changed: %(changed)s. Not taken: %(bad)s."),
            ),
            "failed": Sentence(_("The import of %(file)s failed"), _("What went wrong: %(error)s")),
            "undone": Sentence(
                _("The import of %(file)s was undone"), _("Rows that were undone: %(undone)s.")
            ),
        },
    ),
    Kind.MONTHLY_REPORT: Subject(
        sentence=Sentence(
            _("Stock report of %(month)s"),
            _(
                "At its end stock was worth %(value)s. Items low on stock: %(low)s. "
                "Items that nothing was issued of for long: %(dead)s."
            ),
        ),
        variants={},
        by_mail=True,
        permission=_REPORTS,
    ),
    Kind.RATE_STALE: Subject(
        sentence=Sentence(
            _("The exchange rate of %(currency)s is old"), _("The newest one is of %(newest)s.")
        ),
        variants={
            "missing": Sentence(
                _("There is no exchange rate of %(currency)s"),
                _("Orders in this currency cannot be approved without one."),
            ),
        },
        permission="ipms.change_exchangerate",
    ),
    Kind.JOB_FAILED: Subject(
        sentence=Sentence(_("The job “%(job)s” failed"), _("What went wrong: %(error)s")),
        variants={},
        permission=_ADMINISTRATION,
    ),
    Kind.BACKUP_FAILED: Subject(
        sentence=Sentence(_("The backup failed"), _("What went wrong: %(error)s")),
        variants={},
        by_mail=True,
        permission=_ADMINISTRATION,
    ),
    Kind.LEDGER_BROKEN: Subject(
        sentence=Sentence(
            _("The stock ledger does not add up"),
            _("Offences found: %(offences)s. Run “manage.py verify_ledger” to see each of them."),
        ),
        variants={},
        by_mail=True,
        permission=_ADMINISTRATION,
    ),
    Kind.WEBHOOK_FAILED: Subject(
        sentence=Sentence(
            _("Webhooks to %(endpoint)s do not arrive"),
            _("%(event)s was given up after a day of attempts. The last error: %(error)s"),
        ),
        variants={
            "gone": Sentence(
                _("Webhooks to %(endpoint)s were switched off"),
                _("It answered that it is gone for good (410)."),
            ),
        },
        by_mail=True,
        permission=_WEBHOOKS,
    ),
}


def in_words(value: Any) -> str:
    """Write a value as the running language and time zone do: numbers, dates, money; text as it is."""
    text = _plainly(value)
    return f"{_ISOLATE}{text}{_END}" if get_language_bidi() else text


def _plainly(value: Any) -> str:
    match value:
        case Amount():
            decimals = MINOR_UNITS.get(value.currency, 2)
            return f"{number_format(value.value, decimals, force_grouping=True)}\u00a0{value.currency}"
        case Month():
            return date_format(value.day, "YEAR_MONTH_FORMAT")
        case Decimal():
            decimals = len(plain(value).partition(".")[2])
            return number_format(value, decimals, force_grouping=True)
        case datetime():
            return date_format(timezone.localtime(value), "DATETIME_FORMAT")
        case date():
            return date_format(value, "DATE_FORMAT")
    return str(value)
