"""`remit serve` as a process: it starts, says where, refuses what is not safe, and stops in order."""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from remit.api import listening

PROJECT = Path(__file__).resolve().parent.parent.parent
REMIT = [sys.executable, "-c", "from remit.cli import main; main()"]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with one agent, whose model nobody can reach."""
    shutil.copytree(PROJECT / "examples" / "order-desk", tmp_path / "agents" / "order-desk")
    return tmp_path


def environment() -> dict[str, str]:
    """The environment of the process: no provider can be reached from it."""
    return {**os.environ, "OPENAI_API_KEY": "none", "REMIT_OFFLINE": "1"}


def typed(place: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """What one command says."""
    return subprocess.run(
        [*REMIT, *arguments],
        cwd=place,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@contextmanager
def process(place: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """The server, and what it printed when it answered."""
    command = [*REMIT, "serve", "--port", "0", "--json", *arguments]
    running = subprocess.Popen(
        command, cwd=place, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert running.stdout is not None
        line = running.stdout.readline()
        assert line, running.stderr.read() if running.stderr else ""
        yield running, json.loads(line)
    finally:
        running.kill()
        if running.poll() is None or not running.stdout.closed:
            running.communicate()


def stopped(running: subprocess.Popen[str]) -> str:
    """What the server notes when it is told to stop."""
    running.send_signal(signal.SIGTERM)
    _, notes = running.communicate(timeout=60)
    assert running.returncode == 0, notes
    return notes


def test_it_says_where_it_answers_and_stops_when_told_to(place: Path) -> None:
    with process(place) as (running, said), httpx.Client(trust_env=False, timeout=60) as client:
        assert said["agents"] == ["order-desk"]
        assert client.get(f"{said['address']}/health/ready").json() == {"status": "ok"}
        body = {"agent": "order-desk", "input": "?", "mode": "async"}
        run_id = client.post(f"{said['address']}/v1/runs", json=body).json()["run_id"]
        ended = client.get(f"{said['address']}/v1/runs/{run_id}", params={"wait_s": 30}).json()
        assert ended["outcome"]["kind"] == "failed"
        assert "Stopped." in stopped(running)
    assert json.loads(typed(place, "runs", "--json").stdout)["runs"][0]["run_id"] == run_id
    assert typed(place, "verify").returncode == 0


def test_a_stream_that_is_open_does_not_hold_the_stop_up(place: Path) -> None:
    with process(place, "--no-workers-inline") as (running, said):
        with httpx.Client(trust_env=False, timeout=60) as client:
            body = {"agent": "order-desk", "input": "?", "mode": "async"}
            run_id = client.post(f"{said['address']}/v1/runs", json=body).json()["run_id"]
            with client.stream("GET", f"{said['address']}/v1/runs/{run_id}/stream") as reply:
                lines = reply.iter_lines()
                assert any(line.startswith("id: 0") for line in lines)
                running.send_signal(signal.SIGTERM)
                assert not any("ended" in line for line in lines)
        running.communicate(timeout=60)
        assert running.returncode == 0


def test_a_public_address_is_refused_without_a_key_and_served_with_one(place: Path) -> None:
    refused = typed(place, "serve", "--host", "0.0.0.0", "--port", "0")
    assert refused.returncode == 1
    assert "remit key new" in refused.stderr
    made = json.loads(typed(place, "key", "new", "ann", "--role", "admin", "--json").stdout)
    with process(place, "--host", "0.0.0.0") as (_, said), httpx.Client(trust_env=False) as client:
        address = f"http://127.0.0.1:{said['port']}"
        assert client.get(f"{address}/v1/runs").status_code == 401
        headers = {"Authorization": f"Bearer {made['secret']}"}
        assert client.get(f"{address}/v1/runs", headers=headers).status_code == 200
        assert typed(place, "key", "revoke", made["key"]).returncode == 0
        assert client.get(f"{address}/v1/runs", headers=headers).status_code == 401


def test_a_port_that_is_taken_is_said(place: Path) -> None:
    with process(place) as (_, said):
        second = typed(place, "serve", "--port", str(said["port"]))
        assert second.returncode == 1
        assert "--port" in second.stderr


def test_an_answer_does_not_wait_for_the_acknowledgement_of_its_head() -> None:
    async def option() -> int:
        found: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        def accepted(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            accepting = writer.get_extra_info("socket")
            found.set_result(accepting.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        with contextlib.closing(listening("127.0.0.1", 0)) as listener:
            async with await asyncio.start_server(accepted, sock=listener):
                _, writer = await asyncio.open_connection(*listener.getsockname())
                nodelay = await found
                writer.close()
                await writer.wait_closed()
        return nodelay

    assert asyncio.run(option())
