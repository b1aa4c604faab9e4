"""Coming in: password, second factor, fresh confirmation, the end of sessions. Nobody is locked out by a stranger."""

from __future__ import annotations

import json
import math
import re
import string
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import get_hasher
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from applications.models import Case
from applications.workflow import State
from config.signin import factors
from config.signin.factors import new_recovery_codes, set_up_app, unused_codes
from offices.models import Membership, RecoveryCode, User
from offices.policy import Staff
from tests.config.test_access import ask, undone
from tests.config.world import addresses, make_world, routes
from tests.factories import FRIDAY, make_case, make_staff, make_team, make_user, office
from tests.pages import Page, log_in, post, sign_in, visit

pytestmark = pytest.mark.django_db
PASSWORD, SECRET = "correct horse battery", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture(autouse=True)
def _moment() -> Iterator[None]:
    """The clock stands still, so that no code runs out between two lines of a test."""
    with time_machine.travel(FRIDAY, tick=False):
        yield


@pytest.fixture
def clerk() -> Staff:
    """A clerk with an app for one-time codes."""
    staff = make_staff("south:shymkent", "clerk")
    set_up_app(staff.user, SECRET)
    return staff


def first_step(
    user: User, password: str = PASSWORD, *, client: Client | None = None, next_: str = "", **extra: Any
) -> Page:
    """The log-in page with name and password sent."""
    client = client or Client(headers={"accept-language": "en"}, **extra)
    return visit(client, f"/login/?next={next_}" if next_ else "/login/").send(
        username=user.username, password=password
    )


def second_step(client: Client, code: str) -> Page:
    """The second page with the code sent."""
    return post(client, "/login/code/", code=code)


def code_of(user: User) -> str:
    """What the person's app shows."""
    return unused_codes(user)[0]


def is_in(client: Client) -> bool:
    """Whether the browser is signed in."""
    return client.get("/work/").status_code == 200


# ------------------------------------------------------------------ two steps


def test_password_and_code_lead_to_the_page_that_was_asked_for(clerk: Staff) -> None:
    page = first_step(clerk.user, next_="/packages/")
    assert page.response["Location"] == "/login/code/"
    assert not is_in(page.client)
    before = page.client.session.session_key
    assert second_step(page.client, code_of(clerk.user)).response["Location"] == "/packages/"
    assert is_in(page.client)
    assert page.client.session.session_key != before


def test_a_code_works_once(clerk: Staff) -> None:
    code, first, second = code_of(clerk.user), first_step(clerk.user), first_step(clerk.user)
    assert second_step(first.client, code).status == 302
    again = second_step(second.client, code)
    assert again.status == 200
    assert "used already" in again.summary
    assert not is_in(second.client)


def test_a_code_of_yesterday_does_not_fit_and_ten_wrong_ones_are_enough(clerk: Staff) -> None:
    page = first_step(clerk.user)
    with time_machine.travel(time.time() - 86_400, tick=False):
        old = code_of(clerk.user)
    for _ in range(10):
        assert "does not fit" in second_step(page.client, old).summary
    assert "Too many wrong codes" in second_step(page.client, code_of(clerk.user)).summary


@pytest.mark.parametrize("seconds", [-60, -30, 30, 60])
def test_a_code_lives_for_its_own_thirty_seconds(clerk: Staff, seconds: int) -> None:
    page = first_step(clerk.user)
    start = FRIDAY.timestamp() // 30 * 30
    with time_machine.travel(start + seconds + 1, tick=False):
        other = code_of(clerk.user)
    with time_machine.travel(start + 29, tick=False):
        assert "does not fit" in second_step(page.client, other).summary
        assert second_step(page.client, code_of(clerk.user)).status == 302


def test_recovery_codes_work_once_each_and_stand_nowhere(clerk: Staff) -> None:
    codes = new_recovery_codes(clerk.user)
    assert len(set(codes)) == 10
    assert not any(code[2:].replace("-", "") in row.digest for code in codes for row in RecoveryCode.objects.all())
    first, second, third = (first_step(clerk.user).client for _ in range(3))
    assert second_step(first, codes[3].lower()).status == 302
    assert is_in(first)
    assert second_step(second, codes[3]).status == 200
    assert second_step(second, "9-AAAAA-AAAAA").status == 200
    assert second_step(third, codes[4]).status == 302


