"""People in spreadsheets: out only; they come in one by one, each with a password of their own."""

from ipms.resources import list_of

UserResource = list_of(
    "UserResource",
    email="email",
    username="username",
    first_name="first_name",
    last_name="last_name",
    role="role",
    is_active="is_active",
    phone="phone",
    language="language",
    timezone="timezone",
    last_login="last_login",
    created_at="created_at",
)
FamilyResource = list_of(
    "FamilyResource",
    user="user__email",
    logged_in_at="created_at",
    last_refreshed_at="last_used_at",
    address="ip_address",
    user_agent="user_agent",
    revoked_at="revoked_at",
    revoked_because="revoked_because",
)
