"""What the browser's tests share: the desk, a model that answers it, and the screens to walk through."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import repeat
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from cli_world import model_that_says, says
from console_world import INPUTS

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
WAITING = 9


class Desk(NamedTuple):
    """The desk under test."""

    address: str
    folder: Path
    runs: dict[str, str]

    def data(self, path: str) -> dict[str, Any]:
        """A page as data."""
        reply = httpx.get(self.address + path, headers={"accept": "application/json"}, trust_env=False)
        return reply.json()

    def cases(self) -> list[str]:
        """The open cases about refunds, the next one first."""
        return [str(case["case_id"]) for case in self.data("/review?queue=refunds")["cases"]]

    def screens(self) -> dict[str, str]:
        """Every screen by its name."""
        cases = self.cases()
        return {
            "home": "/",
            "agent": "/agents/order-desk",
            "runs": "/runs",
            "different": "/runs?q=outcome:escalated&different=1",
            "refused search": "/runs?q=outcom:escalated",
            "run": f"/runs/{self.runs['answered']}?event=3",
            "waiting": f"/runs/{self.runs['waiting']}",
            "review": "/review",
            "case": f"/review/{cases[-1]}" if cases else "/review",
            "notifications": "/notifications",
            "empty": "/runs?q=mode:cancelled",
            "missing": "/runs/none",
            "sign-in": "/sign-in",
        }


def tour() -> dict[str, str]:
    """One run of each kind, and a queue of cases that wait."""
    return INPUTS | {f"waiting {number}": f"{INPUTS['waiting']} ({number})" for number in range(WAITING)}


@contextmanager
def answering() -> Iterator[str]:
    """The address of a model that thanks for whatever a tool gave it."""
    with model_that_says(repeat(says("24.50 EUR are on their way back."))) as url:
        yield f"{url}/v1"


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of `remit serve` on the agents of a folder, as long as the block lasts."""
    program = Path(sys.executable).with_name("remit")
    command = [program, "serve", "--port", "0", "--json", "--drain", "1"]
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield json.loads(process.stdout.readline())["address"].replace("127.0.0.1", "localhost")
    finally:
        process.terminate()
        process.communicate(timeout=20)
