"""Settings that every environment shares. Each value that a site may set comes from the environment."""

from datetime import timedelta
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse_lazy

from ipms import VERSION, embedded, logs

BASE_DIR = Path(__file__).resolve().parent.parent.parent

env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")

# Where everything that is written at run time lies.
VAR = Path(env("IPMS_VAR", default=str(BASE_DIR / "var"))).resolve()

DEBUG = False
SECRET_KEY = env("SECRET_KEY", default="")
JWT_SECRET_KEY = env("JWT_SECRET_KEY", default="")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
IPMS_DEMO = env.bool("IPMS_DEMO", default=False)

INSTALLED_APPS = [
    # IPMS comes first: its templates and commands take precedence over those of libraries.
    "ipms.apps.IpmsConfig",
    "accounts.apps.AccountsConfig",
    "inventory.apps.InventoryConfig",
    "suppliers.apps.SuppliersConfig",
    "procurement.apps.ProcurementConfig",
    "reporting.apps.ReportingConfig",
    "ipms.apps.IpmsAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "rest_framework",
    "rest_framework_simplejwt",
    "rest_framework_simplejwt.token_blacklist",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "import_export",
    "auditlog",
    "axes",
    "csp",
    "django_celery_beat",
    "django_countries",
]

MIDDLEWARE = [
    "ipms.api.middleware.RequestIdMiddleware",
    "ipms.middleware.WatchMiddleware",
    "ipms.middleware.ProbeMiddleware",
    "ipms.middleware.ForwardedMiddleware",
    "ipms.middleware.LanguageMiddleware",
    "ipms.api.middleware.ApiEnvelopeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "ipms.middleware.GZipMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "ipms.admin.once.SentMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "ipms.middleware.RequestContextMiddleware",
    "accounts.middleware.ReaderMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "ipms.urls"
WSGI_APPLICATION = "ipms.wsgi.application"
# Widgets are drawn with the templates of the project, as pages are.
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "ipms.site.context",
            ],
        },
    },
]

# Database. The web and the workers log in as a role that may only read and append to the ledger and
# the audit trail; migrations run as its owner (see the `migrate` command).
_embedded = embedded.urls(VAR)
DATABASE_APP_ROLE = env("DATABASE_APP_ROLE", default="")


def _database(variable: str, fallback: dict) -> dict:
    return env.db_url(variable) if env(variable, default="") else fallback


DATABASES = {"default": _database("DATABASE_URL", _embedded.database)}
#: Credentials of the owner of the tables, used by `manage.py migrate` alone.
DATABASE_OWNER = _database(
    "DATABASE_OWNER_URL",
    DATABASES["default"] if env("DATABASE_URL", default="") else _embedded.database_owner,
)
DATABASES["default"] |= {
    "CONN_MAX_AGE": env.int("CONN_MAX_AGE", default=60),
    "CONN_HEALTH_CHECKS": True,
}
DATABASES["default"].setdefault("OPTIONS", {})
if not DATABASE_APP_ROLE and DATABASE_OWNER["USER"] != DATABASES["default"]["USER"]:
    DATABASE_APP_ROLE = DATABASES["default"]["USER"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Processes, sized for a small machine: see `python -m ipms.serve`.
WEB_WORKERS = env.int("WEB_WORKERS", default=2)
WEB_THREADS = env.int("WEB_THREADS", default=4)
#: How long a web process may still answer what it was asked before it was told to end.
WEB_GRACE_SECONDS = env.int("WEB_GRACE_SECONDS", default=30)

# Cache and broker.
REDIS_URL = env("REDIS_URL", default="") or _embedded.redis or ""
if REDIS_URL:
    CACHES = {
        "default": {"BACKEND": "ipms.cache.ForgivingRedisCache", "LOCATION": REDIS_URL, "KEY_PREFIX": "ipms"}
    }
else:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
CELERY_BROKER_URL = env("CELERY_BROKER_URL", default="") or _embedded.broker or "filesystem://"
CELERY_RESULT_BACKEND = env("CELERY_RESULT_BACKEND", default="") or None
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_POOL = "threads"
CELERY_WORKER_CONCURRENCY = env.int("WORKER_THREADS", default=4)
CELERY_TASK_TIME_LIMIT = 3600
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "ipms.jobs.scheduler:Scheduler"
CELERY_BEAT_SCHEDULE = {
    # Says to /readyz that beat and a worker are at work; one that waited too long says nothing any more.
    "heartbeat": {"task": "ipms.tasks.heartbeat", "schedule": 15.0, "options": {"expires": 15}},
}

# People.
AUTH_USER_MODEL = "accounts.User"
# Email addresses are unique without regard to case, by a constraint that the check does not see.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "accounts.backends.EmailBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.BCryptSHA256PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "accounts.passwords.MixedCharactersValidator"},
]
LOGIN_URL = reverse_lazy("admin:login")
LOGIN_REDIRECT_URL = reverse_lazy("admin:index")
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = env.int("SESSION_HOURS", default=12) * 3600

