"""The admin as people use it: in a browser, over the real server."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from accounts.models import ApiToken
from todoproject import pages
from todoproject.tests.browser import Steps
from todoproject.tests.client import Person
from todos.models import Category, Todo

PASSWORD = "a quiet orange harbour"


@pytest.fixture
def admin(make_person: Callable[..., Person]) -> Person:
    return make_person(password=PASSWORD, is_staff=True, is_superuser=True)


def log_in(page: Page, person: Person, path: str = "/admin/") -> None:
    page.goto(path)
    page.get_by_label("E-mail").fill(person.user.email.upper())
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(f"**{path}")


def choose(page: Page, field: str, search: str, text: str) -> None:
    """Pick from a drop-down that looks its options up while somebody types."""
    page.locator(f"[name={field}] + .select2").click()
    page.locator(".select2-search__field").fill(search)
    page.locator(".select2-results__option", has_text=text).click()


def run_action(page: Page, action: str) -> None:
    page.locator("input.action-select").first.check()
    page.get_by_label("Select action to run").select_option(action)
    page.get_by_role("button", name="Run").click()


def test_add_a_todo(browser: Callable[[Steps], None], admin: Person, bob: Person) -> None:
    category = bob.category(name="Garden")

    def steps(page: Page) -> None:
        log_in(page, admin)
        expect(page.get_by_role("heading", name="Overview")).to_be_visible()
        page.get_by_role("link", name="To-dos").first.click()
        page.locator("a[href='/admin/todos/todo/add/']").first.click()
        choose(page, "user", bob.user.email, bob.user.email)
        choose(page, "category", "garden", f"Garden · {bob.user.email}")
        page.get_by_label("Title").fill("Mow the lawn")
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.get_by_text("was added successfully")).to_be_visible()
        expect(page.locator("#result_list")).to_contain_text("Mow the lawn")

    browser(steps)
    todo = Todo.objects.get(user=bob.user)
    assert (todo.title, str(todo.category_id)) == ("Mow the lawn", category["id"])


def test_the_form_offers_the_owners_categories(
    browser: Callable[[Steps], None], admin: Person, alice: Person, bob: Person
) -> None:
    for person in (alice, bob):
        person.category(name="Garden")
    category = Category.objects.get(user=bob.user)
    todo = Todo.objects.create(user=bob.user, title="Mow the lawn", category=category)

    def steps(page: Page) -> None:
        options = page.locator(".select2-results__option:not(.loading-results)")
        log_in(page, admin, "/admin/todos/todo/add/")
        page.locator("[name=category] + .select2").click()
        expect(options).to_have_text(["Choose the owner first."])
        page.keyboard.press("Escape")
        choose(page, "user", alice.user.email, alice.user.email)
        page.locator("[name=category] + .select2").click()
        expect(options).to_have_text([f"Garden · {alice.user.email}"])
        page.locator(".select2-search__field").press_sequentially("roof")
        expect(options).to_have_text(["This owner has no such category."])

        page.goto(f"/admin/todos/todo/{todo.pk}/change/")
        chosen = page.locator("[name=category]")
        expect(chosen).to_have_value(str(category.pk))
        page.locator("[name=category] + .select2").click()
        expect(options).to_have_text([f"Garden · {bob.user.email}"])
        page.keyboard.press("Escape")
        choose(page, "user", alice.user.email, alice.user.email)
        expect(chosen).to_have_value("")
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.get_by_text("was changed successfully")).to_be_visible()

    browser(steps)
    todo.refresh_from_db()
    assert (todo.user, todo.category) == (alice.user, None)


def test_filter_complete_and_export(
    browser: Callable[[Steps], None], admin: Person, bob: Person, tmp_path: Path
) -> None:
    category = bob.category(name="Garden")
    bob.todo(title="=1+1", category_id=category["id"])
    bob.todo(title="not in the garden")

    def steps(page: Page) -> None:
        log_in(page, admin, "/admin/todos/todo/")
        page.get_by_placeholder("Search title").fill(bob.user.email)
        page.keyboard.press("Enter")
        page.wait_for_url("**q=**")
        expect(page.locator("#result_list tbody tr")).to_have_count(2)
        page.get_by_text("Filters").first.click()
        choose(page, "category__id__exact", bob.user.email, f"Garden · {bob.user.email}")
        page.locator("[name=created_at_from]").fill("2020-01-01")
        page.get_by_role("button", name="Apply Filters").click()
        page.wait_for_url("**category__id__exact=**")
        expect(page.locator("#result_list tbody tr")).to_have_count(1)
        run_action(page, "complete")
        expect(page.get_by_text("Completed 1 to-do.")).to_be_visible()
        with page.expect_download() as download:
            run_action(page, "export_csv")
        download.value.save_as(tmp_path / "todos.csv")

    browser(steps)
    assert Todo.objects.get(user=bob.user, is_completed=True).title == "=1+1"
    with (tmp_path / "todos.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["title"], row["is_completed"]) for row in rows] == [("'=1+1", "True")]


def test_a_new_token_is_shown_once(browser: Callable[[Steps], None], admin: Person, bob: Person) -> None:
    secrets = []

    def steps(page: Page) -> None:
        log_in(page, admin, "/admin/accounts/apitoken/add/")
        choose(page, "user", bob.user.email, bob.user.email)
        page.get_by_label("Name").fill("phone")
        page.get_by_role("button", name="Save", exact=True).click()
        secrets.append(page.locator("code").inner_text())
        page.reload()
        expect(page.locator("#result_list")).to_contain_text("phone")
        assert secrets[0] not in page.content()

    browser(steps)
    assert ApiToken.objects.filter(user=bob.user, name="phone", digest=ApiToken.digest_of(secrets[0])).exists()


def test_dark_mode_and_the_colour_picker(browser: Callable[[Steps], None], admin: Person) -> None:

    def steps(page: Page) -> None:

        def background() -> str:
            page.goto("/admin/")
            expect(page.get_by_role("button", name="Log in")).to_be_visible()
            colour: str = page.evaluate("getComputedStyle(document.body).backgroundColor")
            return colour

        light = background()
        page.emulate_media(color_scheme="dark")
        assert background() != light
        log_in(page, admin, "/admin/todos/category/add/")
        assert page.locator("#id_color").input_value() == Category.DEFAULT_COLOR.lower()

    browser(steps)


WIDTHS = (1280, 390)  # a laptop's window, and a telephone's


def test_no_page_is_wider_than_the_window(browser: Callable[[Steps], None], admin: Person) -> None:
    category = Category.objects.create(user=admin.user, name="Garden")
    todo = Todo.objects.create(user=admin.user, title="Mow the lawn " * 15, category=category)
    paths = [
        "/admin/",
        "/admin/todos/todo/",
        "/admin/auth/group/add/",
        "/admin/accounts/apitoken/add/",
        f"/admin/accounts/user/{admin.user.pk}/change/",
        f"/admin/todos/todo/{todo.pk}/change/",
        f"/admin/todos/category/{category.pk}/change/",
    ]

    def steps(page: Page) -> None:
        log_in(page, admin)
        wide = {}
        for path in paths:
            page.goto(path)
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 800})
                found = page.evaluate("document.documentElement.scrollWidth")
                if found > width:
                    wide[path, width] = found
        assert wide == {}

    browser(steps)


def test_the_pages_of_errors(browser: Callable[[Steps], None]) -> None:
    def steps(page: Page) -> None:
        def background(scheme: Literal["light", "dark"]) -> str:
            page.emulate_media(color_scheme=scheme)
            colour: str = page.evaluate("getComputedStyle(document.body).backgroundColor")
            return colour

        page.set_viewport_size({"width": 320, "height": 640})
        for status, text in pages.TEXTS.items():
            answer = pages.page(status)
            page.route(f"**/{status}", lambda route, _, a=answer: route.fulfill(headers=dict(a.headers), body=a.text))
            page.goto(f"/{status}")
            expect(page.get_by_role("heading", name=text.title)).to_be_visible()
            assert background("light") == "rgb(255, 255, 255)"
            assert background("dark") == "rgb(17, 24, 39)"
            assert page.evaluate("document.documentElement.scrollWidth") <= 320

    browser(steps)
