from __future__ import annotations

import re
from xml.etree import ElementTree

from benchmarks.chart import Bar, Panel, draw, number

SVG = "{http://www.w3.org/2000/svg}"


def bars(svg: str) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(svg).iter(f"{SVG}rect"))


def test_bars_are_as_long_as_their_values_say() -> None:
    svg = draw("Title", "note", [Panel("get", [Bar("ours", 400, accent=True), Bar("other", 100)])])
    long, short = (float(bar.attrib["width"]) for bar in bars(svg))
    assert round(long / short, 2) == 4
    assert [bar.attrib["class"] for bar in bars(svg)] == ["accent", "bar"]


def test_each_panel_has_its_own_scale() -> None:
    svg = draw("Title", "note", [Panel("get", [Bar("a", 10_000)]), Panel("list", [Bar("a", 10)])])
    assert len({bar.attrib["width"] for bar in bars(svg)}) == 1


def test_nothing_lies_outside_the_picture() -> None:
    svg = draw("Title", "note", [Panel(str(n), [Bar("a", 1), Bar("b", 0)]) for n in range(4)])
    height = float(ElementTree.fromstring(svg).attrib["height"])
    assert all(float(bar.attrib["y"]) + float(bar.attrib["height"]) < height for bar in bars(svg))


def test_labels_are_escaped() -> None:
    root = ElementTree.fromstring(draw('"A" & <b>', "note", [Panel("<panel>", [Bar("a & b", 1)])]))
    assert root.attrib["aria-label"] == '"A" & <b>'
    assert {"<panel>", "a & b"} <= {text.text for text in root.iter(f"{SVG}text")}


def test_colours_follow_the_readers_scheme() -> None:
    assert re.search(r"prefers-color-scheme: dark\) \{[^@]*\.accent", draw("t", "n", []))


def test_numbers_have_no_more_digits_than_they_are_good_for() -> None:
    assert [number(value) for value in (12345.6, 100.4, 99.94, 0.1234)] == ["12\u2009346", "100", "99.9", "0.123"]