def test_new_recovery_codes_end_the_old_ones_and_are_shown_once(clerk: Staff) -> None:
    old, client = new_recovery_codes(clerk.user), sign_in(clerk)
    page = visit(client, "/account/codes/").send()
    shown = re.findall(r"\d-[A-Z0-9]{5}-[A-Z0-9]{5}", page.words)
    assert len(shown) == 10
    assert not re.search(r"\d-[A-Z0-9]{5}-", visit(client, "/account/codes/").words)
    assert factors.use_code(clerk.user, old[0]) is None
    assert factors.use_code(clerk.user, shown[0])


def test_the_secret_of_the_app_stands_encrypted_and_survives_a_change_of_keys(
    clerk: Staff, settings: Any, tmp_path: Path
) -> None:
    settings.FIELD_KEYS_FILE = tmp_path / "keys"
    Authenticator.objects.all().delete()
    set_up_app(clerk.user, SECRET)
    code, before = code_of(clerk.user), Authenticator.objects.get().data
    assert SECRET not in json.dumps(before)
    call_command("rotate_keys", verbosity=0)
    assert Authenticator.objects.get().data != before
    assert code_of(clerk.user) == code


def test_a_session_is_known_by_what_nobody_guesses(clerk: Staff) -> None:
    keys = [sign_in(clerk).session.session_key for _ in range(5)]
    assert len(set(keys)) == 5
    signs = set("".join(map(str, keys)))
    assert signs <= set(string.ascii_lowercase + string.digits)
    assert all(len(str(key)) * math.log2(36) >= 128 for key in keys)


def test_a_password_never_grows_too_old(clerk: Staff) -> None:
    with time_machine.travel(FRIDAY + timedelta(days=5 * 365), tick=False):
        page = first_step(clerk.user)
        assert second_step(page.client, code_of(clerk.user)).response["Location"] == "/"


def test_an_account_keeps_no_hint_and_no_secret_question() -> None:
    assert {field.name for field in User._meta.concrete_fields} == {
        "id", "password", "last_login", "is_superuser", "username", "first_name", "last_name", "email", "is_staff", "is_active",
        "date_joined", "patronymic", "post", "session_stamp",
    }  # fmt: skip


def test_a_link_for_a_password_is_void_after_a_day(clerk: Staff) -> None:
    client = sign_in(make_staff("south:shymkent", "administrator"))
    link = client.post(reverse("admin:offices_user_password", args=[clerk.user.pk])).context["link"]
    for hours, open_ in ((23, True), (25, False)):
        with time_machine.travel(FRIDAY + timedelta(hours=hours), tick=False):
            shown = Client(headers={"accept-language": "en"}).get(link, follow=True).content.decode()
            assert ("does not work" not in shown) is open_, hours


# ------------------------------------------------------------------ who has no second factor yet


def test_without_a_second_factor_every_address_leads_to_its_set_up() -> None:
    staff = make_staff("south:shymkent", "clerk", "head", "executor", "administrator")
    client = Client()
    log_in(client, staff.user, second_factor=False)
    early = {route.name for route in routes() if getattr(route.entry.callback, "before_second_factor", False)}
    assert early == {
        "health", "set_language", "login", "account_login", "mfa_authenticate", "logout", "mfa_index", "mfa_activate_totp",
        "mfa_add_webauthn", "admin:set_password",
    }  # fmt: skip
    for name, path in addresses(make_world()).items():
        for method in ("GET", "POST"):
            if name not in early:
                answer = ask(client, method, path)
                assert (answer.status_code, answer["Location"]) == (302, "/account/"), f"{method} {name}"


