"""To-dos and categories in the admin."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import (
    AutocompleteSelectFilter,
    BooleanRadioFilter,
    ChoicesCheckboxFilter,
    RadioFilter,
)
from unfold.decorators import display
from unfold.widgets import UnfoldAdminColorInputWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from accounts.models import User
from todoproject.admin.site import DayRangeFilter, SiteModelAdmin, short_time

from .export import csv_lines
from .models import Category, Priority, Todo

DOT = '<span class="rounded-full shrink-0" style="background: {}; height: .625rem; width: .625rem"></span>'
PRIORITY_LABELS = {"Urgent": "danger", "High": "warning", "Medium": "info", "Low": "default"}


class CategoryForm(forms.ModelForm):  # type: ignore[type-arg]
    name = forms.CharField(max_length=50, widget=UnfoldAdminTextInputWidget)
    color = forms.RegexField(
        label="Colour", regex=r"^#[0-9A-Fa-f]{6}$", widget=UnfoldAdminColorInputWidget, initial=Category.DEFAULT_COLOR
    )
    icon = forms.CharField(max_length=50, required=False, empty_value=None, widget=UnfoldAdminTextInputWidget)


@admin.register(Category)
class CategoryAdmin(SiteModelAdmin):
    form = CategoryForm
    fields = ("user", "name", "color", "icon")
    list_display = ("title", "user", "icon", "todo_count", "created")
    list_filter = (("user", AutocompleteSelectFilter), ("created_at", DayRangeFilter))
    list_select_related = ("user",)
    search_fields = ("name", "user__email")
    search_help_text = "Search name and owner's e-mail"
    autocomplete_fields = ("user",)
    ordering = ("-created_at", "-id")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Category]:
        todos = Todo.objects.filter(user=OuterRef("user"), category=OuterRef("pk")).order_by()
        count = Subquery(todos.values("category").annotate(count=Count("*")).values("count"), IntegerField())
        categories = cast("QuerySet[Category]", super().get_queryset(request))
        return categories.select_related("user").annotate(todo_count=Coalesce(count, 0))

    def get_fields(self, request: HttpRequest, obj: Category | None = None) -> tuple[str, ...]:
        return (*self.fields, "created_at", "updated_at") if obj else self.fields

    def get_readonly_fields(self, request: HttpRequest, obj: Category | None = None) -> tuple[str, ...]:
        """A category stays whose it is: its to-dos are the same user's."""
        return ("created_at", "updated_at", "user") if obj else ()

    def autocomplete_label(self, category: Category) -> str:
        return label_with_owner(category)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Category], search_term: str
    ) -> tuple[QuerySet[Category], bool]:
        """As Django's. In the form of a to-do, only what belongs to its owner (see category_of_owner.js)."""
        if "owner" in request.GET:
            try:
                queryset = queryset.filter(user=UUID(request.GET["owner"]))
            except ValueError:
                queryset = queryset.none()
        return super().get_search_results(request, queryset, search_term)

    @display(description="Name", ordering="name")
    def title(self, category: Category) -> SafeString:
        return with_dot(category)

    @display(description="To-dos", ordering="todo_count")
    def todo_count(self, category: Any) -> int:
        return int(category.todo_count)

    @display(description="Created", ordering="created_at")
    def created(self, category: Category) -> SafeString | None:
        return short_time(category.created_at)


def label_with_owner(category: Category) -> str:
    return f"{category.name} · {category.user.email}"


def with_dot(category: Category) -> SafeString:
    html = '<span class="inline-flex gap-2 items-center whitespace-nowrap">' + DOT + "{}</span>"
    return format_html(html, category.color, category.name)


class DueFilter(RadioFilter):
    title = "due"
    parameter_name = "due"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("overdue", "Overdue"), ("week", "In the next 7 days"), ("none", "Without a date")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Todo]) -> QuerySet[Todo]:
        now = timezone.now()
        match self.value():
            case "overdue":
                return queryset.filter(is_completed=False, due_date__lt=now)
            case "week":
                return queryset.filter(is_completed=False, due_date__range=(now, now + timedelta(days=7)))
            case "none":
                return queryset.filter(due_date=None)
        return queryset


