"""A developer's machine or a first try: embedded servers, secrets made on the first start."""

from ipms import embedded
from ipms.settings.base import *  # noqa: F403
from ipms.settings.base import JWT_SECRET_KEY, SECRET_KEY, SIMPLE_JWT, VAR, env

DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["*"])

if not (SECRET_KEY and JWT_SECRET_KEY):
    _secrets = embedded.secrets(VAR)
    SECRET_KEY = SECRET_KEY or _secrets["SECRET_KEY"]
    JWT_SECRET_KEY = JWT_SECRET_KEY or _secrets["JWT_SECRET_KEY"]
    SIMPLE_JWT["SIGNING_KEY"] = JWT_SECRET_KEY

# Static files are served from where they lie, without a collect step.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_MAX_AGE = 3600