# An account is locked for an address, not for the world: a stranger cannot shut a user out.
AXES_FAILURE_LIMIT = env.int("LOGIN_FAILURE_LIMIT", default=5)
AXES_COOLOFF_TIME = timedelta(minutes=env.int("LOGIN_LOCK_MINUTES", default=15))
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_CLIENT_IP_CALLABLE = "ipms.context.client_ip"
AXES_USERNAME_CALLABLE = "accounts.sessions.attempted_name"
AXES_LOCKOUT_TEMPLATE = "admin/locked.html"
AXES_VERBOSE = False
AXES_ENABLE_ACCESS_FAILURE_LOG = True
AXES_DISABLE_ACCESS_LOG = True
#: Addresses or networks of proxies whose X-Forwarded-For is believed.
TRUSTED_PROXIES = env.list("TRUSTED_PROXIES", default=[])

# API.
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.api.authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["ipms.api.parsers.StrictJSONParser"],
    "DEFAULT_PAGINATION_CLASS": "ipms.api.pagination.PageNumberPagination",
    "DEFAULT_FILTER_BACKENDS": [
        "ipms.api.filters.StrictFilterBackend",
        "ipms.api.filters.SearchBackend",
        "ipms.api.filters.StrictOrdering",
    ],
    "DEFAULT_THROTTLE_CLASSES": ["ipms.api.throttling.UserThrottle", "ipms.api.throttling.AnonymousThrottle"],
    "DEFAULT_SCHEMA_CLASS": "ipms.api.schema.EnvelopeSchema",
    "EXCEPTION_HANDLER": "ipms.api.exceptions.handler",
    "COERCE_DECIMAL_TO_STRING": True,
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "URL_FORMAT_OVERRIDE": None,
}
THROTTLE_PER_MINUTE = {
    "login": env.int("THROTTLE_LOGIN_PER_MINUTE", default=60),
    "user": env.int("THROTTLE_USER_PER_MINUTE", default=6000),
    "anonymous": env.int("THROTTLE_ANON_PER_MINUTE", default=300),
}
MAX_BODY_BYTES = env.int("MAX_BODY_MB", default=5) * 1024 * 1024
MAX_IMPORT_BYTES = env.int("MAX_IMPORT_MB", default=50) * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = MAX_BODY_BYTES
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000
SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=15),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=7),
    "SIGNING_KEY": JWT_SECRET_KEY,
    "ALGORITHM": "HS256",
    "UPDATE_LAST_LOGIN": False,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "IPMS API",
    "VERSION": "1.0",
    "DESCRIPTION": "Inventory, suppliers and purchase orders. See docs/ for the conventions.",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "COMPONENT_SPLIT_REQUEST": True,
    "SORT_OPERATIONS": False,
    "SCHEMA_PATH_PREFIX": r"/api",
    "ENUM_NAME_OVERRIDES": {
        "OrderStatusEnum": "procurement.models.OrderStatus",
        "CountStatusEnum": "inventory.models.CountStatus",
        "AbcClassEnum": "inventory.abc_xyz.Importance",
        "NotificationKindEnum": "accounts.models.Kind",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "ipms.api.schema.add_components",
    ],
}
IDEMPOTENCY_KEEP = timedelta(days=30)
#: `lot.expiring` is told this many days before a lot in stock expires.
EXPIRY_WARNING_DAYS = env.list("EXPIRY_WARNING_DAYS", cast=int, default=[30, 7, 0])
#: An exchange rate in use that is older than this is told.
RATE_STALE_DAYS = env.int("RATE_STALE_DAYS", default=7)
#: How long failed logins are remembered.
LOGIN_FAILURES_KEEP = timedelta(days=env.int("LOGIN_FAILURES_KEEP_DAYS", default=180))
#: How long records of job runs are kept.
JOB_RUNS_KEEP = timedelta(days=env.int("JOB_RUNS_KEEP_DAYS", default=90))
#: Who sends it as a Bearer token may read /metrics from elsewhere than the machine itself.
METRICS_TOKEN = env("METRICS_TOKEN", default="")

