"""The WSGI application: `granian --interface wsgi ipms.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ipms.settings.dev")

application = get_wsgi_application()
