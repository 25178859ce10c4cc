"""The records that orders name: found by their code or name, made where they are new."""

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django_countries import countries

from accounts.models import Role, User
from inventory.models import Category, Item, Location, LocationKind
from ipms import audit
from ipms.errors import InvalidInput
from procurement.order_import import codes
from procurement.order_import.documents import Document
from procurement.order_import.report import Report
from procurement.order_import.rows import Named
from suppliers.models import Supplier

_SLUG_LENGTH = 80
#: Who makes imported orders, so that whoever approves them is somebody else. Nobody logs in as this account.
MAKER = {
    "username": "importer",
    "email": "importer@import.invalid",
    "first_name": "Order",
    "last_name": "import",
    "role": Role.STAFF,
    "is_active": False,
    "is_staff": False,
}

_Record = TypeVar("_Record", Supplier, Item, Location)


class Refused(InvalidInput):
    """A record that cannot be made. `field` is that of the mapping, `name` what the rows call it."""

    def __init__(self, field: str, named: Named, error: ValidationError) -> None:
        super().__init__({field: error.messages})
        self.field, self.named = field, named


def maker() -> User:
    """Return the account that makes imported orders; it is made when it is first needed."""
    user = User.objects.filter(username__iexact=MAKER["username"]).first()
    if user is None:
        user = User(**MAKER)
        user.set_unusable_password()
        user.save()
    return user


def suppliers(named: Iterable[Named], documents: Sequence[Document], report: Report) -> dict[str, Supplier]:
    """Return the supplier of each code, in lower case. One that is known by the same name counts too."""
    wanted = {one.code.lower(): one for one in named}
    found = _by_code(Supplier, "code", wanted)
    unknown = {one.name.lower(): code for code, one in wanted.items() if code not in found}
    if unknown:
        by_name = Supplier.objects.annotate(folded=Lower("name")).filter(folded__in=unknown).order_by("-pk")
        found |= {unknown[supplier.folded]: supplier for supplier in by_name}
    currency_of = {document.supplier.code.lower(): document.currency for document in documents}
    made = []
    for code, one in wanted.items():
        if code not in found:
            fields = {**one.fields}
            if "country" in fields:
                fields["country"] = _country(one)
            supplier = Supplier(code=one.code, name=one.name, currency=currency_of[code], **fields)
            made.append(_checked(supplier, "supplier.name", one))
            report.suppliers.add(one.code)
    found |= {supplier.code.lower(): supplier for supplier in Supplier.objects.bulk_create(made)}
    audit.created(made)
    return found


def items(named: Iterable[Named], documents: Sequence[Document], report: Report) -> dict[str, Item]:
    """Return the item of each SKU, in lower case, with its unit and location."""
    wanted = {one.code.lower(): one for one in named}
    found = _by_code(Item, "sku", wanted)
    missing = {code: one for code, one in wanted.items() if code not in found}
    if missing:
        category_of = _categories({one.path for one in missing.values() if one.path}, report)
        currency_of = {
            row.item.code.lower(): document.currency for document in documents for row in document.rows
        }
        made = []
        for code, one in missing.items():
            fields = {**one.fields, "unit_id": one.fields.get("unit", "EA").upper()}
            fields.pop("unit", None)
            item = Item(
                sku=one.code,
                name=one.name,
                currency=currency_of[code],
                category=category_of.get(one.path),
                **fields,
            )
            made.append(_checked(item, "item.name", one))
            report.items.add(one.code)
        Item.objects.bulk_create(made)
        audit.created(made)
        found |= _by_code(Item, "sku", missing)
    return found


def locations(
    named: Iterable[Named], site: tuple[str, str] | None, report: Report
) -> dict[str, Location]:
    """Return the location of each code, in lower case; a new one stands in `site` (code and name)."""
    wanted = {one.code.lower(): one for one in named}
    found = _by_code(Location, "code", wanted)
    parent = None
    for code, one in wanted.items():
        if code in found:
            continue
        if site and parent is None:
            parent = _site(*site, report)
        kind = one.fields.get("kind", LocationKind.WAREHOUSE).lower()
        location = Location(code=one.code, name=one.name, kind=kind, parent=parent)
        if kind not in LocationKind.real():
            choices = ", ".join(LocationKind.real())
            sentence = _("A location is one of: %(kinds)s.") % {"kinds": choices}
            raise Refused("location.name", one, ValidationError(sentence))
        _checked(location, "location.name", one).save()
        report.locations.add(one.code)
        found[code] = location
    return found


def _site(code: str, name: str, report: Report) -> Location:
    known = Location.objects.filter(code__iexact=code).first()
    if known:
        return known
    site = Location(code=code, name=name, kind=LocationKind.SITE)
    _checked(site, "location.name", Named(code=code, name=name)).save()
    report.locations.add(code)
    return site


def _categories(paths: Iterable[tuple[str, ...]], report: Report) -> dict[tuple[str, ...], Category]:
    """Return the category of each path, such as (“Medicines”, “Tablets”), made from the top down."""
    wanted = {path[:depth] for path in paths for depth in range(1, len(path) + 1)}
    slug_of = {path: _slug(path) for path in wanted}
    known = {one.slug.lower(): one for one in Category.objects.filter(slug__in=slug_of.values())}
    found: dict[tuple[str, ...], Category] = {}
    for path in sorted(wanted, key=lambda path: (len(path), path)):
        slug = slug_of[path]
        if slug not in known:
            category = Category(slug=slug, name=path[-1], parent=found.get(path[:-1]))
            known[slug] = _checked(category, "item.category", Named(code=slug, name=" / ".join(path)))
            category.save()
            report.categories.add(slug)
        found[path] = known[slug]
    return found


def _slug(path: tuple[str, ...]) -> str:
    slug = slugify(" ".join(path))
    if slug and len(slug) <= _SLUG_LENGTH:
        return slug
    return slugify(codes.make(" ".join(path), limit=_SLUG_LENGTH)).strip("-")


def _country(supplier: Named) -> str:
    given = supplier.fields["country"]
    code = given.upper() if given.upper() in countries else countries.by_name(given)
    if not code:
        sentence = _("“%(name)s” is not a country of ISO 3166: a code such as RW, or its name.")
        raise Refused("supplier.country", supplier, ValidationError(sentence % {"name": given}))
    return code


def _by_code(model: type[_Record], field: str, wanted: Iterable[str]) -> dict[str, _Record]:
    records = model.objects.annotate(folded=Lower(field)).filter(folded__in=list(wanted))
    if model is Item:
        records = records.select_related("unit", "location")
    return {getattr(record, field).lower(): record for record in records}


def _checked(record: Any, field: str, named: Named) -> Any:
    try:
        record.full_clean()
    except ValidationError as error:
        raise Refused(field, named, error) from error
    return record
