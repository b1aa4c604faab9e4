"""People before a browser: what a visitor, an official and a citizen do on the pages, each step in one word.

Elements are found by the names of fields, by addresses and by data-attributes, so the stories hold in every language. What a
page says is compared with the catalogue of the person's language.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext
from playwright.sync_api import Locator, Page, expect

from config.signin.factors import set_up_app, unused_codes
from offices.models import Office
from offices.policy import Staff
from services.models import Edition
from tests.journeys.paper import Print, read
from tests.journeys.theatre import Theatre, Window

PASSWORD = "correct horse battery"
_LOOK = """() => ({
  heading: document.querySelector("main h1")?.innerText.trim(),
  languages: [document.documentElement.lang, document.querySelector("button[name=language][aria-current=true]")?.value],
  skip: document.querySelector(".govuk-skip-link, .skip-to-content-link")?.textContent,
  overhang: document.documentElement.scrollWidth - window.innerWidth,
})"""


@dataclass
class Scene:
    """The place of a journey: who comes in gets a browser window of his own."""

    theatre: Theatre
    address: str
    language: str
    windows: list[Window] = field(default_factory=list)

    def official(
        self, staff: Staff, *, starts_at: str = "/work/", javascript: bool = True, by_keyboard: bool = False
    ) -> Official:
        """A member of staff who has just logged in; what waits for him comes first."""
        person = Official(self._window(javascript), self, staff, starts_at)
        if by_keyboard:
            person.logs_in_by_keyboard()
        else:
            person.logs_in()
        return person

    def officials(self, *staff: Staff) -> list[Official]:
        """Several of them."""
        return [self.official(member) for member in staff]

    def citizen(self, *, javascript: bool = True) -> Citizen:
        """Somebody at home."""
        return Citizen(self._window(javascript), self)

    def words(self, text: str, **values: Any) -> str:
        """A text of the program in the language of the journey."""
        with translation.override(self.language):
            return gettext(text) % values if values else gettext(text)

    def label(self, row: Any, name: str = "name") -> str:
        """A label of the law data in the language of the journey."""
        with translation.override(self.language):
            return str(getattr(row, name))

    def ends(self) -> list[str]:
        """Everybody goes home. Gives what browsers complained of."""
        for window in self.windows:
            window.looks_into_stores()
        complaints = [complaint for window in self.windows for complaint in window.complaints]
        for window in self.windows:
            self.theatre.take_back(window)
        return complaints

    def _window(self, javascript: bool) -> Page:
        window = self.theatre.window(self.address, javascript=javascript)
        if self.windows:
            # The first who came in has pressed the switch of languages; the others have done so some day before.
            cookies = self.windows[0].context.cookies()
            window.context.add_cookies([row for row in cookies if row["name"] == settings.LANGUAGE_COOKIE_NAME])  # type: ignore[misc]
        self.windows.append(window)
        return window.page


class Visitor:
    """Anybody before a browser."""

    def __init__(self, page: Page, scene: Scene) -> None:
        self.page, self.scene = page, scene
        first = len(scene.windows) == 1
        self.opens("/login/" if isinstance(self, Official) else "/", looking=not first)
        if first:
            self.chooses(scene.language)

    # ------------------------------------------------------------------ going about

    def opens(self, path: str, *, status: int = 200, looking: bool = True) -> None:
        """Go to an address; the page must be there, with its heading, in the language chosen."""
        answer = self.page.goto(path)
        assert answer is not None
        assert answer.status == status, path
        if looking:
            self.looks()

    def chooses(self, language: str) -> None:
        """Press the switch of languages on the page."""
        self.follows(self.page.locator(f'button[name="language"][value="{language}"]'))

    def looks(self) -> None:
        """The page has a heading, speaks the language all over, and fits the window."""
        seen = self.page.evaluate(_LOOK)
        assert seen["heading"], self.page.url
        assert seen["languages"] == [self.scene.language, self.scene.language], self.page.url
        assert seen["skip"] in map(self.words, ("Skip to the main content", "Skip to main content")), self.page.url
        assert seen["overhang"] <= 0, f"{self.page.url} is {seen['overhang']} px wider than the window"

    def follows(self, link: Locator) -> None:
        """Click a link or a button that leads to another page."""
        with self.page.expect_navigation():
            link.click()
        self.looks()

    # ------------------------------------------------------------------ reading and writing

    def words(self, text: str, **values: Any) -> str:
        """A text of the program in this person's language."""
        return self.scene.words(text, **values)

    def reads(self, text: str, **values: Any) -> None:
        """The page says this."""
        expect(self.page.locator("main")).to_contain_text(self.words(text, **values))

    def says(self, text: str) -> None:
        """These very words stand on the page: what somebody typed, or a label of the law."""
        expect(self.page.locator("main")).to_contain_text(text)

    def heading(self) -> str:
        """What the page is called."""
        return self.page.locator("main h1").inner_text().strip()

    def fills(self, form: Locator, **values: str | bool | list[str]) -> None:
        """Fill in fields by their names."""
        for name, value in values.items():
            _fill(form.locator(f'[name="{name}"]'), value)

    def sends(self, **values: str | bool | list[str]) -> None:
        """Fill in the form of the page and send it by its first button."""
        form = self.page.locator("main form[method=post]").first
        self.fills(form, **values)
        self.follows(form.locator("button.govuk-button").first)

    def prints(self, link: Locator) -> Print:
        """Open a paper: it must come as a PDF."""
        address = link.get_attribute("href")
        assert address
        answer = self.page.context.request.get(address)
        assert answer.status == 200, address
        assert answer.headers["content-type"] == "application/pdf"
        return read(answer.body())


