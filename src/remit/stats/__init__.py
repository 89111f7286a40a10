"""How sure may one be? Pure statistics: thresholds with a promise, their alarm, curves and shifts.

What needs numpy and scipy is imported when it is first used, so that a process which only compares a
score with a stored threshold needs neither.
"""

from importlib import import_module
from typing import TYPE_CHECKING

import remit.errors
from remit.stats.audit import AuditMonitor
from remit.stats.labels import Label, Sifted, fewest_labels, labels_needed, one_class, sift
from remit.stats.scaling import Scaling

if TYPE_CHECKING:
    from remit.stats.curves import Bin, CurvePoint, Reliability, reliability, risk_coverage
    from remit.stats.drift import Shift, score_shift
    from remit.stats.fitting import fit_scaling
    from remit.stats.threshold import (
        Threshold,
        calibrate_slices,
        calibrate_threshold,
    )

__all__ = [
    "AuditMonitor",
    "Bin",
    "CurvePoint",
    "Label",
    "Reliability",
    "Scaling",
    "Shift",
    "Sifted",
    "Threshold",
    "calibrate_slices",
    "calibrate_threshold",
    "fewest_labels",
    "fit_scaling",
    "labels_needed",
    "one_class",
    "reliability",
    "risk_coverage",
    "score_shift",
    "sift",
]

_FILES = {
    "curves": ("Bin", "CurvePoint", "Reliability", "reliability", "risk_coverage"),
    "drift": ("Shift", "score_shift"),
    "fitting": ("fit_scaling",),
    "threshold": (
        "Threshold",
        "calibrate_slices",
        "calibrate_threshold",
    ),
}
_FILE_OF = {name: file for file, names in _FILES.items() for name in names}


def __getattr__(name: str) -> object:
    """What needs numpy and scipy, imported now; RemitError with the remedy where they are missing."""
    file = _FILE_OF.get(name)
    if file is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        module = import_module(f"remit.stats.{file}")
    except ModuleNotFoundError as error:
        raise remit.errors.RemitError(
            f"Calibration needs the package {error.name}, which is not installed.",
            remedy='Run: pip install "remit[confidence]"',
        ) from error
    value: object = getattr(module, name)
    globals()[name] = value
    return value
