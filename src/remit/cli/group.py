"""The list of commands; a command's own module is imported when it is called."""

from collections.abc import Sequence
from importlib import import_module
from typing import Any

import click

from remit.cli.nearest import nearest
from remit.cli.place import store_option

FIRST: dict[str, tuple[str, str]] = {
    "new": ("new", "Begin an agent: its remit and a file of tools."),
    "check": ("check", "Look for what a remit cannot keep; show where each failure leads."),
    "ask": ("ask", "Give an agent one input and see what becomes of it."),
    "runs": ("runs", "List runs, newest first."),
    "show": ("show", "Tell the story of one run, step by step."),
    "cases": ("cases", "List what waits for a person, or look at one case."),
    "serve": ("serve", "Serve agents over HTTP, and advance their runs."),
}
MORE: dict[str, tuple[str, str]] = {
    "demo": ("demo_command", "Run the example agent on its inbox."),
    "decide": ("decide", "Decide a case; its run goes on."),
    "notifications": ("notifications", "What people were told of cases, and what could not be delivered."),
    "hand-over": ("hand_over_command", "Have a person take a run over."),
    "cancel": ("cancel", "Stop a run."),
    "rate": ("rate", "Say whether a run went well."),
    "calibrate": ("calibrate", "Make the promise of an agent's confidence from labelled answers."),
    "calibration": ("calibration", "Show what an agent's confidence promises, and its curves."),
    "stats": ("stats", "Calls, errors and times by tool, model or outcome."),
    "scope": ("scope", "What an agent takes for its own: try it, see its confusions, add examples."),
    "runbook": ("runbook", "Print what people need to know of an agent."),
    "verify": ("verify", "Check that the log still says what it said."),
    "export": ("export", "Write events as JSON lines."),
    "db": ("db", "Upgrade, check, count, purge and back up the log."),
    "worker": ("worker", "Advance every run that can go on."),
    "key": ("key", "Keys of the HTTP API: make, list and revoke them."),
    "models": ("models", "Local models: list and fetch them."),
}
COMMANDS = FIRST | MORE


class ReaderGone(Exception):
    """Nobody reads stdout any more."""


class Commands(click.Group):
    """A group whose commands are imported on demand."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command, those for the first hour first."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, imported now."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"remit.cli.{COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(module, cmd_name.replace("-", "_"))
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command and its arguments; a usage error names the nearest one."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            hint = nearest(args[0], COMMANDS) or "`remit --help` lists the commands."
            raise click.UsageError(f"There is no command {args[0]!r}. {hint}", ctx)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """The command's own result; ReaderGone in place of the error that click would swallow."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            raise ReaderGone from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Two lists, from the table alone."""
        for title, commands in (("Commands", FIRST), ("More", MORE)):
            with formatter.section(title):
                formatter.write_dl([(name, text) for name, (_, text) in commands.items()])

    def parse_args(self, ctx: click.Context, args: Sequence[str]) -> list[str]:
        """Without arguments, the help is the answer and not an error."""
        return super().parse_args(ctx, list(args) or ["--help"])


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@store_option
@click.version_option(package_name="remit", message="remit %(version)s")
def remit() -> None:
    """One reviewed file of limits per agent, a runtime that enforces it, one log that proves it.

    \b
    Begin:
      remit new my-desk
      remit check my-desk
      remit ask my-desk "Where is my order 1001?"
      remit show last

    \b
    Exit codes: 0 done, 1 a problem (the message says what to do), 2 wrong use;
    `remit ask` has more of them: see its help.
    """
