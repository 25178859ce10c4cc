"""What every app shares, and nothing of the business."""

from ipms.celery import app as celery_app

#: The version of the code; pyproject.toml says the same.
VERSION = "0.1.0"

__all__ = ["VERSION", "celery_app"]