def test_a_new_member_of_staff_sets_up_the_app_and_is_in() -> None:
    user = make_staff("south:shymkent", "clerk").user
    client = first_step(user).client
    assert client.get("/work/")["Location"] == "/account/"
    assert "no other page opens" in visit(client, "/account/").words
    page = visit(client, "/account/app/")
    letters = "".join(re.findall(r"\b(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}\b", page.words)[0].split())
    assert "not the code for the picture" in page.send(code="000000").summary
    secret_is_kept = visit(client, "/account/app/")
    assert letters in secret_is_kept.words.replace(" ", "")
    counter = next(iter(factors.yield_hotp_counters_from_time()))
    code = factors.format_hotp_value(factors.hotp_value(letters, counter))
    assert page.send(code=code).response["Location"] == "/account/codes/"
    assert is_in(client)
    assert second_step(first_step(user).client, code).status == 200, "the code that set the app up is used"


def test_nobody_takes_away_his_only_second_factor(clerk: Staff) -> None:
    client = sign_in(clerk)
    assert "only second factor" in visit(client, "/account/app/remove/").words
    post(client, "/account/app/remove/")
    assert Authenticator.objects.filter(user=clerk.user).exists()


def test_a_new_password_does_not_pass_by_the_second_factor(clerk: Staff) -> None:
    client = sign_in(make_staff("south:shymkent", "administrator"))
    link = client.post(reverse("admin:offices_user_password", args=[clerk.user.pk])).context["link"]
    person = Client(headers={"accept-language": "en"})
    form = visit(person, visit(person, link).response["Location"])
    form.send(new_password1="үш қызыл алма 2026", new_password2="үш қызыл алма 2026")
    assert first_step(clerk.user, "үш қызыл алма 2026").response["Location"] == "/login/code/"


def test_an_administrator_takes_a_lost_second_factor_away_and_learns_nothing(clerk: Staff) -> None:
    new_recovery_codes(clerk.user)
    theirs, client = sign_in(clerk), sign_in(make_staff("south:shymkent", "administrator"))
    page = visit(client, reverse("admin:offices_user_password", args=[clerk.user.pk]))
    assert "face to face" in page.words
    assert "taken away" in post(client, page.path, do="factors").words
    assert not Authenticator.objects.filter(user=clerk.user).exists()
    assert not clerk.user.recovery_codes.exists()
    assert not is_in(theirs)
    stranger = sign_in(make_staff("south:arys", "administrator"))
    assert post(stranger, page.path, do="factors").status == 404


# ------------------------------------------------------------------ a fresh confirmation


@pytest.fixture
def prepared() -> Case:
    return make_case(make_team(), state=State.PREPARED)


@pytest.fixture
def head() -> Staff:
    staff = make_staff("south:shymkent", "head")
    set_up_app(staff.user, SECRET)
    return staff


def stale(staff: Staff) -> Client:
    """Signed in 21 minutes ago, at work ever since."""
    client = sign_in(staff)
    log_in(client, staff.user, ago=21 * 60)
    return client


def test_signing_asks_for_a_code_after_twenty_minutes_and_goes_on_with_the_form(head: Staff, prepared: Case) -> None:
    client = stale(head)
    page = visit(client, f"/cases/{prepared.pk}/sign/").send()
    assert page.status == 403
    assert "Confirm that it is you" in page.words
    assert page.form.values()["version"] == str(prepared.version)
    wrong = page.send(confirm_code="123")
    assert "does not fit" in wrong.summary
    assert Case.objects.get(pk=prepared.pk).state == State.PREPARED
    key = client.session.session_key
    done = wrong.send(confirm_code=code_of(head.user))
    assert done.response["Location"] == f"/cases/{prepared.pk}/"
    assert Case.objects.get(pk=prepared.pk).state == State.SIGNED
    assert client.session.session_key != key


def test_an_export_asks_first_and_is_then_fetched_at_the_same_address(head: Staff) -> None:
    client, path = stale(head), "/journal/?book=registration&format=csv"
    assert visit(client, "/journal/").status == 200
    page = visit(client, path)
    assert page.status == 403
    assert page.send(confirm_code=code_of(head.user)).response["Location"] == path
    assert visit(client, path).status == 200


