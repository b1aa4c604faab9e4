"""Pages as a person meets them: the words, the forms with what stands in them, and sending a form as it was shown.

Tests fill in what somebody would type and leave the rest as the page gave it, so hidden fields and values kept after a
mistake are tested without being named.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from typing import Any

from django.http import HttpResponse
from django.test import Client

from offices.models import User
from offices.policy import Staff

Fields = list[tuple[str, str]]


def sign_in(staff: Staff, language: str = "en", **options: Any) -> Client:
    """A browser in which `staff` is signed in with both factors, a moment ago."""
    client = Client(**options)
    log_in(client, staff.user)
    client.cookies["django_language"] = language
    return client


def log_in(client: Client, user: User, *, second_factor: bool = True, ago: float = 0) -> None:
    """Let `user` in as if he had shown password and second factor `ago` seconds ago."""
    user.refresh_from_db(fields=["session_stamp"])
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    methods = ["password", *(["mfa"] if second_factor else [])]
    session["account_authentication_methods"] = [{"method": name, "at": time.time() - ago} for name in methods]
    session["account_authentication_methods_user"] = str(user.pk)
    session["began_at"] = session["seen_at"] = time.time() - ago
    session.save()


@dataclass
class Form:
    """A form of a page, with its fields as they would be sent now, and its buttons."""

    action: str = ""
    method: str = "get"
    fields: Fields = field(default_factory=list)
    buttons: Fields = field(default_factory=list)

    def values(self) -> dict[str, Any]:
        """Field → value; a field that would be sent several times gives a list."""
        found: dict[str, list[str]] = {}
        for name, value in self.fields:
            found.setdefault(name, []).append(value)
        return {name: values if len(values) > 1 else values[0] for name, values in found.items()}


@dataclass
class Page:
    """An answer of the site, in the browser that asked for it."""

    client: Client
    path: str
    response: HttpResponse
    html: str
    forms: list[Form]
    errors: dict[str, str]

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.response.status_code

    @property
    def words(self) -> str:
        """What is written on the page, in single spaces."""
        return plain(self.html)

    @property
    def summary(self) -> str:
        """The words of the error summary; empty where there is none."""
        found = re.search(r'class="govuk-error-summary".*?</ul>', self.html, re.DOTALL)
        return plain(found[0]) if found else ""

    @property
    def form(self) -> Form:
        """The form of the page itself, not those of its head."""
        own = [form for form in self.forms if not form.action.startswith(("/language/", "/logout/"))]
        assert own, f"no form on {self.path}: {self.words[:400]}"
        return own[0]

    def typed(self, name: str) -> Any:
        """What stands in a field of the form."""
        return self.form.values().get(name, "")

    def send(self, **typed: Any) -> Page:
        """Send the form as it stands, with `typed` in its fields; `do` presses the button of that value."""
        form = self.form
        values = {**form.values(), **typed}
        return _answer(self.client, form.action or self.path, "post", values)


def visit(client: Client, path: str) -> Page:
    """Open a page."""
    return _answer(client, path, "get", {})


def post(client: Client, path: str, **values: Any) -> Page:
    """Send what no page of ours would send."""
    return _answer(client, path, "post", values)


def _answer(client: Client, path: str, method: str, values: dict[str, Any]) -> Page:
    response: Any = getattr(client, method)(path, values) if values else getattr(client, method)(path)
    html = "" if response.streaming or "html" not in response["Content-Type"] else response.content.decode()
    reader = _Reader()
    reader.feed(html)
    return Page(client, path, response, html, reader.forms, {name: plain(text) for name, text in reader.errors.items()})


def plain(html: str) -> str:
    """The words of a piece of HTML."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


class _Reader(HTMLParser):
    """Reads forms as a browser would send them, and messages beside fields (id="id_NAME_error")."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.errors: dict[str, str] = {}
        self._select: tuple[str, list[tuple[str, bool]]] | None = None
        self._text: tuple[str, list[str]] | None = None
        self._error: tuple[str, str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(given.get("action", ""), given.get("method", "get")))
        elif tag == "input":
            self._input(given)
        elif tag == "button" and self.forms and "name" in given:
            self.forms[-1].buttons.append((given["name"], given.get("value", "")))
        elif tag == "select":
            self._select = (given.get("name", ""), [])
        elif tag == "option" and self._select:
            self._select[1].append((given.get("value", ""), "selected" in given))
        elif tag == "textarea":
            self._text = (given.get("name", ""), [])
        if given.get("id", "").endswith("_error"):
            self._error = (given["id"].removeprefix("id_").removesuffix("_error"), tag)

    def handle_data(self, data: str) -> None:
        if self._text:
            self._text[1].append(data)
        if self._error:
            self.errors[self._error[0]] = self.errors.get(self._error[0], "") + data

    def handle_endtag(self, tag: str) -> None:
        if tag == "select" and self._select:
            name, options = self._select
            chosen = [value for value, selected in options if selected] or [value for value, _s in options[:1]]
            self.forms[-1].fields += [(name, value) for value in chosen]
            self._select = None
        elif tag == "textarea" and self._text:
            self.forms[-1].fields.append((self._text[0], "".join(self._text[1]).removeprefix("\n")))
            self._text = None
        if self._error and tag == self._error[1]:
            self._error = None

    def _input(self, given: dict[str, str]) -> None:
        if not self.forms or "name" not in given or given.get("type") == "file":
            return
        chosen = given.get("type") in ("checkbox", "radio")
        if chosen and "checked" not in given:
            return
        self.forms[-1].fields.append((given["name"], given.get("value", "on" if chosen else "")))
