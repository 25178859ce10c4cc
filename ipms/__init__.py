"""What every app shares, and nothing of the business."""

from ipms.celery import app as celery_app

__all__ = ["celery_app"]
