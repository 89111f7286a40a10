"""`remit runbook`: what people need to know of an agent."""

from pathlib import Path

import click

from remit.app import Remit
from remit.cli.place import FILE, agent_path
from remit.cli.screen import note
from remit.contract import runbook_html, runbook_markdown
from remit.telling import plain


@click.command()
@click.argument("agent")
@click.option("--html", is_flag=True, help="As one HTML file instead of Markdown.")
@click.option("--output", type=FILE, help="Write it here.")
def runbook(agent: str, html: bool, output: Path | None) -> None:
    """Print what people need to know of an agent, from the remit that is enforced.

    \b
    Examples:
      remit runbook my-desk
      remit runbook my-desk --html --output runbook.html

    Exit codes: 0 done, 1 a problem (the remit has some), 2 wrong use.
    """
    remit = Remit.load(agent_path(agent))
    text = (runbook_html if html else runbook_markdown)(remit.contract, remit.facts)
    if output is None:
        click.echo(plain(text))
    else:
        output.write_text(text, encoding="utf-8")
        note(f"Written to {output}.")
