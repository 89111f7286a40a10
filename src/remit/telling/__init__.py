"""What happened in a run, in words that the terminal and the console share? Pure."""

from importlib import import_module
from typing import TYPE_CHECKING

from remit.telling.harmless import json_safe, one_line, plain, shortened, width_of, wrapped
from remit.telling.pieces import Line, Painted, Piece, Style, faint, strong, text_of
from remit.telling.times import clock_time, count, duration, iso_time, moment_of, money, short_time

if TYPE_CHECKING:
    from remit.telling.moments import moment, waiting_for
    from remit.telling.run_story import Cut, Reader, story
    from remit.telling.run_tree import lines_of, tree
    from remit.telling.words import OUTCOME_STYLE, OUTCOMES, WHOLE, outcome_words, value_words

__all__ = [
    "OUTCOMES",
    "OUTCOME_STYLE",
    "WHOLE",
    "Cut",
    "Line",
    "Painted",
    "Piece",
    "Reader",
    "Style",
    "clock_time",
    "count",
    "duration",
    "faint",
    "iso_time",
    "json_safe",
    "lines_of",
    "moment",
    "moment_of",
    "money",
    "one_line",
    "outcome_words",
    "plain",
    "short_time",
    "shortened",
    "story",
    "strong",
    "text_of",
    "tree",
    "value_words",
    "waiting_for",
    "width_of",
    "wrapped",
]

_FILES = {
    "remit.telling.moments": ("moment", "waiting_for"),
    "remit.telling.run_story": ("Cut", "Reader", "story"),
    "remit.telling.run_tree": ("lines_of", "tree"),
    "remit.telling.words": ("OUTCOMES", "OUTCOME_STYLE", "WHOLE", "outcome_words", "value_words"),
}
_FILE_OF = {name: file for file, names in _FILES.items() for name in names}


def __getattr__(name: str) -> object:
    """What speaks of events is imported when it is first used, so that `remit --help` costs nothing."""
    if name not in _FILE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(_FILE_OF[name]), name)
    globals()[name] = value
    return value
