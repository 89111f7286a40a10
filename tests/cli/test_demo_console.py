"""The demo's end: the console on a desk that has seen every outcome, where a waiting case is decided."""

import asyncio
import re
import threading
import time
from pathlib import Path
from typing import Any

import httpx

from cli_world import runner
from remit.cli.demo import run_demo
from remit.cli.demo_console import ConsoleAfter

JSON = {"accept": "application/json"}


def desk_of_demo(folder: Path, visit: Any) -> Any:
    """Runs the recorded demo with its console, and lets `visit` look at it from outside."""
    found: dict[str, Any] = {}

    async def whole() -> None:
        loop, stop = asyncio.get_running_loop(), asyncio.Event()

        def told(address: str, key: str) -> None:
            def outside() -> None:
                held = {**JSON, "authorization": f"Bearer {key}"}
                try:
                    with httpx.Client(base_url=address, headers=held, timeout=20, trust_env=False) as client:
                        found["seen"] = visit(client)
                finally:
                    loop.call_soon_threadsafe(stop.set)

            threading.Thread(target=outside).start()

        console = ConsoleAfter(port=0, stop=stop, told=told)
        await run_demo(store=str(folder / "demo.db"), environment={}, recorded=True, console=console)

    asyncio.run(whole())
    return found["seen"]


def ended(client: httpx.Client, run_id: str) -> dict[str, Any]:
    """The run once it has ended."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        run = client.get(f"/v1/runs/{run_id}").json()
        if run["state"] == "ended":
            return run
        time.sleep(0.05)
    raise AssertionError(f"{run_id} has not ended")


def test_the_desk_has_seen_every_outcome_and_a_waiting_case_is_decided(tmp_path, capsys):
    def visit(client: httpx.Client) -> tuple[set[str], str]:
        stranger = client.get("/v1/runs", headers={"authorization": ""})
        assert stranger.status_code == 401
        runs = client.get("/runs?since=1h").json()["runs"]
        (case,) = client.get("/review?queue=refunds").json()["cases"]
        page = client.get(f"/review/{case['case_id']}", headers={"accept": "text/html"})
        assert "return_fee" in page.text
        reply = client.post(f"/review/{case['case_id']}", data={"decision": "approve"})
        assert reply.status_code == 303
        run = ended(client, case["run_id"])
        return {run["outcome"] or run["state"] for run in runs}, run["outcome"]["kind"]

    outcomes, became = desk_of_demo(tmp_path, visit)
    assert outcomes == {"answered", "degraded", "escalated", "refused", "failed", "waiting"}
    assert became == "answered"
    printed = capsys.readouterr().out
    assert "The desk is open at http://localhost:" in printed
    (key,) = re.findall(r"Its key, shown once: (remit_\w+)", printed)
    assert printed.count(key) == 1


def test_what_nobody_recorded_has_its_path(tmp_path):
    def visit(client: httpx.Client) -> str:
        (case,) = client.get("/review?queue=refunds").json()["cases"]
        client.post(f"/review/{case['case_id']}", data={"decision": "reject", "reason": "the card works"})
        return ended(client, case["run_id"])["outcome"]["kind"]

    assert desk_of_demo(tmp_path, visit) == "escalated"


def test_without_a_terminal_the_demo_prints_and_ends(tmp_path, capsys):
    shown = runner(capsys)("demo", "--recorded", "--store", str(tmp_path / "demo.db"))
    assert shown.code == 0, shown.err
    assert "as expected" in shown.out
    assert "The desk is open" not in shown.out
