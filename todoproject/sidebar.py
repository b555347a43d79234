"""What the admin's sidebar leads to."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The groups of the sidebar: the lists that this user may see, and the service's other pages."""
    return [
        {"items": [{"title": "Overview", "icon": "dashboard", "link": reverse("admin:index")}]},
        {
            "title": "To-dos",
            "separator": True,
            "items": [
                _page("To-dos", "checklist", "todos.todo"),
                _page("Categories", "label", "todos.category"),
            ],
        },
        {
            "title": "Accounts",
            "separator": True,
            "items": [
                _page("Users", "person", "accounts.user"),
                _page("Groups", "group", "auth.group"),
                _page("API tokens", "key", "accounts.apitoken"),
            ],
        },
        {
            "title": "Service",
            "separator": True,
            "items": [
                {"title": "API docs", "icon": "api", "link": reverse("api-1.0.0:openapi-view")},
                {"title": "Health", "icon": "monitor_heart", "link": reverse("health")},
            ],
        },
    ]


def _page(title: str, icon: str, model: str) -> dict[str, Any]:
    """A line of the sidebar: the list of a model, for those who may see it."""
    app, _, name = model.partition(".")

    def permission(request: HttpRequest) -> bool:
        return request.user.has_perm(f"{app}.view_{name}")

    return {"title": title, "icon": icon, "link": reverse(f"admin:{app}_{name}_changelist"), "permission": permission}
