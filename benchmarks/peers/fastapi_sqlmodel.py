"""FastAPI + SQLModel + asyncpg.

Structure from FastAPI's tutorial ("SQL databases", "OAuth2 with … JWT tokens"): annotated dependencies, a session per
request, one model per direction, return types as response models. The session from SQLAlchemy's "Asynchronous I/O":
`expire_on_commit=False`. Kinder than the tutorial in two places: `eager_defaults` brings the columns that the database
writes back with RETURNING, where the tutorial spends a `refresh()`, one more query, after each commit; and keys are
UUIDs of version 7, as the others' are.
"""

from __future__ import annotations

import base64
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

import jwt
from fastapi import Depends, FastAPI, HTTPException, Query, status
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy import DateTime, FetchedValue, tuple_
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlmodel import Field, SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from todoproject.db.uuid7 import uuid7

POOL_SIZE = int(os.environ["DATABASE_POOL_MAX"])
JWT_SECRET = os.environ["BENCH_JWT_SECRET"]

# asyncpg prepares statements by itself and SQLAlchemy keeps 100 per connection: both on by default.
engine = create_async_engine(
    make_url(os.environ["DATABASE_URL"]).set(drivername="postgresql+asyncpg"), pool_size=POOL_SIZE, max_overflow=0
)
new_session = async_sessionmaker(engine, class_=AsyncSession, expire_on_commit=False)

WRITTEN_BY_DATABASE: dict[str, Any] = {"server_default": FetchedValue(), "server_onupdate": FetchedValue()}


class TodoBase(SQLModel):
    title: str = Field(min_length=1, max_length=200)
    description: str | None = Field(default=None, max_length=10_000)
    priority: int = Field(default=2, ge=1, le=4)
    due_date: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    category_id: UUID | None = None


class Todo(TodoBase, table=True):
    __tablename__ = "todos_todo"
    __mapper_args__: ClassVar[dict[str, Any]] = {"eager_defaults": True}

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    user_id: UUID
    is_completed: bool = False
    completed_at: datetime | None = Field(
        default=None, sa_type=DateTime(timezone=True), sa_column_kwargs={"server_onupdate": FetchedValue()}
    )
    version: int | None = Field(default=None, sa_column_kwargs=WRITTEN_BY_DATABASE)
    created_at: datetime | None = Field(
        default=None, sa_type=DateTime(timezone=True), sa_column_kwargs={"server_default": FetchedValue()}
    )
    updated_at: datetime | None = Field(
        default=None, sa_type=DateTime(timezone=True), sa_column_kwargs=WRITTEN_BY_DATABASE
    )


class TodoCreate(TodoBase):
    pass


class TodoUpdate(SQLModel):
    title: str | None = Field(default=None, min_length=1, max_length=200)
    description: str | None = Field(default=None, max_length=10_000)
    is_completed: bool | None = None
    priority: int | None = Field(default=None, ge=1, le=4)
    due_date: datetime | None = None
    category_id: UUID | None = None


class TodoPublic(TodoBase):
    id: UUID
    is_completed: bool
    completed_at: datetime | None
    version: int
    created_at: datetime
    updated_at: datetime


class TodoPage(SQLModel):
    items: list[TodoPublic]
    next_cursor: str | None


async def get_session() -> AsyncIterator[AsyncSession]:
    async with new_session() as session:
        yield session


async def get_user_id(credentials: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]) -> UUID:
    try:
        return UUID(jwt.decode(credentials.credentials, JWT_SECRET, algorithms=["HS256"])["sub"])
    except (jwt.InvalidTokenError, KeyError, ValueError):
        raise HTTPException(
            status.HTTP_401_UNAUTHORIZED, "Could not validate credentials", {"WWW-Authenticate": "Bearer"}
        ) from None


SessionDep = Annotated[AsyncSession, Depends(get_session)]
UserIdDep = Annotated[UUID, Depends(get_user_id)]


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    yield
    await engine.dispose()


app = FastAPI(lifespan=lifespan)


@app.get("/livez")
async def livez() -> dict[str, str]:
    return {"status": "healthy"}


@app.get("/api/v1/todos", response_model=TodoPage)
async def list_todos(
    session: SessionDep,
    user_id: UserIdDep,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    cursor: str | None = None,
) -> Any:
    query = select(Todo).where(Todo.user_id == user_id)
    if cursor:
        created_at, _, todo_id = base64.urlsafe_b64decode(cursor).decode().partition(",")
        query = query.where(
            tuple_(col(Todo.created_at), col(Todo.id)) < (datetime.fromisoformat(created_at), UUID(todo_id))
        )
    query = query.order_by(col(Todo.created_at).desc(), col(Todo.id).desc()).limit(limit + 1)
    todos = (await session.exec(query)).all()
    next_cursor = None
    if len(todos) > limit:
        last = todos[limit - 1]
        next_cursor = base64.urlsafe_b64encode(f"{last.created_at},{last.id}".encode()).decode()
    return {"items": todos[:limit], "next_cursor": next_cursor}


async def get_own_todo(todo_id: UUID, session: SessionDep, user_id: UserIdDep) -> Todo:
    todo = (await session.exec(select(Todo).where(Todo.id == todo_id, Todo.user_id == user_id))).one_or_none()
    if todo is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "Todo not found")
    return todo


TodoDep = Annotated[Todo, Depends(get_own_todo)]


@app.get("/api/v1/todos/{todo_id}", response_model=TodoPublic)
async def get_todo(todo: TodoDep) -> Any:
    return todo


@app.post("/api/v1/todos", response_model=TodoPublic, status_code=status.HTTP_201_CREATED)
async def create_todo(body: TodoCreate, session: SessionDep, user_id: UserIdDep) -> Any:
    todo = Todo.model_validate(body, update={"user_id": user_id})
    session.add(todo)
    await session.commit()
    return todo


@app.patch("/api/v1/todos/{todo_id}", response_model=TodoPublic)
async def update_todo(todo: TodoDep, body: TodoUpdate, session: SessionDep) -> Any:
    todo.sqlmodel_update(body.model_dump(exclude_unset=True))
    session.add(todo)
    await session.commit()
    return todo
