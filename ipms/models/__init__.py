from ipms.models.idempotency import IdempotencyRecord
from ipms.models.imports import ImportChunk, ImportMapping, ImportRun, ImportStatus
from ipms.models.jobs import JobRun, JobStatus
from ipms.models.mail import MailAttachment, MailStatus, OutgoingMail
from ipms.models.numbering import NumberSequence
from ipms.models.outbox import OutboxEvent
from ipms.models.rates import ExchangeRate
from ipms.models.site import SiteSettings
from ipms.models.webhooks import WebhookDelivery, WebhookEndpoint

__all__ = [
    "ExchangeRate",
    "IdempotencyRecord",
    "ImportChunk",
    "ImportMapping",
    "ImportRun",
    "ImportStatus",
    "JobRun",
    "JobStatus",
    "MailAttachment",
    "MailStatus",
    "NumberSequence",
    "OutboxEvent",
    "OutgoingMail",
    "SiteSettings",
    "WebhookDelivery",
    "WebhookEndpoint",
]
