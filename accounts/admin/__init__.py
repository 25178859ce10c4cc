from accounts.admin import language, notifications, panels, sessions, users

__all__ = ["language", "notifications", "panels", "sessions", "users"]
