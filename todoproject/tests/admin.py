"""Who opens the admin in the tests."""

from __future__ import annotations

from functools import cache
from typing import Any
from uuid import uuid4

from django.contrib.auth.models import Permission
from django.test import Client
from django.test.client import ClientHandler

from accounts.models import User


def superuser(**fields: Any) -> User:
    return User.objects.create_superuser(f"{uuid4().hex}@example.com", **fields)


def staff(*permissions: str) -> User:
    """Somebody who may do this alone: `view_todo`, `change_todo`, …"""
    user = User.objects.create_user(f"{uuid4().hex}@example.com", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return user


def logged_in(user: User) -> Client:
    client = Client()
    client.handler = handler()
    client.force_login(user)
    return client


@cache
def handler() -> ClientHandler:
    """One for all clients: each would look at every static file again when its middleware is made."""
    return ClientHandler(enforce_csrf_checks=False)
