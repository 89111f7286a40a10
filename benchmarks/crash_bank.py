"""The bank: what it was asked to do and what it did, in a file that only it writes.

One line is one `write` to a file opened for appending, so a killed process leaves whole lines.
"""

import asyncio
import json
import os
import random
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from remit import ToolContext

FILE_VARIABLE = "CRASH_BANK_FILE"
SLOWEST_S = 0.015


@dataclass(frozen=True, slots=True, kw_only=True)
class BankLine:
    """One moment of one call: `before` it acts, when it `acted`, and `after`, just before it answers."""

    moment: Literal["before", "acted", "after"]
    tool: str
    order: str
    key: str
    run_id: str
    pid: int
    at: float


async def act(tool: str, order: str, context: ToolContext) -> None:
    """Record the call, take a moment, act, take a moment; a kill may land between any two."""
    for moment in ("before", "acted", "after"):
        line = BankLine(
            moment=moment,
            tool=tool,
            order=order,
            key=context.key,
            run_id=context.run_id,
            pid=os.getpid(),
            at=time.time(),
        )
        append(Path(os.environ[FILE_VARIABLE]), asdict(line))
        await asyncio.sleep(random.uniform(0, SLOWEST_S))


def append(path: Path, line: dict[str, object]) -> None:
    """Add one JSON line, whole or not at all."""
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    try:
        os.write(handle, json.dumps(line).encode() + b"\n")
    finally:
        os.close(handle)


def read(path: Path) -> list[BankLine]:
    """Everything that the bank recorded, in order."""
    return [BankLine(**json.loads(line)) for line in path.read_text().splitlines()] if path.exists() else []
