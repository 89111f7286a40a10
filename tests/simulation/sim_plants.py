"""Five bugs, planted in the code under test one at a time: a simulation that misses one proves nothing."""

import contextlib
from collections.abc import Generator
from typing import Any
from unittest import mock

from sim_database import Database

from remit.event import Intended
from remit.loop import Wake, driving
from remit.loop.carrying import carry_out_calls
from remit.loop.wake import Superseded


def no_fence() -> Any:
    """Appends whatever the head is."""
    return mock.patch.object(Database, "fenced", False)


def no_lease_check() -> Any:
    """Takes runs whose lease is alive."""
    return mock.patch.object(Database, "leased", False)


def no_intent() -> Any:
    """Calls first and commits the intent together with the result."""
    flush = Wake.flush

    async def lazy(wake: Wake) -> bool:
        waiting = wake.appender.unflushed
        if waiting and isinstance(waiting[-1], Intended):
            return True
        return await flush(wake)

    return mock.patch.object(Wake, "flush", lazy)


def stale_fold() -> Any:
    """After a collision appends the decisions that it had made, without reading what came between."""

    async def fold_again(wake: Wake) -> None:
        latest = wake.log.fold(wake.state.run_id)
        if latest.wake != wake.id:
            raise Superseded(wake.state.run_id)
        unflushed, wake.appender.unflushed = wake.appender.unflushed, []
        wake.state.head, wake.state.chain = latest.head, latest.chain
        wake.appender = wake.log.appender(wake.state)
        for event in unflushed:
            wake.appender.add(event)

    return mock.patch.object(Wake, "fold_again", fold_again)


def blind_retry() -> Any:
    """Makes a call again whose end is not known, whatever its effect."""

    async def recover(wake: Wake, call: Any) -> None:
        await carry_out_calls(wake, [call])

    return mock.patch.object(driving, "recover", recover)


PLANTS = {
    "no fence": no_fence,
    "no lease check": no_lease_check,
    "no intent": no_intent,
    "stale fold": stale_fold,
    "blind retry": blind_retry,
}


@contextlib.contextmanager
def planted(name: str | None) -> Generator[None]:
    """The code under test with that bug in it; with None, as it is."""
    if name is None:
        yield
        return
    with PLANTS[name]():
        yield