class Official(Visitor):
    """A member of staff."""

    def __init__(self, page: Page, scene: Scene, staff: Staff, starts_at: str) -> None:
        self.staff, self.starts_at = staff, starts_at
        # He has had his app for one-time codes for long.
        self.code()
        super().__init__(page, scene)

    def logs_in(self) -> None:
        """User name and password, then the code that the telephone shows."""
        self.fills(self.page.locator("main form"), username=self.staff.user.username, password=PASSWORD)
        self.follows(self.page.locator("main form button"))
        self.is_at("/login/code/")
        self.fills(self.page.locator("main form"), code=self.code())
        self.follows(self.page.locator("main form button"))
        self.is_at(self.starts_at)

    def code(self) -> str:
        """A one-time code of this person's app, not used yet; the app is set up where there is none."""
        set_up_app(self.staff.user, base64.b32encode(self.staff.user.username.encode().ljust(20, b"*")).decode())
        return unused_codes(self.staff.user)[0]

    def comes_back(self) -> None:
        """The next working day: the session has ended, the page asks for the log-in and leads back."""
        self.opens("/work/")
        self.is_at("/login/?next=%2Fwork%2F")
        self.logs_in()

    def is_at(self, path: str) -> None:
        """The address of the page, as it should be."""
        expect(self.page).to_have_url(self.scene.address + path)

    # ------------------------------------------------------------------ the counter

    def chooses_service(self, edition: Edition, office: Office, *, at_window: bool = False) -> None:
        """From the list of services to the form of registration."""
        self.follows(self.page.locator('.app-nav a[href="/register/"]'))
        window = "?centre=" if at_window else ""
        self.follows(self.page.locator(f'main a[href^="/register/{office.pk}/{edition.pk}/{window}"]'))
        expect(self.page.locator("main h1")).to_have_text(self.scene.label(edition.service))

    @property
    def counter_form(self) -> Locator:
        """The form of registration."""
        return self.page.locator("form:has([name=last_name])")

    def takes_down(self, **person: str | bool) -> None:
        """What the applicant says of himself; `all_here` for a package without gaps."""
        self.fills(self.counter_form, **person)

    def shows(self, **values: str) -> None:
        """What stands in the form of registration, without having been typed here."""
        for name, value in values.items():
            expect(self.counter_form.locator(f'[name="{name}"]')).to_have_value(value)

    def looks_over(self, edition: Edition, no: str, status: str, defect: str = "") -> None:
        """Mark a paper of the checklist, by its number in the act."""
        paper = edition.documents.get(no=no).pk
        self.fills(self.page.locator("main form"), **{f"paper_{paper}": status, f"defect_{paper}": defect})

    def looks_up_the_iin(self) -> None:
        """Ask whether the person is known."""
        self.presses("find")

    def presses(self, button: str) -> None:
        """Press a button of the form of registration: find, register or list."""
        self.follows(self.page.locator(f'button[name="do"][value="{button}"]'))

    def registers(self, button: str = "register") -> str:
        """Press the button of registration (or `list`); the case page comes up. Gives the number, "" without one."""
        self.presses(button)
        assert re.fullmatch(r"/cases/\d+/", urlsplit(self.page.url).path), self.page.locator("main").inner_text()
        return self.number()

    def number(self) -> str:
        """The number in the heading of the case page."""
        shown = self.page.locator("main h1 .app-number")
        return shown.inner_text() if shown.count() else ""

    # ------------------------------------------------------------------ cases

    def takes_up(self, number: str) -> None:
        """Open the case from the list of what waits for this person."""
        self.opens("/work/")
        self.follows(self.page.locator("main table").get_by_role("link", name=number, exact=True))
        assert self.number() == number

    def has_nothing_of(self, number: str) -> None:
        """The case does not wait for this person."""
        self.opens("/work/")
        expect(self.page.locator("main")).not_to_contain_text(number)

    def finds(self, text: str) -> None:
        """Search by number, IIN or name; a single find opens at once."""
        self.opens("/search/")
        self.fills(self.page.locator("main form"), q=text)
        self.follows(self.page.locator("main form button"))

    def tries(self, act: str, **values: str | bool | list[str]) -> None:
        """Send the form of an act that will be refused; the page says why, above the form."""
        form = self._filled(act, values)
        self.follows(form.locator("button.govuk-button"))
        expect(self.page.locator(".govuk-error-summary")).to_be_visible()

    def does(self, act: str, **values: str | bool | list[str]) -> None:
        """Do an act on the case: its form stands on the page, or its button leads there. The page says that it is done."""
        self.follows(self._filled(act, values).locator("button.govuk-button"))
        expect(self.page.locator(".govuk-notification-banner--success")).to_be_visible()

    def _filled(self, act: str, values: dict[str, Any]) -> Locator:
        form = self.act_form(act)
        if not form.count():
            self.follows(self.page.locator(f'main a[href$="/{act}/"]'))
        self.fills(form, **values)
        return form

    def act_form(self, act: str) -> Locator:
        """The form of an act."""
        return self.page.locator(f'main form[action$="/{act}/"]')

    def paper(self, kind: str) -> Print:
        """The newest paper of that kind in the case."""
        return self.prints(self.page.locator(f'a[data-paper="{kind}"]').last)

    def due(self, kind: str = "overall") -> str:
        """The due moment of a running clock of the case; "" if it shows none."""
        return _due(self.page, kind)

    # ------------------------------------------------------------------ packages

    def scans(self, act: str, *numbers: str) -> None:
        """Scan bar codes for a step; the page says that it is done."""
        self._scan(act, *numbers)
        self.is_at("/packages/")
        expect(self.page.locator(".govuk-notification-banner--success")).to_be_visible()

    def tries_to_scan(self, act: str, *numbers: str) -> None:
        """Scan bar codes that will be refused."""
        self._scan(act, *numbers)
        expect(self.page.locator(".govuk-error-summary")).to_be_visible()

    def _scan(self, act: str, *numbers: str) -> None:
        # A scanner types the number and presses Enter, as a quick typist would.
        self.follows(self.page.locator('.app-nav a[href="/packages/"]'))
        self.follows(self.page.locator(f'main a[href="/packages/{act}/"]'))
        self.page.locator('[name="numbers"]').focus()
        for number in numbers:
            self.page.keyboard.type(number)
            self.page.keyboard.press("Enter")
        self.follows(self.page.locator("main form button"))

    # ------------------------------------------------------------------ without a mouse

    def tabs_to(self, element: str) -> None:
        """Press Tab until the focus stands on `element`."""
        for _ in range(60):
            if self.page.evaluate("(wanted) => document.activeElement.matches(wanted)", element):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab does not lead to {element}")

    def logs_in_by_keyboard(self) -> None:
        """The focus stands in the first field; Tab leads to the second, Enter sends."""
        self.stands_in("username")
        self.types(self.staff.user.username)
        self.tabs_to('[name="password"]')
        self.types(PASSWORD)
        self.enters_the_next_page()
        self.stands_in("code")
        self.types(self.code())
        self.enters_the_next_page()
        self.is_at(self.starts_at)

    def types(self, text: str) -> None:
        """Type into what has the focus."""
        self.page.keyboard.type(text)

    def enters(self) -> None:
        """Press Enter."""
        self.page.keyboard.press("Enter")

    def enters_the_next_page(self) -> None:
        """Press Enter on a link or button, or in a field that looks something up."""
        with self.page.expect_navigation():
            self.enters()
        self.looks()

    def stands_in(self, name: str) -> None:
        """The focus stands in this field: a browser puts it there a moment after the page is shown."""
        expect(self.page.locator(":focus")).to_have_attribute("name", name)


