"""What a process and its children have used, from Linux's /proc (proc(5)); elsewhere nothing is known."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

PROC = Path("/proc")
PPID, CPU_TIMES, RESIDENT_PAGES = 1, slice(11, 15), 21  # of the fields from the third on; the times: u, s, cu, cs


def is_known() -> bool:
    return (PROC / "self/stat").exists()


def parent(pid: int) -> int:
    return int(_stat(PROC / str(pid))[PPID])


def cpu_seconds(pid: int) -> float:
    """Processor time of the process and all below it, user and system, those that have ended included."""
    ticks = sum(int(field) for fields in _family(pid) for field in fields[CPU_TIMES])
    return ticks / os.sysconf("SC_CLK_TCK")


def memory_mib(pid: int) -> float:
    """Resident memory of the process and all below it."""
    return sum(int(fields[RESIDENT_PAGES]) for fields in _family(pid)) * os.sysconf("SC_PAGE_SIZE") / 2**20


def _family(pid: int) -> Iterator[list[str]]:
    """The fields of the process and of each below it."""
    everybody: dict[int, list[str]] = {}
    for directory in PROC.glob("[0-9]*"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it has just ended
            everybody[int(directory.name)] = _stat(directory)
    yield everybody[pid]
    found = {pid}
    for member in sorted(everybody):
        if int(everybody[member][PPID]) in found:
            found.add(member)
            yield everybody[member]


def _stat(directory: Path) -> list[str]:
    """The fields from the third, `state`, on: the second, the name, may hold blanks and brackets."""
    return (directory / "stat").read_text().rpartition(")")[2].split()
