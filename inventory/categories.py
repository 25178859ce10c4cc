"""Categories: made with a slug from their name, changed, deleted while nothing is kept under them."""

from typing import Any

from django.db import connection, transaction
from django.db.models import ProtectedError
from django.db.models.functions import Lower
from django.utils.text import slugify
from django.utils.translation import gettext as _

from inventory.models import Category
from ipms import trees, validation
from ipms.errors import InUse

_LONGEST_SLUG = Category._meta.get_field("slug").max_length or 0


@transaction.atomic
def create(*, name: str, slug: str = "", **fields: Any) -> Category:
    """Make a category; its slug is made from the name where none is given.

    Raises Django's `ValidationError` for fields that cannot be taken.
    """
    category = Category(name=name, slug=slug or free_slug(name), **fields)
    validation.check(category, key="slug")
    category.save()
    return category


@transaction.atomic
def update(category: Category, **changes: Any) -> Category:
    """Change a category's fields; an empty slug leaves the one it has. Raises `ValidationError`."""
    if not changes.get("slug", "set"):
        del changes["slug"]
    if "parent" in changes:
        trees.lock(Category)
    for name, value in changes.items():
        setattr(category, name, value)
    validation.check(category, key="slug")
    category.save()
    return category


@transaction.atomic
def delete(category: Category) -> None:
    """Delete a category without sub-categories and items; else raise `InUse`."""
    try:
        category.delete()
    except ProtectedError as error:
        sentence = _("%(name)s has sub-categories or items: move them first, or deactivate it.")
        raise InUse(sentence % {"name": category.name}) from error


def free_slug(name: str) -> str:
    """Return a slug for a name that no category has; call it inside the transaction that uses it.

    “Raw materials” becomes raw-materials, a second one raw-materials-2. Until the transaction ends nobody
    else is given a slug, so that two people who enter one name at once get two.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('inventory.categories.free_slug'))")
    stem = slugify(name)[:_LONGEST_SLUG].strip("-_") or "category"
    beginning = stem[: _LONGEST_SLUG - 8]
    taken = set(
        Category.objects.annotate(folded=Lower("slug"))
        .filter(folded__startswith=beginning)
        .values_list("folded", flat=True)
    )
    slug, number = stem, 1
    while slug in taken:
        number += 1
        slug = f"{stem[: _LONGEST_SLUG - len(str(number)) - 1]}-{number}"
    return slug
