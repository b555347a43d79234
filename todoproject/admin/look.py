"""How the admin looks: its name and colours. https://unfoldadmin.com/docs/configuration/settings/"""

from __future__ import annotations

from typing import Any

from django.templatetags.static import static
from django.urls import reverse_lazy

LOOK: dict[str, Any] = {
    "SITE_TITLE": "To-do",
    "SITE_HEADER": "To-do",
    "SITE_SUBHEADER": "Administration",
    "SITE_SYMBOL": "task_alt",
    "SITE_URL": reverse_lazy("api-1.0.0:openapi-view"),
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("todoproject/icon.svg")},
    ],
    "STYLES": [lambda request: static("todoproject/admin.css")],
    "COLORS": {
        "primary": {
            "50": "oklch(98.4% .014 180.72)",
            "100": "oklch(95.3% .051 180.801)",
            "200": "oklch(91% .096 180.426)",
            "300": "oklch(85.5% .138 181.071)",
            "400": "oklch(77.7% .152 181.912)",
            "500": "oklch(70.4% .14 182.503)",
            "600": "oklch(60% .118 184.704)",
            "700": "oklch(51.1% .096 186.391)",
            "800": "oklch(43.7% .078 188.216)",
            "900": "oklch(38.6% .063 188.416)",
            "950": "oklch(27.7% .046 192.524)",
        }
    },
}
