"""`remit decide`: a person decides a case, and its run goes on."""

import asyncio
import json
from dataclasses import asdict
from typing import Any, cast

import click

from remit.app import Runtime
from remit.cli.acting import go_on, reviewer, why_not
from remit.cli.ending import ending_lines, outcome_fields
from remit.cli.nearest import Word
from remit.cli.place import store_option
from remit.cli.reading import case_id_of
from remit.cli.reviewing import ACTIONS, Done, carry_out, not_for_decisions, said
from remit.cli.screen import note, say, say_all, say_json
from remit.cli.store_place import existing_store
from remit.errors import RemitError
from remit.outcome import Outcome, Waiting

DECISIONS = {
    "approve": "Approved",
    "edit": "Approved with other arguments",
    "reject": "Rejected",
    "answer": "Answered in person",
    "happened": "Recorded that it took place",
    "not_happened": "Recorded that it never took place",
}


@click.command()
@click.argument("case")
@click.argument("decision", type=Word(*DECISIONS, *ACTIONS), required=False)
@click.option("--undo", is_flag=True, help="Take your decision back, while the queue's `undo` lasts.")
@click.option("--to", "queue", help="hand-over: the queue that gets the case.")
@click.option("--for", "time", metavar="TIME", help="snooze, reserve: how long, such as 2h (reserve: 15m).")
@click.option("--by", help="Who decides; otherwise $REMIT_REVIEWER, otherwise your login name.")
@click.option("--reason", default="", help="Why; a rejection needs one.")
@click.option(
    "--argument", "changes", multiple=True, metavar="NAME=VALUE", help="edit: change this argument."
)
@click.option("--arguments", "whole", metavar="JSON", help="edit: the arguments as a whole.")
@click.option("--answer", help="answer: what the caller is told. happened: the result of the call.")
@click.option("--agent", help="The agent's folder, where it is not under agents/.")
@click.option("--model", help="Go on with this model instead of the remit's.")
@click.option("--json", "as_json", is_flag=True, help="What was decided and what became of the run.")
@store_option
def decide(
    case: str,
    decision: str | None,
    undo: bool,
    queue: str | None,
    time: str | None,
    by: str | None,
    reason: str,
    changes: tuple[str, ...],
    whole: str | None,
    answer: str | None,
    agent: str | None,
    model: str | None,
    as_json: bool,
) -> None:
    """Decide a case: approve, edit, reject, answer, happened or not-happened.

    Or hand it over to another queue, snooze it, reserve it for yourself, release it, undo your decision.

    The run then goes on in this process if its agent is under agents/; else a worker takes it.

    \b
    Examples:
      remit decide 1jq3 approve --by ann@example.com
      remit decide 1jq3 edit --argument amount_eur=20
      remit decide 1jq3 reject --reason "The order is not late."
      remit decide 1jq3 not-happened
      remit decide 1jq3 hand-over --to refunds
      remit decide 1jq3 snooze --for 2h
      remit decide 1jq3 --undo

    Exit codes: 0 the decision counts, 1 it does not (the message says why), 2 wrong use.
    """
    store = existing_store()
    who = reviewer(by)
    word: Any = _word(decision, undo=undo)
    if word in ACTIONS:
        _act(store, case, word, who, reason, queue, time, as_json=as_json)
        return
    not_for_decisions(queue, time)

    async def take() -> tuple[str, str]:
        async with Runtime(store) as runtime:
            case_id = case_id_of(runtime.log, case)
            arguments = _edited(runtime, case_id, changes, whole)
            run_id = await runtime.decide(
                case_id, word, by=who, reason=reason, arguments=arguments, answer=_answer(answer)
            )
            return case_id, run_id

    case_id, run_id = asyncio.run(take())
    outcome = _advanced(store, run_id, agent, model)
    if as_json:
        after = outcome_fields(run_id, outcome) if outcome is not None else None
        say_json({"case": case_id, "run_id": run_id, "decision": decision, "by": who, "outcome": after})
        return
    say(f"{DECISIONS[word]}, by {who}.")
    if outcome is not None:
        say_all(ending_lines(run_id, outcome))


def _word(decision: str | None, *, undo: bool) -> str:
    if undo == (decision is not None):
        raise click.UsageError("Say what you decide, or --undo.")
    return decision or "undo"


def _act(
    store: str,
    case: str,
    action: str,
    who: str,
    reason: str,
    queue: str | None,
    time: str | None,
    *,
    as_json: bool,
) -> None:
    """What is done with a case beside deciding it."""

    async def act() -> tuple[str, Done]:
        async with Runtime(store) as runtime:
            case_id = case_id_of(runtime.log, case)
            return case_id, carry_out(
                runtime.cases, case_id, action, by=who, reason=reason, queue=queue, time=time
            )

    case_id, done = asyncio.run(act())
    if as_json:
        say_json({"case": case_id, "done": action, **asdict(done)})
    else:
        say(said(done))


def _advanced(store: str, run_id: str, agent: str | None, model: str | None) -> Outcome | Waiting | None:
    try:
        return asyncio.run(go_on(store, run_id, agent, model))
    except RemitError as error:
        note(why_not(error))
        return None


def _edited(
    runtime: Runtime, case_id: str, changes: tuple[str, ...], whole: str | None
) -> dict[str, Any] | None:
    """The call's arguments with the changes, None where nothing is changed."""
    if whole is not None and changes:
        raise click.UsageError("--argument changes some, --arguments gives all of them; use one of the two.")
    if whole is not None:
        return _object(whole)
    if not changes:
        return None
    row = runtime.log.store.row("case_row", {"case_id": case_id})
    assert row is not None, "the id came from the same table"
    arguments = dict(runtime.log.fold(row["run_id"]).cases[case_id].opened.arguments or {})
    for change in changes:
        name, equals, value = change.partition("=")
        if not equals or not name:
            raise click.UsageError(f"{change!r} is not NAME=VALUE, such as --argument amount_eur=20.")
        arguments[name] = value if isinstance(arguments.get(name), str) else _json_or_text(value)
    return arguments


def _object(text: str) -> dict[str, Any]:
    try:
        value: Any = json.loads(text)
    except ValueError as error:
        raise click.UsageError(f"--arguments is not JSON: {error}.") from error
    if not isinstance(value, dict):
        raise click.UsageError("--arguments is a JSON object, such as '{\"amount_eur\": 20}'.")
    return cast("dict[str, Any]", value)


def _answer(text: str | None) -> Any:
    """An object or a list where the text is one; a number stays the text that the caller reads."""
    return _json_or_text(text) if text is not None and text.lstrip()[:1] in ("{", "[") else text


def _json_or_text(text: str) -> Any:
    """A JSON value where the text is one, else the text itself."""
    try:
        return json.loads(text)
    except ValueError:
        return text
