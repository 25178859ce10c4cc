"""Building: static files are collected as production serves them, where there are no secrets yet."""

from ipms.settings.base import *  # noqa: F403
from ipms.settings.base import COLLECTED

SECRET_KEY = "only-to-build"  # noqa: S105
STORAGES = COLLECTED
