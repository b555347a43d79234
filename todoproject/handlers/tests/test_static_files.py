"""Static files, from the service itself and with nothing collected."""

from __future__ import annotations

import re
from urllib.parse import urljoin

import pytest

from todoproject.tests.client import Client


@pytest.mark.parametrize("path", ["/admin/login/", "/api/v1/docs"])
def test_everything_a_page_names_is_there(anonymous: Client, path: str) -> None:
    page = anonymous.get(path)
    assert page.status_code == 200
    names = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text))
    assert any(name.endswith(".css") for name in names) and any(name.endswith(".js") for name in names)
    for name in names:
        response = anonymous.get(name)
        assert response.status_code == 200, name
        assert len(response.content) == int(response.headers["content-length"]) > 0


def test_fonts_arrive(anonymous: Client) -> None:
    sheet = "/static/unfold/fonts/inter/styles.css"
    fonts = re.findall(r'url\("?([^")]+\.woff2)', anonymous.get(sheet).text)
    assert fonts
    for font in fonts:
        assert anonymous.get(urljoin(sheet, font)).content.startswith(b"wOF2")


def test_they_can_be_cached(anonymous: Client) -> None:
    url = "/static/unfold/css/styles.css"
    first = anonymous.get(url)
    assert first.headers["cache-control"] == "max-age=3600, public"
    again = anonymous.get(url, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    head = anonymous.head(url)
    assert head.headers["content-length"] == first.headers["content-length"]
    part = anonymous.get(url, headers={"Range": "bytes=0-9"})
    assert (part.status_code, part.content) == (206, first.content[:10])


@pytest.mark.parametrize("path", ["/static/nothing.css", "/static/../manage.py", "/static/%2e%2e/settings.py"])
def test_nothing_else_is_served(anonymous: Client, path: str) -> None:
    assert anonymous.get(path).status_code == 404
