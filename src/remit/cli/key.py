"""`remit key`: who may speak to `remit serve`."""

import time
from typing import Any

import click

from remit.app import Key, KeyWish, Role, all_keys, issue_key, revoke_key
from remit.cli.acting import reviewer
from remit.cli.nearest import Word
from remit.cli.place import store_option
from remit.cli.reading import opened, reading
from remit.cli.screen import columns, note, say, say_all, say_json
from remit.cli.store_place import store_address
from remit.cli.table import Column, table
from remit.contract import duration_seconds
from remit.telling import Painted, Piece, Style, iso_time, short_time


@click.group()
def key() -> None:
    """Make, list and revoke the keys of the HTTP API and of the console.

    \b
    Roles: caller submits runs and reads them; reviewer decides cases; operator looks after the agents;
    admin may do everything. As soon as one key was made, every request needs one.

    \b
    Examples:
      remit key new shop --role caller --agent my-desk
      remit key new ann@example.com --role reviewer --queue refunds --expires 90d
      remit key list
      remit key revoke KEY

    Exit codes: 0 done, 1 a problem (no such key), 2 wrong use.
    """


@key.command("new")
@click.argument("name")
@click.option("--role", type=Word(*Role), required=True, help="caller, reviewer, operator or admin.")
@click.option("--agent", "agents", multiple=True, help="Only for this agent; may be given again.")
@click.option("--queue", "queues", multiple=True, help="Only for cases of this queue; may be given again.")
@click.option("--tenant", "tenants", multiple=True, help="Only for this tenant; may be given again.")
@click.option("--expires", metavar="TIME", help="Ends by itself after so long, such as 90d.")
@click.option("--by", help="Who makes it; otherwise $REMIT_REVIEWER, otherwise your login name.")
@click.option("--json", "as_json", is_flag=True, help="The key and what is known of it.")
@store_option
def new(
    name: str,
    role: str,
    agents: tuple[str, ...],
    queues: tuple[str, ...],
    tenants: tuple[str, ...],
    expires: str | None,
    by: str | None,
    as_json: bool,
) -> None:
    """Make a key for NAME, who stands in the log as the one who decided. It is shown this once.

    \b
    Examples:
      remit key new shop --role caller --agent my-desk --tenant north

    Exit codes: 0 made, 1 it is not (the message says why), 2 wrong use.
    """
    with opened(store_address()) as log:
        expires_at = None if expires is None else log.clock() + _seconds(expires)
        wish = KeyWish(
            name=name, role=Role(role), agents=agents, queues=queues, tenants=tenants, expires_at=expires_at
        )
        issued = issue_key(log, wish, by=reviewer(by))
    if as_json:
        say_json({"secret": issued.secret, **_fields(issued.key, time.time())})
        return
    say(issued.secret)
    note(f"This is the key {issued.key.id} of {issued.key.name}, {issued.key.role}. It is not shown again.")


@key.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object with the list `keys`.")
@store_option
def list_keys(as_json: bool) -> None:
    """List every key that was made, and whether it is still good.

    \b
    Examples:
      remit key list --json

    Exit codes: 0 done, 1 a problem, 2 wrong use.
    """
    with reading() as log:
        keys, now = all_keys(log), log.clock()
    if as_json:
        say_json({"keys": [_fields(each, now) for each in keys]})
        return
    if not keys:
        note("No key was made yet; `remit key new NAME --role caller` makes one.")
        return
    headings = ("KEY", "NAME", "ROLE", "STATE", "ONLY", "MADE", "ENDS")
    say_all(table([Column(each) for each in headings], [_cells(each, now) for each in keys], columns()))


@key.command("revoke")
@click.argument("key_id", metavar="KEY")
@click.option("--reason", default="", help="Why.")
@click.option("--by", help="Who revokes it; otherwise $REMIT_REVIEWER, otherwise your login name.")
@click.option("--json", "as_json", is_flag=True, help="What is known of the key.")
@store_option
def revoke(key_id: str, reason: str, by: str | None, as_json: bool) -> None:
    """End the key of that id, and every session that was opened with it, from now on.

    \b
    Examples:
      remit key revoke abcd2345 --reason "It stood in a mail."

    Exit codes: 0 it is revoked, 1 there is no such key, 2 wrong use.
    """
    with reading() as log:
        ended = revoke_key(log, key_id, by=reviewer(by), reason=reason)
    if as_json:
        say_json(_fields(ended, time.time()))
    else:
        say(f"The key {ended.id} of {ended.name} is revoked.")


def _seconds(text: str) -> float:
    try:
        return duration_seconds(text)
    except ValueError as error:
        raise click.UsageError(f"--expires {text!r}: {error}") from error


def _fields(each: Key, now: float) -> dict[str, Any]:
    return {
        "key": each.id,
        "name": each.name,
        "role": each.role,
        "agents": each.agents,
        "queues": each.queues,
        "tenants": each.tenants,
        "state": each.ended(now) or "valid",
        "created_at": iso_time(each.created_at),
        "expires_at": iso_time(each.expires_at),
        "revoked_at": iso_time(each.revoked_at),
    }


def _cells(each: Key, now: float) -> list[Piece]:
    ended = each.ended(now)
    only = ", ".join((*each.agents, *each.queues, *each.tenants))
    ends = "" if each.expires_at is None else short_time(each.expires_at)
    state = Painted(ended, Style.WARN) if ended else "valid"
    return [each.id, each.name, each.role, state, only, short_time(each.created_at), ends]
