"""Answers that may be some seconds old, so that many who look at once cost as much as one."""

import threading
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Answer = TypeVar("Answer")
MOST = 200
QUICK_S = 0.02
TIMES = 50


class Recent(Generic[Answer]):
    """An answer is held for fifty times as long as it took to make beyond 20 ms: what is quick is always new.

    Who comes while it is made anew gets the older one. Safe on any thread; at most two hundred answers
    are held. `monotonic` is in seconds.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._held: dict[Hashable, tuple[float, Answer]] = {}
        self._making: dict[Hashable, threading.Lock] = {}

    def get(self, name: Hashable, make: Callable[[], Answer]) -> Answer:
        """The answer of that name; raises what `make` raises, and then holds nothing new."""
        with self._lock:
            held = self._held.get(name)
            making = self._making.setdefault(name, threading.Lock())
        if held is not None and (self._fresh(held) or making.locked()):
            return held[1]
        with making:
            held = self._held.get(name)
            if held is not None and self._fresh(held):
                return held[1]
            begin = self._monotonic()
            answer = make()
            now = self._monotonic()
            with self._lock:
                if len(self._held) >= MOST:
                    self._held.clear()
                    self._making.clear()
                self._held[name] = (now + TIMES * (now - begin - QUICK_S), answer)
            return answer

    def _fresh(self, held: tuple[float, Answer]) -> bool:
        return self._monotonic() < held[0]
