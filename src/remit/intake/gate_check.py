"""Can a trained gate keep what its remit declares? Sentences for `remit check`; none stops a remit."""

from collections.abc import Iterator

from remit.contract import Finding
from remit.intake.gate import ScopeGate
from remit.intake.gate_figures import GateReport, fewest_examples, gate_report


def check_gate(gate: ScopeGate, agent: str) -> Iterator[Finding]:
    """What is doubtful about the gate; in each case it already is as strict as it can be."""
    report = gate_report(gate, most=len(gate.held_out))
    look = f"`remit scope report {agent}` shows which."
    if report.needed:
        yield Finding(
            "scope.keep",
            f"{report.in_scope} examples are in scope; from {fewest_examples(gate.keep)} on it can be "
            f"promised that {gate.keep:.1%} of such inputs pass. Until then only what resembles the examples "
            "as closely as they resemble one another passes.",
            f"Add {report.needed} more, best of all real inputs: `remit scope add`.",
        )
    elif not report.holds:
        yield Finding(
            "scope.keep",
            f"of {report.held_out_in_scope} held-out examples in scope, {report.kept} pass "
            f"({report.kept_share:.1%}), not {gate.keep:.1%}: too many are taken for something else.",
            look,
        )
    yield from _overlaps(report, look)


def _overlaps(report: GateReport, look: str) -> Iterator[Finding]:
    for each in report.confusions:
        if each.overlap:
            yield Finding(
                "scope.examples",
                f"`{each.topic}` and `{each.taken_for}` overlap: {each.count} of {each.of} held-out examples "
                f"of the first were taken for the second. What lies between them counts as unfamiliar.",
                f"Write the topics apart, or add examples of both. {look}",
            )
