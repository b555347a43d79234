"""The queue: whose turn it is, and who may not come in."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from todoproject.db.job import Job, Overloaded
from todoproject.db.lane import Lane


@pytest.fixture(autouse=True)
def loop() -> Iterator[None]:
    """A job has a future, which needs a loop."""

    async def main() -> None:
        pass

    with asyncio.Runner() as runner:
        runner.run(main())
        asyncio._set_running_loop(runner.get_loop())
        yield
        asyncio._set_running_loop(None)


def order(lane: Lane) -> str:
    """The keys of all jobs, in the order in which they take off."""
    taken = []
    while (job := next(lane.heads(), None)) is not None:
        lane.take(job)
        taken.append(job)
        lane.landed(job)
    return "".join(str(job.key) for job in taken)


def test_it_is_the_turn_of_each_key() -> None:
    lane = Lane(limit=100, share=10)
    for key in "aaaaabbc":
        lane.put(Job([], key=key))
    assert order(lane) == "abcabaaa"
    assert lane.size == 0


def test_what_comes_back_is_first() -> None:
    lane = Lane(limit=100, share=10)
    for key in "abc":
        lane.put(Job([], key=key))
    lane.put_back(Job([], key="c"))
    assert order(lane) == "cabc"


def test_who_has_got_a_share_waits_and_lets_the_others_pass() -> None:
    lane = Lane(limit=100, share=2)
    for key in "aaab":
        lane.put(Job([], key=key))
    taken = [next(lane.heads())]
    lane.take(taken[0])
    for _ in range(2):
        job = next(job for job in lane.heads() if job.key == "ab"[len(taken) % 2])
        lane.take(job)
        taken.append(job)
    assert [job.key for job in taken] == ["a", "b", "a"]
    assert list(lane.heads()) == []
    lane.landed(taken[0])
    assert [job.key for job in lane.heads()] == ["a"]


def test_the_limit_is_for_all_and_half_of_it_for_each() -> None:
    lane = Lane(limit=4, share=10)
    lane.put(Job([], key="a"))
    lane.put(Job([], key="a"))
    with pytest.raises(Overloaded):
        lane.put(Job([], key="a"))
    lane.put(Job([], key="b"))
    lane.put(Job([], key="c"))
    with pytest.raises(Overloaded):
        lane.put(Job([], key="d"))
    lane.put_back(Job([], key="d"))  # it has been in before


def test_who_leaves_is_counted_out() -> None:
    lane = Lane(limit=2, share=10)
    job = Job([], key=None)
    lane.put(job)
    assert lane.drop(job)
    assert not lane.drop(job)
    assert (lane.size, list(lane)) == (0, [])
