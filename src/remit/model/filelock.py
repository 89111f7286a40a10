"""May this process work on a file now, or does another one?"""

import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

POLL_S = 0.25

if sys.platform == "win32":
    import msvcrt

    def _try_lock(handle: IO[bytes]) -> None:
        msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _try_lock(handle: IO[bytes]) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def held(path: Path, *, waiting: Callable[[], None]) -> Generator[None]:
    """Hold the lock file for the block; `waiting` is called each time it is found taken.

    The system frees the lock when its process ends, however it ends.
    """
    with path.open("ab") as handle:
        while True:
            try:
                _try_lock(handle)
                break
            except OSError:
                waiting()
                time.sleep(POLL_S)
        yield
