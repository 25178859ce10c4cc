"""Production: refuses to start where a setting would make the site unsafe."""

from ipms import logs
from ipms.settings.base import *  # noqa: F403
from ipms.settings.base import (
    ALLOWED_HOSTS,
    COLLECTED,
    IPMS_DEMO,
    JWT_SECRET_KEY,
    SECRET_KEY,
    SITE_URL,
    env,
    require,
)

for _name, _value in {"SECRET_KEY": SECRET_KEY, "JWT_SECRET_KEY": JWT_SECRET_KEY}.items():
    require(
        len(_value) >= 50
        and len(set(_value)) >= 10
        and not _value.lower().startswith(("your-", "change", "django-insecure")),
        f"{_name} is missing or a default: set it to at least 50 random characters.",
    )
require(SECRET_KEY != JWT_SECRET_KEY, "SECRET_KEY and JWT_SECRET_KEY must differ.")
require(not env.bool("DEBUG", default=False), "DEBUG is on: switch it off in production.")
require(not IPMS_DEMO, "IPMS_DEMO is on: demo accounts have no place in production.")
require(
    env("DATABASE_URL", default=""),
    "DATABASE_URL is missing: production needs a PostgreSQL server of its own.",
)
require(env("REDIS_URL", default=""), "REDIS_URL is missing: production needs a Redis server of its own.")
require(
    ALLOWED_HOSTS and "*" not in ALLOWED_HOSTS, "ALLOWED_HOSTS is missing or '*': name the site's host names."
)
if not env("SITE_URL", default=""):
    SITE_URL = f"https://{ALLOWED_HOSTS[0].lstrip('.')}"
require(SITE_URL.startswith(("https://", "http://")), "SITE_URL must begin with https:// (or http://).")

#: A proxy on this machine, unless the site says otherwise.
TRUSTED_PROXIES = env.list("TRUSTED_PROXIES", default=["127.0.0.1", "::1"])
LOG_FORMAT = env("LOG_FORMAT", default="json")
LOGGING = logs.configuration(
    format=LOG_FORMAT,
    level=env("LOG_LEVEL", default="INFO"),
    access=env.bool("ACCESS_LOG", default=LOG_FORMAT == "json"),
)

SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
STORAGES = COLLECTED
