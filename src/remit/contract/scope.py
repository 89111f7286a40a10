"""What the scope gate is trained from, and how much of what is in scope it must keep."""

from pydantic import Field

from remit.contract.part import Part, Text
from remit.contract.path import Path

IN_SCOPE = "in scope"
"""The topic of an example that the agent is for; an entry of `does` says the same, and which one."""
OUT_OF_SCOPE = "out of scope"
"""The topic of an example that the agent is not for and that no entry of `does_not` names."""


class Scope(Part):
    """The gate before the model: what resembles no example of the remit's own goes to people."""

    examples: Text
    """A file beside the remit (`.csv`, `.jsonl` or `.yaml`): `text` and `topic` of each example, where the
    topic is `in scope`, an entry of `does`, a topic of `does_not`, or `out of scope`."""
    keep: float = Field(0.95, ge=0.5, le=0.999)
    """The share of inputs that are in scope which must pass the gate."""
    unfamiliar: Path | None = None
    """Where `unfamiliar_input` leads; without it, the path that `on_failure` or `handover` gives."""


def scope_text(scope: Scope) -> str:
    """What the gate promises, in words."""
    return (
        f"Before a model sees an input, it must resemble the examples in {scope.examples}; at least "
        f"{100 * scope.keep:.12g} % of the inputs that are in scope and like the examples pass."
    )
