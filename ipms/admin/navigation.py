"""The sidebar: which page stands under which heading, declared here and nowhere else."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _


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
            "inventory.lot",
            "inventory.location",
            "inventory.category",
            "inventory.unitofmeasure",
            "inventory.*",
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
            "django_celery_beat.periodictask",
            "django_celery_beat.*",
            "axes.*",
            "token_blacklist.*",
            "*",
        ),
    ),
)

_PLACES = {
    name: (section_index, model_index)
    for section_index, section in enumerate(SECTIONS)
    for model_index, name in enumerate(section.models)
}
_FALLBACK = _PLACES["*"]


def sections(app_list: list[dict[str, Any]], path: str) -> list[dict[str, Any]]:
    """Sort what a person may see, as `AdminSite.get_app_list` tells it, into the sections of the sidebar."""
    entries: dict[int, list[tuple[int, str, dict[str, Any]]]] = {}
    for app in app_list:
        for model in app["models"]:
            if not model["admin_url"] and not model["add_url"]:
                continue
            section_index, model_index = place(app["app_label"], model["object_name"].lower())
            entry = {**model, "is_current": bool(model["admin_url"]) and path.startswith(model["admin_url"])}
            entries.setdefault(section_index, []).append((model_index, str(model["name"]), entry))
    return [
        {
            "section": SECTIONS[section_index],
            "models": [entry for _index, _name, entry in sorted(found, key=lambda row: row[:2])],
            "is_current": any(entry["is_current"] for _index, _name, entry in found),
        }
        for section_index, found in sorted(entries.items())
    ]


def place(app_label: str, model_name: str) -> tuple[int, int]:
    """Return where a model's pages stand: the index of the section, and of the entry in it."""
    by_app = _PLACES.get(f"{app_label}.*", _FALLBACK)
    return _PLACES.get(f"{app_label}.{model_name}", by_app)