# Audit.
AUDITLOG_LOGENTRY_MODEL = "accounts.AuditEntry"

# Language, time, money.
LANGUAGE_CODE = "en"
#: Each under its own name, so that everybody finds the own one whatever the page is in.
LANGUAGES = [
    ("en", "English"),
    ("fr", "Français"),
    ("sw", "Kiswahili"),
    ("pt", "Português"),
    ("ar", "العربية"),
]
LANGUAGE_COOKIE_NAME = "ipms_language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = env("TIME_ZONE", default="UTC")
USE_I18N = True
# Dates that nobody mistakes: 3 Feb 2031, not 2/3/2031.
FORMAT_MODULE_PATH = ["ipms.formats"]
USE_TZ = True
#: First value of the base currency of the site's settings record; afterwards the record decides.
BASE_CURRENCY = env("BASE_CURRENCY", default="USD")

# Files.
STATIC_URL = "/static/"
STATIC_ROOT = Path(env("STATIC_ROOT", default=str(VAR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
#: Where static files are collected beforehand: under names that carry their content, and compressed.
COLLECTED = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
MEDIA_ROOT = VAR / "media"
# Exports lie apart from what is uploaded: no backup keeps them, and no address serves them.
EXPORTS_ROOT = VAR / "exports"
#: How long the file of an export is kept, how long the link to it holds, and how long one may take.
EXPORT_KEEP = timedelta(hours=env.int("EXPORT_KEEP_HOURS", default=72))
EXPORT_LINK = timedelta(minutes=env.int("EXPORT_LINK_MINUTES", default=60))
EXPORT_MAX_MINUTES = env.int("EXPORT_MAX_MINUTES", default=30)
#: How long it is remembered that there was one.
EXPORT_RECORDS_KEEP = timedelta(days=90)
# Spreadsheets that are imported lie apart too.
IMPORTS_ROOT = VAR / "spreadsheets"
#: More rows than this are imported by a worker, and more than that by nobody.
IMPORT_ROWS_AT_ONCE = env.int("IMPORT_ROWS_AT_ONCE", default=1000)
IMPORT_MAX_ROWS = env.int("IMPORT_MAX_ROWS", default=100_000)
#: How long an uploaded file is kept, and how long an import can be looked up and undone.
IMPORT_KEEP = timedelta(days=env.int("IMPORT_KEEP_DAYS", default=14))
IMPORT_RECORDS_KEEP = timedelta(days=env.int("IMPORT_RECORDS_KEEP_DAYS", default=180))
FILE_UPLOAD_PERMISSIONS = 0o640

# Backups.
#: A folder, or s3://bucket/prefix.
BACKUP_TO = env("BACKUP_TO", default=str(VAR / "backups"))
#: Where it is set, backups are encrypted.
BACKUP_PASSPHRASE = env("BACKUP_PASSPHRASE", default="")
#: Whether the nightly one is restored into a scratch database before it is kept.
BACKUP_VERIFY = env.bool("BACKUP_VERIFY", default=True)
BACKUP_KEEP_DAILY = env.int("BACKUP_KEEP_DAILY", default=7)
BACKUP_KEEP_WEEKLY = env.int("BACKUP_KEEP_WEEKLY", default=4)
BACKUP_KEEP_MONTHLY = env.int("BACKUP_KEEP_MONTHLY", default=12)
BACKUP_S3_ENDPOINT = env("BACKUP_S3_ENDPOINT", default="")
BACKUP_S3_REGION = env("BACKUP_S3_REGION", default="us-east-1")
BACKUP_S3_ACCESS_KEY = env("BACKUP_S3_ACCESS_KEY", default="")
BACKUP_S3_SECRET_KEY = env("BACKUP_S3_SECRET_KEY", default="")

# Mail.
EMAIL_HOST = env("MAIL_SERVER", default="")
EMAIL_PORT = env.int("MAIL_PORT", default=587)
EMAIL_USE_TLS = env.bool("MAIL_USE_TLS", default=True)
EMAIL_HOST_USER = env("MAIL_USERNAME", default="")
EMAIL_HOST_PASSWORD = env("MAIL_PASSWORD", default="")
#: Seconds to wait for an answer of the mail server.
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env("MAIL_FROM", default=EMAIL_HOST_USER or "ipms@localhost")
EMAIL_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend"
    if EMAIL_HOST
    else "django.core.mail.backends.console.EmailBackend"
)

#: Address under which people reach the site, without a slash at its end: links in mails begin with it.
SITE_URL = env("SITE_URL", default=f"http://localhost:{env.int('PORT', default=5000)}").rstrip("/")
#: How long delivered events and mails are kept.
OUTBOX_KEEP = timedelta(days=env.int("OUTBOX_KEEP_DAYS", default=30))
MAIL_KEEP = timedelta(days=env.int("MAIL_KEEP_DAYS", default=180))

# Webhooks. Addresses of private networks are refused, lest somebody reads through us what is behind the wall.
WEBHOOK_ALLOW_PRIVATE = env.bool("WEBHOOK_ALLOW_PRIVATE", default=False)
WEBHOOK_TIMEOUT = env.int("WEBHOOK_TIMEOUT", default=10)
WEBHOOK_DELIVERIES_KEEP = timedelta(days=env.int("WEBHOOK_DELIVERIES_KEEP_DAYS", default=30))

# Security headers.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'self'"],
        "frame-ancestors": ["'none'"],
        "manifest-src": ["'self'"],
    },
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"

IMPORT_EXPORT_SKIP_ADMIN_LOG = True
IMPORT_EXPORT_EXPORT_PERMISSION_CODE = "view"

# What is told of requests, jobs and statements. A person reads lines, a machine JSON.
LOG_FORMAT = env("LOG_FORMAT", default="line")
LOGGING = logs.configuration(
    format=LOG_FORMAT,
    level=env("LOG_LEVEL", default="INFO"),
    access=env.bool("ACCESS_LOG", default=LOG_FORMAT == "json"),
)
#: Statements that take longer are told, without their values; 0 tells none.
SLOW_QUERY_MS = env.int("SLOW_QUERY_MS", default=500)
#: Where web processes add up what they count; set by `python -m ipms.serve`, one process needs none.
METRICS_FOLDER = env("PROMETHEUS_MULTIPROC_DIR", default="")
SENTRY_DSN = env("SENTRY_DSN", default="")
RELEASE = env("RELEASE", default=VERSION)
ENVIRONMENT = env("ENVIRONMENT", default="production")


def require(condition: object, sentence: str) -> None:
    """Refuse to start, in one sentence, where a setting would make the site unsafe."""
    if not condition:
        raise ImproperlyConfigured(sentence)
