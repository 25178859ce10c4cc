"""The three accounts that everybody may know."""

from dataclasses import dataclass

from accounts import users
from accounts.models import Role, User
from ipms.embedded.schema import DEMO_ACCOUNTS

_NAMES = {
    Role.ADMIN: ("Claudine", "Uwase"),
    Role.MANAGER: ("Jean-Bosco", "Habimana"),
    Role.STAFF: ("Aline", "Mukamana"),
}


@dataclass(frozen=True, kw_only=True)
class People:
    """Who works here; the staff orders and receives, the manager or the admin approves."""

    admin: User
    manager: User
    staff: User

    def approver_of(self, maker: User) -> User:
        """Return who decides on what `maker` ordered: never the same person."""
        return self.manager if maker != self.manager else self.admin


def make() -> People:
    """Make the demo accounts. Their passwords are known and short: no rule for passwords is asked."""
    made = {}
    for email, password in DEMO_ACCOUNTS.items():
        role = Role(email.partition("@")[0])
        first_name, last_name = _NAMES[role]
        user = User(
            username=role.value,
            email=email,
            role=role,
            first_name=first_name,
            last_name=last_name,
            timezone="Africa/Kigali",
        )
        user.set_password(password)
        user.full_clean()
        user.save()
        users.give_role(user, role)
        made[role.value] = user
    return People(**made)
