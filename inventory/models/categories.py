from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from ipms.trees import TreeModel, TreeQuerySet


class Category(TreeModel):
    """A heading under which items are kept; categories form a tree."""

    slug = models.SlugField(
        _("slug"), max_length=80, help_text=_("Unique; made from the name when left empty.")
    )
    name = models.CharField(_("name"), max_length=120)
    is_active = models.BooleanField(_("active"), default=True)

    objects = TreeQuerySet.as_manager()

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                Lower("slug"),
                name="category_slug_once",
                violation_error_message=_("A category with this slug exists."),
            )
        ]

    def __str__(self) -> str:
        return self.name
