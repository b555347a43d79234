"""A real browser for the tests: Debian's chromium, driven by Playwright.

While it is open, this thread runs an event loop and Django refuses to query: prepare before, look afterwards.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import ConsoleMessage, Page, Request, Response, sync_playwright

QUIET = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
]


def executable() -> str:
    """Where chromium is. Without one the test is skipped, or fails where the environment says CI."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if found:
        return found
    message = "no chromium on this machine: install it (Debian: the package chromium) or name the program in CHROMIUM"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


class Watch:
    """Notes whatever ought not to happen on any page."""

    def __init__(self, page: Page, service: str) -> None:
        self.service = service
        self.seen: list[str] = []
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.seen.append(f"uncaught: {error}"))
        page.on("request", self._request)
        page.on("response", self._response)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):  # where a violated content security policy is reported, too
            self.seen.append(f"console: {message.text}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((f"{self.service}/", "data:", "blob:")):
            self.seen.append(f"foreign request: {request.url}")

    def _response(self, response: Response) -> None:
        if response.status >= 400:
            self.seen.append(f"{response.status}: {response.url}")


@contextmanager
def chromium(service: str) -> Iterator[Page]:
    """A page in a fresh browser. At the end there was no error, and no request to anywhere but the service."""
    program = executable()
    arguments = QUIET + (["--no-sandbox"] if os.geteuid() == 0 else [])  # root has no sandbox
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
        page = browser.new_page(base_url=service, viewport={"width": 1280, "height": 800})
        page.set_default_timeout(20_000)
        watch = Watch(page, service)
        yield page
        browser.close()
    assert watch.seen == []
