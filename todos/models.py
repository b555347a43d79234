"""Categories and to-dos. Every rule about a row is a named constraint, so PostgreSQL has the last word on each.

Triggers keep `version`, `updated_at` and `completed_at` (migration 0002), so the API, the admin and a line of SQL all
leave a row in the same state.
"""

from __future__ import annotations

from typing import Any, Self
from uuid import UUID

from django.contrib.postgres.functions import RandomUUID
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.expressions import Combinable
from django.db.models.functions import Lower, Now

from accounts.models import User
from todoproject.db.constraints import ForeignKeyConstraint
from todoproject.db.uuid7 import uuid7


class OwnedQuerySet(models.QuerySet[Any]):
    def owned_by(self, user_id: UUID | Combinable) -> Self:
        """The rows of one user. Every query of the API begins here, as if there were no other rows."""
        return self.filter(user_id=user_id)


class Category(models.Model):
    DEFAULT_COLOR = "#6B7280"

    id = models.UUIDField(primary_key=True, default=uuid7, db_default=RandomUUID(), editable=False)
    user = models.ForeignKey(
        User, models.CASCADE, related_name="categories", db_constraint=False, db_index=False, verbose_name="owner"
    )
    name = models.CharField()
    color = models.CharField(default=DEFAULT_COLOR, db_default=DEFAULT_COLOR, help_text="#RRGGBB")
    icon = models.CharField(null=True, blank=True)  # noqa: DJ001  the API says null for "none"
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "categories"
        constraints = [
            ForeignKeyConstraint(
                fields=("user",), to="accounts.User", to_fields=("id",), on_delete="CASCADE", name="category_user"
            ),
            models.UniqueConstraint(
                fields=["user", "id"], name="category_user_id_unique"
            ),  # the to-dos' foreign key refers to it
            models.UniqueConstraint(
                "user",
                Lower("name"),
                name="category_name_unique",
                violation_error_message="This user already has a category with this name.",
            ),
            models.CheckConstraint(
                condition=Q(name__length__lte=50, name__regex=r"\S"),
                name="category_name_length",
                violation_error_message="Enter a name of 1 to 50 characters.",
            ),
            models.CheckConstraint(
                condition=Q(color__regex=r"^#[0-9A-Fa-f]{6}$"),
                name="category_color_format",
                violation_error_message="Enter a colour as #RRGGBB.",
            ),
            models.CheckConstraint(
                condition=Q(icon__isnull=True) | Q(icon__length__lte=50),
                name="category_icon_length",
                violation_error_message="Enter an icon of at most 50 characters.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Priority(models.IntegerChoices):
    URGENT = 1, "Urgent"
    HIGH = 2, "High"
    MEDIUM = 3, "Medium"
    LOW = 4, "Low"


class Todo(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, db_default=RandomUUID(), editable=False)
    user = models.ForeignKey(
        User, models.CASCADE, related_name="todos", db_constraint=False, db_index=False, verbose_name="owner"
    )
    title = models.CharField()
    description = models.TextField(null=True, blank=True)  # noqa: DJ001  the API says null for "none"
    is_completed = models.BooleanField("completed", default=False, db_default=False)
    completed_at = models.DateTimeField(null=True, blank=True, editable=False)
    priority = models.SmallIntegerField(choices=Priority, default=Priority.HIGH, db_default=Priority.HIGH)
    due_date = models.DateTimeField(null=True, blank=True)
    category = models.ForeignKey(
        Category, models.SET_NULL, null=True, blank=True, related_name="todos", db_constraint=False, db_index=False
    )
    version = models.IntegerField(default=1, db_default=1, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = "to-do"
        constraints = [
            ForeignKeyConstraint(
                fields=("user",), to="accounts.User", to_fields=("id",), on_delete="CASCADE", name="todo_user"
            ),
            # The category must belong to the same user. When it is deleted, the to-do stays.
            ForeignKeyConstraint(
                fields=("user", "category"),
                to="todos.Category",
                to_fields=("user", "id"),
                on_delete="SET NULL (category_id)",
                name="todo_category_same_user",
            ),
            models.CheckConstraint(
                condition=Q(title__length__lte=200, title__regex=r"\S"),
                name="todo_title_length",
                violation_error_message="Enter a title of 1 to 200 characters.",
            ),
            models.CheckConstraint(
                condition=Q(description__isnull=True) | Q(description__length__lte=10_000),
                name="todo_description_length",
                violation_error_message="Enter a description of at most 10,000 characters.",
            ),
            models.CheckConstraint(
                condition=Q(priority__range=(1, 4)),
                name="todo_priority_range",
                violation_error_message="Choose a priority from 1 (urgent) to 4 (low).",
            ),
            models.CheckConstraint(
                condition=Q(is_completed=True, completed_at__isnull=False)
                | Q(is_completed=False, completed_at__isnull=True),
                name="todo_completed_at_set",
            ),
            models.CheckConstraint(condition=Q(version__gte=1), name="todo_version_positive"),
        ]
        indexes = [
            # The list, newest first: unfiltered, by state, and by category. The last one also serves the foreign key
            # when a category is deleted. docs/data-model.md has the plans.
            models.Index("user", F("created_at").desc(), F("id").desc(), name="todo_by_created"),
            models.Index("user", "is_completed", F("created_at").desc(), F("id").desc(), name="todo_by_state"),
            models.Index("user", "category", F("created_at").desc(), F("id").desc(), name="todo_by_category"),
            # The search. A write adds its trigrams to a pending list that a later write merges into the index. Every
            # search reads the whole list, hence its limit (in KiB; the default is 4 MiB).
            GinIndex(
                name="todo_search",
                fields=["user", "title", "description"],
                opclasses=["uuid_ops", "gin_trgm_ops", "gin_trgm_ops"],
                gin_pending_list_limit=256,
            ),
        ]

    def __str__(self) -> str:
        return self.title
