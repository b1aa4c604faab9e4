"""WSGI entry point: `waitress-serve config.wsgi:application` or `gunicorn config.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()

from django.conf import settings  # noqa: E402 - after the application is set up

if settings.EMBEDDED_WORKER:
    from offices.outbox.worker import start_embedded

    start_embedded()
