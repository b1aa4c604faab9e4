"""What is written down for the guards of an installation: lines for a machine, with nothing personal in them."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
import time_machine
from django.conf import settings as project
from django.test import Client
from django.urls import reverse

from offices import security
from tests.config.test_signin import first_step
from tests.factories import FRIDAY, make_case, make_staff, make_team
from tests.pages import post, sign_in, visit


@pytest.fixture
def lines(caplog: Any) -> Any:
    """The lines of the security log. The clock stands: no limit begins anew in the middle of a test."""
    caplog.set_level(logging.INFO, logger="security")
    with time_machine.travel(FRIDAY, tick=False):
        yield lambda: [json.loads(row.getMessage()) for row in caplog.records if row.name == "security"]


@pytest.mark.django_db
def test_an_error_of_ours_is_written_down_with_its_place(client: Client, caplog: Any, monkeypatch: Any) -> None:
    client.raise_request_exception = False
    monkeypatch.setattr("services.models.Service.objects.filter", lambda *args, **kwargs: 1 / 0)
    assert client.get("/").status_code == 500
    (row,) = [row for row in caplog.records if row.name == "django.request" and row.levelno == logging.ERROR]
    assert row.exc_info
    assert row.exc_info[0] is ZeroDivisionError


def test_lines_go_to_standard_error_and_nowhere_else() -> None:
    kinds = {handler["class"] for handler in project.LOGGING["handlers"].values()}
    assert kinds == {"logging.StreamHandler"}
    assert not project.ADMINS, "no error leaves by mail"


@pytest.mark.django_db
def test_log_ins_refusals_and_limits_leave_lines_in_utc_without_anything_personal(lines: Any) -> None:
    clerk = make_staff("south:shymkent", "clerk")
    for _ in range(6):
        first_step(clerk.user, "wrong")
    first_step(clerk.user, REMOTE_ADDR="203.0.113.5")
    client = sign_in(clerk)
    visit(client, "/admin/")
    post(client, "/register/1/1/")
    client.get(reverse("account_login"))
    client.post("/logout/")
    sign_in(make_staff("south:shymkent", "administrator")).get("/search/")
    found = lines()
    kinds = {row["kind"] for row in found}
    assert kinds >= {"wrong_password", "limit", "logged_in", "logged_out", "refused"}
    assert all(row["at"].endswith("+00:00") for row in found)
    text = json.dumps(found, ensure_ascii=False)
    for secret in (clerk.user.username, clerk.user.last_name, "203.0.113", "127.0.0.1", "wrong horse"):
        assert secret not in text
    refused = next(row for row in found if row["kind"] == "refused" and row["status"] == 403)
    assert refused["route"]
    assert refused["user"]


@pytest.mark.django_db
def test_whoever_asks_for_what_is_not_his_leaves_a_line_each_time(lines: Any) -> None:
    case, other = make_case(make_team("south:shymkent")), make_staff("akmola:kokshetau", "clerk")
    stranger = sign_in(other)
    for path in (f"/cases/{case.pk}/", f"/cases/{case.pk}/prepare/", "/cases/987654/", "/nothing/"):
        assert visit(stranger, path).status == 404
    visit(Client(), "/services/nothing/")
    found = [(row["route"], row["user"]) for row in lines() if row["kind"] == "refused"]
    user = other.user.pk
    assert found == [("case", user), ("act", user), ("case", user)], (
        "what nobody has, and whom nobody knows, tells nothing"
    )


def test_a_line_stays_one_line_whatever_is_in_it(lines: Any) -> None:
    security.note("upload_refused", why="a\r\nb\u2028c")
    row = lines()[0]
    assert row["why"] == "a\r\nb\u2028c"
