"""Tests: real PostgreSQL and a real Redis-compatible server, cheap password hashes, tasks at once."""

from ipms.settings.base import *  # noqa: F403
from ipms.settings.base import SIMPLE_JWT, THROTTLE_PER_MINUTE, VAR

SECRET_KEY = "only-for-tests-only-for-tests-only-for-tests-only"  # noqa: S105
JWT_SECRET_KEY = "only-for-tests-of-tokens-only-for-tests-of-tokens"  # noqa: S105
SIMPLE_JWT["SIGNING_KEY"] = JWT_SECRET_KEY
ALLOWED_HOSTS = ["*"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
# Each test client loads the middleware anew: files are looked for when asked for, not listed beforehand.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
STATIC_ROOT = VAR / "static"
# Throttles count across the whole run otherwise; their own tests set them.
THROTTLE_PER_MINUTE.update(login=100_000, user=1_000_000, anonymous=1_000_000)
