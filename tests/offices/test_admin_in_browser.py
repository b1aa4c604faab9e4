"""Every page of the admin in a real browser: nothing breaks the content policy, nothing is wider than the screen."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from offices.models import CalendarDay, Membership, OfficeHours, User
from offices.workflow import Role
from services.models import Edition, EditionUse
from tests.factories import make_staff, office
from tests.offices.admin_pages import NEW, as_csv, browser, page

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("law")]
ARGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync"
)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    # The browser's own loop makes Django think it runs asynchronously.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGS.split())
        yield found
        found.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


def signed_in(chromium: Browser, server: Any, user: User, language: str, width: int) -> tuple[Page, list[str]]:
    """A page of `user`, and the list of what the browser complains about."""
    cookies = {name: morsel.value for name, morsel in browser(user).cookies.items()} | {"django_language": language}
    context = chromium.new_context(viewport={"width": width, "height": 900})
    context.add_cookies([{"name": name, "value": value, "url": server.url} for name, value in cookies.items()])
    opened, complaints = context.new_page(), []
    opened.on("console", lambda message: message.type in ("error", "warning") and complaints.append(message.text))
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    return opened, complaints


def addresses() -> list[str]:
    """A page of each kind."""
    own = office("akmola:akkol")
    person = make_staff(own.key, Role.CLERK).user
    rows = {
        "offices_office": own,
        "offices_calendarday": CalendarDay.objects.filter(office=None).first(),
        "offices_user": person,
        "offices_membership": Membership.objects.get(user=person),
        "services_editionuse": EditionUse.objects.filter(office=own).first(),
        "services_edition": Edition.objects.first(),
    }
    lists = [page(f"{name}_changelist") for name in (*rows, "offices_substitution")]
    adds = [page(f"offices_{name}_add") for name in ("office", "calendarday", "user", "substitution")]
    forms = [page(f"{name}_{view}", row.pk) for name, row in rows.items() for view in ("change", "history")]
    rest = [page("offices_office_import"), page("offices_office_export"), page("offices_user_password", person.pk)]
    return [
        page("index"),
        *lists,
        *adds,
        *forms,
        *rest,
        page("offices_calendarday_delete", rows["offices_calendarday"].pk),
    ]


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_every_page_keeps_to_the_content_policy_and_to_the_screen(
    chromium: Browser, live_server: Any, language: str, width: int
) -> None:
    user = make_staff("akmola:oblast", Role.ADMINISTRATOR).user
    opened, complaints = signed_in(chromium, live_server, user, language, width)
    for address in addresses():
        answer = opened.goto(live_server.url + address)
        assert answer is not None
        assert answer.status == 200, address
        assert opened.locator("h1").count() == 1, address
        assert opened.evaluate("document.documentElement.lang") == language
        assert opened.evaluate("document.documentElement.scrollWidth") <= width, address
        assert complaints == [], address


def test_a_file_is_previewed_and_taken_in(chromium: Browser, live_server: Any) -> None:
    user = make_staff("akmola:oblast", Role.ADMINISTRATOR).user
    opened, complaints = signed_in(chromium, live_server, user, "en", 360)
    opened.goto(live_server.url + page("offices_office_import"))
    file = {"name": "offices.csv", "mimeType": "text/csv", "buffer": as_csv(NEW)}
    opened.set_input_files("[name=import_file]", [file])
    opened.click("text=Show what will change")
    assert opened.locator("ins").first.inner_text() == "akmola:novy"
    opened.click("text=Take in")
    assert opened.locator(".messagelist").inner_text() == "1 office added, 0 offices changed."
    assert OfficeHours.objects.filter(office__key="akmola:novy").exists()
    assert complaints == []
