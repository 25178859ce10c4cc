"""The records that orders name: found by their code or name, made where they are new."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django_countries import countries

from accounts.models import Role, User
from inventory.models import Category, Item, Location, LocationKind, Tracking
from ipms import audit
from ipms.errors import InvalidInput
from procurement.order_import import codes, lines
from procurement.order_import.documents import Document
from procurement.order_import.lines import Line, Named
from procurement.order_import.report import Report
from suppliers import registry
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

_Record = TypeVar("_Record", Supplier, Item, Location, Category)


class Refused(InvalidInput):
    """A record that cannot be made: `field` is that of the mapping, `named` what the rows call it."""

    def __init__(self, field: str, named: Named, error: ValidationError) -> None:
        super().__init__({field: error.messages})
        self.field, self.named = field, named

    def concerns(self, line: Line) -> bool:
        """Tell whether a line names the record."""
        if self.field == "item.category":
            return line.item.path[: len(self.named.path)] == self.named.path
        named: Named | None = getattr(line, self.field.partition(".")[0])
        return named is not None and named.key == self.named.key


def maker() -> User:
    """Return the account that makes imported orders; it is made when it is first needed."""
    user = User.objects.filter(username__iexact=MAKER["username"]).first()
    if user is None:
        user = User(**MAKER)
        user.set_unusable_password()
        user.save()
    return user


def suppliers(
    wanted: Mapping[str, Named], documents: Sequence[Document], report: Report
) -> dict[str, Supplier]:
    """Return the supplier for each key: of that code, or where rows give none, of that name."""
    found = _by_code(Supplier.objects.all(), "code", [key for key, one in wanted.items() if one.code])
    found |= _by_name([key for key, one in wanted.items() if not one.code])
    missing = {key: one for key, one in wanted.items() if key not in found}
    uncoded = [key for key, one in missing.items() if not one.code]
    code_of = dict(zip(uncoded, registry.free_codes(missing[key].name for key in uncoded), strict=True))
    currency_of = {document.supplier.key: document.currency for document in documents}
    made = {}
    for key, one in missing.items():
        fields = {**one.fields, **({"country": _country(one)} if "country" in one.fields else {})}
        code = one.code or code_of[key]
        supplier = Supplier(code=code, name=one.name, currency=currency_of[key], **fields)
        made[key] = _checked(supplier, "supplier.name", one)
        report.suppliers.add(key)
    Supplier.objects.bulk_create(made.values())
    audit.created(list(made.values()))
    return found | made


def items(wanted: Mapping[str, Named], documents: Sequence[Document], report: Report) -> dict[str, Item]:
    """Return the item of each SKU, in lower case, with its unit and location."""
    known = Item.objects.select_related("unit", "location")
    found = _by_code(known, "sku", wanted)
    missing = {key: one for key, one in wanted.items() if key not in found}
    if not missing:
        return found
    category_of = _categories({one.path for one in missing.values() if one.path}, report)
    currency_of = {line.item.key: document.currency for document in documents for line in document.lines}
    made = []
    for key, one in missing.items():
        fields = {**one.fields}
        unit, tracking = fields.pop("unit", "EA").upper(), fields.pop("tracking", Tracking.NONE).lower()
        item = Item(
            sku=one.code,
            name=one.name,
            currency=currency_of[key],
            category=category_of.get(one.path),
            unit_id=unit,
            tracking=tracking,
            **fields,
        )
        made.append(_checked(item, "item.name", one))
        report.items.add(key)
    Item.objects.bulk_create(made)
    audit.created(made)
    return found | _by_code(known, "sku", missing)


def locations(
    wanted: Mapping[str, Named], site: tuple[str, str] | None, report: Report
) -> dict[str, Location]:
    """Return the location of each code, in lower case; a new one stands in `site` (code and name)."""
    found = _by_code(Location.objects.all(), "code", wanted)
    missing = {key: one for key, one in wanted.items() if key not in found}
    parent = _site(*site, report) if site and missing else None
    for key, one in missing.items():
        kind = one.fields.get("kind", LocationKind.WAREHOUSE).lower()
        if kind not in LocationKind.real():
            sentence = _("A location is one of: %(kinds)s.") % {"kinds": ", ".join(LocationKind.real())}
            raise Refused("location.name", one, ValidationError(sentence))
        location = Location(code=one.code, name=one.name, kind=kind, parent=parent)
        _checked(location, "location.name", one).save()
        report.locations.add(key)
        found[key] = location
    return found


def _site(code: str, name: str, report: Report) -> Location:
    known = Location.objects.filter(code__iexact=code).first()
    if known:
        return known
    site = Location(code=code, name=name, kind=LocationKind.SITE)
    _checked(site, "location.name", Named(key=code.lower(), code=code, name=name)).save()
    report.locations.add(code.lower())
    return site


def _categories(paths: Iterable[tuple[str, ...]], report: Report) -> dict[tuple[str, ...], Category]:
    """Return the category of each path, such as (“Medicines”, “Tablets”), made from the top down."""
    wanted = {path[:depth] for path in paths for depth in range(1, len(path) + 1)}
    slug_of = {path: _slug(path) for path in wanted}
    known = _by_code(Category.objects.all(), "slug", slug_of.values())
    found: dict[tuple[str, ...], Category] = {}
    for path in sorted(wanted, key=lambda path: (len(path), path)):
        slug = slug_of[path]
        if slug not in known:
            category = Category(slug=slug, name=path[-1], parent=found.get(path[:-1]))
            named = Named(key=slug, code=slug, name=path[-1], path=path)
            known[slug] = _checked(category, "item.category", named)
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


def _by_name(keys: Collection[str]) -> dict[str, Supplier]:
    """Return the suppliers whose names come to these keys, of several of one name the oldest."""
    names = Supplier.objects.order_by("-pk").values_list("pk", "name")
    pk_of = {lines.name_key(name): pk for pk, name in names} if keys else {}
    found = Supplier.objects.in_bulk([pk_of[key] for key in keys if key in pk_of])
    return {key: found[pk_of[key]] for key in keys if key in pk_of}


def _by_code(known: QuerySet[_Record], field: str, keys: Iterable[str]) -> dict[str, _Record]:
    found = known.annotate(folded=Lower(field)).filter(folded__in=list(keys))
    return {record.folded: record for record in found}


def _checked(record: Any, field: str, named: Named) -> Any:
    try:
        record.full_clean()
    except ValidationError as error:
        raise Refused(field, named, error) from error
    return record
