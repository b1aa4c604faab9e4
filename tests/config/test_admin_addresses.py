"""From where the reference data answer."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.tokens import default_token_generator
from django.test import Client
from django.urls import reverse
from django.utils.http import urlsafe_base64_encode

from tests.config.test_hardening import manage
from tests.factories import make_staff, make_user
from tests.pages import plain, sign_in


@pytest.fixture
def _from_the_office(settings: Any) -> None:
    settings.SERVED_BY_HTTPS = True  # so that the proxy's word counts; the addresses of Django's browser stay plain
    settings.ADMIN_ADDRESSES = [ip_network("10.20.0.0/16"), ip_network("203.0.113.7"), ip_network("2001:db8::/48")]


@pytest.mark.django_db
@pytest.mark.usefixtures("_from_the_office")
@pytest.mark.parametrize(
    ("named", "status"),
    [
        ("10.20.3.4", 200),
        ("203.0.113.7", 200),
        ("2001:db8:0:5::1", 200),
        ("::ffff:10.20.3.4", 200),
        ("10.21.0.1", 404),
        ("203.0.113.8", 404),
        ("2001:db9::1", 404),
        ("10.20.3.4, 198.51.100.1", 404),
        ("10.20.3.4,198.51.100.1", 404),
        ("198.51.100.1, 10.20.3.4", 200),
        ("10.20.3.4, ", 404),
        ("unknown", 404),
        ("10.20.3.4:1234", 404),
    ],
)
def test_reference_data_answer_from_named_addresses_only_and_a_forged_one_does_not_help(
    named: str, status: int
) -> None:
    client = sign_in(make_staff("south:shymkent", "administrator"))
    assert client.get("/admin/offices/office/", HTTP_X_FORWARDED_FOR=named).status_code == status


@pytest.mark.django_db
@pytest.mark.usefixtures("_from_the_office")
def test_without_a_proxy_what_a_visitor_says_of_his_address_does_not_count(settings: Any) -> None:
    settings.SERVED_BY_HTTPS = False
    client = sign_in(make_staff("south:shymkent", "administrator"))
    assert client.get("/admin/", HTTP_X_FORWARDED_FOR="10.20.3.4", REMOTE_ADDR="198.51.100.1").status_code == 404
    assert client.get("/admin/", HTTP_X_FORWARDED_FOR="198.51.100.1", REMOTE_ADDR="10.20.3.4").status_code == 200


@pytest.mark.django_db
@pytest.mark.usefixtures("_from_the_office")
@pytest.mark.parametrize("path", ["/admin", "/admin/", "/admin/login/", "/admin/offices/user", "/admin/nothing/"])
def test_elsewhere_reference_data_answer_as_a_page_that_is_not_there(path: str) -> None:
    client = Client(headers={"accept-language": "en"})
    answer, unknown = (client.get(one, REMOTE_ADDR="198.51.100.1") for one in (path, "/nothing-of-the-kind/"))
    assert (answer.status_code, unknown.status_code) == (404, 404)
    assert plain(answer.content.decode()) == plain(unknown.content.decode())
    assert client.post(path, REMOTE_ADDR="198.51.100.1").status_code == 404


@pytest.mark.django_db
def test_where_no_addresses_are_named_reference_data_answer_everywhere() -> None:
    client = sign_in(make_staff("south:shymkent", "administrator"))
    assert client.get("/admin/", REMOTE_ADDR="198.51.100.1").status_code == 200


@pytest.mark.django_db
@pytest.mark.usefixtures("_from_the_office")
def test_the_link_by_which_somebody_sets_his_password_works_from_everywhere() -> None:
    user = make_user()
    names = {"uidb64": urlsafe_base64_encode(str(user.pk).encode()), "token": default_token_generator.make_token(user)}
    page = Client().get(reverse("admin:set_password", kwargs=names), REMOTE_ADDR="198.51.100.1", follow=True)
    assert (page.status_code, b"new_password1" in page.content) == (200, True)


def test_an_installation_does_not_start_with_an_address_that_is_none(tmp_path: Path) -> None:
    wrong = manage(tmp_path, "manage.py", "check", ADMIN_ADDRESSES="10.20.0.0/16, 10.20.0.1/16")
    assert (wrong.returncode != 0, "ADMIN_ADDRESSES" in wrong.stderr) == (True, True)
    assert manage(tmp_path, "manage.py", "check", ADMIN_ADDRESSES="10.20.0.0/16, 2001:db8::/48").returncode == 0
