"""Which faults a schedule has, and when: a few kinds, a few times each, drawn from its seed."""

from collections import Counter
from random import Random

RATES = {
    "crash_before_commit": 0.06,
    "crash_after_commit": 0.06,
    "crash_in_call": 0.15,
    "store_refuses": 0.06,
    "lost_acknowledgement": 0.06,
    "stale_rows": 0.10,
    "stale_events": 0.08,
    "paused_before_sending": 0.15,
    "request_lost": 0.15,
    "reply_lost": 0.15,
    "request_late": 0.15,
    "tool_refuses": 0.15,
    "tool_unreachable": 0.15,
    "model_fails": 0.08,
    "query_fails": 0.20,
}
"""How likely each fault is at each chance that it has."""
MOST = 3
"""How often one kind of fault happens in one schedule."""


class Faults:
    """A schedule has about half of the kinds (swarm testing: what is left out lets others go further)."""

    def __init__(self, dice: Random) -> None:
        self.dice = dice
        self.on = True
        self.left = {name: MOST for name in RATES if dice.random() < 0.4}
        self.latency = dice.choice((0.0, 0.1, 0.5))
        self.happened: Counter[str] = Counter()

    def happens(self, name: str) -> bool:
        """Whether the fault strikes now; never after `on` was taken away."""
        left = self.left.get(name, 0)
        if left == 0 or not self.on or self.dice.random() >= RATES[name]:
            return False
        self.left[name] = left - 1
        self.happened[name] += 1
        return True
