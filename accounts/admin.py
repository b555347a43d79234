"""Users, groups and API tokens in the admin."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, cast

from django import forms
from django.apps import apps
from django.contrib import admin, messages
from django.contrib.auth import admin as auth_admin
from django.contrib.auth.models import Group
from django.db.models import CASCADE, Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import AutocompleteSelectFilter, BooleanRadioFilter, RadioFilter
from unfold.decorators import display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminEmailInputWidget, UnfoldAdminTextInputWidget

from todoproject.admin.site import DayRangeFilter, SiteModelAdmin, short_time

from .models import ApiToken, User

admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(auth_admin.GroupAdmin, SiteModelAdmin):  # type: ignore[misc]
    pass


class EmailAndName(forms.ModelForm):  # type: ignore[type-arg]
    email = forms.EmailField(
        label="E-mail",
        max_length=255,
        widget=UnfoldAdminEmailInputWidget,
        help_text=User._meta.get_field("email").help_text,
    )
    display_name = forms.CharField(max_length=100, widget=UnfoldAdminTextInputWidget)


class AddUserForm(UserCreationForm, EmailAndName):
    class Meta:
        model = User
        fields = ("email", "display_name")


class ChangeUserForm(UserChangeForm, EmailAndName):
    class Meta:
        model = User
        fields = ("email", "display_name", "password")  # the rest comes with the fieldsets


@admin.register(User)
class UserAdmin(auth_admin.UserAdmin, SiteModelAdmin):  # type: ignore[misc,type-arg]
    form, add_form, change_password_form = ChangeUserForm, AddUserForm, AdminPasswordChangeForm
    list_display = ("who", "state", "role", "todo_count", "seen", "created")
    list_filter = (
        ("is_active", BooleanRadioFilter),
        ("is_staff", BooleanRadioFilter),
        ("is_superuser", BooleanRadioFilter),
        ("created_at", DayRangeFilter),
    )
    search_fields = ("email", "display_name")
    search_help_text = "Search e-mail and name"
    ordering = ("-created_at", "-id")
    filter_horizontal = ("groups", "user_permissions")
    readonly_fields = ("last_login", "created_at", "updated_at")
    fieldsets = (
        (None, {"fields": ("email", "display_name", "password")}),
        ("Permissions", {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
        ("Dates", {"fields": ("last_login", "created_at", "updated_at")}),
    )
    add_fieldsets: Any = ((None, {"fields": ("email", "display_name", "usable_password", "password1", "password2")}),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        todos = apps.get_model("todos", "Todo").objects.filter(user=OuterRef("pk")).order_by()
        count = Subquery(todos.values("user").annotate(count=Count("*")).values("count"), IntegerField())
        return cast("QuerySet[User]", super().get_queryset(request)).annotate(todo_count=Coalesce(count, 0))

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """Only a superuser hands out rights: whoever else may edit users would give themselves all of them."""
        if request.user.is_superuser:
            return self.readonly_fields
        return (*self.readonly_fields, "is_staff", "is_superuser", "groups", "user_permissions")

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_change_permission(request, obj) and _may_touch(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_delete_permission(request, obj) and _may_touch(request, obj)

    def get_deleted_objects(
        self, objs: Iterable[User], request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """What goes with these users, as counts: a list of a hundred thousand to-dos is no help to anybody."""
        users = list(objs)
        counts = {str(User._meta.verbose_name_plural): len(users)}
        lines = [f"{user.email} ({user.display_name})" for user in users]
        refused = set() if all(self.has_delete_permission(request, user) for user in users) else {"superuser"}
        for relation in User._meta.related_objects:
            model, field = relation.related_model, relation.remote_field
            if relation.on_delete is not CASCADE or not isinstance(model, type):
                continue
            if count := model._base_manager.filter(**{f"{field.name}__in": users}).count():
                counts[str(model._meta.verbose_name_plural)] = count
                lines.append(f"{count:,} {model._meta.verbose_name_plural if count > 1 else model._meta.verbose_name}")
                if (its_admin := self.admin_site._registry.get(model)) and not its_admin.has_delete_permission(request):
                    refused.add(str(model._meta.verbose_name))
        return lines, counts, refused, []

    @display(description="User", header=True, ordering="email")
    def who(self, user: User) -> tuple[str, str, str]:
        return user.email, user.display_name, user.display_name[:1]

    @display(description="State", ordering="is_active", label={"active": "success", "inactive": "danger"})
    def state(self, user: User) -> tuple[str, str]:
        return ("active", "Active") if user.is_active else ("inactive", "Inactive")

    @display(description="Role", label={"superuser": "warning", "staff": "info"})
    def role(self, user: User) -> tuple[str, str] | None:
        if user.is_superuser:
            return "superuser", "Superuser"
        return ("staff", "Staff") if user.is_staff else None

    @display(description="To-dos", ordering="todo_count")
    def todo_count(self, user: Any) -> int:
        return int(user.todo_count)

    @display(description="Last log-in", ordering="last_login")
    def seen(self, user: User) -> SafeString | None:
        return short_time(user.last_login)

    @display(description="Created", ordering="created_at")
    def created(self, user: User) -> SafeString | None:
        return short_time(user.created_at)


def _may_touch(request: HttpRequest, user: User | None) -> bool:
    return user is None or not user.is_superuser or request.user.is_superuser


class ApiTokenForm(forms.ModelForm):  # type: ignore[type-arg]
    name = forms.CharField(max_length=100, widget=UnfoldAdminTextInputWidget, help_text="What it is used for.")

    def clean_user(self) -> User:
        user: User = self.cleaned_data["user"]
        if not user.is_active:
            raise forms.ValidationError("This account is not active: none of its tokens would work.")
        return user

    def clean_expires_at(self) -> datetime | None:
        expires_at: datetime | None = self.cleaned_data["expires_at"]
        if expires_at and expires_at <= timezone.now():
            raise forms.ValidationError("The expiry has to be later than now.")
        return expires_at


class ExpiredFilter(RadioFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("valid", "Valid"), ("expired", "Expired")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> QuerySet[ApiToken]:
        now = timezone.now()
        match self.value():
            case "valid":
                return queryset.exclude(expires_at__lte=now)
            case "expired":
                return queryset.filter(expires_at__lte=now)
        return queryset


@admin.register(ApiToken)
class ApiTokenAdmin(SiteModelAdmin):
    """To add one is to issue it, to delete it is to revoke it; it is never changed."""

    form = ApiTokenForm
    fields = ("user", "name", "expires_at")
    list_display = ("name", "user", "state", "expires", "created")
    list_filter = (ExpiredFilter, ("user", AutocompleteSelectFilter), ("created_at", DayRangeFilter))
    list_select_related = ("user",)
    search_fields = ("name", "user__email")
    search_help_text = "Search name and owner's e-mail"
    autocomplete_fields = ("user",)
    ordering = ("-created_at", "-id")

    def get_fields(self, request: HttpRequest, obj: ApiToken | None = None) -> tuple[str, ...]:
        return (*self.fields, "created_at") if obj else self.fields

    def has_change_permission(self, request: HttpRequest, obj: ApiToken | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        token, secret = ApiToken.objects.issue(obj.user, obj.name, obj.expires_at)
        obj.pk = token.pk
        text = 'The new token of {}. Copy it now, it is not shown again: <code style="user-select: all">{}</code>'
        messages.warning(request, format_html(text, token.user.email, secret))

    @display(description="State", label={"valid": "success", "expired": "danger"})
    def state(self, token: ApiToken) -> tuple[str, str]:
        is_expired = token.expires_at is not None and token.expires_at <= timezone.now()
        return ("expired", "Expired") if is_expired else ("valid", "Valid")

    @display(description="Expires", ordering="expires_at")
    def expires(self, token: ApiToken) -> SafeString | str:
        return short_time(token.expires_at) or "never"

    @display(description="Created", ordering="created_at")
    def created(self, token: ApiToken) -> SafeString | None:
        return short_time(token.created_at)
