"""The Celery application: `celery -A ipms worker`."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ipms.settings.dev")

app = Celery("ipms")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