class TodoForm(forms.ModelForm):  # type: ignore[type-arg]
    title = forms.CharField(max_length=200, widget=UnfoldAdminTextInputWidget)
    description = forms.CharField(
        max_length=10_000, required=False, empty_value=None, widget=UnfoldAdminTextareaWidget(attrs={"rows": 6})
    )

    class Media:
        js = ("admin/js/autocomplete.js", "todos/category_of_owner.js")  # in this order

    def clean(self) -> dict[str, Any]:
        super().clean()
        owner: User | None = self.cleaned_data.get("user")
        category: Category | None = self.cleaned_data.get("category")
        if owner and category and category.user_id != owner.pk:
            message = f"This category belongs to {category.user.email}. Choose one of {owner.email}, or none."
            self.add_error("category", message)
        return self.cleaned_data


@admin.register(Todo)
class TodoAdmin(SiteModelAdmin):
    form = TodoForm
    fieldsets = (
        (None, {"fields": ("user", "title", "description", "category", "priority", "due_date", "is_completed")}),
        ("Kept by the database", {"fields": ("version", "created_at", "updated_at", "completed_at")}),
    )
    readonly_fields = ("version", "created_at", "updated_at", "completed_at")
    list_display = ("title", "user", "category_name", "priority_label", "due", "state", "created")
    list_filter = (
        ("is_completed", BooleanRadioFilter),
        ("priority", ChoicesCheckboxFilter),
        DueFilter,
        ("user", AutocompleteSelectFilter),
        ("category", AutocompleteSelectFilter),
        ("due_date", DayRangeFilter),
        ("created_at", DayRangeFilter),
    )
    list_select_related = ("user", "category")
    search_fields = ("title", "user__email")
    search_help_text = "Search title and owner's e-mail"
    autocomplete_fields = ("user", "category")
    date_hierarchy = "created_at"
    ordering = ("-created_at", "-id")
    actions = ("complete", "reopen", "export_csv")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fieldsets if obj else self.fieldsets[:1]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field: Any = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if field is not None and db_field.name == "category":
            field.queryset = Category.objects.select_related("user")
            field.label_from_instance = label_with_owner
        return field

    @admin.action(description="Complete", permissions=["change"])
    def complete(self, request: HttpRequest, queryset: QuerySet[Todo]) -> None:
        changed = queryset.filter(is_completed=False).update(is_completed=True)
        messages.success(request, f"Completed {counted(changed)}.")

    @admin.action(description="Reopen", permissions=["change"])
    def reopen(self, request: HttpRequest, queryset: QuerySet[Todo]) -> None:
        changed = queryset.filter(is_completed=True).update(is_completed=False)
        messages.success(request, f"Reopened {counted(changed)}.")

    @admin.action(description="Export as CSV", permissions=["view"])
    def export_csv(self, request: HttpRequest, queryset: QuerySet[Todo]) -> StreamingHttpResponse:
        name = f"todos-{timezone.now():%Y-%m-%d}.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
        return StreamingHttpResponse(csv_lines(queryset), content_type="text/csv; charset=utf-8", headers=headers)

    @display(description="Category", ordering="category__name")
    def category_name(self, todo: Todo) -> SafeString | None:
        return with_dot(todo.category) if todo.category else None

    @display(description="Priority", ordering="priority", label=PRIORITY_LABELS)
    def priority_label(self, todo: Todo) -> str:
        return str(Priority(todo.priority).label)

    @display(description="Due", ordering="due_date")
    def due(self, todo: Todo) -> SafeString | None:
        text = short_time(todo.due_date)
        if todo.due_date and not todo.is_completed and todo.due_date < timezone.now():
            return format_html(
                '<span class="font-medium text-red-600 dark:text-red-400" title="Overdue">{}</span>', text
            )
        return text

    @display(description="State", ordering="is_completed", label={"done": "success", "open": "default"})
    def state(self, todo: Todo) -> tuple[str, str]:
        return ("done", "Completed") if todo.is_completed else ("open", "Open")

    @display(description="Created", ordering="created_at")
    def created(self, todo: Todo) -> SafeString | None:
        return short_time(todo.created_at)


def counted(number: int) -> str:
    return f"{number:,} to-do{'' if number == 1 else 's'}"
