"""Does a text look like an attempt to give the agent orders? Patterns only: a signal, never a defence.

A score may raise a question, never lower one: what an agent may do is decided elsewhere, and holds when
this finds nothing. Persuasion in plain words, another wording or another language passes here unseen.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from typing import NamedTuple

LONGEST_TEXT = 100_000
"""Characters that are looked at."""


class Suspicion(NamedTuple):
    """A score from 0 to 1 and the signs that it comes from."""

    score: float
    signs: tuple[str, ...]


UNSUSPECTED = Suspicion(0.0, ())
_RULES = r"(?:instructions?|rules?|prompts?|guidelines?|directions?|orders|restrictions?|polic(?:y|ies))"
_OVERRIDE = (
    rf"\b(?:ignore|disregard|forget|override|overrule|bypass|skip)\b.{{0,40}}\b{_RULES}\b",
    r"\b(?:ignorier\w*|vergiss|vergessen sie|missachte\w*)\b.{0,40}\b(?:anweisung\w*|regeln?|vorgaben?)\b",
    r"\b(?:ignore[zr]?|oublie[zr]?)\b.{0,40}\b(?:instructions|consignes|r[eè]gles)\b",
    r"\b(?:ignora|olvida|omite|ignore)\b.{0,40}\b(?:instrucciones|reglas|instru[cç][oõ]es|regras)\b",
    r"\b(?:ignora|dimentica)\b.{0,40}\b(?:istruzioni|regole)\b",
    r"\bnegeer\b.{0,40}\b(?:instructies|regels)\b",
)
_ROLE = (
    r"\b(?:you are now|from now on,? you|pretend (?:to be|that you)|you must act as|switch to|enter)\b"
    r".{0,40}\b(?:mode|ai|assistant|bot|model|unrestricted|unfiltered|administrator|admin|root|dan)\b",
    r"\b(?:developer|debug|maintenance|god|jailbreak|sudo|admin)[ -]mode\b",
    r"\bdo anything now\b|\bjailbreak\b",
)
_FRAME = (
    r"(?m)^\W{0,6}(?:system|assistant|developer)\W{0,3}(?:message|prompt|note|override)?\W{0,3}:",
    r"<\|?/?(?:im_start|im_end|system|assistant|endoftext)\|?>|\[/?INST\]|<<SYS>>",
    r"(?m)^\W{0,6}(?:new|updated|real|important) (?:instructions?|task|system prompt)\W{0,3}:",
)
_PROMPT = (
    r"\b(?:reveal|print|show|repeat|output|display|leak|tell me)\b.{0,40}"
    r"\b(?:system prompt|hidden prompt|initial prompt|your (?:instructions|rules|prompt))\b",
)
_READER = (
    r"\b(?:if you are|dear|attention|hey|note to|message (?:to|for)) (?:an? |the |any )?"
    r"(?:ai|llm|language model|assistant|chatbot|agent)\b",
    r"\b(?:ai|llm) (?:agents?|assistants?|models?) (?:reading|processing|summari[sz]ing|reviewing)\b",
)
_SECRECY = (
    r"\b(?:do not|don't|never|without) (?:tell|telling|mention|mentioning|inform|informing|alert|alerting)"
    r"(?: this to)? (?:the |your )?(?:user|customer|human|anyone|owner|this)\b",
)
_AUTHORITY = (
    r"\bapprovals? (?:are|is) (?:not|no longer) (?:needed|required)\b",
    r"\bno (?:approval|confirmation) needed\b",
    r"\b(?:this is|i am|we are)\b.{0,20}\b(?:your|the) (?:developers?|administrators?|admin|creators?|"
    r"(?:it )?security team|it (?:department|security))\b",
)
_WEIGHTS: dict[str, tuple[float, tuple[str, ...]]] = {
    "it says to set rules aside": (0.8, _OVERRIDE),
    "it gives the agent another role": (0.6, _ROLE),
    "it is dressed up as a message of the system": (0.6, _FRAME),
    "it asks for the agent's own instructions": (0.6, _PROMPT),
    "it speaks to a model that reads it": (0.5, _READER),
    "it wants something kept from the user": (0.5, _SECRECY),
    "it claims an authority that a text cannot have": (0.5, _AUTHORITY),
}
_COMPILED = {
    sign: (weight, tuple(re.compile(pattern, re.IGNORECASE) for pattern in patterns))
    for sign, (weight, patterns) in _WEIGHTS.items()
}
_NEEDED: dict[str, tuple[str, ...]] = {
    "it says to set rules aside": (
        "ignor", "disregard", "forget", "overr", "bypass", "skip", "verg", "missachte",
        "oublie", "olvida", "omite", "dimentica", "negeer",
    ),
    "it gives the agent another role": (
        "you are now", "from now on", "pretend", "must act as", "switch to", "enter", "mode",
        "do anything now", "jailbreak",
    ),
    "it is dressed up as a message of the system": (
        "system", "assistant", "developer", "im_", "endoftext", "inst]", "<<sys>>",
        "instruction", "task",
    ),
    "it asks for the agent's own instructions": (
        "prompt", "your instructions", "your rules",
    ),
    "it speaks to a model that reads it": (
        "if you are", "dear", "attention", "hey", "note to", "message ", "ai agent", "ai assistant",
        "ai model", "llm ",
    ),
    "it wants something kept from the user": ("do not ", "don't ", "never ", "without "),
    "it claims an authority that a text cannot have": (
        "approval", "confirmation needed", "this is", "i am", "we are",
    ),
}  # fmt: skip
"""Words of which every match of a sign holds one: looking for them is far cheaper than its patterns."""
_HIDDEN = re.compile("[\u200b\u2060\ufeff\u00ad\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f]{3,}")
_SPACED = re.compile(r"\b(?:[A-Za-z][ .\-_]){6,}[A-Za-z]\b")
_ENCODED = re.compile(r"\b[A-Za-z0-9+/]{24,}={0,2}")
_GAPS = re.compile(r"[ .\-_]")
_ASKED = (
    r"(?:(?:please|kindly|now|also|then),? )?(?:can you |could you )?"
    r"(?:send|forward|transfer|e-?mail|share|upload|post|delete|grant|unlock|disable|reset|pay|wire|"
    r"withdraw|buy|order|schedule|create|change|update|install|run|execute|retrieve|access|download)\b"
    r"(?= (?:me|my|all|the|a|an|this|these|it|them|\d|\$)\b)"
)
_REQUEST_FIRST = re.compile(_ASKED, re.IGNORECASE)
_REQUEST_LATER = re.compile(rf"[.!?:'\"\n]\s*{_ASKED}", re.IGNORECASE)
_REQUEST_WEIGHT = 0.4

_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_SHAPE = str.maketrans(
    {chr(code): "." for code in range(128)} | dict.fromkeys(_LETTERS, "a") | dict.fromkeys(" .-_", " ")
)
_SPACED_SHAPE = " a a a a a "
_CODE_SHAPE = str.maketrans(
    {chr(code): "." for code in range(128)} | dict.fromkeys(f"{_LETTERS}0123456789+/", "a")
)
_ENCODED_SHAPE = "a" * 24
"""What every match of _SPACED and of _ENCODED holds, once letters are told by their shape alone."""


def suspicion_of(text: str, *, of_tool: bool = False) -> Suspicion:
    """How much a text looks like an attack, and why; linear in its length, never raises.

    In what a tool returned (`of_tool`), a request to act is a sign too: data asks for nothing.
    """
    looked_at = text[:LONGEST_TEXT]
    found = dict(_signs(looked_at))
    for plain in _unwrapped(looked_at):
        found |= {f"{sign}, behind an encoding": max(weight, 0.9) for sign, weight in _signs(plain)}
    if not looked_at.isascii() and _HIDDEN.search(looked_at):
        found["it holds runs of characters that nobody sees"] = 0.5
    if of_tool and (_REQUEST_FIRST.match(looked_at) or _REQUEST_LATER.search(looked_at)):
        found["a result of a tool asks for something to be done"] = _REQUEST_WEIGHT
    doubt = 1.0
    for weight in found.values():
        doubt *= 1.0 - weight
    return Suspicion(round(1.0 - doubt, 4), tuple(found))


def _signs(text: str) -> Iterator[tuple[str, float]]:
    folded = text.casefold()
    for sign, (weight, patterns) in _COMPILED.items():
        for word in _NEEDED[sign]:
            if word in folded:
                break
        else:
            continue
        if any(pattern.search(text) for pattern in patterns):
            yield sign, weight


def _unwrapped(text: str) -> Iterator[str]:
    """What stands in base64 or with its letters apart."""
    if _SPACED_SHAPE in text.translate(_SHAPE):
        spaced = " ".join(_GAPS.sub("", match[0]) for match in _SPACED.finditer(text))
        # Words have run together: what tells them apart is lost, so only the verb and its object count.
        yield re.sub(r"(?i)(ignore|disregard|forget|bypass)(.*?)(instructions?|rules?)", r"\1 \2 \3", spaced)
    if _ENCODED_SHAPE not in text.translate(_CODE_SHAPE):
        return
    for match in list(_ENCODED.finditer(text))[:20]:
        try:
            yield base64.b64decode(match[0] + "=" * (-len(match[0]) % 4)).decode("utf-8")
        except (binascii.Error, ValueError):
            continue
