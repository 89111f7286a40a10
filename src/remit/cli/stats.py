"""`remit stats`: how often, how slowly and how well?"""

import time
from dataclasses import asdict
from typing import Any

import click

from remit.cli.nearest import Word
from remit.cli.place import store_option
from remit.cli.reading import reading
from remit.cli.screen import columns, note, say_all, say_json
from remit.cli.since import since
from remit.cli.table import Column, table
from remit.log import Statistic, statistics
from remit.telling import Painted, Piece, Style, duration


@click.command()
@click.option(
    "--by", type=Word("tool", "model", "outcome"), default="tool", show_default=True, help="Of what."
)
@click.option("--since", "since_text", metavar="WHEN", help="Only since then: 30m, 2h, 7d or a date.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object with the list `statistics`.")
@store_option
def stats(by: str, since_text: str | None, as_json: bool) -> None:
    """Calls, errors, medians and 95th percentiles of the time that they took.

    \b
    Examples:
      remit stats --by tool --since 24h
      remit stats --by outcome --json

    Exit codes: 0 done, 1 a problem, 2 wrong use.
    """
    subject: Any = by
    begin = since(since_text, time.time()) if since_text else 0.0
    with reading() as log:
        found = statistics(log.store, subject, since=begin)
    if as_json:
        say_json({"by": by, "statistics": [asdict(line) for line in found]})
    elif not found:
        note("Nothing was counted in that time.")
    else:
        numbers = [
            Column(title, right=True, firm=True) for title in ("COUNT", "ERRORS", "SHARE", "MEDIAN", "95 %")
        ]
        say_all(table([Column(by.upper()), *numbers], [_cells(line) for line in found], columns()))


def _cells(line: Statistic) -> list[Piece]:
    share = f"{line.errors / line.calls:.1%}"
    return [
        line.subject,
        f"{line.calls:,}",
        Painted(f"{line.errors:,}", Style.BAD) if line.errors else "0",
        share if line.errors else "",
        _time(line.p50_ms),
        _time(line.p95_ms),
    ]


def _time(latency_ms: float | None) -> str:
    return duration(latency_ms / 1000) if latency_ms is not None else ""
