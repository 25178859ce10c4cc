"""What nobody foresaw is told to Sentry, or to what speaks like it, where SENTRY_DSN is set."""

from typing import TYPE_CHECKING, Any

from django.conf import settings

from ipms import logs

if TYPE_CHECKING:
    from sentry_sdk.types import Event


def start() -> None:
    """Start telling. Costs not even an import without SENTRY_DSN.

    Nothing about persons leaves the house: no user, no address, no body, no header, no value of a variable or
    a statement (the library leaves them out by default, `_prune` the rest). What was being done is found in
    our own log by the id of the request or run.
    """
    if not settings.SENTRY_DSN:
        return
    import sentry_sdk

    sentry_sdk.init(
        dsn=settings.SENTRY_DSN,
        release=f"ipms@{settings.RELEASE}",
        environment=settings.ENVIRONMENT,
        max_request_body_size="never",
        include_local_variables=False,
        max_breadcrumbs=0,
        before_send=_prune,
    )


def _prune(event: "Event", hint: dict[str, Any]) -> "Event":
    event["tags"] = {**dict(event.get("tags") or {}), **logs.now_about()}
    if request := event.get("request"):
        event["request"] = {name: request[name] for name in ("method", "url") if name in request}
    for name in ("user", "extra", "server_name"):
        event.pop(name, None)  # type: ignore[misc]
    return event
