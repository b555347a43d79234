from __future__ import annotations

from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field, SecretStr

from todoproject.rest.schemas import Body, Name, Patch, Timestamp

UNCHANGED: Any = None  # the default of a field that may be absent but not null


class UserOut(BaseModel):
    id: UUID
    email: str
    display_name: str
    created_at: Timestamp
    updated_at: Timestamp


class UserPatch(Patch):
    display_name: Name = UNCHANGED


class AccountDeletion(Body):
    password: SecretStr = Field(description="The account's password: a token alone cannot delete it.", max_length=1000)