def test_who_has_no_app_confirms_with_the_password(prepared: Case) -> None:
    head = make_staff("south:shymkent", "head")
    page = visit(stale(head), "/journal/?format=csv")
    assert "not your password" in page.send(confirm_code="wrong").summary
    assert page.send(confirm_code=PASSWORD).status == 302


def test_management_of_accounts_asks_and_keeps_what_was_typed() -> None:
    administrator = make_staff("south:shymkent", "administrator")
    client = stale(administrator)
    page = post(client, reverse("admin:offices_user_add"), username="n.new", last_name="Жаңа", first_name="Адам")
    assert page.status == 403
    assert page.form.values()["last_name"] == "Жаңа"
    assert post(client, reverse("admin:offices_user_password", args=[administrator.user.pk])).status == 403


def test_changing_ones_own_factors_or_password_asks_first(clerk: Staff) -> None:
    client = stale(clerk)
    for path in ("/account/app/remove/", "/account/keys/add/", "/account/codes/", "/account/password/"):
        assert visit(client, path).status == 403, path
    assert post(client, "/account/codes/").status == 403
    assert not clerk.user.recovery_codes.exists()


def test_work_that_is_neither_signed_nor_carried_out_asks_for_nothing(clerk: Staff) -> None:
    assert visit(stale(clerk), "/register/").status == 200


# ------------------------------------------------------------------ the end of sessions


def test_a_session_ends_after_half_an_hour_without_use_and_after_twelve_hours_in_any_case(clerk: Staff) -> None:
    for ago, seen, alive in ((29 * 60, 29 * 60, True), (31 * 60, 31 * 60, False), (12 * 3600 + 60, 5, False)):
        client = Client()
        log_in(client, clerk.user, ago=ago)
        session = client.session
        session["seen_at"] = time.time() - seen
        session.save()
        assert is_in(client) == alive, ago


def test_use_keeps_a_session_alive(clerk: Staff) -> None:
    client = Client()
    log_in(client, clerk.user, ago=29 * 60)
    assert is_in(client)
    assert time.time() - client.session["seen_at"] < 60


def test_after_log_out_the_old_cookie_opens_nothing(clerk: Staff) -> None:
    client = sign_in(clerk)
    kept = client.cookies.copy()
    answer = client.post("/logout/")
    assert "storage" in answer["Clear-Site-Data"]
    thief = Client()
    thief.cookies = kept
    assert not is_in(thief)


@pytest.mark.parametrize("change", ["role", "office", "order", "password", "barred", "factor"])
def test_a_change_of_what_a_person_may_ends_his_sessions_at_the_next_request(clerk: Staff, change: str) -> None:
    client, user = sign_in(clerk), clerk.user
    assert is_in(client)
    {
        "role": lambda: Membership.objects.get(user=user).delete(),
        "office": lambda: make_staff("south:arys", "executor", user=User.objects.get(pk=user.pk)),
        "order": lambda: _order_for(user),
        "password": lambda: _set_password(user),
        "barred": lambda: User.objects.filter(pk=user.pk).update(is_active=False),
        "factor": lambda: post(sign_in(make_staff("south:shymkent", "administrator")),
                               reverse("admin:offices_user_password", args=[user.pk]), do="factors"),
    }[change]()  # fmt: skip
    assert client.get("/work/")["Location"].startswith("/login/")


def _order_for(user: User) -> None:
    from offices.models import Substitution

    absent = make_staff("south:shymkent", "head").user
    term = {"order_date": FRIDAY, "valid_from": FRIDAY, "valid_to": FRIDAY}
    Substitution.objects.create(office=office("south:shymkent"), absent=absent, deputy=user, role="head", **term)


def _set_password(user: User) -> None:
    user = User.objects.get(pk=user.pk)
    user.set_password("another horse battery")
    user.save()


def test_changing_ones_own_password_ends_the_other_sessions_only(clerk: Staff) -> None:
    here, there = sign_in(clerk), sign_in(clerk)
    new = {"new_password1": "үш қызыл алма 2026", "new_password2": "үш қызыл алма 2026"}
    assert visit(here, "/account/password/").send(old_password=PASSWORD, **new).status == 302
    assert (is_in(here), is_in(there)) == (True, False)


