"""Loads in turns: A B C D, A B C D, …, one contender at a time, so that a slow minute of the machine hits all alike."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import httpx

from benchmarks import data, processes, wrk
from benchmarks.contenders import Server
from benchmarks.distance import Network
from benchmarks.workloads import Workload
from benchmarks.wrk import Load, LoadError, Request


@dataclass(frozen=True)
class Sample:
    """One load of one contender; processor time in seconds."""

    load: Load
    web_cpu: float
    postgres_cpu: float

    def rate(self) -> float:
        return self.load.requests / self.load.seconds


@dataclass
class Series:
    """All loads of one contender with one workload."""

    contender: str
    workload: str
    connections: int
    round_trips: float | None = None  # of one request; known when the database is at a distance
    memory_mib: float = 0.0
    samples: list[Sample] = field(default_factory=list)

    def rates(self) -> list[float]:
        return [sample.rate() for sample in self.samples]

    def rate(self) -> float:
        return statistics.median(self.rates())

    def spread(self) -> float:
        """From the slowest to the fastest round, as a share of the median."""
        return (max(self.rates()) - min(self.rates())) / self.rate()

    def latency(self, percentile: str) -> float:
        return statistics.median(float(getattr(sample.load, percentile)) for sample in self.samples)

    def per_request(self, what: str) -> float:
        """Processor time of one request, in seconds."""
        total = sum(float(getattr(sample, what)) for sample in self.samples)
        return total / sum(sample.load.requests for sample in self.samples)


@dataclass(frozen=True)
class Plan:
    """How to measure."""

    connections: Sequence[int]
    rounds: int
    seconds: int
    warm_up: int = 2  # seconds

    def seconds_for(self, connections: int, rate: float) -> int:
        """Longer for a slow contender: what is not answered at the end of a load does not count, and that has to be
        little beside what does. Ten answers for each connection, if four times as long is enough for that.
        """
        return max(self.seconds, min(math.ceil(10 * connections / rate), 4 * self.seconds))


class Bench:
    """The running servers and what is measured about them."""

    def __init__(self, servers: Sequence[Server], postmaster: int, network: Network | None) -> None:
        self.servers, self.postmaster, self.network = servers, postmaster, network

    def measure(
        self,
        workload: Workload,
        requests: Mapping[Server, Request],
        plan: Plan,
        progress: Callable[[str], None],
    ) -> Iterator[Series]:
        """Load each server in each round; one series for each contender and number of connections.

        Raises LoadError when a contender does not answer every request well.
        """
        rates: dict[Server, float] = {}
        round_trips: dict[Server, float | None] = {}
        for server, request in requests.items():
            progress(f"{workload.title}: warming up {server.contender.name}")
            rates[server] = self.run(server, workload, request, min(plan.connections), plan.warm_up).rate()
            round_trips[server] = self._round_trips(server, request)
        for connections in plan.connections:
            series = {
                server: Series(server.contender.name, workload.name, connections, round_trips[server])
                for server in requests
            }
            for turn in range(plan.rounds):
                where = f"{workload.title}, {connections} connections, round {turn + 1} of {plan.rounds}"
                for server, one in series.items():
                    progress(f"{where}: {server.contender.name}")
                    seconds = plan.seconds_for(connections, rates[server])
                    one.samples.append(self.run(server, workload, requests[server], connections, seconds))
                    one.memory_mib = max(one.memory_mib, self._memory(server))
            yield from series.values()

    def run(self, server: Server, workload: Workload, request: Request, connections: int, seconds: int) -> Sample:
        """One load. Raises LoadError."""
        before = self._cpu(server)
        try:
            load = wrk.run(server.url, request, server.token, connections=connections, seconds=seconds)
        except LoadError as error:
            raise LoadError(f"{server.contender.name}, {workload.title}, {connections} connections: {error}") from None
        after = self._cpu(server)
        self._settle(server)
        if workload.writes:
            data.trim()
        return Sample(load, web_cpu=after[0] - before[0], postgres_cpu=after[1] - before[1])

    def _settle(self, server: Server, at_most: float = 5) -> None:
        """Wait until the requests that wrk has left behind are done, so that the next contender has the machine."""
        deadline = time.monotonic() + at_most
        before = None
        while time.monotonic() < deadline and (now := self._cpu(server)) != before:
            before = now
            time.sleep(0.05)

    def _round_trips(self, server: Server, request: Request, requests: int = 20) -> float | None:
        """How often one request waits for the database, counted without any load."""
        if self.network is None:
            return None
        before = self.network.round_trips
        headers = {"Authorization": f"Bearer {server.token}", "Content-Type": "application/json"}
        with httpx.Client(base_url=server.url, headers=headers, timeout=30) as client:
            for n in range(requests):
                body = request.body and request.body.replace("{n}", str(time.time_ns()))
                client.request(request.method, request.paths[n % len(request.paths)], content=body).raise_for_status()
        return (self.network.round_trips - before) / requests

    def _cpu(self, server: Server) -> tuple[float, float]:
        if not processes.is_known():
            return 0.0, 0.0
        return processes.cpu_seconds(server.pid), processes.cpu_seconds(self.postmaster)

    def _memory(self, server: Server) -> float:
        return processes.memory_mib(server.pid) if processes.is_known() else 0.0
