"""How far a download or a check is: a turning line while somebody watches, else a line per tenth."""

from collections.abc import Callable, Generator
from contextlib import contextmanager

from remit.cli.progress import spinning
from remit.cli.screen import note
from remit.model import Entry

Progress = Callable[[int, int, str], None]
TENTHS = 10


@contextmanager
def progress_of(entry: Entry) -> Generator[Progress]:
    """What is to be told of bytes done, bytes in all and what is being done; shown on stderr."""
    with spinning() as spinner:
        if spinner is not None:
            yield lambda done, whole, what: spinner.show(_words(entry, done, whole, what))
        else:
            yield _by_tenths(entry)


def _words(entry: Entry, done_bytes: int, all_bytes: int, what: str) -> str:
    share = done_bytes / all_bytes if all_bytes else 0.0
    return f"{entry.name}  {share:.0%} of {all_bytes / 1e6:,.0f} MB" + (f"  ({what})" if what else "")


def _by_tenths(entry: Entry) -> Progress:
    said = ""

    def show(done_bytes: int, all_bytes: int, what: str) -> None:
        nonlocal said
        tenth = TENTHS * done_bytes // all_bytes if all_bytes else 0
        words = _words(
            entry, tenth * all_bytes // TENTHS, all_bytes, "checking" if what == "checking" else ""
        )
        if words != said and tenth:
            said = words
            note(words)

    return show
