"""A line lives in the lowest room that knows every word in it: which room may import which."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib.util import resolve_name
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BELOW = {
    "todoproject.db": (),
    "todoproject.monitoring": ("todoproject.db",),
    "todoproject.rest": ("todoproject.db", "todoproject.monitoring"),
    "todoproject.handlers": ("todoproject.rest", "todoproject.monitoring"),
    "todoproject.admin": (),
    "todoproject.development": ("todoproject.db",),
    "accounts": ("todoproject.db", "todoproject.rest", "todoproject.admin"),
    "todos": ("todoproject.db", "todoproject.rest", "todoproject.admin", "accounts"),
}
TOP = "the top of todoproject, which only connects"


def room_of(module: str) -> str:
    return next((room for room in BELOW if f"{module}.".startswith(f"{room}.")), TOP)


def imports(path: Path) -> Iterator[str]:
    """The modules of this project that the file imports, wherever in it."""
    package = ".".join(path.relative_to(ROOT).parent.parts)
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            module = resolve_name("." * node.level + (node.module or ""), package)
            names = [f"{module}.{alias.name}" for alias in node.names]
        else:
            continue
        yield from (name for name in names if name.partition(".")[0] in ("todoproject", "accounts", "todos"))


def test_each_room_imports_only_what_is_below_it() -> None:
    climbing = []
    for room, below in BELOW.items():
        files = [path for path in (ROOT / room.replace(".", "/")).rglob("*.py") if "tests" not in path.parts]
        assert files, f"there is no room {room}"
        for path in files:
            for module in imports(path):
                if room_of(module) not in (room, *below):
                    climbing.append(f"{path.relative_to(ROOT)} imports {module} of {room_of(module)}")
    assert climbing == []


def test_the_imports_are_seen() -> None:
    assert "todoproject.rest.problems" in set(imports(ROOT / "todoproject" / "handlers" / "lean.py"))
    assert "todos.queries" in set(imports(ROOT / "todos" / "api" / "todos.py"))
    assert room_of("todoproject.settings.DEBUG") == room_of("todoproject.api.api") == TOP
