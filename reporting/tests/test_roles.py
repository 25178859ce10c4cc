"""Who may see figures that belong to no one model."""

import pytest

from accounts.tests.factories import UserFactory

pytestmark = pytest.mark.django_db

EVERYBODY = {"reporting.view_dashboard"}
LEADING = EVERYBODY | {"reporting.view_reports", "reporting.export_data"}
EVERYTHING = LEADING | {"reporting.view_export"}


@pytest.mark.parametrize(
    ("role", "allowed"),
    [("staff", EVERYBODY), ("manager", LEADING), ("admin", EVERYTHING)],
)
def test_role_sees_what_it_is_meant_to_see(role, allowed):
    user = UserFactory(role=role)

    assert {name for name in user.get_all_permissions() if name in EVERYTHING} == allowed
