"""What a scope gate says of one text, and what it takes to be one."""

from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

GateVerdict = Literal["in_scope", "out_of_scope", "unfamiliar_input"]


class Neighbour(NamedTuple):
    """An example that the text resembles, its topic, and the cosine between them."""

    text: str
    topic: str
    similarity: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What the gate makes of one text."""

    verdict: GateVerdict
    topic: str | None
    """The topic that it most resembles; None for what resembles none."""
    score: float
    threshold: float
    nearest: tuple[Neighbour, ...]
    reason: str


class Gate(Protocol):
    """Whatever judges a text by examples."""

    @property
    def hash(self) -> str:
        """What names it: equal hashes judge equally."""
        ...

    def judge(self, text: str) -> Judgement:
        """The verdict on one text; never raises."""
        ...
