"""What is going on, on stderr and only while somebody watches: a spinner, and lines above it."""

import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager

from remit.cli.screen import columns, is_live, note
from remit.event import CaseOpened, Ended
from remit.log import Entry, Subscriber
from remit.telling import Line, faint, moment, shortened, waiting_for

FRAME_S = 0.1
BRAILLE = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
ASCII = "|/-\\"
CLEAR = "\r\x1b[K"


class Spinner:
    """One line that turns while `text` is under way; lines said meanwhile stand above it."""

    def __init__(self) -> None:
        utf = (sys.stderr.encoding or "").lower().startswith("utf")
        self._frames = BRAILLE if utf else ASCII
        self._lock = threading.Lock()
        self._text = ""
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._turn, name="remit-spinner", daemon=True)
        self._thread.start()

    def show(self, text: str) -> None:
        """What is under way now; an empty text shows nothing."""
        with self._lock:
            self._text = shortened(text, columns() - 4)
            if not self._text:
                self._write(CLEAR)

    def line(self, line: Line) -> None:
        """A line above the spinner."""
        with self._lock:
            self._write(CLEAR)
            note(*line)

    def stop(self) -> None:
        """Takes the spinner away."""
        self._over.set()
        self._thread.join()
        self._write(CLEAR)

    def _turn(self) -> None:
        turn = 0
        while not self._over.wait(FRAME_S):
            with self._lock:
                if self._text:
                    self._write(f"{CLEAR}{self._frames[turn % len(self._frames)]} {self._text}")
            turn += 1

    def _write(self, text: str) -> None:
        sys.stderr.write(text)
        sys.stderr.flush()


@contextmanager
def spinning() -> Generator[Spinner | None]:
    """A spinner where somebody watches, None elsewhere."""
    spinner = Spinner() if is_live() else None
    try:
        yield spinner
    finally:
        if spinner is not None:
            spinner.stop()


def steps_on(spinner: Spinner) -> Subscriber:
    """A subscriber of the log that shows each step as it becomes durable."""

    def follow(entries: list[Entry]) -> None:
        for entry in entries:
            # How it ended, or what it waits for, is the result, which is printed after this.
            over = isinstance(entry.event, Ended | CaseOpened)
            line = moment(entry, columns() - 2) if not over else None
            if line is not None:
                spinner.line((faint("  "), *line))
            spinner.show(waiting_for(entry) or "")

    return follow
