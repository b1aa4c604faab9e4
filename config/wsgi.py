"""WSGI entry point: `waitress-serve config.wsgi:application` or `gunicorn config.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# A page waits no longer for the database than this; settings and config.patience do the rest.
os.environ.setdefault("DATABASE_PATIENCE", "2.5")
application = get_wsgi_application()

from django.conf import settings  # noqa: E402 - after the application is set up

if settings.DATABASE_PATIENCE and "postgresql" in settings.DATABASES["default"]["ENGINE"]:
    from config.patience import limit_waiting

    limit_waiting(settings.DATABASE_PATIENCE)

from config.durability import refuse_weak_database  # noqa: E402 - the same

refuse_weak_database()

from config.warm import warm  # noqa: E402

warm()

if settings.EMBEDDED_WORKER:
    from offices.outbox.worker import start_embedded

    start_embedded()
