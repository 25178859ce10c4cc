"""The sidebar: which models stand under which heading, declared here; an app's pages name theirs."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from ipms.admin.pages import Page


@dataclass(frozen=True)
class Section:
    """A heading of the sidebar. `models` are `app.model` in order, or `app.*` for the rest of an app."""

    key: str
    label: Any
    icon: str
    models: tuple[str, ...]


SECTIONS = (
    Section(
        "stores",
        _("Stores"),
        "stores",
        (
            "inventory.item",
            "inventory.stockbalance",
            "inventory.itemvaluation",
            "inventory.stockmovement",
            "inventory.stockcount",
            "inventory.lot",
            "inventory.location",
            "inventory.category",
            "inventory.unitofmeasure",
            "inventory.*",
            "ipms.importrun",
        ),
    ),
    Section("suppliers", _("Suppliers"), "suppliers", ("suppliers.supplier", "suppliers.*")),
    Section(
        "purchasing",
        _("Purchasing"),
        "purchasing",
        ("procurement.purchaseorder", "procurement.goodsreceipt", "procurement.*"),
    ),
    Section("reports", _("Reports"), "reports", ("reporting.*",)),
    Section("people", _("People"), "people", ("accounts.user", "auth.group", "accounts.*")),
    # Whatever no other section claims, libraries' pages among it, comes here.
    Section(
        "system",
        _("System"),
        "system",
        (
            "ipms.sitesettings",
            "accounts.auditentry",
            "accounts.tokenfamily",
            "ipms.outboxevent",
            "ipms.outgoingmail",
            "ipms.webhookendpoint",
            "ipms.webhookdelivery",
            "ipms.jobrun",
            "django_celery_beat.periodictask",
            "django_celery_beat.*",
            "axes.*",
            "token_blacklist.*",
            "*",
        ),
    ),
)

KEYS = {section.key: index for index, section in enumerate(SECTIONS)}
_PLACES = {
    name: (section_index, model_index)
    for section_index, section in enumerate(SECTIONS)
    for model_index, name in enumerate(section.models)
}
_FALLBACK = _PLACES["*"]


def sections(
    app_list: list[dict[str, Any]], path: str, *, pages: Iterable[Page] = ()
) -> list[dict[str, Any]]:
    """Sort what a person may see into the sections of the sidebar, pages above the models.

    `app_list` is what `AdminSite.get_app_list` tells. Each entry has a `name`, an `admin_url` and an
    `add_url`, as a model has there.
    """
    entries: dict[int, list[tuple[int, str, dict[str, Any]]]] = defaultdict(list)
    for page in pages:
        entry = {"name": page.label, "admin_url": page.url, "add_url": None}
        entries[KEYS[page.section]].append((-1, "", _told(entry, path)))
    for app in app_list:
        for model in app["models"]:
            if not model["admin_url"] and not model["add_url"]:
                continue
            section_index, model_index = place(app["app_label"], model["object_name"].lower())
            entries[section_index].append((model_index, str(model["name"]), _told(model, path)))
    return [
        {
            "section": SECTIONS[section_index],
            "models": [entry for _index, _name, entry in sorted(found, key=lambda row: row[:2])],
            "is_current": any(entry["is_current"] for _index, _name, entry in found),
        }
        for section_index, found in sorted(entries.items())
    ]


def _told(entry: dict[str, Any], path: str) -> dict[str, Any]:
    return {**entry, "is_current": bool(entry["admin_url"]) and path.startswith(entry["admin_url"])}


def place(app_label: str, model_name: str) -> tuple[int, int]:
    """Return where a model's pages stand: the index of the section, and of the entry in it."""
    by_app = _PLACES.get(f"{app_label}.*", _FALLBACK)
    return _PLACES.get(f"{app_label}.{model_name}", by_app)
