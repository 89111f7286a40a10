"""`remit calibration`: what an agent's confidence promises."""

from pathlib import Path
from typing import Any

import click

from remit.app import Remit, audits_of, basis_of_remit
from remit.cli.curve_svg import curves_svg
from remit.cli.curves import curve_lines
from remit.cli.place import FILE, agent_path, store_option
from remit.cli.promise import calibration_fields, promise_lines, state_of
from remit.cli.reading import reading
from remit.cli.screen import note, say, say_all, say_json
from remit.errors import NotFound
from remit.log import Calibration, Log, calibration_of
from remit.stats import AuditMonitor, score_shift
from remit.telling import Line, Painted, Style, faint

RECENT = 500


@click.group()
def calibration() -> None:
    """What an agent's confidence promises, and what the promise rests on.

    \b
    Examples:
      remit calibration show card-desk

    Exit codes: 0 done, 1 a problem (there is no calibration), 2 wrong use.
    """


@calibration.command("show")
@click.argument("agent")
@click.option("--all", "every", is_flag=True, help="Earlier ones and those of other releases too.")
@click.option("--svg", type=FILE, help="Write the curves of the newest one as a picture, too.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object with the list `calibrations`.")
@store_option
def show_calibration(agent: str, every: bool, svg: Path | None, as_json: bool) -> None:
    """Show the promise of AGENT in words, whether it holds, and its curves.

    \b
    Examples:
      remit calibration show card-desk
      remit calibration show card-desk --svg curves.svg
      remit calibration show card-desk --json

    Exit codes: 0 done, 1 a problem (there is no calibration), 2 wrong use.
    """
    remit = Remit.load(agent_path(agent))
    basis = basis_of_remit(remit)
    with reading() as log:
        rows = log.store.rows("calibrations_of_agent", {"agent": remit.name})
        known = [calibration_of(row) for row in rows]
        shown = known if every else _newest([each for each in known if each.basis == basis])
        if not shown:
            raise NotFound(
                f"There is no calibration of {remit.name} as it stands.",
                remedy=f"`remit calibrate {agent}` makes one; --all shows those of other releases.",
            )
        shifts = {each.hash: _shift(log, each) for each in shown}
        audits = {each.hash: audits_of(log, each) for each in shown}
    if svg is not None:
        svg.write_text(curves_svg(shown[0]), encoding="utf-8")
        note(f"The curves are in {svg}.")
    if as_json:
        say_json({"agent": remit.name, "calibrations": [_fields(each, audits[each.hash]) for each in shown]})
        return
    for each in shown:
        say_all(promise_lines(each))
        say_all(_watched(audits[each.hash].audits, audits[each.hash].wrong, each, shifts[each.hash]))
        say("")
        say_all(curve_lines(each))


def _newest(known: list[Calibration]) -> list[Calibration]:
    """The one that counts for each model and slice."""
    found: dict[tuple[str, str], Calibration] = {}
    for each in known:
        found.setdefault((each.model, each.slice), each)
    return list(found.values())


def _shift(log: Log, known: Calibration) -> bool:
    """Whether the scores of today are others than those that the promise was made on."""
    values = {"agent": known.agent, "basis": known.basis, "since": known.created_at, "most": RECENT}
    rows = log.store.rows("scores_since", values)
    now = [row["score"] for row in rows if (row["model"], row["slice"]) == (known.model, known.slice)]
    found = score_shift([score for score, _ in known.points], now)
    return found is not None and found.shifted


def _watched(audits: int, wrong: int, known: Calibration, shifted: bool) -> list[Line]:
    lines: list[Line] = []
    if state_of(known) == "holds":
        lines.append((faint(f"  audited since: {audits}, wrong among them: {wrong}"),))
    if shifted:
        warning = "  the scores of the latest answers differ from those that this rests on: calibrate anew"
        lines.append((Painted(warning, Style.WARN),))
    return lines


def _fields(known: Calibration, monitor: AuditMonitor) -> dict[str, Any]:
    audits = {"audits": monitor.audits, "wrong": monitor.wrong, "alarm": monitor.alarm}
    return calibration_fields(known) | {"audited": audits}
