"""A runtime lets go of what it opened, and of nothing else."""

import asyncio
from dataclasses import replace

import pytest

from desk_world import desk, runtime
from remit.testing import ScriptedModel


class Closable(ScriptedModel):
    """A model that counts how often it was closed."""

    closed = 0

    async def close(self):
        self.closed += 1


@pytest.mark.parametrize("fails", [False, True])
def test_tools_and_opened_models_are_closed_at_the_end(tmp_path, fails):
    closed = []

    async def close():
        closed.append("tool")

    remit = desk(tmp_path, "find", "weather")
    remit = replace(remit, tools={**remit.tools, "find": replace(remit.tools["find"], close=close)})
    given, opened = Closable(["Hi."]), Closable(["Hi."])

    async def whole():
        async with runtime(tmp_path, given) as running:
            running.releases._models["the chain of another remit"] = [opened]
            await running.handle(remit, "Hello.")
            assert closed == []
            if fails:
                raise LookupError

    if fails:
        with pytest.raises(LookupError):
            asyncio.run(whole())
    else:
        asyncio.run(whole())
    assert closed == ["tool"]
    assert (given.closed, opened.closed) == (0, 1)
