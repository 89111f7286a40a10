"""What does a run do next? One step at a time, from admission to an outcome."""

from remit.loop.conclude import output_text
from remit.loop.driving import drive
from remit.loop.earlier import earlier_runs, is_idle
from remit.loop.messages import Shown
from remit.loop.plan import Plan, World
from remit.loop.wake import Wake, append_outside

__all__ = [
    "Plan",
    "Shown",
    "Wake",
    "World",
    "append_outside",
    "drive",
    "earlier_runs",
    "is_idle",
    "output_text",
]
