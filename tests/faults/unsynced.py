"""The canary of `power` on SQLite: a build that answers before the disk has what it promises.

`gunicorn tests.faults.unsynced` serves it.
"""

from __future__ import annotations

import os

from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
settings.DATABASES["default"]["OPTIONS"]["init_command"] += " PRAGMA synchronous=OFF;"

from config.wsgi import application  # noqa: E402 - after the settings were weakened

__all__ = ["application"]