# ------------------------------------------------------------------ guessing


def test_unknown_name_wrong_password_and_barred_account_are_answered_alike_after_the_same_work(
    clerk: Staff, monkeypatch: Any
) -> None:
    barred = make_user(is_active=False)
    works: list[int] = []
    hasher = type(get_hasher())
    encode = hasher.encode
    monkeypatch.setattr(hasher, "encode", lambda *args, **kwargs: works.append(1) or encode(*args, **kwargs))
    answers, counts = set(), []
    for name, password in ((clerk.user.username, "wrong"), ("nobody.at.all", "wrong"), (barred.username, PASSWORD)):
        works.clear()
        page = post(Client(headers={"accept-language": "en"}), "/login/", username=name, password=password)
        answers.add(
            (page.status, re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page.html).replace(name, "NAME"))
        )
        counts.append(len(works))
    assert len(answers) == 1
    assert set(counts) == {1}


def test_who_mistypes_five_times_waits_but_a_stranger_makes_nobody_else_wait(clerk: Staff) -> None:
    stranger = {"REMOTE_ADDR": "203.0.113.7"}
    for _ in range(5):
        assert first_step(clerk.user, "wrong", **stranger).status == 200
    page = first_step(clerk.user, PASSWORD, **stranger)
    assert page.status == 429
    assert int(page.response["Retry-After"]) <= 180
    assert "Wait" in page.summary
    assert first_step(clerk.user).response["Location"] == "/login/code/"


def test_twenty_names_tried_from_one_address_are_enough(clerk: Staff) -> None:
    thief = {"REMOTE_ADDR": "203.0.113.8"}
    for n in range(20):
        post(Client(**thief), "/login/", username=f"guess{n}", password="wrong")
    assert first_step(clerk.user, PASSWORD, **thief).status == 429
    assert first_step(clerk.user, PASSWORD).status == 302


def test_forged_addresses_do_not_help(clerk: Staff) -> None:
    for n in range(6):
        page = first_step(clerk.user, "wrong", REMOTE_ADDR="203.0.113.9", HTTP_X_FORWARDED_FOR=f"198.51.100.{n}")
    assert page.status == 429


@pytest.mark.parametrize(
    "to", ["//evil.example", "https://evil.example/", "/\\evil.example", "https:evil.example", "javascript:alert(1)",
           "/work/\r\nSet-Cookie: a=b", "http:///evil.example", "\\\\evil.example", "//evil.example@127.0.0.1"],
)  # fmt: skip
def test_the_log_in_leads_nowhere_but_into_the_house(clerk: Staff, to: str) -> None:
    client = Client()
    client.post("/login/", {"username": clerk.user.username, "password": PASSWORD, "next": to})
    answer: Any = second_step(client, code_of(clerk.user)).response
    assert answer["Location"] in ("/", "/work/%0D%0ASet-Cookie:%20a=b", "/work/")
    assert "a" not in answer.cookies
    assert client.post("/language/", {"language": "en", "next": to}, headers={"host": "127.0.0.1"}).headers["Location"] in (
        "/", "/work/%0D%0ASet-Cookie:%20a=b", "/work/"
    )  # fmt: skip


def test_a_foreign_host_is_refused_and_links_carry_our_own_address(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["127.0.0.1"]
    assert Client().get("/", headers={"host": "evil.example"}).status_code == 400
    colleague = make_staff("south:shymkent", "clerk").user
    client = sign_in(make_staff("south:shymkent", "administrator"))
    answer: Any = client.post(
        reverse("admin:offices_user_password", args=[colleague.pk]),
        headers={"host": "127.0.0.1", "x-forwarded-host": "evil.example"},
    )
    assert answer.context["link"].startswith(settings.BASE_URL)


def test_nobody_signs_up_here() -> None:
    for path in ("/signup/", "/account/signup/", "/accounts/signup/", "/account/email/", "/account/password/reset/"):
        with undone():
            assert Client().get(path).status_code == 404
