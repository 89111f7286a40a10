"""The one writer of a process: who shares a commit with whom, and who does not wait for company."""

import asyncio

import pytest

from remit.store import Statement
from remit.store.writer import CROWD, GATHER_S, Writer

ONE, OTHER, THIRD = ((Statement("finish_once", {"key": key}),) for key in ("1", "2", "3"))


class Committed:
    """Commits that are noted in groups, and succeed."""

    def __init__(self):
        self.groups = []
        self.writer = Writer(self.commit, self.commit)

    def commit(self, units):
        self.groups.append(units)
        return [None] * len(units)


@pytest.mark.parametrize(("company", "groups"), [(CROWD, [[ONE, OTHER]]), (CROWD - 1, [[ONE], [OTHER]])])
def test_of_a_crowd_those_that_append_a_moment_later_share_the_commit(monkeypatch, company, groups):
    # Longer than the turns of the loop below can take, on however busy a machine.
    monkeypatch.setattr("remit.store.writer.GATHER_S", 1.0)

    async def whole():
        committed = Committed()
        committed.writer.company = company
        first = asyncio.create_task(committed.writer.run(ONE))
        for _ in range(5):
            await asyncio.sleep(0)
        await asyncio.gather(first, committed.writer.run(OTHER))
        assert committed.groups == groups
        committed.writer.close()

    asyncio.run(whole())


def test_a_lone_run_commits_before_it_gives_way_to_anything():
    async def whole():
        committed = Committed()
        committed.writer.company = 1
        appending = committed.writer.run(ONE)
        with pytest.raises(StopIteration):
            appending.send(None)
        assert committed.groups == [[ONE]]

    asyncio.run(whole())


def test_what_comes_during_a_commit_goes_with_the_next_one():
    async def whole():
        committed = Committed()
        one, other, third = (asyncio.create_task(committed.writer.run(unit)) for unit in (ONE, OTHER, THIRD))
        await asyncio.sleep(0)
        late = asyncio.create_task(committed.writer.run(ONE))
        await asyncio.gather(one, other, third, late)
        assert committed.groups == [[ONE, OTHER, THIRD], [ONE]]
        committed.writer.close()

    asyncio.run(whole())


def test_nobody_waits_long_for_company():
    assert GATHER_S <= 0.005
