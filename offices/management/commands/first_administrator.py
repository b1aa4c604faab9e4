"""`manage.py first_administrator`: the one account that nobody else can make, and the link to set its password."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from offices.models import Membership, Office, User
from offices.security import note
from offices.workflow import Role


class Command(BaseCommand):
    """An administrator without a password, in an installation that has none yet."""

    help = "Make the first administrator of an installation and print the link by which he sets his password."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--office", required=True, help="key of the office, such as zhambyl:oblast")
        parser.add_argument("--last-name", required=True)
        parser.add_argument("--first-name", required=True)

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        if Membership.objects.filter(role=Role.ADMINISTRATOR, user__is_active=True).exists():
            raise CommandError("There is an administrator already; he makes the other accounts.")
        office = Office.objects.filter(key=options["office"]).first()
        if office is None:
            raise CommandError(f"There is no office with the key {options['office']}.")
        if User.objects.filter(username=options["username"]).exists():
            raise CommandError(f"There is an account {options['username']} already.")
        names = {name: options[name] for name in ("username", "last_name", "first_name")}
        user = User(**names)
        user.set_unusable_password()
        user.save()
        Membership.objects.create(user=user, office=office, role=Role.ADMINISTRATOR)
        note("first_administrator", user=user.pk)
        token = default_token_generator.make_token(user)
        path = reverse("admin:set_password", args=[urlsafe_base64_encode(force_bytes(user.pk)), token])
        self.stdout.write("Open this link and set the password; then log in and set up the second factor:")
        self.stdout.write(f"{settings.BASE_URL}{path}")
        self.stdout.write(f"It works once, for {settings.PASSWORD_RESET_TIMEOUT // 3600} hours.")
