"""The WSGI application: `python -m ipms.serve web`, or any WSGI server with `ipms.wsgi:application`."""

from django.core.wsgi import get_wsgi_application

from ipms import environment

environment.choose_settings()

application = get_wsgi_application()
