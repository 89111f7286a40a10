"""Every exception that Remit raises to its caller, as one tree.

RemitError
├── ContractError          the remit cannot be loaded: every problem at once
├── StoreError             the log cannot be read or written
│   ├── StoreLocked        another process holds the file for too long
│   ├── StoreFull          no space is left where the log lives
│   ├── StoreCorrupt       the file is not a log, or its pages are damaged
│   ├── StoreOlder         the log has to be upgraded first
│   └── StoreNewer         the file was written by a newer version
├── AccessRefused          a key is missing or not valid, or does not allow what was asked
├── TryLater               too much is under way: nothing was begun
├── CursorInvalid          a page of a list was asked for by something that no page gave out
├── NotFound               a run, case or agent of that name does not exist
├── DecisionRefused        a decision came too late, twice, or does not fit the case
├── ToolDeclarationError   a tool function is declared wrongly
├── EmbeddingMissing       the embedding of a text cannot be had
├── CatalogueError         a local model cannot be had or is not what it should be
└── RecordingError         a recording does not hold what was asked of it

A known failure of a *run* is never an exception: it is an outcome.
"""

from collections.abc import Sequence
from typing import ClassVar, Protocol


class RemitError(Exception):
    """Anything that Remit refuses to do: what happened and, in `remedy`, what to do."""

    code: ClassVar[str] = "REMIT"

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()


class Complaint(Protocol):
    """One thing that is wrong with a remit, able to print itself."""

    def line_text(self) -> str: ...


class ContractError(RemitError):
    """The remit was not loaded; `problems` holds every complaint, nothing is half-loaded."""

    code = "REMIT-CONTRACT"

    def __init__(self, path: str, problems: Sequence[Complaint]) -> None:
        count = len(problems)
        noun = "problem" if count == 1 else "problems"
        listing = "\n".join(problem.line_text() for problem in problems)
        super().__init__(f"{path} has {count} {noun}:\n{listing}")
        self.problems = tuple(problems)


class StoreError(RemitError):
    """The log could not be read or written."""

    code = "REMIT-STORE"


class StoreLocked(StoreError):
    """Another process held the log's file for longer than the wait allows."""

    code = "REMIT-STORE-LOCKED"


class StoreFull(StoreError):
    """No space is left where the log lives; nothing of the failed step was kept."""

    code = "REMIT-STORE-FULL"


class StoreCorrupt(StoreError):
    """The file is not a log of Remit's, or its pages are damaged."""

    code = "REMIT-STORE-CORRUPT"


class StoreOlder(StoreError):
    """The log was made by an older version of Remit and has to be upgraded before this one uses it."""

    code = "REMIT-STORE-OLDER"


class StoreNewer(StoreError):
    """The log was written by a newer version of Remit than this one."""

    code = "REMIT-STORE-NEWER"


class AccessRefused(RemitError):
    """Nothing was done: a key is missing or not valid, or it does not allow this."""

    code = "REMIT-ACCESS"


class TryLater(RemitError):
    """Nothing was begun, because too much is under way; it may be tried again after some seconds."""

    code = "REMIT-TRY-LATER"

    def __init__(self, message: str, *, remedy: str = "", retry_after_s: float = 1.0) -> None:
        super().__init__(message, remedy=remedy)
        self.retry_after_s = retry_after_s


class CursorInvalid(RemitError):
    """A page of a list was asked for by something that no page gave out."""

    code = "REMIT-CURSOR"


class NotFound(RemitError):
    """No run, case or agent of that name is in this log."""

    code = "REMIT-NOT-FOUND"


class DecisionRefused(RemitError):
    """The decision was not taken: the case is decided, stale, or the answer does not fit it."""

    code = "REMIT-DECISION"

    def __init__(self, message: str, *, remedy: str = "", ground: str = "too_late") -> None:
        super().__init__(message, remedy=remedy)
        self.ground = ground


class ToolDeclarationError(RemitError):
    """A tool function lacks what Remit must know before it may be called."""

    code = "REMIT-TOOL"


class EmbeddingMissing(RemitError):
    """An embedding is not installed, or not the one that this version was measured with."""

    code = "REMIT-EMBEDDING"


class CatalogueError(RemitError):
    """A local model could not be found, fetched or verified."""

    code = "REMIT-MODEL"


class RecordingError(RemitError):
    """A recorded model was asked something that its recording does not hold."""

    code = "REMIT-RECORDING"
