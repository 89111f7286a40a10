"""A model's replies kept in a file, and a model that gives them again."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any, assert_never

from pydantic import TypeAdapter

from remit.errors import RecordingError
from remit.event import Message, ModelSaid, Said, ToolSaid
from remit.model import Model, ModelError, ModelErrorClass, Reply, Request

ASKED_CHARACTERS = 200
_REPLY: TypeAdapter[Reply] = TypeAdapter(Reply)


def request_key(request: Request) -> str:
    """The identity of a request: what the model is shown, without run ids, times and limits."""
    shown = {
        "system": request.system,
        "messages": [_shown(message) for message in request.messages],
        "tools": [asdict(tool) for tool in request.tools],
        "output_schema": request.output_schema,
        "temperature": request.temperature,
        "note": request.note,
        **({"seed": request.seed} if request.seed else {}),
    }
    data = json.dumps(shown, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(data.encode()).hexdigest()[:32]


def _shown(message: Message) -> list[Any]:
    match message:
        case Said():
            return ["said", message.text]
        case ModelSaid():
            return ["model", message.text, [[made.tool, made.arguments] for made in message.calls]]
        case ToolSaid():
            return ["tool", message.tool, message.text, message.failed]
        case _:
            assert_never(message)


def _asked(request: Request) -> str:
    """The end of what was asked, for a reader of the file and for finding the nearest."""
    if request.note:
        return request.note[:ASKED_CHARACTERS]
    return request.messages[-1].text[:ASKED_CHARACTERS] if request.messages else ""


class Recorder:
    """A model that passes everything to another one and keeps what it said in a file.

    The file is begun anew; its lines are `{"model", "context_tokens"}` once, then
    `{"key", "asked", "reply"}` or `{"key", "asked", "error", "detail"}`.
    """

    def __init__(self, model: Model, path: Path | str) -> None:
        self._model = model
        self._path = Path(path)
        head = {"model": model.name, "context_tokens": model.context_tokens}
        self._path.write_text(json.dumps(head) + "\n", encoding="utf-8")

    @property
    def name(self) -> str:
        """The name of the model behind it."""
        return self._model.name

    @property
    def context_tokens(self) -> int | None:
        """The window of the model behind it."""
        return self._model.context_tokens

    async def ask(self, request: Request) -> Reply:
        """What the model behind it replies or raises, after it was written down."""
        line: dict[str, Any] = {"key": request_key(request), "asked": _asked(request)}
        try:
            reply = await self._model.ask(request)
        except ModelError as error:
            self._write(line | {"error": error.error.value, "detail": error.detail})
            raise
        self._write(line | {"reply": _REPLY.dump_python(reply, mode="json", exclude_defaults=True)})
        return reply

    def _write(self, line: Mapping[str, Any]) -> None:
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False, sort_keys=True) + "\n")


class RecordedModel:
    """Gives the replies of a recording again, each to the request that it was the reply to.

    RecordingError, naming the nearest recorded request, for a request that was not recorded: the
    prompt, a tool or the input is another one than when the recording was made.
    """

    def __init__(self, path: Path | str) -> None:
        """RecordingError if the file is missing or is no recording."""
        try:
            lines = [json.loads(line) for line in Path(path).read_text(encoding="utf-8").splitlines()]
            self._name: str = f"recorded:{lines[0]['model']}"
            self._context_tokens: int | None = lines[0]["context_tokens"]
            self._lines: dict[str, dict[str, Any]] = {line["key"]: line for line in lines[1:]}
        except (OSError, ValueError, LookupError, TypeError) as error:
            raise RecordingError(f"{path} cannot be read as a recording: {error!r}.") from error
        self._path = path

    @property
    def name(self) -> str:
        """`recorded:` and the name of the model that was recorded."""
        return self._name

    @property
    def context_tokens(self) -> int | None:
        """The window of the model that was recorded."""
        return self._context_tokens

    async def ask(self, request: Request) -> Reply:
        """The recorded reply, or the recorded ModelError."""
        line = self._lines.get(request_key(request))
        if line is None:
            raise self._unknown(_asked(request))
        if "error" in line:
            raise ModelError(ModelErrorClass(line["error"]), line["detail"])
        return _REPLY.validate_python(line["reply"], strict=False)

    def _unknown(self, asked: str) -> RecordingError:
        def likeness(recorded: str) -> float:
            return SequenceMatcher(None, asked, recorded).ratio()

        nearest = max((line["asked"] for line in self._lines.values()), key=likeness, default="")
        same = nearest == asked
        detail = (
            "The nearest ends alike: its prompt, tools or earlier turns differ."
            if same
            else (f"The nearest recorded one ends in {nearest!r}.")
        )
        return RecordingError(
            f"{self._path} holds no reply to a request that ends in {asked!r}. {detail}",
            remedy="Record anew, or undo the change of prompt, tools or input.",
        )
