"""The figures on the admin's first page."""

from __future__ import annotations

from datetime import time
from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from todos.models import Todo

from .admin.site import moment


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Put the figures of the first page into its context: those of the tables this user may see, one query each."""
    cards: list[dict[str, Any]] = []
    if request.user.has_perm("todos.view_todo"):
        cards += _todo_cards()
    if request.user.has_perm("accounts.view_user"):
        users = User.objects.aggregate(active=Count("id", filter=Q(is_active=True)), all=Count("id"))
        url = reverse("admin:accounts_user_changelist")
        note = f"{users['all'] - users['active']:,} inactive"
        cards.append({"title": "Active users", "icon": "group", "value": users["active"], "note": note, "url": url})
    return context | {"cards": cards}


def _todo_cards() -> list[dict[str, Any]]:
    now = timezone.localtime()
    todos = Todo.objects.aggregate(
        all=Count("id"),
        open=Count("id", filter=Q(is_completed=False)),
        overdue=Count("id", filter=Q(is_completed=False, due_date__lt=now)),
        today=Count("id", filter=Q(completed_at__gte=moment(now.date(), time.min))),
    )
    url = reverse("admin:todos_todo_changelist")
    return [
        {
            "title": "Open to-dos",
            "icon": "checklist",
            "value": todos["open"],
            "note": f"of {todos['all']:,} in all",
            "url": f"{url}?is_completed__exact=0",
        },
        {
            "title": "Overdue",
            "icon": "notification_important",
            "value": todos["overdue"],
            "note": "open past their date",
            "url": f"{url}?due=overdue",
            "is_alarming": todos["overdue"] > 0,
        },
        {
            "title": "Completed today",
            "icon": "task_alt",
            "value": todos["today"],
            "note": f"since midnight {now:%Z}",
            "url": f"{url}?is_completed__exact=1",
        },
    ]
