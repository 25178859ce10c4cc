"""The cache is a help, never a need: with Redis away it forgets, and no request fails."""

import logging
from typing import Any

from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


def _forgiving(method: str, answer: Any) -> Any:
    def call(self, *args, **kwargs):
        try:
            return getattr(RedisCache, method)(self, *args, **kwargs)
        except (RedisError, OSError) as error:
            logger.warning("cache %s failed: %s", method, error)
            return answer(args, kwargs) if callable(answer) else answer

    call.__name__ = method
    return call


def _default(args: tuple, kwargs: dict) -> Any:
    return kwargs.get("default", args[1] if len(args) > 1 else None)


class ForgivingRedisCache(RedisCache):
    """Django's Redis cache that answers as an empty cache while Redis cannot be reached."""

    get = _forgiving("get", _default)
    get_many = _forgiving("get_many", lambda args, kwargs: {})
    set = _forgiving("set", None)
    set_many = _forgiving("set_many", lambda args, kwargs: [])
    add = _forgiving("add", True)
    incr = _forgiving("incr", 1)
    touch = _forgiving("touch", False)
    delete = _forgiving("delete", False)
    delete_many = _forgiving("delete_many", None)
    has_key = _forgiving("has_key", False)
    clear = _forgiving("clear", False)
