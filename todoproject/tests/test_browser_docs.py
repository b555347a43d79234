"""The page with the API's documentation, in a browser."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from todoproject.tests.browser import Steps
from todoproject.tests.client import Person, document


def test_it_shows_every_operation_and_runs_them_with_a_token(browser: Callable[[Steps], None], alice: Person) -> None:
    alice.todo(title="Water the ficus")

    def steps(page: Page) -> None:
        page.goto("/api/v1/docs")
        operations = sum(len(path) for path in document()["paths"].values())
        expect(page.locator(".opblock")).to_have_count(operations)
        page.get_by_role("button", name="Authorize").click()
        dialogue = page.locator(".modal-ux")
        dialogue.get_by_label("Value").first.fill(alice.token)
        dialogue.get_by_role("button", name="Apply credentials").first.click()
        dialogue.get_by_role("button", name="Close").first.click()
        block = page.locator(".opblock-get", has_text="/api/v1/todos").first
        block.locator(".opblock-summary").click()
        block.get_by_role("button", name="Execute").click()
        answer = block.locator(".live-responses-table")
        expect(answer).to_contain_text("200")
        expect(answer).to_contain_text("Water the ficus")

    browser(steps)
