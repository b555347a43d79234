"""A real browser for the tests: Debian's chromium, driven by Playwright."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response, expect, sync_playwright

from todoproject.tests.programs import program
from todoproject.tests.waiting import PATIENCE

QUIET = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
]
MILLISECONDS = PATIENCE * 1000
Steps = Callable[[Page], None]


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
def chromium(service: str) -> Iterator[Callable[[Steps], None]]:
    """A browser. Call it with what somebody does on a page; each call is a visit of somebody new.

    It has a thread of its own: the thread that drives it runs an event loop, and there Django refuses to query.
    """
    path = program("chromium")
    expect.set_options(timeout=MILLISECONDS)
    arguments = QUIET + (["--no-sandbox"] if os.geteuid() == 0 else [])  # root has no sandbox
    with ThreadPoolExecutor(1, thread_name_prefix="browser") as thread:
        playwright = thread.submit(sync_playwright().start).result()
        try:
            launch = playwright.chromium.launch
            browser = thread.submit(launch, executable_path=path, args=arguments, timeout=MILLISECONDS).result()
            yield lambda steps: thread.submit(visit, browser, service, steps).result()
            thread.submit(browser.close).result()
        finally:
            thread.submit(playwright.stop).result()


def visit(browser: Browser, service: str, steps: Steps) -> None:
    """Take the steps on a page without cookies or a cache.

    At the end there was no error, and no request to anywhere but the service.
    """
    with browser.new_context(base_url=service, viewport={"width": 1280, "height": 800}) as context:
        page = context.new_page()
        page.set_default_timeout(MILLISECONDS)
        watch = Watch(page, service)
        steps(page)
    assert watch.seen == [], watch.seen
