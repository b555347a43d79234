"""Where the processor time of one request goes, line by line: `python -m benchmarks --profile get`.

py-spy looks at the loaded process five hundred times a second. The share of the looks that found a line at work, times
the processor time of a request, is what the line costs, with all that it calls.
"""

from __future__ import annotations

import linecache
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import processes
from benchmarks.contenders import ROOT, Server
from benchmarks.measure import Bench
from benchmarks.workloads import Workload
from benchmarks.wrk import LoadError, Request

SECONDS, LOOKS_PER_SECOND, CONNECTIONS = 10, 500, 32
LEAST = 1.5  # microseconds that a line has to cost to be shown
FRAME = re.compile(r"(?P<function>.+) \((?P<file>.+):(?P<line>\d+)\)")


@dataclass
class Line:
    """A line of source, as reached through the lines above it."""

    looks: int = 0
    calls: dict[str, Line] = field(default_factory=dict)


def profile(bench: Bench, server: Server, workload: Workload, request: Request, directory: Path) -> str:
    """Load the server and watch it. Raises LoadError, also where the system forbids to look into a process."""
    if not processes.is_known():
        raise LoadError("how much processor time a process has used is known on Linux only")
    program = Path(sys.executable).with_name("py-spy")
    if not program.exists():
        raise LoadError("py-spy is not installed: it is one of requirements-bench.txt, which `make bench` installs")
    bench.run(server, workload, request, CONNECTIONS, 2)  # to warm up
    unwatched = bench.run(server, workload, request, CONNECTIONS, SECONDS)
    stacks = directory / "stacks.txt"
    stacks.unlink(missing_ok=True)
    command = [str(program), "record", "--full-filenames", "--format=raw"]
    command += [f"--pid={server.pid}", f"--rate={LOOKS_PER_SECOND}", f"--duration={SECONDS}", f"--output={stacks}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as watching:
        bench.run(server, workload, request, CONNECTIONS, SECONDS + 2)
        said, _ = watching.communicate(timeout=60)
    if watching.returncode or not stacks.exists() or not stacks.stat().st_size:
        raise LoadError(f"py-spy: {said.strip()}")
    return tree(stacks.read_text().splitlines(), unwatched.web_cpu / unwatched.load.requests * 1e6)


def tree(stacks: Iterable[str], microseconds: float) -> str:
    """Stacks as py-spy writes them (`outer (file:1);inner (file:2) looks`), and what they cost together -> an indented
    list of lines, the dearest first.
    """
    root = Line()
    for stack in stacks:
        frames, _, looks = stack.rpartition(" ")
        line = root
        line.looks += int(looks)
        for frame in frames.split(";"):
            line = line.calls.setdefault(frame, Line())
            line.looks += int(looks)
    scale = microseconds / root.looks
    loop = _loop(root)
    itself = root.looks - sum(called.looks for called in loop.calls.values())
    lines = [f"{microseconds:7.1f}  all of it", f"{itself * scale:7.1f}  the event loop itself: waiting, reading"]
    return "\n".join([*lines, *_shown(loop, scale, 0)])


def _loop(line: Line) -> Line:
    """The event loop's line, which everything is called from; the innermost one where there is no such line."""
    if not line.calls:
        return line
    for frame, called in line.calls.items():
        if frame.startswith("Runner.run ("):
            return called
    return _loop(max(line.calls.values(), key=lambda called: called.looks))


def _shown(line: Line, scale: float, depth: int) -> Iterator[str]:
    for frame, called in sorted(line.calls.items(), key=lambda item: -item[1].looks):
        if called.looks * scale >= LEAST:
            yield f"{called.looks * scale:7.1f}  {'  ' * depth}{_source(frame)}"
            yield from _shown(called, scale, depth + 1)


def _source(frame: str) -> str:
    """`connection.py fetch: name = self._prepared.get(sql)`."""
    match = FRAME.fullmatch(frame)
    if match is None:
        return frame
    path = Path(match["file"])
    text = linecache.getline(str(path), int(match["line"])).strip()
    folder = "" if path.is_relative_to(ROOT) and ".venv" not in path.parts else f"{path.parent.name}/"
    return f"{folder}{path.name} {match['function']}: {text}"
