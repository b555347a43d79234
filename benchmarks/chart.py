"""A bar chart as SVG, readable on a light and on a dark page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, LABELS, NUMBERS, MARGIN = 760, 230, 70, 20
BAR, GAP, HEADING, BETWEEN = 18, 6, 28, 22
STYLE = """
    text { font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #24292f }
    .title { font-size: 16px; font-weight: 600 }
    .heading { font-weight: 600 }
    .number { fill: #57606a; font-variant-numeric: tabular-nums }
    .note { font-size: 12px; fill: #57606a }
    .bar { fill: #afb8c1 }
    .accent { fill: #2f6fde }
    .strong { font-weight: 600 }
    @media (prefers-color-scheme: dark) {
        text { fill: #e6edf3 }
        .number, .note { fill: #9198a1 }
        .bar { fill: #484f58 }
        .accent { fill: #6ca4ff }
    }
"""


@dataclass(frozen=True)
class Bar:
    label: str
    value: float
    accent: bool = False


@dataclass(frozen=True)
class Panel:
    """Bars on a scale of their own."""

    title: str
    bars: Sequence[Bar]


def draw(title: str, note: str, panels: Sequence[Panel]) -> str:
    """The panels below each other, the longest bar of each as wide as there is room."""
    parts: list[str] = []
    y = 62
    for panel in panels:
        parts.append(f'<text class="heading" x="{MARGIN}" y="{y + 16}">{escape(panel.title)}</text>')
        y += HEADING
        longest = max((bar.value for bar in panel.bars), default=0) or 1
        for bar in panel.bars:
            parts += _bar(bar, y, bar.value / longest * (WIDTH - 2 * MARGIN - LABELS - NUMBERS))
            y += BAR + GAP
        y += BETWEEN
    body = "\n".join(f"  {part}" for part in parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y}" width="{WIDTH}" height="{y}" role="img" '
        f'aria-label="{escape(title, quote=True)}">\n  <style>{STYLE}  </style>\n'
        f'  <text class="title" x="{MARGIN}" y="30">{escape(title)}</text>\n'
        f'  <text class="note" x="{MARGIN}" y="50">{escape(note)}</text>\n{body}\n</svg>\n'
    )


def _bar(bar: Bar, y: int, length: float) -> list[str]:
    x, middle = MARGIN + LABELS, y + BAR - 5
    strong, kind = (' class="strong"', "accent") if bar.accent else ("", "bar")
    return [
        f'<text{strong} x="{x - 10}" y="{middle}" text-anchor="end">{escape(bar.label)}</text>',
        f'<rect class="{kind}" x="{x}" y="{y}" width="{max(length, 1):.1f}" height="{BAR}" rx="3"/>',
        f'<text class="number" x="{x + max(length, 1) + 8:.1f}" y="{middle}">{number(bar.value)}</text>',
    ]


def number(value: float) -> str:
    """Three digits are as many as a measurement is good for; thousands apart by a thin space."""
    return f"{value:,.0f}".replace(",", "\u2009") if value >= 100 else f"{value:.3g}"
