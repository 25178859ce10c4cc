from accounts.admin import notifications, sessions, users

__all__ = ["notifications", "sessions", "users"]
