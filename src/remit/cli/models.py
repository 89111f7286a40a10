"""`remit models`: the local models that are known, and how they get here."""

import click

from remit.cli.fetching import progress_of
from remit.cli.screen import columns, note, say, say_all, say_json
from remit.cli.table import Column, table
from remit.errors import CatalogueError
from remit.model import ENTRIES, Entry, fetched, find, verified
from remit.telling import Painted, Piece, Style


@click.group(invoke_without_command=True)
@click.pass_context
def models(context: click.Context) -> None:
    """Local models: list them, fetch one, say where its file is.

    \b
    Examples:
      remit models
      remit models pull qwen2.5-coder-1.5b
      remit models path qwen2.5-coder-1.5b

    Exit codes: 0 done, 1 a problem (no network, no space, other bytes than expected), 2 wrong use.
    """
    if context.invoked_subcommand is None:
        context.invoke(list_models, as_json=False)


@models.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object with the list `models`.")
def list_models(as_json: bool) -> None:
    """List the models of the catalogue and say which ones are here."""
    if as_json:
        say_json({"models": [_fields(entry) for entry in ENTRIES]})
        return
    headings = (
        Column("MODEL", firm=True),
        Column("SIZE", right=True, firm=True),
        Column("MEMORY", right=True, firm=True),
        Column("WINDOW", right=True, firm=True),
        Column("LICENCE"),
        Column("HERE"),
    )
    say_all(table(headings, [_cells(entry) for entry in ENTRIES], columns()))


@models.command("pull")
@click.argument("name")
def pull(name: str) -> None:
    """Fetch a model, or go on with fetching it, and check every byte."""
    entry = find(name)
    with progress_of(entry) as show:
        path = fetched(entry, progress=show)
    note(f"local:{entry.name} is here, whole and checked.")
    say(str(path))


@models.command("path")
@click.argument("name")
def path_of_model(name: str) -> None:
    """Print where a model's file is, after its bytes were checked."""
    entry = find(name)
    with progress_of(entry) as show:
        say(str(verified(entry, progress=show)))


def _cells(entry: Entry) -> list[Piece]:
    return [
        f"local:{entry.name}",
        f"{entry.size_bytes / 1e6:,.0f} MB",
        f"{entry.memory_bytes / 1e9:.1f} GB",
        f"{entry.context_tokens:,}",
        entry.licence,
        Painted("yes", Style.GOOD) if _is_here(entry) else "no",
    ]


def _fields(entry: Entry) -> dict[str, object]:
    return {
        "name": f"local:{entry.name}",
        "size_bytes": entry.size_bytes,
        "memory_bytes": entry.memory_bytes,
        "context_tokens": entry.context_tokens,
        "licence": entry.licence,
        "sha256": entry.sha256,
        "here": _is_here(entry),
    }


def _is_here(entry: Entry) -> bool:
    try:
        verified(entry, progress=lambda _done, _all, _what: None)
    except CatalogueError:
        return False
    return True
