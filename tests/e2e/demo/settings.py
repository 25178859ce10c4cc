"""As production serves: files under names that carry their content, compressed beforehand."""

from ipms.settings.dev import *  # noqa: F403
from ipms.settings.dev import COLLECTED

STORAGES = COLLECTED
WHITENOISE_USE_FINDERS = False
WHITENOISE_AUTOREFRESH = False
