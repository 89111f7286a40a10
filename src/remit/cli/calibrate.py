"""`remit calibrate`: from labelled answers to a threshold with a promise."""

from pathlib import Path

import click

from remit.app import LATEST, Made, Remit, calibrate_agent
from remit.cli.place import FILE, agent_path, store_option
from remit.cli.promise import calibration_fields, promise_lines
from remit.cli.reading import opened
from remit.cli.screen import note, say, say_all, say_json
from remit.cli.store_place import store_address
from remit.telling import Painted, Style

NOTHING_CERTIFIED = 1


@click.command()
@click.argument("agent")
@click.option("--labels", type=FILE, help="CSV or JSON lines: score,correct[,slice].")
@click.option(
    "--latest", type=click.IntRange(min=1), default=LATEST, show_default=True, help="Labels that count."
)
@click.option("--model", help="Only this model; with --labels, the model whose answers they are.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object with the list `calibrations`.")
@store_option
def calibrate(agent: str, labels: Path | None, latest: int, model: str | None, as_json: bool) -> None:
    """Find the threshold from which on AGENT may answer without a person, and keep it with its promise.

    The labels are what reviewers said of answers that were drawn by chance: decisions on cases,
    `remit rate`. Each model and each slice gets a calibration of its own.

    \b
    Examples:
      remit calibrate card-desk
      remit calibrate card-desk --labels labels.csv
      remit calibrate card-desk --latest 500 --json

    Exit codes: 0 every threshold is certified, 1 one is not yet (the message says what is missing)
    or there is a problem, 2 wrong use.
    """
    remit = Remit.load(agent_path(agent))
    with opened(store_address()) as log:
        made = calibrate_agent(log, remit, labels=labels, latest=latest, model=model)
    if as_json:
        found = [calibration_fields(each, curves=False) for each in made.calibrations]
        about = {"problems": made.problems, "waiting": made.waiting}
        say_json({"agent": remit.name, "calibrations": found} | about)
    else:
        _say(made, agent)
    missing = any(each.threshold is None for each in made.calibrations)
    click.get_current_context().exit(NOTHING_CERTIFIED if missing else 0)


def _say(made: Made, agent: str) -> None:
    for problem in made.problems:
        say(Painted("note", Style.WARN), f": {problem}")
    for calibration in made.calibrations:
        say_all(promise_lines(calibration))
    if made.waiting:
        note(f"{made.waiting} drawn answers wait for a label: `remit cases`, `remit rate RUN good`.")
    note(f"`remit calibration show {agent}` shows the curves.")
