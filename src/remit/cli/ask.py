"""`remit ask`: one input, and what becomes of it."""

import asyncio
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import click

from remit.app import Remit, Runtime, experts_beside
from remit.cli.ending import ending_lines, exit_code, outcome_fields
from remit.cli.place import agent_path, store_option
from remit.cli.progress import spinning, steps_on
from remit.cli.screen import note, say_all, say_json
from remit.cli.store_place import store_address, store_hint
from remit.export import line_of
from remit.log import Entry, Subscriber
from remit.outcome import Outcome, Waiting
from remit.telling import json_safe

STDIN = "-"


@click.command()
@click.argument("agent")
@click.argument("text", required=False)
@click.option(
    "--file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Read the input here."
)
@click.option(
    "--user", "fields", multiple=True, metavar="NAME=VALUE", help="What you vouch for: id=u1, account=A-1."
)
@click.option("--tenant", default="", help="The tenant that the user belongs to.")
@click.option("--conversation", help="Earlier runs of the same name are seen by this one.")
@click.option("--model", help="Ask this model instead of the remit's.")
@click.option(
    "--log-json", metavar="FILE", help="Add each event to this file as a JSON line, masked; - is stdout."
)
@click.option("--json", "as_json", is_flag=True, help="The outcome as one JSON object.")
@store_option
@click.pass_context
def ask(
    context: click.Context,
    agent: str,
    text: str | None,
    file: Path | None,
    fields: tuple[str, ...],
    tenant: str,
    conversation: str | None,
    model: str | None,
    log_json: str | None,
    as_json: bool,
) -> None:
    """Give an agent one input and see what becomes of it.

    AGENT is a folder under agents/ or a path; TEXT is the input, `-` reads it from stdin.

    \b
    Examples:
      remit ask my-desk "Where is my order 1001?"
      remit ask my-desk "Refund it" --user id=u1 --user account=A-1
      remit ask my-desk - --json < message.txt

    \b
    Exit codes: 0 answered or degraded, 3 escalated, 4 refused, 5 waiting for a person,
    6 failed; 1 a problem in Remit or its set-up, 2 wrong use.
    """
    if as_json and log_json == STDIN:
        raise click.UsageError("--json and --log-json - would both write to stdout; give --log-json a file.")
    value = _input(text, file)
    user = _attested(fields)
    remit = Remit.load(agent_path(agent), model=model)

    async def handle(subscribers: list[Subscriber]) -> tuple[str, Outcome | Waiting]:
        async with Runtime(store_address(), subscribers=subscribers) as runtime:
            for expert in experts_beside(remit):
                runtime.register(expert)
            run_id = await runtime.submit(remit, value, user=user, tenant=tenant, conversation=conversation)
            try:
                return run_id, await runtime.advance(run_id)
            except asyncio.CancelledError:
                note(f"Run {run_id} is not over: `remit worker --once{store_hint()}` goes on with it.")
                raise

    with _subscribers(log_json) as subscribers:
        run_id, outcome = asyncio.run(handle(subscribers))
    if as_json:
        say_json(outcome_fields(run_id, outcome))
    else:
        say_all(ending_lines(run_id, outcome), error=log_json == STDIN)
    context.exit(exit_code(outcome))


def _input(text: str | None, file: Path | None) -> str:
    if (text is None) == (file is None):
        raise click.UsageError("Give the input once: as TEXT, as `-` for stdin, or with --file.")
    if file is not None:
        return file.read_bytes().decode(errors="replace")
    if text == STDIN:
        return sys.stdin.buffer.read().decode(errors="replace")
    # Bytes of the command line that are no text arrive as lone surrogates, which nothing can store.
    return (text or "").encode(errors="surrogateescape").decode(errors="replace")


def _attested(fields: tuple[str, ...]) -> dict[str, str] | None:
    pairs: dict[str, str] = {}
    for field in fields:
        name, equals, value = field.partition("=")
        if not equals or not name.strip() or name.strip() in pairs:
            raise click.UsageError(f"{field!r} is not NAME=VALUE, each name once, such as --user id=u1.")
        pairs[name.strip()] = value
    return pairs or None


@contextmanager
def _subscribers(log_json: str | None) -> Generator[list[Subscriber]]:
    """Who hears of each event: the watcher of this terminal, and the file that was named."""
    with spinning() as spinner:
        following = [steps_on(spinner)] if spinner is not None else []
        if log_json is None:
            yield following
        elif log_json == STDIN:
            yield [*following, _lines_to(sys.stdout)]
        else:
            with _opened(log_json) as stream:
                yield [*following, _lines_to(stream)]


def _opened(path: str) -> TextIO:
    try:
        return Path(path).open("a", encoding="utf-8")
    except OSError as error:
        raise click.UsageError(f"{path} cannot be written: {error.strerror}.") from error


def _lines_to(stream: TextIO) -> Subscriber:
    def write(entries: list[Entry]) -> None:
        stream.writelines(json_safe(line_of(entry, masked=True)) + "\n" for entry in entries)
        stream.flush()

    return write
