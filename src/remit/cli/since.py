"""The option `--since`: a stretch of time or a date."""

import click

from remit.telling import moment_of


def since(text: str, now: float) -> float:
    """The moment that `90s`, `30m`, `2h`, `7d` ago or a date stands for; a usage error otherwise."""
    try:
        return moment_of(text, now)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None
