from accounts.models.audit import AuditEntry
from accounts.models.sessions import TokenFamily
from accounts.models.users import Role, User

__all__ = ["AuditEntry", "Role", "TokenFamily", "User"]
