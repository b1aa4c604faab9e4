"""`manage.py rotate_keys`: a new key seals from now on, and everything is sealed anew while people work."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import decrypt, encrypt
from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connection, models, transaction

from offices.fields import Sealed
from offices.storage import SealedStorage
from offices.vault import add_key, is_sealed, keyring

_BATCH = 500


class Command(BaseCommand):
    """Change the key of the sealed fields. The old key may be taken off the list when this has ended without an error."""

    help = "Puts a new key in front (key file) and seals every row with it; with FIELD_KEYS set, only seals anew."

    def add_arguments(self, parser: Any) -> None:
        """`--no-new-key` seals anew with the first key of the list."""
        parser.add_argument("--no-new-key", action="store_true", help="the new key already stands in front")

    def handle(self, *args: Any, **options: Any) -> None:
        """Add the key, then go through every table that has sealed columns."""
        if not options["no_new_key"] and not settings.FIELD_KEYS:
            add_key()
        rows = sum(reseal(model) for model in sealed_models()) + reseal_apps()
        files = sum(reseal_files(model) for model in apps.get_models())
        if options["verbosity"]:
            self.stdout.write(f"{rows} rows and {files} files sealed with the key {keyring().current}")


def sealed_models() -> Iterator[type[models.Model]]:
    """Every model with a sealed field."""
    for model in apps.get_models():
        if any(isinstance(field, Sealed) for field in model._meta.concrete_fields):
            yield model


def reseal(model: type[models.Model]) -> int:
    """Seal the rows of `model` that another key sealed, each only if nobody has changed it meanwhile. Gives their number."""
    fields = [field for field in model._meta.concrete_fields if isinstance(field, Sealed)]
    table, key = model._meta.db_table, str(model._meta.pk.column)
    names, last, count = [str(field.column) for field in fields], None, 0
    while True:
        where = f"WHERE {key} > %s" if last is not None else ""
        with connection.cursor() as cursor:
            select = f"SELECT {key}, {', '.join(names)} FROM {table} {where} ORDER BY {key} LIMIT {_BATCH}"  # noqa: S608 - names of the models
            cursor.execute(select, [last] if last is not None else [])
            rows = cursor.fetchall()
        if not rows:
            return count
        for row in rows:
            done = [_reseal_one(table, key, row[0], *pair) for pair in zip(fields, row[1:], strict=True)]
            count += any(done)
        last = rows[-1][0]


def reseal_files(model: type[models.Model]) -> int:
    """Seal the files of `model` that another key sealed, or none. Gives their number."""
    count = 0
    for field in model._meta.concrete_fields:
        if isinstance(field, models.FileField) and isinstance(field.storage, SealedStorage):
            names = model._default_manager.exclude(**{field.name: ""}).values_list(field.name, flat=True)
            count += sum(field.storage.reseal(name) for name in names.iterator() if field.storage.exists(name))
    return count


def reseal_apps() -> int:
    """Seal the secrets of the apps for one-time codes anew: they stand in the JSON of a part, not in a field of ours."""
    count = 0
    for pk in Authenticator.objects.filter(type=Authenticator.Type.TOTP).values_list("pk", flat=True):
        with transaction.atomic():
            row = Authenticator.objects.select_for_update().filter(pk=pk).first()
            if row is not None and not is_sealed(row.data["secret"], current=True):
                row.data["secret"] = encrypt(decrypt(row.data["secret"]))
                row.save(update_fields=["data"])
                count += 1
    return count


def _reseal_one(table: str, key: str, pk: Any, field: Sealed, old: Any) -> bool:
    raw = bytes(old) if isinstance(old, memoryview) else old
    if not raw or is_sealed(raw, current=True):
        return False
    plain = field.from_db_value(raw, None, connection)
    fresh = field.get_db_prep_value(plain, connection)
    with connection.cursor() as cursor:
        # Compare and set: a row that somebody has just saved was sealed with the new key already.
        sql = f"UPDATE {table} SET {field.column} = %s WHERE {key} = %s AND {field.column} = %s"  # noqa: S608
        cursor.execute(sql, [fresh, pk, old])
        return bool(cursor.rowcount)
