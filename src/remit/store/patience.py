"""How long is a database waited for?"""

import time

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.05, 1.0


class Patience:
    """Pauses between tries, longer and longer, until the time is over."""

    def __init__(self, wait_s: float) -> None:
        self._until = time.monotonic() + wait_s
        self._pause_s = FIRST_PAUSE_S

    def pause(self) -> bool:
        """Waits a while; False at once if the time is over."""
        left = self._until - time.monotonic()
        if left <= 0:
            return False
        time.sleep(min(self._pause_s, left))
        self._pause_s = min(self._pause_s * 2, LONGEST_PAUSE_S)
        return True
