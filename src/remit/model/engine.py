"""How is a model file run inside this process? The one place that knows llama.cpp."""

import importlib
import math
import os
import secrets
import threading
import time
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from remit.errors import CatalogueError
from remit.model.port import ModelError, ModelErrorClass

BATCH_TOKENS = 128
"""A request that was given up is dropped at the next batch of its prompt or the next token."""
CACHE_MIB = 256
"""Prompts kept in memory beside the one in use, so that agents taking turns keep their prefix."""
MOST_THREADS = 8
SAMPLE_S = 0.2
"""How long the cores are watched before a model is loaded."""


def threads_for(cores: int, busy_cores: float, chosen: str = "") -> int:
    """Threads to compute with: REMIT_THREADS if given, else the cores that others leave free.

    On two idle cores two threads are 1.6 to 1.9 times as fast as one; on busy cores they wait for
    each other and are slower than one.
    """
    if chosen.isdigit() and int(chosen) > 0:
        return int(chosen)
    return max(1, min(MOST_THREADS, cores - round(busy_cores)))


def busy_between(before: str, after: str) -> float:
    """Cores that were at work between two readings of /proc/stat; waiting for a disk is not work."""
    # The first line holds the sums of all cores: user, nice, system, idle, waiting for a disk, ...
    first, last = (
        [int(number) for number in text.split("\n", 1)[0].split()[1:9]] for text in (before, after)
    )
    spent = [later - earlier for earlier, later in zip(first, last, strict=True)]
    cores = sum(line.startswith("cpu") for line in after.splitlines()) - 1
    return cores * (1 - (spent[3] + spent[4]) / sum(spent)) if sum(spent) > 0 else 0.0


def _busy_cores(stat: Path = Path("/proc/stat")) -> float:
    """What is at work now: a load average still counts the installation that ended a minute ago."""
    try:
        before = stat.read_text(encoding="ascii")
        time.sleep(SAMPLE_S)
        return busy_between(before, stat.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0


def _threads() -> int:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return threads_for(cores, _busy_cores(), os.environ.get("REMIT_THREADS", ""))


def available_bytes(meminfo: Path = Path("/proc/meminfo")) -> int | None:
    """Memory that this process may still use, None where the system does not say."""
    found: list[int] = []
    try:
        for line in meminfo.read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                found.append(int(line.split()[1]) * 1024)
        group = Path("/sys/fs/cgroup")
        limit = (group / "memory.max").read_text(encoding="ascii").strip()
        if limit != "max":
            found.append(int(limit) - int((group / "memory.current").read_text(encoding="ascii")))
    except (OSError, ValueError):
        pass
    return min(found, default=None)


@dataclass(slots=True, kw_only=True)
class Flight:
    """One request on its way through the engine; `stopped` makes the engine drop it."""

    stopped: threading.Event = field(default_factory=threading.Event)
    text: list[str] = field(default_factory=list[str])
    logprobs: list[float] = field(default_factory=list[float])
    finish: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
    error: Mapping[str, Any] | None = None

    def take(self, chunk: Mapping[str, Any]) -> bool:
        """Keep one piece of the stream; True tells the engine to stop."""
        if "error" in chunk:
            self.error = chunk["error"]
        if usage := chunk.get("usage"):
            self.input_tokens = usage["prompt_tokens"]
            self.output_tokens = usage["completion_tokens"]
        for choice in chunk.get("choices", ()):
            self.text.append(choice["delta"].get("content") or "")
            self.finish = choice.get("finish_reason") or self.finish
            said: Mapping[str, Any] = choice.get("logprobs") or {}
            for token in said.get("content") or ():
                if math.isfinite(token["logprob"]):
                    self.logprobs.append(token["logprob"])
        return self.stopped.is_set()


def engine_library() -> Any:
    """The package that runs model files; CatalogueError if it is not installed."""
    try:
        return importlib.import_module("xllamacpp")
    except ImportError as error:
        raise CatalogueError(
            "Local models need the package xllamacpp, which is not installed.",
            remedy="Run `pip install xllamacpp`.",
        ) from error


class Engine:
    """One loaded model file; requests wait in line and are answered one at a time."""

    def __init__(self, path: Path, context_tokens: int) -> None:
        """CatalogueError if the engine's package is not installed. Nothing is loaded yet."""
        self._library = engine_library()
        self._path = path
        self._context_tokens = context_tokens
        self._line = ThreadPoolExecutor(max_workers=1, thread_name_prefix="remit-local-model")
        self._server: Any = None

    def load(self) -> "Future[None]":
        """Read the file into memory, once; ModelError if the engine refuses it."""
        return self._line.submit(self._load)

    def send(self, payload: dict[str, Any], flight: Flight) -> "Future[Flight]":
        """Put a request in line; the flight comes back filled. ModelError on the engine's errors."""
        return self._line.submit(self._carry_out, payload, flight)

    def _load(self) -> None:
        if self._server is not None:
            return
        parameters = self._library.CommonParams()
        parameters.model.path = str(self._path)
        parameters.n_ctx = self._context_tokens
        parameters.n_parallel = 1
        parameters.n_batch = parameters.n_ubatch = BATCH_TOKENS
        parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = _threads()
        parameters.cache_ram_mib = CACHE_MIB
        parameters.verbosity = 0
        parameters.ui = False
        # The engine also listens on a loopback port, which nobody is told of and nobody can use.
        parameters.api_keys = [secrets.token_urlsafe(32)]
        try:
            self._server = self._library.Server(parameters)
        except (RuntimeError, ValueError, MemoryError) as error:
            raise ModelError(
                ModelErrorClass.NOT_FOUND, f"the engine cannot load {self._path}: {error}"
            ) from error

    def _carry_out(self, payload: dict[str, Any], flight: Flight) -> Flight:
        if flight.stopped.is_set():
            return flight
        try:
            self._server.handle_chat_completions(payload, flight.take)
        except (ValueError, TypeError) as error:
            raise ModelError(ModelErrorClass.REJECTED, str(error)[:500]) from error
        except RuntimeError as error:
            raise ModelError(ModelErrorClass.CONNECTION, str(error)[:500]) from error
        if flight.error is not None:
            raise _model_error(flight.error)
        return flight


def _model_error(error: Mapping[str, Any]) -> ModelError:
    detail = str(error.get("message", error))[:500]
    if error.get("type") == "exceed_context_size_error":
        return ModelError(ModelErrorClass.CONTEXT_WINDOW, detail)
    if error.get("code") == 503:
        return ModelError(ModelErrorClass.OVERLOADED, detail)
    return ModelError(ModelErrorClass.REJECTED, detail)
