"""Does a promise still hold? An alarm over audited answers whose only dial is how rarely it is false."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Self

RATES = (0.02, 0.05, 0.1, 0.2, 0.35, 0.5)
"""Bets against the promise, as shares of the largest that the bound allows; their mean is the statistic."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditMonitor:
    """A Shiryaev-Roberts e-detector on audited answers.

    While each audited answer is wrong with a probability of at most `max_error`, whatever came before it,
    the mean number of audits to a false alarm is at least `run_length` (Shin, Ramdas and Rinaldo,
    "E-detectors", 2024). It never forgets an alarm.
    """

    max_error: float
    run_length: int = 5000
    """The least mean number of audits between false alarms."""
    statistics: tuple[float, ...] = (0.0,) * len(RATES)
    audits: int = 0
    wrong: int = 0
    alarm_at: int | None = None
    """The audit at which the alarm was raised, counted from 1."""

    @property
    def value(self) -> float:
        """The evidence so far; the alarm is raised when it reaches `run_length`."""
        return sum(self.statistics) / len(self.statistics)

    @property
    def alarm(self) -> bool:
        """Whether the promise counts as broken."""
        return self.alarm_at is not None

    def after(self, wrong: bool) -> Self:
        """The monitor after one more audited answer."""
        excess = float(wrong) - self.max_error
        statistics = tuple(
            (known + 1.0) * (1.0 + rate / self.max_error * excess)
            for known, rate in zip(self.statistics, RATES, strict=True)
        )
        grown = replace(self, statistics=statistics, audits=self.audits + 1, wrong=self.wrong + int(wrong))
        if self.alarm_at is None and grown.value >= self.run_length:
            return replace(grown, alarm_at=grown.audits)
        return grown

    def after_all(self, verdicts: Iterable[bool]) -> Self:
        """The monitor after these audited answers, in their order; True stands for a wrong one."""
        monitor = self
        for wrong in verdicts:
            monitor = monitor.after(wrong)
        return monitor
