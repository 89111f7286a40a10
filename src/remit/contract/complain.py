"""A validation error as a sentence that a person can act on."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from remit.contract.keys import is_tag, keys_at
from remit.contract.nodes import Location
from remit.contract.path import PATH_KEYS
from remit.contract.problem import did_you_mean, listed
from remit.contract.schema import NOT_YET, Contract

Sentence = tuple[str, str]
"""What is wrong, and what to do."""

_PATH_FORMS = (
    "`{queue: NAME}`, `{say: TEXT}`, `{value: ANSWER}`, `{last_known: 24h}`, `degrade`, `refuse` or `fail`"
)


def location_of(error: Mapping[str, Any]) -> Location:
    """The keys that lead to the error, as they stand in the file."""
    return tuple(part for part in error["loc"] if part != "[key]" and not is_tag(part))


def sentence(error: Mapping[str, Any]) -> Sentence:
    """What is wrong and what to do, for one of pydantic's errors."""
    return _SENTENCES.get(error["type"], _other)(error)


def kind(value: Any) -> str:
    """What a value of the file is, in a word."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, (int, float)):
        return "a number"
    if isinstance(value, str):
        return "a text"
    return "a list" if isinstance(value, list) else "a mapping"


def shown(value: Any) -> str:
    """A value of the file, short enough for one line."""
    text = value if isinstance(value, str) else repr(value)
    return f"`{text}`" if len(text) <= 60 else f"`{text[:57]}...`"


def _other(error: Mapping[str, Any]) -> Sentence:
    return f"{error['msg'][:1].lower()}{error['msg'][1:]}.", ""


def _missing(error: Mapping[str, Any]) -> Sentence:
    key = error["loc"][-1]
    return f"`{key}` is missing.", f"Add `{key}: ...`."


def _unknown_key(error: Mapping[str, Any]) -> Sentence:
    *parents, key = error["loc"]
    if not parents and key in NOT_YET:
        return f"nothing enforces `{key}` yet ({NOT_YET[key]}), so no remit may promise it.", "Remove it."
    known = keys_at(Contract, tuple(parents))
    near = did_you_mean(str(key), known)
    return f"`{key}` is no key of this place.", near or f"The keys here are {listed(known)}."


def _wants(what: str) -> Callable[[Mapping[str, Any]], Sentence]:
    def wanted(error: Mapping[str, Any]) -> Sentence:
        return f"{what} is needed here, not {kind(error['input'])}.", ""

    return wanted


def _wants_number(error: Mapping[str, Any]) -> Sentence:
    value = error["input"]
    whole = error["type"].startswith("int")
    what = "a whole number" if whole else "a number"
    message = f"{what} is needed here, not {kind(value)}."
    if isinstance(value, str) and re.fullmatch(r"[\d_,' ]*\d(\.\d+)?", value):
        plain = re.sub(r"[_,' ]", "", value)
        return message, f"Write `{plain.lstrip('0') or '0'}`, without quotes or separators."
    if isinstance(value, str):
        return message, f"{shown(value)} is no plain number."
    return message if not isinstance(
        value, float
    ) else f"a whole number is needed here, not {shown(value)}.", ""


def _wants_list(error: Mapping[str, Any]) -> Sentence:
    value = error["input"]
    example = f"Write `[{value}]`." if isinstance(value, str) and len(value) <= 60 else ""
    return f"a list is needed here, not {kind(value)}.", example


def _not_among(error: Mapping[str, Any]) -> Sentence:
    value, last = error["input"], error["loc"][-1]
    options = re.findall(r"'([^']*)'", error["ctx"]["expected"])
    if not options:
        return f"{shown(value)} is no version of the format that is known here.", "Write `remit: 1`."
    if last == "[key]":
        return _not_word("failure mode", error["loc"][-2], options)
    if last == "<word>":
        message, suggestion = _not_word("path", value, options)
        queue = f"To hand over to a queue, write `{{queue: {value}}}`."
        return message, suggestion if suggestion.startswith("Did") else f"{queue} {suggestion}"
    return _not_word("value of this key", value, options)


def _not_word(what: str, value: Any, options: Sequence[str]) -> Sentence:
    near = did_you_mean(value, options) if isinstance(value, str) else ""
    return f"{shown(value)} is no {what}.", near or f"Write one of {listed(options)}."


def _no_path(error: Mapping[str, Any]) -> Sentence:
    value = error["input"]
    if isinstance(value, dict):
        for key in cast("dict[str, Any]", value):
            near = did_you_mean(key, PATH_KEYS)
            if near:
                return f"`{key}` is no key of a path.", near
    return f"a path is needed here, not {kind(value)} of this form.", f"Write {_PATH_FORMS}."


_FORMS = {
    r"^[A-Za-z0-9][A-Za-z0-9_.@+-]*$": "a name holds only letters, digits and `_ . @ + -`",
    r"^[A-Za-z_][A-Za-z0-9_-]*$": "a tool's name holds only letters, digits, `_` and `-`",
    r"^[a-z][a-z0-9_-]*:\S+$": "a model is named `provider:name`, such as `openai:gpt-5.1-2025-11-13`",
    r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$": "a Python tool is named `module:function`, such as `desk:refund`",
    r"^[^:\s]+:\S+$": "a server's tool is named `server:tool`",
}


def _wrong_form(error: Mapping[str, Any]) -> Sentence:
    key = error["loc"][-1] == "[key]"
    value = error["loc"][-2] if key else error["input"]
    pattern = error["ctx"]["pattern"]
    return f"{shown(value)} does not fit: {_FORMS.get(pattern, pattern)}.", ""


def _bound(word: str, limit: str) -> Callable[[Mapping[str, Any]], Sentence]:
    def beyond(error: Mapping[str, Any]) -> Sentence:
        return f"the value here must be {word} {error['ctx'][limit]:g}, not {shown(error['input'])}.", ""

    return beyond


def _too_long(error: Mapping[str, Any]) -> Sentence:
    return f"this is longer than {error['ctx']['max_length']} characters.", ""


def _value_error(error: Mapping[str, Any]) -> Sentence:
    value = error["input"]
    unit = isinstance(value, (int, float)) and not isinstance(value, bool)
    return f"{error['ctx']['error']}.", f"Did you mean `{value:g}s`?" if unit else ""


_SENTENCES: Mapping[str, Callable[[Mapping[str, Any]], Sentence]] = {
    "missing": _missing,
    "extra_forbidden": _unknown_key,
    "string_type": _wants("a text"),
    "bool_type": _wants("`true` or `false`"),
    "int_type": _wants_number,
    "int_from_float": _wants_number,
    "float_type": _wants_number,
    "tuple_type": _wants_list,
    "dict_type": _wants("a mapping (`name: ...`)"),
    "model_type": _wants("a mapping (`key: ...`)"),
    "model_attributes_type": _wants("a mapping (`key: ...`)"),
    "literal_error": _not_among,
    "enum": _not_among,
    "no_path": _no_path,
    "no_setting": _wants("a text or `{secret: NAME}`"),
    "string_pattern_mismatch": _wrong_form,
    "string_too_short": lambda error: ("this text is empty.", "Write it, or remove the key."),
    "string_too_long": _too_long,
    "too_short": lambda error: ("at least one entry is needed here.", ""),
    "greater_than": _bound("more than", "gt"),
    "greater_than_equal": _bound("at least", "ge"),
    "less_than": _bound("less than", "lt"),
    "less_than_equal": _bound("at most", "le"),
    "value_error": _value_error,
}
