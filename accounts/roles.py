"""The three roles as groups, and how an app's migration gives them its permissions."""

from collections.abc import Mapping, Sequence

from django.contrib.auth.management import create_permissions
from django.db import migrations

ROLES = ("admin", "manager", "staff")


def grant(app_label: str, permissions: Mapping[str, Sequence[str]]) -> migrations.RunPython:
    """Return the migration operation that gives each role its permissions (codenames) on `app_label`.

    Given once: what a site changes in its groups afterwards stays as the site wants it.
    """

    def forwards(apps, schema_editor):
        _create_permissions(apps, app_label)
        permission = apps.get_model("auth", "Permission")
        for role, codenames in permissions.items():
            group, _ = apps.get_model("auth", "Group").objects.get_or_create(name=role)
            found = permission.objects.filter(content_type__app_label=app_label, codename__in=codenames)
            if missing := set(codenames) - set(found.values_list("codename", flat=True)):
                raise LookupError(f"{app_label} has no permission {', '.join(sorted(missing))}")
            group.permissions.add(*found)

    return migrations.RunPython(forwards, migrations.RunPython.noop)


def _create_permissions(apps, app_label: str) -> None:
    # Django makes permissions after all migrations; a data migration that needs them makes them itself.
    config = apps.get_app_config(app_label)
    config.models_module = True
    create_permissions(config, apps=apps, verbosity=0)
    config.models_module = None
