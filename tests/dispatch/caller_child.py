"""A process that waits for a run of its own, through DBOS, whose model never answers.

`python caller_child.py STORE FOLDER LEASE_S`
"""

import asyncio
import sys
from pathlib import Path

from desk_world import USER, desk
from remit import Runtime
from remit.model import Reply
from remit.testing import ScriptedModel


class Silent(ScriptedModel):
    async def ask(self, request: object) -> Reply:
        sys.stdout.write("asked\n")
        sys.stdout.flush()
        await asyncio.Event().wait()
        raise AssertionError("nobody sets the event")


async def main(store: str, folder: str, lease_s: float) -> None:
    """Waits until it is killed."""
    ask = {"when": "always", "deadline": "1h", "otherwise": "deny"}
    remit = desk(Path(folder), "pay", rules={"pay": {"ask": ask}}, handover="people")
    async with Runtime(store, model=Silent([]), lease_s=lease_s, dispatch="dbos") as running:
        await running.handle(remit, "Hello", user=USER)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], float(sys.argv[3])))
