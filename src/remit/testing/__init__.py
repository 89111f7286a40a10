"""How does a user test an agent: without a provider, without waiting, and with things that break?"""

from remit.model import network_blocked
from remit.testing.broken import failing, hanging, huge
from remit.testing.clock import FrozenClock
from remit.testing.recording import RecordedModel, Recorder, request_key
from remit.testing.scripted import Scripted, ScriptedModel, answer, call

__all__ = [
    "FrozenClock",
    "RecordedModel",
    "Recorder",
    "Scripted",
    "ScriptedModel",
    "answer",
    "call",
    "failing",
    "hanging",
    "huge",
    "network_blocked",
    "request_key",
]
