from accounts.admin import sessions, users

__all__ = ["sessions", "users"]
