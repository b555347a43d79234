"""The admin site, and what its pages share."""

from __future__ import annotations

from datetime import date, datetime, time
from functools import wraps
from typing import Any

from django.contrib.admin import ShowFacets
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.admin.views.main import ChangeList as DjangoChangeList
from django.core.exceptions import BadRequest, FieldDoesNotExist, ValidationError
from django.core.paginator import InvalidPage
from django.db import DataError
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.sites import UnfoldAdminSite
from unfold.utils import parse_date_str
from unfold.views import ChangeList


class Autocomplete(AutocompleteJsonView):
    def serialize_result(self, obj: Model, to_field_name: str) -> dict[str, str]:
        label = getattr(self.model_admin, "autocomplete_label", str)
        return super().serialize_result(obj, to_field_name) | {"text": label(obj)}


class Site(UnfoldAdminSite):
    index_title = "Overview"

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """As Django's, but raises BadRequest for a NUL in the query, at which look-ups would fail in the database."""

        @wraps(view)
        def without_nul(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if "%00" in request.META["QUERY_STRING"]:
                raise BadRequest("a NUL in the query")
            response: HttpResponse = view(request, *args, **kwargs)
            return response

        return super().admin_view(without_nul, cacheable)

    def search(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """As unfold's, but raises Http404 for a page that there is not."""
        try:
            return super().search(request, extra_context)
        except InvalidPage as error:
            raise Http404 from error

    def autocomplete_view(self, request: HttpRequest) -> Any:
        """As Django's, but a ModelAdmin may say with `autocomplete_label` how its objects are to be told apart."""
        return Autocomplete.as_view(admin_site=self)(request)


class SiteChangeList(ChangeList):
    def get_results(self, request: HttpRequest) -> None:
        """As its base does, but whoever sees the whole table is not offered to see all of it."""
        super().get_results(request)
        if not self.query and not self.get_filters_params():
            self.full_result_count = self.result_count


class SiteModelAdmin(ModelAdmin):
    """What the lists have in common."""

    list_filter_submit = True
    list_per_page = 50
    list_max_show_all = 200
    show_full_result_count = False  # a second COUNT(*) over the whole table on each filtered page
    show_facets = ShowFacets.NEVER  # one more COUNT(*) for each choice of each filter
    warn_unsaved_form = True

    # unfold's annotation speaks of an instance
    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:  # type: ignore[override]
        return SiteChangeList

    def get_changelist_instance(self, request: HttpRequest) -> DjangoChangeList:
        """As Django's. Raises IncorrectLookupParameters, and so leads to the unfiltered list, also for values of which
        only PostgreSQL or its driver says that they are none, like the year 0 and half a regular expression.
        """
        try:
            changelist: DjangoChangeList = super().get_changelist_instance(request)
        except (DataError, OverflowError, ValueError) as error:
            raise IncorrectLookupParameters from error
        return changelist

    def response_action(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse | None:
        """As Django's, but raises BadRequest for a selection of what cannot be keys."""
        for key in request.POST.getlist(ACTION_CHECKBOX_NAME):
            try:
                self.opts.pk.to_python(key)
            except ValidationError as error:
                raise BadRequest("not a key") from error
        response: HttpResponse | None = super().response_action(request, *args, **kwargs)
        return response

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """What the query of a link fills in: as Django's, without what the fields cannot take."""
        initial = super().get_changeform_initial_data(request)
        return {name: value for name, value in initial.items() if self._takes(name, value)}

    def _takes(self, name: str, value: Any) -> bool:
        try:
            field: Any = self.opts.get_field(name)
            field.to_python(value)
        except FieldDoesNotExist:
            return True  # of the form alone
        except ValidationError:
            return False
        return True


class DayRangeFilter(RangeDateFilter):
    """From a day to a day, both included, in the time zone of the site. (Its base compares a time with midnight.)"""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if first := self._day("from"):
            queryset = queryset.filter(**{f"{self.field_path}__gte": moment(first, time.min)})
        if last := self._day("to"):
            queryset = queryset.filter(**{f"{self.field_path}__lte": moment(last, time.max)})
        return queryset

    def _day(self, end: str) -> date | None:
        day: date | None = parse_date_str(str(self.used_parameters.get(f"{self.field_path}_{end}")))
        return day


def moment(day: date, at: time) -> datetime:
    return timezone.make_aware(datetime.combine(day, at))


def short_time(value: datetime | None) -> SafeString | None:
    """The day, with the minute in its tooltip."""
    if value is None:
        return None
    local = timezone.localtime(value)
    return format_html(
        '<span class="whitespace-nowrap" title="{}">{}</span>',
        f"{local:%Y-%m-%d %H:%M %Z}",
        f"{local.day} {local:%b %Y}",
    )
