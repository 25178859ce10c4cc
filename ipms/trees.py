"""Trees of records that name their parent: categories, locations."""

from typing import Any, Self

from django.core.exceptions import ValidationError
from django.db import connection, models
from django.utils.translation import gettext_lazy as _


class TreeQuerySet(models.QuerySet[Any]):
    def within(self, *roots: Any) -> Self:
        """Return the records with these keys and everything below them."""
        return self.filter(pk__in=subtree_ids(self.model, roots))


def subtree_ids(model: type[models.Model], roots: tuple[Any, ...]) -> list[int]:
    """Return the keys of `roots` and of all that is below them, with one query."""
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            # UNION, not UNION ALL: a loop in the data would end too.
            f"""
            WITH RECURSIVE below AS (
                SELECT id FROM {table} WHERE id = ANY(%s)
                UNION SELECT child.id FROM {table} child JOIN below ON child.parent_id = below.id
            ) SELECT id FROM below
            """,  # noqa: S608 - the table's name comes from the model
            [list(roots)],
        )
        return [pk for (pk,) in cursor.fetchall()]


def lock(model: type[models.Model]) -> None:
    """Let one transaction at a time move records of this tree: two moves at once could close a loop."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"trees.{model._meta.db_table}"])


class TreeModel(models.Model):
    """A record that may stand below another of its kind, never below itself."""

    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("parent"),
    )

    class Meta:
        abstract = True

    def clean(self) -> None:
        super().clean()
        if self.parent and self.pk and self.parent.pk in subtree_ids(type(self), (self.pk,)):
            raise ValidationError({"parent": _("A record cannot stand below itself.")})
