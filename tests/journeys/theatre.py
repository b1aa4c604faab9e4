"""The browser and its windows, kept from journey to journey because opening them is what takes time."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connections
from playwright.sync_api import Browser, ConsoleMessage, Page, Response, sync_playwright

# Chromium must not talk to anybody but us, and needs no sandbox for our own pages.
_CHROMIUM = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip
# A refused page says so in its words; the browser's own note of the status adds nothing.
_EXPECTED = re.compile(r"Failed to load resource: the server responded with a status of 4\d\d")
_REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`content policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`));
"""
# All that a browser keeps for a site besides cookies and its cache of files.
# Django's admin remembers which of its filters are folded, htmx the address of the page: nothing of a person stands in either.
_HARMLESS = ("django.admin.filtersState", "htmx-current-path-for-history")
_STORES = """async (harmless) => ({
  local: {...localStorage},
  session: Object.fromEntries(Object.entries(sessionStorage).filter(([name]) => !harmless.includes(name))),
  databases: (await indexedDB.databases()).map((one) => one.name),
  caches: await caches.keys(), workers: (await navigator.serviceWorker.getRegistrations()).length,
})"""
_NOTHING = {"local": {}, "session": {}, "databases": [], "caches": [], "workers": 0}


class Window:
    """A window with cookies of its own. Errors of scripts, breaches of the content policy and broken files are noted."""

    def __init__(self, browser: Browser, address: str, *, javascript: bool) -> None:
        size = {"width": 1280, "height": 900}
        self.context = browser.new_context(base_url=address, java_script_enabled=javascript, viewport=size)  # type: ignore[arg-type]
        self.context.set_default_timeout(60_000)
        self.context.add_init_script(_REPORT_VIOLATIONS)
        self.address, self.javascript, self.complaints = address, javascript, list[str]()
        self.page: Page = self.context.new_page()
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(f"{self.page.url}: {error}"))
        self.page.on("response", self._check)

    def looks_into_stores(self) -> None:
        """Complain of anything that the site has left in the browser: nothing of a person may stay there."""
        if self.javascript and self.page.url.startswith("http"):
            kept = self.page.evaluate(_STORES, _HARMLESS)
            if kept != _NOTHING:
                self.complaints.append(f"{self.page.url}: left in the browser: {kept}")

    def clean(self) -> None:
        """As if nobody had used it."""
        self.page.goto("about:blank")
        self.page.set_viewport_size({"width": 1280, "height": 900})
        self.context.clear_cookies()
        self.complaints.clear()

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not _EXPECTED.match(message.text):
            self.complaints.append(f"{message.location.get('url')}: {message.text}")

    def _check(self, response: Response) -> None:
        broken = 500 if response.request.resource_type == "document" else 400
        if response.status >= broken:
            self.complaints.append(f"{response.url}: {response.status}")


class Theatre:
    """Chromium with Playwright's event loop, which counts as running in this thread only while a journey is on.

    Beside a running loop Django refuses its queries and hands out other connections than before, in all tests that follow.
    """

    def __init__(self) -> None:
        program = shutil.which("chromium")
        assert program, "chromium is missing: make setup"
        self.playwright = sync_playwright().start()
        self.browser = self.playwright.chromium.launch(executable_path=program, args=_CHROMIUM)
        self.windows: list[Window] = []
        self._loop = asyncio.get_running_loop()
        asyncio._set_running_loop(None)

    @contextmanager
    def on(self) -> Iterator[Theatre]:
        """Within this, windows can be used."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
            asyncio._set_running_loop(self._loop)
            try:
                yield self
            finally:
                connections.close_all()
                asyncio._set_running_loop(None)

    def window(self, address: str, *, javascript: bool) -> Window:
        """A clean window: one that a journey has left, or a new one."""
        wanted = (address, javascript)
        free = next((window for window in self.windows if (window.address, window.javascript) == wanted), None)
        if free is None:
            return Window(self.browser, address, javascript=javascript)
        self.windows.remove(free)
        return free

    def take_back(self, window: Window) -> None:
        """Keep a window for the next journey."""
        window.clean()
        self.windows.append(window)

    def close(self) -> None:
        """Everything ends."""
        asyncio._set_running_loop(self._loop)
        self.browser.close()
        self.playwright.stop()
