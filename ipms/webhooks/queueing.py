"""From the outbox to the endpoints: one delivery for each that asked for the event's topic."""

from ipms import outbox
from ipms.models import OutboxEvent, WebhookDelivery, WebhookEndpoint
from ipms.webhooks import topics


@outbox.subscribe("*", name="ipms.webhooks")
def queue(event: OutboxEvent) -> None:
    """Queue what endpoints are to be told of an event; once, however often it is called."""
    endpoints = [
        endpoint
        for endpoint in WebhookEndpoint.objects.filter(is_active=True).only("topics")
        if any(topics.matches(pattern, event.topic) for pattern in endpoint.topics)
    ]
    if not endpoints:
        return
    body = topics.body_of(event)
    WebhookDelivery.objects.bulk_create(
        [
            WebhookDelivery(endpoint=endpoint, event_id=event.pk, topic=event.topic, body=body)
            for endpoint in endpoints
        ],
        ignore_conflicts=True,
    )
