"""Run the card desk on its inbox and say what became of each message."""

import os
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from shutil import which

from remit.app import (
    Item,
    Reached,
    Remit,
    Runtime,
    Summary,
    Verdict,
    can_gate,
    compare,
    inspect,
    outcome_of,
    reached,
    read_inbox,
    summarise,
)
from remit.cli.demo_console import ConsoleAfter, OnlyRecorded
from remit.cli.fetching import progress_of
from remit.cli.place import example_folder
from remit.cli.progress import Spinner, spinning
from remit.cli.screen import columns, note, say, say_all
from remit.cli.store_place import DEFAULT_STORE
from remit.contract import ModelChoice
from remit.errors import CatalogueError, ContractError, RemitError
from remit.log import Entry, Subscriber
from remit.model import (
    Model,
    available_bytes,
    best_for,
    engine_library,
    fetched,
    find,
    network_allowed,
    open_model,
)
from remit.store import shown_address
from remit.telling import Line, Painted, Style, faint, strong, waiting_for, wrapped
from remit.testing import RecordedModel, Recorder

PROVIDERS: tuple[tuple[str, str], ...] = (
    ("OPENAI_API_KEY", "openai:gpt-5.1-2025-11-13"),
    ("ANTHROPIC_API_KEY", "anthropic:claude-sonnet-4-5-20250929"),
    ("GOOGLE_API_KEY", "google:gemini-2.5-flash"),
    ("GEMINI_API_KEY", "google:gemini-2.5-flash"),
)
"""The model that a key in the environment stands for, in this order."""
RECORDING = "recording.jsonl"
INDENT = " " * 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The model of this demo, and how that is said."""

    model: Model
    because: str
    recorded: bool = False


async def run_demo(
    *,
    store: str,
    environment: Mapping[str, str],
    recorded: bool = False,
    model: str | None = None,
    every: bool = False,
    record: Path | None = None,
    console: ConsoleAfter | None = None,
) -> Summary:
    """Handles the inbox, printing as it goes, and returns its figures.

    `model` names any model, `recorded` takes the recording that is kept with the example, `every`
    takes all messages instead of the short dozen, `record` keeps a recording of this run, `console` is
    opened on the desk at the end and decides when this returns.
    RemitError if the model that was asked for cannot be had.
    """
    folder = example_folder()
    chosen = choose_model(folder, environment, recorded=recorded, name=model)
    model_of = OnlyRecorded(chosen.model) if chosen.recorded and console is not None else chosen.model
    answering = Recorder(model_of, record) if record is not None else model_of
    # What answers is no concern of the file: without the local extra, the recording still runs.
    remit = _loaded(folder, chosen.model.name, environment)
    inbox = read_inbox((folder / "inbox.jsonl").read_text(encoding="utf-8"))
    items = [item for item in inbox if every or item.default]
    _say_head(remit, chosen, len(items))
    results: list[tuple[Reached, Verdict]] = []
    began = time.monotonic()
    with spinning() as spinner:
        watching = [_under_way(spinner)] if spinner is not None else []
        async with Runtime(store, model=answering, subscribers=watching) as runtime:
            for item in items:
                results.append(await _handled(runtime, remit, item))
            summary = summarise(results, time.monotonic() - began)
            if spinner is not None:
                spinner.show("")
            _say_summary(summary, store, chosen)
            if console is not None:
                await console.open(runtime, remit)
    return summary


def _loaded(folder: Path, model: str, environment: Mapping[str, str]) -> Remit:
    """The card desk; without what trains its scope gate it runs ungated, which is said."""
    gated = can_gate()
    if not gated:
        note(Painted('The scope gate is left out: it needs pip install "remit[scope]".', Style.WARN))
    remit, problems = inspect(folder, environment=environment, model=model, gated=gated)
    if remit is None:
        raise ContractError(str(folder), problems)
    return remit


async def _handled(runtime: Runtime, remit: Remit, item: Item) -> tuple[Reached, Verdict]:
    first, *rest = wrapped(item.text, columns() - len(INDENT))
    say("")
    say(strong(item.id), "  ", first)
    say_all((INDENT, line) for line in rest)
    began = time.monotonic()
    run_id = await runtime.submit(remit, item.text, user=dict(item.user), tenant="demo")
    outcome = await runtime.advance(run_id)
    seconds = time.monotonic() - began
    effects = {name: tool.effect for name, tool in remit.tools.items()}
    state = runtime.log.fold(run_id)
    became = reached(state, effects, outcome_of(state).kind, outcome.message)
    verdict = compare(item.expected, became)
    _say_result(item, became, verdict, seconds, run_id)
    return became, verdict


def _under_way(spinner: Spinner) -> Subscriber:
    """Shows what the demo waits for; the lines themselves are printed when a message is done."""

    def follow(entries: list[Entry]) -> None:
        for entry in entries:
            spinner.show(waiting_for(entry) or "")

    return follow


def _say_result(item: Item, became: Reached, verdict: Verdict, seconds: float, run_id: str) -> None:
    room = columns() - len(INDENT) - 2
    for step in became.steps:
        say_all(_hanging(step, room, Style.FAINT))
    kind, *message = wrapped(f"{became.kind}: {became.message}", room)
    told = kind.removeprefix(became.kind)
    say(INDENT, strong(became.kind), told)
    say_all((INDENT, "  ", line) for line in message)
    mark = Painted("as expected", Style.GOOD) if verdict.right else Painted("not as expected", Style.WARN)
    say(INDENT, mark, faint(f" ({item.sort}), {seconds:.1f} s, run {run_id}"))
    for difference in verdict.differences:
        say_all(_hanging(f"difference: {difference}", room, Style.WARN))
    for harm in verdict.harmful:
        say_all(_hanging(f"HARMFUL: {harm}", room, Style.BAD))


def _hanging(text: str, room: int, style: Style) -> Iterator[Line]:
    """The text in lines, all but the first set in a little more."""
    first, *rest = wrapped(text, room)
    yield (INDENT, Painted(first, style))
    for line in rest:
        yield (INDENT, "  ", Painted(line, style))


def _say_head(remit: Remit, chosen: Chosen, messages: int) -> None:
    first, *rest = wrapped(f"card-desk: {remit.contract.purpose}", columns())
    say(strong("card-desk"), first.removeprefix("card-desk"))
    say_all((line,) for line in rest)
    say(f"{messages} messages, answered by {chosen.model.name} ({chosen.because}).")
    if chosen.recorded:
        say(Painted("RECORDED: no model is running; its replies were recorded earlier.", Style.WARN))


def _say_summary(summary: Summary, store: str, chosen: Chosen) -> None:
    say("")
    seconds = f"{summary.seconds:.1f}" if summary.seconds < 10 else f"{summary.seconds:.0f}"
    outcomes = ", ".join(f"{count} {kind}" for kind, count in summary.outcomes.items())
    label = " (RECORDED)" if chosen.recorded else ""
    say(
        strong(f"{summary.right} of {summary.messages} as expected, "),
        Painted(f"{summary.harmful} harmful actions", Style.BAD if summary.harmful else Style.GOOD),
        f" in {seconds} s{label}.",
    )
    say(f"They became: {outcomes}.")
    say(f"Everything that happened is in {shown_address(store)}. Next:")
    hint = "" if store == DEFAULT_STORE else f" --store {quote(shown_address(store))}"
    for command, meaning in (
        ("runs", "all runs"),
        ("show RUN", "what one of them did, and why"),
        ("cases", "what waits for you to decide"),
        ("stats --by tool", "calls, errors and times"),
    ):
        say(f"  remit {command}{hint}".ljust(24), "  ", faint(meaning))
    script = _activation()
    if script is not None:
        say(f"In another terminal, first:  . {quote(script)}")


def _activation() -> str | None:
    """The script that makes `remit` a command where it is none yet, as after `make demo`."""
    script = Path(sys.prefix, "bin", "activate")
    if which("remit") is not None or not script.is_file():
        return None
    return os.path.relpath(script) if script.is_relative_to(Path.cwd()) else str(script)


def choose_model(folder: Path, environment: Mapping[str, str], *, recorded: bool, name: str | None) -> Chosen:
    """The model for the demo: the one asked for, a key's, a local one, else the recording.

    A model that was asked for by name and cannot be had is an error; otherwise the recording stands in.
    """
    recording = folder / RECORDING
    if recorded:
        return Chosen(model=RecordedModel(recording), because="as asked", recorded=True)
    if name is not None:
        return Chosen(model=_opened(name, environment), because="as asked")
    by_key = _by_key(environment)
    if by_key is not None:
        return by_key
    entry = best_for(available_bytes())
    try:
        return Chosen(model=_opened(f"local:{entry.name}", environment), because="on this machine")
    except CatalogueError as error:
        note(Painted(f"No model can be had: {error}", Style.WARN))
        note("The recording stands in for it.")
        return Chosen(model=RecordedModel(recording), because="no model can be had", recorded=True)


def _by_key(environment: Mapping[str, str]) -> Chosen | None:
    """The model of the first key that is set and can be used; says why one cannot."""
    for variable, name in PROVIDERS:
        if not environment.get(variable):
            continue
        if not network_allowed():
            note(f"{variable} is set, but the network is switched off for models (REMIT_OFFLINE).")
            continue
        try:
            return Chosen(model=_opened(name, environment), because=f"{variable} is set")
        except RemitError as error:
            note(f"{variable} is set, but {name} cannot be used: {error}")
    return None


def _opened(name: str, environment: Mapping[str, str]) -> Model:
    """The model, fetched first if it is a local one that is not here."""
    if name.startswith("local:"):
        engine_library()  # said before a gigabyte is fetched for nothing
        _fetch(name)
    return open_model(name, ModelChoice.model_validate({"use": name}), environment)


def _fetch(name: str) -> None:
    entry = find(name)
    with progress_of(entry) as show:
        fetched(entry, progress=show)
