from accounts.models.audit import AuditEntry
from accounts.models.notifications import Kind, Notification, NotificationPreference
from accounts.models.sessions import TokenFamily
from accounts.models.users import Role, User

__all__ = [
    "AuditEntry",
    "Kind",
    "Notification",
    "NotificationPreference",
    "Role",
    "TokenFamily",
    "User",
]
