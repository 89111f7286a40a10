"""`remit scope`: what an agent takes for its own, how well it tells it, and how it learns more."""

from typing import TYPE_CHECKING, Any

import click

from remit import intake
from remit.app import Remit, add_scope_example, remit_file
from remit.cli.acting import agent_called, reviewer
from remit.cli.gate_words import embedding_sentence, gate_sentence, report_fields
from remit.cli.place import agent_path, store_option
from remit.cli.reading import reading, run_id_of
from remit.cli.screen import columns, say, say_all, say_json
from remit.cli.table import Column, table
from remit.errors import NotFound
from remit.intake import text_of
from remit.telling import Line, Painted, Style, count, faint, shortened, strong

if TYPE_CHECKING:
    from remit.intake import Judgement, ScopeGate


@click.group()
def scope() -> None:
    """What an agent takes for its own: the gate that its `scope.examples` train.

    \b
    Examples:
      remit scope try my-desk "Where is my parcel?"
      remit scope report my-desk
      remit scope add last "in scope"

    Exit codes: 0 done, 1 a problem (the message says what to do), 2 wrong use.
    """


@scope.command("try")
@click.argument("agent")
@click.argument("text")
@click.option("--json", "as_json", is_flag=True, help="The judgement as one JSON object.")
def try_text(agent: str, text: str, as_json: bool) -> None:
    """Judge a text as the gate would: verdict, score, threshold and the nearest examples.

    \b
    Example:
      remit scope try my-desk "What is the capital of France?"

    Exit codes: 0 judged, 1 a problem (the agent has no `scope`), 2 wrong use.
    """
    judgement = _gate(agent).judge(text)
    if as_json:
        say_json(_fields(judgement))
        return
    style = Style.GOOD if judgement.verdict == "in_scope" else Style.WARN
    say(Painted(judgement.verdict, style), f"  {judgement.reason}")
    rows = [[f"{each.similarity:.2f}", each.topic, each.text] for each in judgement.nearest]
    headings = (Column("NEAR", right=True, firm=True), Column("TOPIC"), Column("EXAMPLE"))
    say_all(table(headings, rows, columns()))


def _fields(judgement: "Judgement") -> dict[str, Any]:
    return {
        "verdict": judgement.verdict,
        "topic": judgement.topic,
        "score": judgement.score,
        "threshold": judgement.threshold,
        "reason": judgement.reason,
        "nearest": [each._asdict() for each in judgement.nearest],
    }


@scope.command("report")
@click.argument("agent")
@click.option("--json", "as_json", is_flag=True, help="The figures as one JSON object.")
def report_gate(agent: str, as_json: bool) -> None:
    """What examples that the gate had not seen say of it: kept share, confusions, near misses.

    Each example is judged by a gate that was trained without it.

    Exit codes: 0 done, 1 a problem (the agent has no `scope`), 2 wrong use.
    """
    gate = _gate(agent)
    if as_json:
        say_json(report_fields(gate))
        return
    say_all(_report_lines(gate, columns()))


def _report_lines(gate: "ScopeGate", width: int) -> list[Line]:
    report = intake.gate_report(gate)
    lines: list[Line] = [(gate_sentence(gate),), (embedding_sentence(gate),)]
    if report.held_out_outside:
        lines.append((f"Of {report.held_out_outside} out of scope, {report.caught} were caught.",))
    if report.needed:
        more = count(report.needed, "more example")
        lines.append((Painted(f"{more} in scope are needed before the share can be promised.", Style.WARN),))
    if report.confusions:
        rows = [
            [each.topic, each.taken_for, f"{each.count} of {each.of}", "yes" if each.overlap else ""]
            for each in report.confusions
        ]
        headings = (Column("TOPIC"), Column("TAKEN FOR"), Column("HOW MANY", firm=True), Column("OVERLAP"))
        lines += [(), (strong("Confused"),), *table(headings, rows, width)]
    if report.near_misses:
        rows = [[f"{each.score:.2f}", each.topic, each.text] for each in report.near_misses]
        headings = (Column("SCORE", right=True, firm=True), Column("TOPIC"), Column("EXAMPLE"))
        title = f"In scope and not let pass (threshold {gate.threshold:.2f})"
        lines += [(), (strong(title),), *table(headings, rows, width)]
    return lines


@scope.command()
@click.argument("run")
@click.argument("topic")
@click.option("--by", help="Who says so; otherwise $REMIT_REVIEWER, otherwise your login name.")
@click.option("--agent", help="The agent's folder, where the run's own agent is elsewhere.")
@click.option("--json", "as_json", is_flag=True, help="What was added.")
@store_option
def add(run: str, topic: str, by: str | None, agent: str | None, as_json: bool) -> None:
    """Make the input of a run an example of TOPIC.

    TOPIC is `in scope`, an entry of `does`, a topic of `does_not`, or `out of scope`. The example is
    appended to the remit's file, with the run and who added it, for review like any other change. The
    gate learns it with the next release.

    \b
    Examples:
      remit scope add last "in scope"
      remit scope add 1jq3 "out of scope" --by ann@example.com

    Exit codes: 0 added, 1 a problem (another topic has that text), 2 wrong use.
    """
    who = reviewer(by)
    with reading() as log:
        run_id = run_id_of(log, run)
        admitted = log.fold(run_id).admitted
    assert admitted is not None, "a run begins with its admission"
    path = agent_path(agent) if agent is not None else agent_called(admitted.agent)
    if path is None:
        raise NotFound(f"The agent {admitted.agent} is not here.", remedy="Name its folder with --agent.")
    text = text_of(admitted.input)
    added = add_scope_example(remit_file(path), text, topic, run_id=run_id, by=who)
    if as_json:
        fields = {"file": str(added.file), "text": text, "topic": added.topic, "new": added.new}
        say_json({"run_id": run_id, "by": who, **fields})
        return
    word = "now" if added.new else "already"
    say(f'{added.file}: "{shortened(text, columns() - 30)}" is {word} an example of {added.topic}.')
    say(faint("Commit that file; the gate learns it with the next release."))


def _gate(agent: str) -> "ScopeGate":
    remit = Remit.load(remit_file(agent_path(agent)))
    if remit.gate is None:
        raise NotFound(
            f"{remit.name} has no `scope`.",
            remedy="Add `scope: {examples: scope.csv}` to its remit and write the file.",
        )
    return remit.gate
