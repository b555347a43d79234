"""How the admin looks: its name, colours and sidebar. https://unfoldadmin.com/docs/configuration/settings/"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy


def page(title: str, icon: str, model: str) -> dict[str, Any]:
    """A line of the sidebar: the list of a model, for those who may see it."""
    app, _, name = model.partition(".")

    def permission(request: HttpRequest) -> bool:
        return request.user.has_perm(f"{app}.view_{name}")

    link = reverse_lazy(f"admin:{app}_{name}_changelist")
    return {"title": title, "icon": icon, "link": link, "permission": permission}


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "To-do",
    "SITE_HEADER": "To-do",
    "SITE_SUBHEADER": "Administration",
    "SITE_SYMBOL": "task_alt",
    "SITE_URL": "/api/v1/docs",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("todoproject/icon.svg")},
    ],
    "DASHBOARD_CALLBACK": "todoproject.dashboard.dashboard",
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
    "SIDEBAR": {
        "navigation": [
            {"items": [{"title": "Overview", "icon": "dashboard", "link": reverse_lazy("admin:index")}]},
            {
                "title": "To-dos",
                "separator": True,
                "items": [
                    page("To-dos", "checklist", "todos.todo"),
                    page("Categories", "label", "todos.category"),
                ],
            },
            {
                "title": "Accounts",
                "separator": True,
                "items": [
                    page("Users", "person", "accounts.user"),
                    page("Groups", "group", "auth.group"),
                    page("API tokens", "key", "accounts.apitoken"),
                ],
            },
            {
                "title": "Service",
                "separator": True,
                "items": [
                    {"title": "API docs", "icon": "api", "link": "/api/v1/docs"},
                    {"title": "Health", "icon": "monitor_heart", "link": "/health"},
                ],
            },
        ]
    },
}
