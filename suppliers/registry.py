"""The register of suppliers: entered, changed, deleted while nothing was ordered from them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import connection, transaction
from django.db.models import ProtectedError
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from ipms import audit, bulk, site
from ipms.errors import InUse, InvalidInput
from suppliers.models import Supplier

_LONGEST_CODE = Supplier._meta.get_field("code").max_length or 0


@transaction.atomic
def create(**fields: Any) -> Supplier:
    """Enter a supplier. The currency defaults to the base currency, the code is made from the name.

    Raises Django's `ValidationError` for fields that cannot be taken.
    """
    supplier = Supplier(**_cleaned(fields))
    supplier.currency = supplier.currency or site.base_currency()
    if not supplier.code:
        (supplier.code,) = free_codes([supplier.name])
    _check(supplier)
    supplier.save()
    return supplier


@transaction.atomic
def update(supplier: Supplier, **changes: Any) -> Supplier:
    """Change a supplier's fields. Raises Django's `ValidationError` for what cannot be taken."""
    for name, value in _cleaned(changes).items():
        setattr(supplier, name, value)
    _check(supplier)
    supplier.save()
    return supplier


@transaction.atomic
def create_many(wanted: Sequence[Mapping[str, Any]]) -> list[Supplier]:
    """Enter suppliers that have codes, all or none, with a constant number of queries.

    Raises `InvalidInput` with the errors of all of them under `lines`.
    """
    base = site.base_currency()
    made = [Supplier(**{"currency": base, **_cleaned(dict(fields))}) for fields in wanted]
    codes = Supplier.objects.annotate(folded=Lower("code"))
    taken = set(codes.filter(folded__in={one.code.lower() for one in made}).values_list("folded", flat=True))
    errors = [_errors_of_fields(supplier) for supplier in made]
    for supplier, problems in zip(made, errors, strict=True):
        if supplier.code.lower() in taken:
            problems.setdefault("code", []).append(_("A supplier with this code exists."))
        taken.add(supplier.code.lower())
    if any(errors):
        raise InvalidInput({"lines": errors})
    Supplier.objects.bulk_create(made, batch_size=2000)
    audit.created(made)
    return made


@transaction.atomic
def update_many(suppliers: Sequence[Supplier], names: Collection[str]) -> None:
    """Save changed fields of suppliers, all or none, with a constant number of queries; codes stay.

    The suppliers carry their new values and were locked by the caller. Raises `InvalidInput` with the errors
    of all of them under `lines`.
    """
    before = Supplier.objects.in_bulk([supplier.pk for supplier in suppliers])
    errors = [_errors_of_fields(supplier) for supplier in suppliers]
    if any(errors):
        raise InvalidInput({"lines": errors})
    now = timezone.now()
    for supplier in suppliers:
        supplier.updated_at = now
    bulk.update(suppliers, [*names, "updated_at"])
    audit.changed(
        suppliers,
        (
            {
                name: [getattr(before[supplier.pk], name), getattr(supplier, name)]
                for name in names
                if getattr(before[supplier.pk], name) != getattr(supplier, name)
            }
            for supplier in suppliers
        ),
    )


@transaction.atomic
def delete(supplier: Supplier) -> None:
    """Delete a supplier that nothing was ordered from; else raise `InUse`."""
    try:
        supplier.delete()
    except ProtectedError as error:
        sentence = _("%(name)s has purchase orders: deactivate it instead.")
        raise InUse(sentence % {"name": supplier.name}) from error


def free_codes(names: Iterable[str]) -> list[str]:
    """Return a code for each name, none of them taken; call it inside the transaction that uses them.

    “Kigali Steel Ltd” becomes KIGALI-STEEL-LTD, a second one KIGALI-STEEL-LTD-2. Until the transaction
    ends nobody else is given codes, so that two people who enter one name at once get two codes.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('suppliers.free_codes'))")
    stems = [_stem(name) for name in names]
    taken = _taken(set(stems))
    codes = []
    for stem in stems:
        code, number = stem, 1
        while code.lower() in taken:
            number += 1
            code = f"{stem[: _LONGEST_CODE - len(str(number)) - 1]}-{number}"
        taken.add(code.lower())
        codes.append(code)
    return codes


def _errors_of_fields(supplier: Supplier) -> dict[str, list[Any]]:
    try:
        supplier.clean_fields()
    except ValidationError as error:
        return dict(error.message_dict)
    return {}


def _check(supplier: Supplier) -> None:
    try:
        supplier.full_clean()
    except ValidationError as error:
        # The constraints of a supplier are all about its code.
        if sentences := error.error_dict.pop(NON_FIELD_ERRORS, None):
            error.error_dict["code"] = sentences
        raise


def _taken(stems: set[str]) -> set[str]:
    """Return, in lower case, the codes in use that could stand in the way of these."""
    beginnings = {stem[: _LONGEST_CODE - 8].lower() for stem in stems}
    in_use = Supplier.objects.annotate(folded=Lower("code")).values_list("folded", flat=True)
    if len(beginnings) == 1:
        in_use = in_use.filter(folded__startswith=beginnings.pop())
    return set(in_use)


def _stem(name: str) -> str:
    latin = slugify(name.replace("_", "-"))
    return (latin or slugify(name, allow_unicode=True) or "supplier").upper()[:_LONGEST_CODE].rstrip("-")


def _cleaned(fields: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value.upper() if name in ("country", "currency") and isinstance(value, str) else value
        for name, value in fields.items()
    }
