"""A model that runs in this process, without a network, behind the port to any model."""

import asyncio
from functools import cache
from pathlib import Path
from statistics import fmean
from typing import Any

from remit.errors import CatalogueError
from remit.event import ModelSaid, Usage
from remit.model.catalogue import Entry, find
from remit.model.constrained import Step, parse_action, step_of
from remit.model.download import is_whole, verified
from remit.model.engine import Engine, Flight, available_bytes
from remit.model.port import ModelError, ModelErrorClass, Reply, Request

PREFIX = "local:"


def _silent(_done_bytes: int, _all_bytes: int, _what: str) -> None:
    """Opening a model shows no progress."""


def is_present(name: str) -> bool:
    """True if the model of that name (`local:...`) is on this machine; CatalogueError if unknown."""
    return is_whole(find(name))


def open_local(name: str) -> "LocalModel":
    """The local model of that name (`local:...`); its file is read into memory at the first request.

    Fetches nothing. CatalogueError if the model is unknown, missing, changed, too large for the
    memory that is free, or if the engine is not installed.
    """
    entry = find(name)
    path = verified(entry, progress=_silent)
    return LocalModel(entry, _engine(path, entry))


@cache
def _engine(path: Path, entry: Entry) -> Engine:
    engine = Engine(path, entry.context_tokens)
    free_bytes = available_bytes()
    if free_bytes is not None and free_bytes < entry.memory_bytes:
        raise CatalogueError(
            f"local:{entry.name} needs {entry.memory_bytes / 1e9:.1f} GB of memory; "
            f"{free_bytes / 1e9:.1f} GB are free.",
            remedy="Close something, or use local:qwen2.5-coder-0.5b, which needs 0.9 GB.",
        )
    return engine


class LocalModel:
    """A local model: steps are constrained to their form, requests are answered one at a time.

    Waiting in line counts towards `timeout_s`; loading the file does not.
    """

    def __init__(self, entry: Entry, engine: Engine) -> None:
        self._entry = entry
        self._engine = engine

    @property
    def name(self) -> str:
        """`local:` and the name in the catalogue."""
        return f"{PREFIX}{self._entry.name}"

    @property
    def context_tokens(self) -> int:
        """The window that is opened, in tokens."""
        return self._entry.context_tokens

    async def ask(self, request: Request) -> Reply:
        """One attempt: the reply, or ModelError. A request given up is dropped by the engine."""
        step = step_of(request)
        await asyncio.wrap_future(self._engine.load())
        flight = Flight()
        try:
            async with asyncio.timeout(request.timeout_s):
                await asyncio.wrap_future(self._engine.send(_payload(step, request), flight))
        except TimeoutError as error:
            raise ModelError(
                ModelErrorClass.TIMEOUT, f"no answer within {request.timeout_s:g} s", usage=_usage(flight)
            ) from error
        finally:
            flight.stopped.set()
        return self._reply(step, request, flight)

    def _reply(self, step: Step, request: Request, flight: Flight) -> Reply:
        said = "".join(flight.text).strip()
        if not said:
            raise ModelError(ModelErrorClass.EMPTY, "the model said nothing", usage=_usage(flight))
        text, calls = said, ()
        if step.schema is not None:
            turn = sum(isinstance(message, ModelSaid) for message in request.messages)
            try:
                text, calls = parse_action(said, request.tools, request.output_schema, turn=turn)
            except ModelError as error:
                raise ModelError(error.error, error.detail, usage=_usage(flight)) from error
        return Reply(
            text=text,
            calls=calls,
            usage=_usage(flight),
            reported_model=f"{self._entry.name}@sha256:{self._entry.sha256[:16]}",
            finish=flight.finish,
            mean_logprob=fmean(flight.logprobs) if flight.logprobs else None,
        )


def _usage(flight: Flight) -> Usage:
    return Usage(input_tokens=flight.input_tokens, output_tokens=flight.output_tokens)


def _payload(step: Step, request: Request) -> dict[str, Any]:
    payload: dict[str, Any] = {
        "messages": [{"role": "system", "content": step.system}, *step.messages],
        "temperature": request.temperature,
        "seed": request.seed,
        "max_tokens": request.max_output_tokens,
        "stream": True,
        "stream_options": {"include_usage": True},
        "return_progress": True,
        "cache_prompt": True,
        "logprobs": True,
        "top_logprobs": 1,
    }
    if step.schema is not None:
        payload["response_format"] = {
            "type": "json_schema",
            "json_schema": {"name": "action", "strict": True, "schema": step.schema},
        }
    return payload
