"""What nobody types by accident: the admin answers it, too."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

LIST = "/admin/todos/todo/"
AUTOCOMPLETE = "/admin/autocomplete/?app_label=todos&model_name=todo&field_name"


@pytest.mark.parametrize(
    "url",
    [
        f"{LIST}?q=%00",
        f"{LIST}?user__id__exact=%00",
        f"{LIST}?title=a%00b",
        f"{LIST}?%00=1",
        "/admin/accounts/user/?email=%00",
        f"{AUTOCOMPLETE}=category&term=%00",
        f"{AUTOCOMPLETE}=user&term=%00",
        "/admin/search/?s=%00",
        f"{LIST}add/?user=%00",
    ],
)
def test_a_nul_in_the_query_is_a_bad_request(admin: Client, url: str) -> None:
    assert admin.get(url).status_code == 400


@pytest.mark.parametrize(
    ("path", "query"),
    [
        (LIST, "created_at__year=99999999999"),
        (LIST, "title__regex=("),
        (LIST, "user__id__exact=x"),
        (LIST, "priority__exact=x"),
        ("/admin/todos/category/", "created_at__year=0"),
    ],
)
def test_a_list_drops_a_filter_that_makes_no_sense(admin: Client, path: str, query: str) -> None:
    response = admin.get(f"{path}?{query}")
    assert (response.status_code, response["Location"]) == (302, f"{path}?e=1")
    assert admin.get(f"{path}?e=1").status_code == 200


@pytest.mark.parametrize("path", [LIST, "/admin/todos/category/", "/admin/accounts/user/", "/admin/auth/group/"])
@pytest.mark.parametrize("key", ["\0", "x"])
def test_a_selection_of_no_keys_is_a_bad_request(admin: Client, path: str, key: str) -> None:
    assert admin.post(path, {"action": "delete_selected", "_selected_action": [key]}).status_code == 400


def test_a_form_leaves_out_what_its_fields_cannot_take(admin: Client) -> None:
    response = admin.get(f"{LIST}add/?user=x&category=1&priority=urgent&due_date=soon&title=Mow+the+lawn&password1=x")
    assert response.status_code == 200
    assert initial(response) == {"title": "Mow the lawn", "password1": "x"}


def initial(response: Any) -> dict[str, Any]:
    filled_in: dict[str, Any] = response.context["adminform"].form.initial
    return filled_in


@pytest.mark.parametrize("page", ["0", "99", "x"])
def test_the_search_has_no_such_page(admin: Client, page: str) -> None:
    assert admin.get(f"/admin/search/?s=to&page={page}").status_code == 404
