"""manage.py createsuperuser"""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User


def test_it_makes_an_account_by_email() -> None:
    name = uuid4().hex
    call_command("createsuperuser", email=f"{name}@Example.com", interactive=False, verbosity=0)
    user = User.objects.get(email=f"{name}@example.com")
    assert (user.is_staff, user.is_superuser, user.display_name) == (True, True, name)


@pytest.mark.parametrize("email", ["foo", f"{'x' * 250}@example.com"])
def test_it_rejects_what_is_no_address_in_one_line(email: str) -> None:
    with pytest.raises(CommandError) as error:
        call_command("createsuperuser", email=email, interactive=False, verbosity=0)
    assert "argon2" not in str(error.value)
