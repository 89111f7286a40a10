"""Can this input be read, and is it inside the remit? Decided before any model sees it.

What needs numpy (the scope gate) is imported when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING

import remit.errors
from remit.intake.judgement import Gate, Judgement, Neighbour
from remit.intake.language import Language, language_of
from remit.intake.language_check import check_languages
from remit.intake.reading import clean, storable, text_of
from remit.intake.screening import Screening, screen
from remit.intake.suspicion import UNSUSPECTED, Suspicion, suspicion_of
from remit.intake.topic import TopicMatch, matches_topic

if TYPE_CHECKING:
    from remit.intake.gate import GateLabel, HeldOut, ScopeGate
    from remit.intake.gate_check import check_gate
    from remit.intake.gate_figures import Confusion, GateReport, Lost, gate_report
    from remit.intake.gate_file import opened_gate
    from remit.intake.training import gate_labels, train_gate

__all__ = [
    "UNSUSPECTED",
    "Confusion",
    "Gate",
    "GateLabel",
    "GateReport",
    "HeldOut",
    "Judgement",
    "Language",
    "Lost",
    "Neighbour",
    "ScopeGate",
    "Screening",
    "Suspicion",
    "TopicMatch",
    "check_gate",
    "check_languages",
    "clean",
    "gate_labels",
    "gate_report",
    "language_of",
    "matches_topic",
    "opened_gate",
    "screen",
    "storable",
    "suspicion_of",
    "text_of",
    "train_gate",
]

_FILES = {
    "gate": ("GateLabel", "HeldOut", "ScopeGate"),
    "gate_check": ("check_gate",),
    "gate_file": ("opened_gate",),
    "gate_figures": ("Confusion", "GateReport", "Lost", "gate_report"),
    "training": ("gate_labels", "train_gate"),
}
_FILE_OF = {name: file for file, names in _FILES.items() for name in names}


def __getattr__(name: str) -> object:
    """What needs numpy and scipy, imported now; EmbeddingMissing with the remedy where they are missing."""
    file = _FILE_OF.get(name)
    if file is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        module = import_module(f"remit.intake.{file}")
    except ModuleNotFoundError as error:
        raise remit.errors.EmbeddingMissing(
            f"The scope gate needs the package {error.name}, which is not installed.",
            remedy='Run: pip install "remit[scope]"',
        ) from error
    value: object = getattr(module, name)
    globals()[name] = value
    return value
