"""A queue in front of the connections, in which nobody is first for long."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Hashable, Iterator

from .job import Job, Overloaded


class Lane:
    """Waiting jobs, those of one key first come, first served, and the keys in turn.

    No more than `limit` wait, and no more than half of it of one key. No more than `share` of one key are in flight.
    Neither applies to the key None, which stands for the service itself.
    """

    def __init__(self, *, limit: int, share: int):
        self._limit, self._share = limit, share
        self._queues: dict[Hashable, deque[Job]] = {}  # in the order of their turns
        self._flying: Counter[Hashable] = Counter()
        self.size = 0

    def __iter__(self) -> Iterator[Job]:
        for queue in self._queues.values():
            yield from queue

    def put(self, job: Job) -> None:
        """At the end of its queue. Raises Overloaded."""
        queue = self._queues.get(job.key, ())
        if self.size >= self._limit or (job.key is not None and len(queue) * 2 >= self._limit):
            raise Overloaded("too many requests wait for the database")
        self._queues.setdefault(job.key, deque()).append(job)
        self.size += 1

    def put_back(self, job: Job) -> None:
        """At the head of the lane, because it has had its turn and nothing came of it."""
        self._queues = {job.key: self._queues.pop(job.key, deque())} | self._queues
        self._queues[job.key].appendleft(job)
        self.size += 1

    def heads(self) -> Iterator[Job]:
        """The next job of each key that has not got its share, in the order of the keys' turns."""
        for key, queue in self._queues.items():
            if key is None or self._flying[key] < self._share:
                yield queue[0]

    def take(self, job: Job) -> None:
        """One of the heads takes off. It is the turn of all the other keys before the next of its own."""
        queue = self._queues.pop(job.key)
        queue.popleft()
        if queue:
            self._queues[job.key] = queue
        self.size -= 1
        self._flying[job.key] += 1

    def landed(self, job: Job) -> None:
        """One that was taken is not in flight any more."""
        self._flying[job.key] -= 1
        if not self._flying[job.key]:
            del self._flying[job.key]

    def drop(self, job: Job) -> bool:
        """Let it wait no longer; whether it did."""
        queue = self._queues.get(job.key, ())
        if job not in queue:
            return False
        self._queues[job.key].remove(job)
        if not self._queues[job.key]:
            del self._queues[job.key]
        self.size -= 1
        return True
