"""YAML text to plain data, with the line of every key.

Only what a reviewer can read off the page is read: no aliases, no merge keys, no tags, and a word
is a number or a truth value only where it looks like one (`on`, `yes`, dates, `1_000`, `4:30` and
`010` stay the texts that they are).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import yaml

from remit.contract.problem import Finding, Problem

Location = tuple[str | int, ...]
DEEPEST = 30
_KINDS = ("str", "int", "float", "bool", "null", "timestamp", "value", "seq", "map")
_STANDARD_TAGS = frozenset(f"tag:yaml.org,2002:{kind}" for kind in _KINDS)
_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,17})\.[0-9]{1,18}")
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
"""Control, invisible and direction-changing characters: a reviewer does not see what they do."""


@dataclass(frozen=True, slots=True)
class Lines:
    """Where each key stands in its file."""

    by_key: Mapping[str, int] = field(default_factory=dict[str, int])

    def at(self, where: str) -> int:
        """The line of a dotted key, else of its nearest parent, else 1."""
        while where and where not in self.by_key:
            where = where.rpartition(".")[0]
        return self.by_key.get(where, 1)


def problems_of(findings: Iterable[Finding], lines: Lines, file: str) -> tuple[Problem, ...]:
    """Findings with their file and line, in the order of the file."""
    found = [
        Problem(
            file=file,
            line=lines.at(finding.where),
            where=finding.where,
            message=finding.message,
            suggestion=finding.suggestion,
            severity=finding.severity,
        )
        for finding in findings
    ]
    return tuple(sorted(found, key=lambda problem: (problem.line, problem.where)))


def dotted(location: Location) -> str:
    """`("tools", "refund", "ask")` as `tools.refund.ask`."""
    return ".".join(str(part) for part in location)


@dataclass(slots=True, kw_only=True)
class Reading:
    """What one file says, as far as it could be read."""

    file: str
    data: Any = None
    lines: dict[str, int] = field(default_factory=dict[str, int])
    written: dict[Location, str] = field(default_factory=dict[Location, str])
    """Numbers and truth values as they were written, for keys that want a text."""
    problems: list[Problem] = field(default_factory=list[Problem])
    seen: set[int] = field(default_factory=set[int])

    def complain(self, location: Location, line: int, message: str, suggestion: str = "") -> None:
        """Add one problem."""
        self.problems.append(
            Problem(file=self.file, line=line, where=dotted(location), message=message, suggestion=suggestion)
        )


def read_yaml(text: str, file: str) -> Reading:
    """The data, lines and problems of a text; never raises."""
    reading = Reading(file=file)
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        reading.complain((), _line_of(error, text), *_syntax(error))
        return reading
    except (ValueError, OverflowError):
        reading.complain((), 1, "a character written as `\\x..`, `\\u..` or `\\U..` does not exist.")
        return reading
    except RecursionError:
        reading.complain((), 1, "the file is nested too deeply to be read.")
        return reading
    if root is None:
        reading.complain((), 1, "the file is empty.", "`remit new NAME` writes one to start from.")
    elif not isinstance(root, yaml.MappingNode):
        reading.complain((), _line(root), "a remit is a mapping of keys, such as `agent: my-desk`.")
    else:
        reading.data = _mapping(reading, root, ())
    return reading


def _line(node: yaml.Node) -> int:
    return node.start_mark.line + 1


def _line_of(error: yaml.YAMLError, text: str) -> int:
    if isinstance(error, yaml.MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        return mark.line + 1 if mark else 1
    position = getattr(error, "position", 0)
    return text.count("\n", 0, position) + 1


def _syntax(error: yaml.YAMLError) -> tuple[str, str]:
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be read"
    suggestion = ""
    if "'\\t'" in problem:
        suggestion = "Indent with spaces, not with tabs."
    elif "mapping values are not allowed" in problem:
        suggestion = "Put a text that holds `: ` in quotes, and check the indentation."
    elif "but found another document" in problem:
        problem, suggestion = "it holds more than one document", "Keep one remit in a file; remove the `---`."
    return f"this is not YAML: {problem}.", suggestion


def _value(reading: Reading, node: yaml.Node, location: Location) -> Any:
    """The node as data; what cannot be read is complained of and becomes None."""
    if id(node) in reading.seen:
        reading.complain(
            location,
            reading.lines.get(dotted(location), _line(node)),
            "an alias (`*name`) is not read here.",
            "Write the value out, so that a reviewer sees it where it holds.",
        )
        return None
    reading.seen.add(id(node))
    if node.tag not in _STANDARD_TAGS:
        reading.complain(location, _line(node), f"the tag `{node.tag}` is not read here.", "Remove it.")
        return None
    if len(location) > DEEPEST:
        reading.complain(location[:DEEPEST], _line(node), f"this is nested more than {DEEPEST} levels deep.")
        return None
    if isinstance(node, yaml.MappingNode):
        return _mapping(reading, node, location)
    if isinstance(node, yaml.SequenceNode):
        return _sequence(reading, node, location)
    return _scalar(reading, cast("yaml.ScalarNode", node), location)


def _mapping(reading: Reading, node: yaml.MappingNode, location: Location) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line = _line(key_node)
        if not isinstance(key_node, yaml.ScalarNode) or id(key_node) in reading.seen:
            reading.complain(location, line, "a key is a plain text.")
            continue
        reading.seen.add(id(key_node))
        key = str(key_node.value)
        here = (*location, key)
        if key == "<<" and not key_node.style:
            reading.complain(here, line, "merge keys (`<<`) are not read here.", "Write the keys out.")
        elif _UNSEEN.search(key):
            reading.complain(location, line, f"the key {key!a} holds a character that a reader cannot see.")
        elif key in data:
            first = reading.lines[dotted(here)]
            reading.complain(here, line, f"`{key}` stands here twice, first on line {first}.", "Keep one.")
        else:
            reading.lines[dotted(here)] = line
            data[key] = _value(reading, value_node, here)
    return data


def _sequence(reading: Reading, node: yaml.SequenceNode, location: Location) -> list[Any]:
    items: list[Any] = []
    for index, item in enumerate(node.value):
        reading.lines[dotted((*location, index))] = _line(item)
        items.append(_value(reading, item, (*location, index)))
    return items


def _scalar(reading: Reading, node: yaml.ScalarNode, location: Location) -> Any:
    text = str(node.value)
    if _UNSEEN.search(text):
        reading.complain(location, _line(node), "this text holds a character that a reader cannot see.")
        return None
    if node.style or node.tag == "tag:yaml.org,2002:str":
        return text
    if node.tag == "tag:yaml.org,2002:null":
        if "value" not in location:
            line = reading.lines.get(dotted(location), _line(node))
            reading.complain(location, line, "this key has no value.", "Write one, or remove the key.")
        return None
    value = _plain(text)
    if not isinstance(value, str):
        reading.written[location] = text
    return value


def _plain(text: str) -> Any:
    """A number or a truth value if it looks like one to anybody, else the text itself."""
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    if _WHOLE.fullmatch(text):
        return int(text)
    if _DECIMAL.fullmatch(text):
        return float(text)
    return text
