"""A head adds a security key, comes in with it and signs with it; the key of somebody else opens nothing.

Chromium's virtual authenticator stands for the key. Browsers lend keys to secure places only: this journey is at localhost.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from playwright.sync_api import CDPSession, expect

from applications.models import Case
from applications.workflow import State
from offices.policy import Staff
from tests.factories import make_case, make_team
from tests.journeys.people import PASSWORD, Official, Scene

pytestmark = pytest.mark.journey
# Signs what the page asks for with a key that the page did not ask for.
_WITH_ANOTHER_KEY = """async (id) => {
  const asked = JSON.parse(document.getElementById("key-data").textContent).request_options;
  asked.publicKey.allowCredentials = [{ type: "public-key", id }];
  const answer = await webauthnJSON.get(asked);
  document.querySelector("#key-form input[name$=credential]").value = JSON.stringify(answer);
  document.getElementById("key-form").submit();
}"""


@pytest.fixture
def server(server: str) -> str:
    """The same site under the name by which a browser takes it for secure."""
    return server.replace("127.0.0.1", "localhost")


@pytest.fixture
def ports(scene: Scene) -> Iterator[list[CDPSession]]:
    """Where keys are plugged in; they are pulled out before the windows go to the next journey."""
    opened: list[CDPSession] = []
    yield opened
    for port in opened:
        port.send("WebAuthn.disable")
        port.detach()


def test_a_head_comes_in_and_signs_with_a_security_key(
    scene: Scene, ports: list[CDPSession], clock: time_machine.Traveller, settings: Any
) -> None:
    team = make_team()
    case = make_case(team, state=State.PREPARED)
    head = scene.official(team.head)
    plugs_a_key_in(head, ports)
    adds_the_key(head, "key at the counter")
    logs_out(head)
    logs_in_with_the_key(head, team.head)
    # Half an hour of other work later.
    settings.FRESH_FOR = 20 * 60
    clock.shift(timedelta(minutes=30))
    signs_with_the_key(head, case)


@pytest.mark.parametrize("language", ["ru"])
def test_the_key_of_another_person_lets_nobody_in(scene: Scene, ports: list[CDPSession]) -> None:
    team = make_team()
    head = scene.official(team.head)
    plugs_a_key_in(head, ports)
    adds_the_key(head, "key of the head")
    executor = scene.official(team.executor)
    plugs_a_key_in(executor, ports)
    adds_the_key(executor, "key of the executor")
    logs_out(executor)

    # He has found out the password of the head, and tries with his own key.
    types_the_password_of(executor, team.head)
    expect(executor.page.locator("#key-trouble")).to_be_hidden()
    executor.page.locator("#use-key").click()
    expect(executor.page.locator("#key-trouble")).to_be_visible()
    executor.is_at("/login/code/")
    with executor.page.expect_navigation():
        executor.page.evaluate(_WITH_ANOTHER_KEY, key_of(team.executor))
    expect(executor.page.locator(".govuk-error-summary")).to_contain_text(
        scene.words("The security key did not answer as expected. Try again.")
    )
    executor.opens("/work/")
    executor.is_at("/login/?next=%2Fwork%2F")


def plugs_a_key_in(person: Official, ports: list[CDPSession]) -> None:
    """A key in the USB port of this person's computer, touched whenever it asks."""
    port = person.page.context.new_cdp_session(person.page)
    port.send("WebAuthn.enable")
    key = {
        "protocol": "ctap2", "transport": "usb", "hasUserVerification": True, "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }  # fmt: skip
    port.send("WebAuthn.addVirtualAuthenticator", {"options": key})
    ports.append(port)


def adds_the_key(person: Official, name: str) -> None:
    """On the page of one's account; recovery codes come next, the key stands on the page afterwards."""
    person.opens("/account/")
    person.follows(person.page.locator('main a[href="/account/keys/add/"]'))
    person.fills(person.page.locator("main form"), name=name)
    person.follows(person.page.locator("#add-key"))
    person.is_at("/account/codes/")
    person.opens("/account/")
    person.says(name)
    assert Authenticator.objects.filter(user=person.staff.user, type=Authenticator.Type.WEBAUTHN).count() == 1


def logs_out(person: Official) -> None:
    """By the button in the head of the page."""
    person.follows(person.page.locator('form[action="/logout/"] button'))
    person.opens("/work/")
    person.is_at("/login/?next=%2Fwork%2F")


def types_the_password_of(person: Official, staff: Staff) -> None:
    """The first step of the log-in."""
    person.opens("/login/?next=%2Fwork%2F")
    person.fills(person.page.locator("main form"), username=staff.user.username, password=PASSWORD)
    person.follows(person.page.locator("main form button"))
    person.is_at("/login/code/")


def logs_in_with_the_key(person: Official, staff: Staff) -> None:
    """Password, then a touch."""
    types_the_password_of(person, staff)
    person.follows(person.page.locator("#use-key"))
    person.is_at("/work/")


def signs_with_the_key(head: Official, case: Case) -> None:
    """The signature asks who it is; a touch is the answer, and the form goes on as it was sent."""
    head.opens(f"/cases/{case.pk}/sign/")
    head.follows(head.page.locator("main form button.govuk-button").first)
    head.reads("Confirm that it is you")
    assert Case.objects.get(pk=case.pk).state == State.PREPARED
    head.follows(head.page.locator("#use-key"))
    expect(head.page.locator(".govuk-notification-banner--success")).to_be_visible()
    head.is_at(f"/cases/{case.pk}/")
    assert Case.objects.get(pk=case.pk).state == State.SIGNED


def key_of(staff: Staff) -> str:
    """How a browser calls the key of this person."""
    row = Authenticator.objects.get(user=staff.user, type=Authenticator.Type.WEBAUTHN)
    return str(row.data["credential"]["id"])
