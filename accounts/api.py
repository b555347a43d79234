"""The caller's own account over HTTP."""

from __future__ import annotations

import asyncio
from functools import partial

from django.contrib.auth.hashers import check_password
from django.http import HttpResponse
from ninja import Router

from todoproject.rest import problems
from todoproject.rest.verbs import Verbs

from .auth import AuthenticatedRequest
from .queries import ACCOUNT, password_of
from .schemas import AccountDeletion, UserOut, UserPatch

router = Router()

# The token of an account that was deleted a moment ago may still be in the cache.
account = Verbs(ACCOUNT, "account", missing=partial(problems.of_status, 401))
hashing = asyncio.Semaphore(2)  # each check takes 19 MiB and a core


@router.get("/me", response={200: UserOut, 304: None}, operation_id="getMe")
async def get_me(request: AuthenticatedRequest) -> HttpResponse:
    """Your account"""
    return await account.get(request, request.auth.user_id, request.auth.user_id)


@router.patch("/me", response=UserOut, operation_id="changeMe", openapi_extra=problems.declare(412))
async def change_me(request: AuthenticatedRequest, payload: UserPatch) -> HttpResponse:
    """Change some fields"""
    return await account.change(request, request.auth.user_id, request.auth.user_id, payload.changes())


@router.delete("/me", response={204: None}, operation_id="deleteMe", openapi_extra=problems.declare(403, 412))
async def delete_me(request: AuthenticatedRequest, payload: AccountDeletion) -> HttpResponse:
    """Delete your account and everything in it

    This cannot be undone.
    """
    user_id = request.auth.user_id
    row = await password_of().row({"user_id": user_id})
    if row is None:
        raise problems.of_status(401)
    encoded = (row[0] or b"").decode()
    async with hashing:
        right = await asyncio.to_thread(check_password, payload.password.get_secret_value(), encoded)
    if not right:
        raise problems.Problem(403, "wrong_password", "This is not the account's password.")
    return await account.delete(request, user_id, user_id)
