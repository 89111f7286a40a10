"""A model that says what it is told to say."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from remit.errors import RecordingError
from remit.event import Call, ModelSaid
from remit.model import ModelError, Reply, Request

Scripted: TypeAlias = "str | Call | Sequence[Call] | Reply | ModelError | Callable[[Request], Scripted]"
"""A text, one call, several calls, a whole reply, an error, or a function of the request."""


def call(tool: str, /, **arguments: Any) -> Call:
    """A tool call for a script; the model gives it an id when it says it."""
    return Call(id="", tool=tool, arguments=arguments)


def answer(text: str) -> Reply:
    """A final answer for a script."""
    return Reply(text=text, finish="stop")


class ScriptedModel:
    """Says `replies` one after the other; RecordingError when asked once more.

    With `by_turn` a reply is chosen by how often the conversation shows the model to have spoken,
    not by how often it was asked: then any number of runs at once share one script.
    A single function in place of the list answers everything.
    """

    def __init__(
        self,
        replies: "Iterable[Scripted] | Callable[[Request], Scripted]",
        *,
        name: str = "scripted:model",
        context_tokens: int | None = None,
        by_turn: bool = False,
    ) -> None:
        self._always = replies if callable(replies) else None
        self._replies: list[Scripted] = [] if callable(replies) else list(replies)
        self._name = name
        self._context_tokens = context_tokens
        self._by_turn = by_turn
        self.asked = 0
        """How often it was asked."""
        self.last_request: Request | None = None

    @property
    def name(self) -> str:
        """The name given to it."""
        return self._name

    @property
    def context_tokens(self) -> int | None:
        """The window given to it."""
        return self._context_tokens

    async def ask(self, request: Request) -> Reply:
        """The next reply of the script; a ModelError of the script is raised."""
        self.asked += 1
        self.last_request = request
        return _reply(self._always or self._next(request), request, self._name, self.asked)

    def _next(self, request: Request) -> Scripted:
        index = self.asked - 1
        if self._by_turn:
            index = sum(type(message) is ModelSaid for message in request.messages)
        if index >= len(self._replies):
            raise RecordingError(
                f"The script of {self._name} has {len(self._replies)} replies and was asked for one more.",
                remedy="Add a reply to the script, or look at why the run goes on.",
            )
        return self._replies[index]


def _reply(scripted: Scripted, request: Request, name: str, asked: int) -> Reply:
    if isinstance(scripted, str):
        return Reply(text=scripted, reported_model=name, finish="stop")
    if isinstance(scripted, ModelError):
        raise scripted
    if isinstance(scripted, Reply):
        return _named(scripted, name, asked)
    if isinstance(scripted, Call):
        return _named(Reply(text="", calls=(scripted,), finish="tool_calls"), name, asked)
    if callable(scripted):
        return _reply(scripted(request), request, name, asked)
    return _named(Reply(text="", calls=tuple(scripted), finish="tool_calls"), name, asked)


def _named(reply: Reply, name: str, asked: int) -> Reply:
    """The reply with an id for each call that lacks one."""
    if reply.reported_model and all(said.id for said in reply.calls):
        return reply
    calls = tuple(
        said if said.id else Call(id=f"call-{asked}-{index}", tool=said.tool, arguments=said.arguments)
        for index, said in enumerate(reply.calls)
    )
    return replace(reply, calls=calls, reported_model=reply.reported_model or name)
