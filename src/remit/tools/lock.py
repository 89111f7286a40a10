"""`remit.lock.json`: what the tools of MCP servers looked like when a person approved them."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError
from typing_extensions import TypedDict

from remit.outcome import Effect
from remit.tools.canonical import digest

LOCK_NAME = "remit.lock.json"
LOCK_VERSION = 1
APPROVE_REMEDY = "Read what the server says of it and run: remit check --approve"


class LockUnreadable(Exception):
    """The lock file is not one of this version; nothing in it counts as approved."""

    remedy = f"Restore {LOCK_NAME} from version control, or delete it and run: remit check --approve"


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """What a server says of one of its tools. All of it is third-party text until it is approved."""

    description: str
    parameters: dict[str, Any]
    title: str | None = None
    output_schema: dict[str, Any] | None = None
    hints: dict[str, bool] = field(default_factory=dict[str, bool])
    """`read_only`, `destructive`, `idempotent`, `open_world`, as far as the server gives them."""

    def fingerprint(self) -> str:
        """The hash of all of it."""
        return digest([self.description, self.parameters, self.title, self.output_schema, self.hints])


Locked = Mapping[str, Mapping[str, Offered]]
"""Approved tools by server and by the server's name for them."""


class _LockFile(TypedDict):
    version: Literal[1]
    servers: Locked


_LOCK_FILE = TypeAdapter(_LockFile)


def read_lock(folder: Path) -> Locked:
    """The approved tools; none if there is no lock file. Raises LockUnreadable."""
    path = folder / LOCK_NAME
    try:
        stored: Any = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        raise LockUnreadable(f"{LOCK_NAME} cannot be read: {error}.") from error
    try:
        return _LOCK_FILE.validate_python(stored)["servers"]
    except ValidationError as error:
        raise LockUnreadable(
            f"{LOCK_NAME} is not a list of approved tools, version {LOCK_VERSION}."
        ) from error


def write_lock(folder: Path, locked: Locked) -> None:
    """Replace the lock file in one step; a crash leaves the old one or the new one."""
    content = _LOCK_FILE.dump_python(_LockFile(version=LOCK_VERSION, servers=locked))
    text = json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    path = folder / LOCK_NAME
    draft = path.with_suffix(".json.new")
    with draft.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def changed_parts(approved: Offered, now: Offered) -> tuple[str, ...]:
    """What differs between two descriptions of one tool, by name."""
    parts = ("description", "parameters", "title", "output_schema", "hints")
    return tuple(part for part in parts if digest(getattr(approved, part)) != digest(getattr(now, part)))


def tightened(declared: Effect, hints: Mapping[str, bool]) -> Effect:
    """The effect that the remit declares, made stricter where the server's own hints contradict it."""
    idempotent = hints.get("idempotent")
    writes = hints.get("read_only") is False or hints.get("destructive") is True
    if declared is Effect.READ and writes:
        return Effect.IDEMPOTENT if idempotent is True else Effect.IRREVERSIBLE
    if declared is Effect.IDEMPOTENT and idempotent is False:
        return Effect.IRREVERSIBLE
    return declared
