"""How often one may ask, counted in the cache that all processes share.

A sliding window over two fixed ones: the last minute's count fades as this minute goes on, so that
nobody gets twice the limit around the turn of a minute. With the cache away nobody is counted.
"""

import math
import time

from django.conf import settings
from django.core.cache import cache
from rest_framework.throttling import BaseThrottle

from ipms import context

_WINDOW = 60


class _PerMinute(BaseThrottle):
    #: Name of the limit in settings.THROTTLE_PER_MINUTE.
    scope: str

    def who(self, request) -> str | None:
        """Return whom to count; None for one whom this limit does not concern."""
        raise NotImplementedError

    def allow_request(self, request, view):
        who = self.who(request)
        if who is None:
            return True
        limit = settings.THROTTLE_PER_MINUTE[self.scope]
        window, passed = divmod(time.time(), _WINDOW)
        current = f"throttle:{self.scope}:{who}:{int(window)}"
        count = _count(current)
        before = cache.get(f"throttle:{self.scope}:{who}:{int(window) - 1}", 0)
        if before * (1 - passed / _WINDOW) + count <= limit:
            return True
        cache.decr(current)  # a refused request does not count
        self._wait = _seconds_until_allowed(before, count - 1, limit, passed)
        return False

    def wait(self):
        return self._wait


class UserThrottle(_PerMinute):
    scope = "user"

    def who(self, request):
        return str(request.user.pk) if request.user.is_authenticated else None


class AnonymousThrottle(_PerMinute):
    scope = "anonymous"

    def who(self, request):
        return None if request.user.is_authenticated else str(context.client_ip(request))


class LoginThrottle(_PerMinute):
    scope = "login"

    def who(self, request):
        return str(context.client_ip(request))


def _count(key: str) -> int:
    if cache.add(key, 1, timeout=3 * _WINDOW):
        return 1
    try:
        return cache.incr(key)
    except ValueError:  # it expired between the two calls
        return 1


def _seconds_until_allowed(before: int, count: int, limit: int, passed: float) -> int:
    """Return after how many seconds one more request keeps within the limit."""
    if count < limit and before:
        # before * (1 - t / window) + count + 1 <= limit, solved for t
        return max(1, math.ceil(_WINDOW * (1 - (limit - count - 1) / before) - passed))
    rest = _WINDOW - passed
    if not count:
        return max(1, math.ceil(rest))
    return max(1, math.ceil(rest + _WINDOW * (1 - (limit - 1) / count)))
