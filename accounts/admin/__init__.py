from accounts.admin import language, notifications, sessions, users

__all__ = ["language", "notifications", "sessions", "users"]
