"""What an installation must be before people work with it: settings, headers, accounts, passwords."""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
from contextlib import suppress
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.password_validation import CommonPasswordValidator, validate_password
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client

from config.signin.factors import set_up_app, unused_codes
from offices.models import User
from tests.config.test_access import check_headers
from tests.config.test_signin import SECRET, first_step, second_step
from tests.factories import make_case, make_staff, make_team, make_user
from tests.pages import log_in, post, visit

HOUSE = Path(__file__).resolve().parents[2]
_HEADERS = """
import django; django.setup()
from django.conf import settings
from django.test import Client
settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
answer = Client().get("/login/", secure=True)
print(sorted(answer.cookies), answer.cookies["__Host-csrftoken"].OutputString())
print(answer["Strict-Transport-Security"])
print(Client().get("/login/").status_code)
"""


def manage(folder: Path, *args: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Python in an installation of its own, with these variables."""
    variables = {
        "PATH": os.environ["PATH"],
        "DATA_DIR": str(folder),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        **environment,
    }
    return subprocess.run(
        [sys.executable, *args], cwd=HOUSE, env=variables, capture_output=True, text=True, check=False, timeout=300
    )


def production(folder: Path, **environment: str) -> dict[str, str]:
    """The variables of a server."""
    return {"BASE_URL": "https://offices.example", "ALLOWED_HOSTS": "offices.example,testserver", **environment}


# ------------------------------------------------------------------ settings


def test_a_server_starts_without_a_warning_and_with_strict_cookies(tmp_path: Path) -> None:
    checked = manage(tmp_path, "manage.py", "check", "--deploy", "--fail-level", "WARNING", **production(tmp_path))
    assert checked.returncode == 0, checked.stderr
    told = manage(tmp_path, "-c", _HEADERS, **production(tmp_path))
    assert told.returncode == 0, told.stderr
    cookies, hsts, plain = told.stdout.splitlines()
    assert "'__Host-csrftoken'" in cookies
    for word in ("Secure", "SameSite=Lax", "Path=/", "HttpOnly"):
        assert word in cookies, cookies
    assert "Domain" not in cookies
    assert hsts == "max-age=31536000; includeSubDomains; preload"
    assert plain == "301"


def test_secrets_are_kept_for_their_owner_only(tmp_path: Path) -> None:
    assert manage(tmp_path, "manage.py", "check").returncode == 0
    kept = [path for path in tmp_path.rglob("*key*") if path.is_file()]
    assert kept
    assert {path.stat().st_mode & 0o777 for path in kept} == {0o600}


@pytest.mark.parametrize(
    "wrong",
    [
        {"DEMO": "1"},
        {"DEBUG": "1"},
        {"SECRET_KEY": "changeme"},
        {"TALON_KEY": "talon 2026"},
        {"INDEX_KEY": "kazakhstan"},
        {"BACKUP_KEY": "correct horse battery"},
        {"SECRET_KEY": "django-insecure-" + "x" * 50},
    ],
)
def test_a_server_refuses_to_start_with_what_everybody_knows(tmp_path: Path, wrong: dict[str, str]) -> None:
    answer = manage(tmp_path, "manage.py", "check", **production(tmp_path, **wrong))
    assert answer.returncode != 0
    assert "ImproperlyConfigured" in answer.stderr


def test_no_secret_stands_in_the_repository() -> None:
    known = re.compile(
        r"-----BEGIN [A-Z ]*PRIVATE KEY|AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36}|SECRET_KEY\s*=\s*[\"'][^\"']{16,}"
    )
    listed = subprocess.run(["git", "ls-files"], cwd=HOUSE, capture_output=True, text=True, check=True).stdout.split()
    texts = [
        path for path in listed if path.endswith((".py", ".yaml", ".toml", ".md", ".txt", ".json", ".html", ".sh"))
    ]
    assert not [path for path in texts if known.search((HOUSE / path).read_text(encoding="utf-8"))]


def test_what_is_locked_is_locked_by_its_hash() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (HOUSE / name).read_text(encoding="utf-8")
        parts = re.split(r"\n(?=[a-z0-9])", text, flags=re.IGNORECASE)
        assert all("--hash=sha256:" in part for part in parts if "==" in part.partition("\n")[0]), name
        assert "://" not in re.sub(r"#.*", "", text), f"{name} names an address"
    versions = dict(re.findall(r"^(weasyprint)==(\d+)", (HOUSE / "requirements.lock").read_text(), re.MULTILINE))
    assert int(versions["weasyprint"]) >= 70, "older ones fetch what a page names"


# ------------------------------------------------------------------ headers on what is no page


@pytest.mark.django_db
def test_errors_and_files_carry_the_headers_too(client: Client, settings: Any, monkeypatch: Any) -> None:
    settings.ALLOWED_HOSTS = ["testserver"]
    settings.WHITENOISE_AUTOREFRESH = settings.WHITENOISE_USE_FINDERS = True
    answers = {
        "404": client.get("/nothing/"),
        "400 host": client.get("/", headers={"host": "evil.example"}),
        "400 null": client.get("/services/%00/"),
        "405": client.put("/"),
        "static": client.get("/static/favicon.svg"),
        "static 404": client.get("/static/nothing.css"),
        "robots": client.get("/robots.txt"),
    }
    client.raise_request_exception = False
    monkeypatch.setattr("services.models.Service.objects.filter", lambda *args, **kwargs: 1 / 0)
    answers["500"] = client.get("/")
    for name, answer in answers.items():
        if answer.streaming:
            assert b"".join(answer.streaming_content), name
            answer.close()
        assert answer.status_code == int((re.search(r"\d{3}", name) or ["200"])[0]), name
        check_headers(answer, name, signed_in=False)
        assert "camera=()" in answer["Permissions-Policy"], name
        assert answer["Cross-Origin-Resource-Policy"] == "same-origin", name
    assert b"ZeroDivisionError" not in answers["500"].content


@pytest.mark.django_db
def test_uploads_have_no_address_of_their_own(client: Client, settings: Any) -> None:
    kept = Path(settings.MEDIA_ROOT) / "secret.txt"
    kept.parent.mkdir(parents=True)
    kept.write_text("x")
    settings.WHITENOISE_AUTOREFRESH = settings.WHITENOISE_USE_FINDERS = True
    media = ("/media/secret.txt", "/static/../media/secret.txt", "/secret.txt", "/static/%2e%2e/media/secret.txt")
    listings = ("/media/", "/static/", "/static/js/", "/data/", "/attachments/")
    ours = ("/.git/config", "/.git/HEAD", "/static/../.git/config", "/.env", "/manage.py", "/config/settings.py",
            "/data/db.sqlite3", "/data/secret_key", "/requirements.lock", "/metrics", "/debug", "/server-status")  # fmt: skip
    for path in (*media, *listings, *ours):
        assert client.get(path).status_code == 404, path
    seen = client.get("/static/favicon.svg")
    assert seen.status_code == 200, "the canary: what may be seen is"
    seen.close()


# ------------------------------------------------------------------ accounts and passwords


@pytest.mark.django_db
def test_a_new_installation_has_no_account_and_a_command_makes_the_first_administrator() -> None:
    assert not User.objects.exists()
    out = StringIO()
    names = ("--office", "zhambyl:oblast", "--last-name", "Сейтқали", "--first-name", "Айдана")
    call_command("first_administrator", "a.seitkali", *names, stdout=out)
    user = User.objects.get()
    assert not user.has_usable_password()
    assert (user.is_superuser, user.is_staff) == (False, False)
    link = re.search(r"https?://\S+", out.getvalue())[0]  # type: ignore[index]
    person = Client()
    form = visit(person, visit(person, link.partition("8000")[2]).response["Location"])
    assert form.send(new_password1="үш қызыл алма 2026", new_password2="үш қызыл алма 2026").status == 302
    client = first_step(user, "үш қызыл алма 2026").client
    assert client.get("/admin/")["Location"] == "/account/"
    with pytest.raises(CommandError, match="already"):
        call_command("first_administrator", "b.second", *names)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("password", "fits"),
    [
        ("short", False),
        ("elevenchars", False),
        ("password1234", False),
        ("шымкент2026шымкент", False),
        ("Shymkent-2026!", False),
        ("жұмыспен қамту 2026", False),
        ("demo-2026-offices", False),
        ("kazakhstan2026kz", False),
        ("aaaaaaaaaaaaaa", False),
        ("123456789012345", False),
        ("үш қызыл алма", True),
        ("correct horse battery", True),
        ("kökbörü tauda zhür", True),
        ("x" * 40 + " ақ тұлпар " + "y" * 40, True),
        ("            ұ", False),
        ("passwordpassword", False),
        ("iloveyou-dragon-77", False),
        ("1q2w3e4r5t6y7u8i", False),
        ("Monkey2026Monkey", False),
        ("dragon monkey tulip horse", True),
    ],
)
def test_passwords_are_long_and_none_that_a_stranger_tries_first(password: str, fits: bool) -> None:
    user = make_user("g.nurgalieva")
    try:
        validate_password(password, user)
    except ValidationError:
        assert not fits
    else:
        assert fits


@pytest.mark.django_db
def test_no_common_password_is_long_enough_and_none_made_of_two_of_them() -> None:
    common = sorted(CommonPasswordValidator().passwords)
    long = [word for word in common if len(word) >= 12]
    chosen = random.Random(624)
    short = [word for word in common if 5 < len(word) < 12]
    made = [
        f"{one}{chosen.choice(['', '1', '2026', '!', ' '])}{two}"
        for one, two in (chosen.sample(short, 2) for _ in range(3_000))
    ]
    taken = []
    for word in (*long, *made):
        with suppress(ValidationError):
            validate_password(word)
            taken.append(word)
    assert taken == []
    assert len(long) > 150
    assert len([word for word in made if len(word) >= 12]) > 2_500


@pytest.mark.django_db
def test_a_password_is_compared_as_it_was_typed() -> None:
    user = make_user()
    long = " Ұзын-құпия " * 12
    user.set_password(long)
    user.save()
    assert first_step(user, long).response["Location"] == "/"
    assert first_step(user, long.strip()).status == 200
    assert first_step(user, long[:72]).status == 200
    page = visit(Client(), "/login/")
    assert 'type="password"' in page.html
    assert 'autocomplete="current-password"' in page.html
    assert "onpaste" not in page.html


_HASHED = """
import django; django.setup()
from django.contrib.auth.hashers import get_hasher, make_password
hasher = get_hasher()
print(make_password("x").split("$")[:3], hasher.time_cost, hasher.memory_cost)
"""


def test_a_server_keeps_passwords_as_slow_hashes(tmp_path: Path) -> None:
    told = manage(tmp_path, "-c", _HASHED, **production(tmp_path))
    kind, _space, costs = told.stdout.partition("] ")
    assert "'argon2', 'argon2id'" in kind, told.stderr
    time_cost, memory_cost = map(int, costs.split())
    assert time_cost >= 2
    assert memory_cost >= 19 * 1024, "OWASP: 19 MiB at two rounds"


# ------------------------------------------------------------------ a session that ended while somebody typed


@pytest.mark.django_db
def test_what_was_typed_when_a_session_had_ended_waits_for_the_same_person() -> None:
    case = make_case(make_team())
    clerk = make_staff("south:shymkent", "clerk")
    set_up_app(clerk.user, SECRET)
    client = Client(headers={"accept-language": "en"})
    log_in(client, clerk.user, ago=31 * 60)
    answer = post(client, f"/cases/{case.pk}/annul/", reason="Екі рет тіркелген", version="1", password="x")
    assert answer.response["Location"] == "/login/?next=%2Faccount%2Fkept%2F"
    assert "Екі" not in json.dumps(dict(client.session.items()), ensure_ascii=False)
    page = visit(client, answer.response["Location"]).send(
        username=clerk.user.username, password="correct horse battery"
    )
    page = second_step(page.client, unused_codes(clerk.user)[0])
    assert page.response["Location"] == "/account/kept/"
    kept = visit(client, "/account/kept/")
    assert kept.form.action == f"/cases/{case.pk}/annul/"
    assert kept.form.values() == {**kept.form.values(), "reason": "Екі рет тіркелген", "version": "1"}
    assert "password" not in kept.form.values()
    assert visit(client, "/account/kept/").status == 302, "it is given once"


@pytest.mark.django_db
def test_what_one_person_typed_is_not_shown_to_the_next() -> None:
    first, second = make_staff("south:shymkent", "clerk"), make_staff("south:shymkent", "clerk")
    client = Client()
    log_in(client, first.user, ago=31 * 60)
    post(client, "/search/", q="Құпия")
    log_in(client, second.user)
    assert visit(client, "/account/kept/").status == 302
