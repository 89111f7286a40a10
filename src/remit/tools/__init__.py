"""How is a tool called, and what is known of the call afterwards?"""

from remit.tools.breaker import Breaker, Closed, HalfOpen, Open, SeenHealthy, admit, after, probing
from remit.tools.call import Ambiguous, Carried, NotDone, Succeeded, carry_out, healthy
from remit.tools.declare import Declared, declared_of, tool
from remit.tools.freeze import freeze_servers
from remit.tools.function import from_function
from remit.tools.last_known import Usable, last_known_key, storable, usable
from remit.tools.load import load, servers_of
from remit.tools.lock import LOCK_NAME
from remit.tools.once import once_key
from remit.tools.port import ArgumentsInvalid, Tool, ToolContext, ToolFailure, ToolUnavailable
from remit.tools.reconciling import NeverHappened, StillUnknown, TookPlace, reconcile
from remit.tools.resolve import resolve
from remit.tools.result_text import declined_text, denied_text, done_text, failed_text, unknown_effect_text
from remit.tools.score import ScoreFunction, load_score
from remit.tools.servers import ServerAddress, Servers
from remit.tools.threads import THREADS

__all__ = [
    "LOCK_NAME",
    "THREADS",
    "Ambiguous",
    "ArgumentsInvalid",
    "Breaker",
    "Carried",
    "Closed",
    "Declared",
    "HalfOpen",
    "NeverHappened",
    "NotDone",
    "Open",
    "ScoreFunction",
    "SeenHealthy",
    "ServerAddress",
    "Servers",
    "StillUnknown",
    "Succeeded",
    "TookPlace",
    "Tool",
    "ToolContext",
    "ToolFailure",
    "ToolUnavailable",
    "Usable",
    "admit",
    "after",
    "carry_out",
    "declared_of",
    "declined_text",
    "denied_text",
    "done_text",
    "failed_text",
    "freeze_servers",
    "from_function",
    "healthy",
    "last_known_key",
    "load",
    "load_score",
    "once_key",
    "probing",
    "reconcile",
    "resolve",
    "servers_of",
    "storable",
    "tool",
    "unknown_effect_text",
    "usable",
]
