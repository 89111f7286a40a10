"""The command's outermost layer: every ending is an exit code, every error a sentence on stderr."""

import os
import sys
import traceback
from collections.abc import Sequence
from io import TextIOWrapper
from typing import NoReturn

import click

from remit.cli.group import ReaderGone, remit
from remit.cli.screen import note
from remit.errors import RemitError

OK = 0
PROBLEM = 1
USAGE = 2
INTERRUPTED = 130
READER_GONE = 141
"""What a shell reports for a program whose reader went away."""


def main() -> NoReturn:
    """The command `remit` with the process's own arguments; ends the process."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # What the terminal's encoding cannot say is shown as a code; it never stops a command.
            stream.reconfigure(errors="backslashreplace")
    code = run(sys.argv[1:])
    sys.exit(code if _flushed() else READER_GONE)


def run(arguments: Sequence[str]) -> int:
    """The exit code of one command; what it shows goes to stdout and stderr. Never raises."""
    try:
        code = remit.main(list(arguments), prog_name="remit", standalone_mode=False)
    except click.ClickException as error:
        return _misused(error)
    except RemitError as error:
        return _refused(error)
    except ReaderGone:
        return READER_GONE
    except (KeyboardInterrupt, click.Abort):
        note("Stopped. What was logged is kept.")
        return INTERRUPTED
    except Exception as error:
        return _unexpected(error)
    return code if isinstance(code, int) else OK


def _misused(error: click.ClickException) -> int:
    note(f"remit: {error.format_message()}")
    if isinstance(error, click.UsageError) and error.ctx is not None:
        note(f"See `{error.ctx.command_path} --help`.")
    return error.exit_code


def _refused(error: RemitError) -> int:
    note(f"remit: {error.message}")
    if error.remedy:
        note(error.remedy)
    _trace()
    return PROBLEM


def _unexpected(error: Exception) -> int:
    note(f"remit: something unexpected happened: {type(error).__name__}: {error}")
    if not _trace():
        note("Set REMIT_DEBUG=1 and run it again to see where; what was logged is kept.")
    return PROBLEM


def _trace() -> bool:
    wanted = os.environ.get("REMIT_DEBUG", "0") not in ("", "0")
    if wanted:
        note(traceback.format_exc())
    return wanted


def _flushed() -> bool:
    """False if nobody reads stdout any more; what was left to write is dropped quietly."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return False
    return True
