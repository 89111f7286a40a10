"""What a tool call does to the world, and so what may be done when its result is lost."""

from enum import StrEnum


class Effect(StrEnum):
    """The class of a tool's effect; declared in code, it decides what a retry may do."""

    READ = "read"
    """Changes nothing: may be called again at any time."""
    IDEMPOTENT = "idempotent"
    """Changes something, and twice is the same as once."""
    KEYED = "keyed"
    """The other side recognises the same key and acts once."""
    IRREVERSIBLE = "irreversible"
    """Twice is wrong: after a lost result only a person or the tool's own query may say."""


STRICTNESS: dict[Effect, int] = {
    Effect.READ: 0,
    Effect.IDEMPOTENT: 1,
    Effect.KEYED: 2,
    Effect.IRREVERSIBLE: 3,
}


def side_effecting(effect: Effect) -> bool:
    """True for every effect but a read."""
    return effect is not Effect.READ


def stricter(declared: Effect, wanted: Effect) -> bool:
    """True if `wanted` tightens or keeps `declared`."""
    return STRICTNESS[wanted] >= STRICTNESS[declared]
