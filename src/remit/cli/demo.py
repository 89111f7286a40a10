"""Run the card desk on its inbox and say what became of each message."""

import sys
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from remit.app import (
    Item,
    Reached,
    Remit,
    Runtime,
    Summary,
    Verdict,
    compare,
    outcome_of,
    reached,
    read_inbox,
    summarise,
)
from remit.cli.plain import shortened
from remit.cli.screen import Painted, Style, columns, faint, is_live, note, say, strong
from remit.contract import ModelChoice
from remit.errors import CatalogueError, NotFound, RemitError
from remit.model import (
    Entry,
    Model,
    Progress,
    available_bytes,
    best_for,
    fetched,
    find,
    network_allowed,
    open_model,
)
from remit.testing import RecordedModel, Recorder

PROVIDERS: tuple[tuple[str, str], ...] = (
    ("OPENAI_API_KEY", "openai:gpt-5.1-2025-11-13"),
    ("ANTHROPIC_API_KEY", "anthropic:claude-sonnet-4-5-20250929"),
    ("GOOGLE_API_KEY", "google:gemini-2.5-flash"),
    ("GEMINI_API_KEY", "google:gemini-2.5-flash"),
)
"""The model that a key in the environment stands for, in this order."""
RECORDING = "recording.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The model of this demo, and how that is said."""

    model: Model
    because: str
    recorded: bool = False


def example_folder(name: str = "card-desk") -> Path:
    """The example's folder, in an installed package or in the source tree; NotFound if neither has it."""
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "examples" / name, package.parent.parent / "examples" / name):
        if (folder / "remit.yaml").is_file():
            return folder
    raise NotFound(f"The example {name} is not part of this installation.", remedy="Install remit anew.")


async def run_demo(
    *,
    store: Path,
    environment: Mapping[str, str],
    recorded: bool = False,
    model: str | None = None,
    every: bool = False,
    record: Path | None = None,
) -> Summary:
    """Handles the inbox, printing as it goes, and returns its figures.

    `model` names any model, `recorded` takes the recording that is kept with the example, `every`
    takes all messages instead of the short dozen, `record` keeps a recording of this run.
    RemitError if the model that was asked for cannot be had.
    """
    folder = example_folder()
    chosen = choose_model(folder, environment, recorded=recorded, name=model)
    answering = Recorder(chosen.model, record) if record is not None else chosen.model
    remit = Remit.load(folder, environment=environment)
    inbox = read_inbox((folder / "inbox.jsonl").read_text(encoding="utf-8"))
    items = [item for item in inbox if every or item.default]
    _say_head(remit, chosen, len(items))
    results: list[tuple[Reached, Verdict]] = []
    began = time.monotonic()
    async with Runtime(store, model=answering) as runtime:
        for item in items:
            results.append(await _handled(runtime, remit, item))
    summary = summarise(results, time.monotonic() - began)
    _say_summary(summary, store, chosen)
    return summary


async def _handled(runtime: Runtime, remit: Remit, item: Item) -> tuple[Reached, Verdict]:
    say("")
    say(strong(item.id), "  ", shortened(item.text, columns() - 5))
    began = time.monotonic()
    # The post room puts the account that it has checked before what the holder wrote.
    value = f"Account: {item.user['account']}\n\n{item.text}"
    run_id = await runtime.submit(remit, value, user=dict(item.user), tenant="demo")
    outcome = await runtime.advance(run_id)
    seconds = time.monotonic() - began
    effects = {name: tool.effect for name, tool in remit.tools.items()}
    state = runtime.log.fold(run_id)
    became = reached(state, effects, outcome_of(state).kind, outcome.message)
    verdict = compare(item.expected, became)
    _say_result(item, became, verdict, seconds, run_id)
    return became, verdict


def _say_result(item: Item, became: Reached, verdict: Verdict, seconds: float, run_id: str) -> None:
    for step in became.steps:
        say("     ", faint(shortened(step, columns() - 5)))
    say("     ", strong(became.kind), "  ", shortened(became.message, columns() - 7 - len(became.kind)))
    expected = " or ".join(item.expected.outcomes)
    mark = Painted("as expected", Style.GOOD) if verdict.right else Painted("not as expected", Style.WARN)
    say("     ", mark, faint(f" ({item.sort}: {expected}), {seconds:.1f} s, run {run_id}"))
    for difference in verdict.differences:
        say("     ", Painted(f"difference: {difference}", Style.WARN))
    for harm in verdict.harmful:
        say("     ", Painted(f"HARMFUL: {harm}", Style.BAD))


def _say_head(remit: Remit, chosen: Chosen, messages: int) -> None:
    say(strong("card-desk"), ": ", remit.contract.purpose)
    say(f"{messages} messages, answered by {chosen.model.name} ({chosen.because}).")
    if chosen.recorded:
        say(Painted("RECORDED: no model is running; its replies were recorded earlier.", Style.WARN))


def _say_summary(summary: Summary, store: Path, chosen: Chosen) -> None:
    say("")
    outcomes = ", ".join(f"{count} {kind}" for kind, count in summary.outcomes.items())
    label = "  (RECORDED)" if chosen.recorded else ""
    say(
        strong(f"{summary.right} of {summary.messages} as expected, "),
        Painted(f"{summary.harmful} harmful actions", Style.BAD if summary.harmful else Style.GOOD),
        f" in {summary.seconds:.0f} s: {outcomes}.{label}",
    )
    say(f"Everything that happened is in {store}. Next:")
    for command, meaning in (
        ("runs", "all runs"),
        ("show RUN", "what one of them did, and why"),
        ("cases", "what waits for you to decide"),
        ("stats --by tool", "calls, errors and latency"),
    ):
        say(f"  remit {command} --store {store}".ljust(50), faint(meaning))


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
        _fetch(name)
    return open_model(name, ModelChoice.model_validate({"use": name}), environment)


def _fetch(name: str) -> None:
    entry = find(name)
    with _progress(entry) as show:
        fetched(entry, progress=show)


@contextmanager
def _progress(entry: Entry) -> Generator[Progress]:
    """A bar on stderr while a model is fetched or checked; nothing where nobody watches."""
    if not is_live():
        yield lambda _done_bytes, _all_bytes, _what: None
        return
    # Only a download needs it, and importing it takes longer than most commands.
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns_shown = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Bar(*columns_shown, console=Console(file=sys.stderr), transient=True) as bar:
        task = bar.add_task(entry.name, total=entry.size_bytes)
        yield lambda done_bytes, all_bytes, what: bar.update(
            task, completed=done_bytes, total=all_bytes, description=f"{entry.name}: {what}"
        )