class Citizen(Visitor):
    """Somebody who has a talon."""

    def looks_up(self, number: str, code: str) -> None:
        """Type what stands on the talon."""
        self.opens("/status/")
        self.fills(self.page.locator("#status-form"), number=number, code=code)
        self.follows(self.page.locator("#status-form button"))

    def searches(self, text: str) -> None:
        """Type into the box on the front page."""
        self.opens("/")
        form = self.page.locator('main form[role="search"]')
        self.fills(form, q=text)
        self.follows(form.locator("button"))

    def is_told(self, text: str) -> None:
        """Where the application stands, in words."""
        expect(self.page.locator("main [role=status]")).to_have_text(self.words(text))

    def sees_nothing_of(self, *secrets: str) -> None:
        """The page tells nobody who the applicant is."""
        shown = self.page.content()
        assert not [secret for secret in secrets if secret in shown]

    def due(self, kind: str = "overall") -> str:
        """The due moment that the page shows; "" if it shows none."""
        return _due(self.page, kind)


def _due(page: Page, kind: str) -> str:
    shown = page.locator(f'[data-clock="{kind}"] .app-clock__due')
    return shown.inner_text().strip() if shown.count() else ""


def _fill(element: Locator, value: str | bool | list[str]) -> None:
    first = element.first
    kind = first.evaluate("(element) => element.type || element.tagName")
    if kind == "select-one":
        first.select_option(value)  # type: ignore[arg-type]
    elif kind in ("radio", "checkbox"):
        _tick(element, value)
    else:
        first.fill(str(value))


def _tick(boxes: Locator, value: str | bool | list[str]) -> None:
    if isinstance(value, bool):
        boxes.first.set_checked(value)
        return
    for wanted in [value] if isinstance(value, str) else value:
        boxes.and_(boxes.page.locator(f'[value="{wanted}"]')).check()
