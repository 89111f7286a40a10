"""May a model be asked, or fetched, over the network? One switch for the whole process."""

import os
from collections.abc import Generator
from contextlib import contextmanager

_blocked = 0


def network_allowed() -> bool:
    """False while `network_blocked` is entered or REMIT_OFFLINE is set to anything but 0."""
    return _blocked == 0 and os.environ.get("REMIT_OFFLINE", "0") in ("", "0")


@contextmanager
def network_blocked() -> Generator[None]:
    """No model behind a network can be opened inside the block; blocks may be nested."""
    global _blocked
    _blocked += 1
    try:
        yield
    finally:
        _blocked -= 1
