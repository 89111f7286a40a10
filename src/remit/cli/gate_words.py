"""What a scope gate is worth, in words and for a program."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from remit import intake
from remit.embed import LEXICAL
from remit.telling import count

if TYPE_CHECKING:
    from remit.intake import ScopeGate


def gate_sentence(gate: "ScopeGate") -> str:
    """How many examples there are, and how many of the held-out ones in scope pass."""
    report = intake.gate_report(gate)
    if not report.held_out_in_scope:
        return f"{count(report.examples, 'example')}, none of them held out."
    return (
        f"{count(report.examples, 'example')}; of {report.held_out_in_scope} in scope that it had not seen, "
        f"{report.kept} pass: {report.kept_share:.1%}, with 95 % confidence between {report.kept_from:.1%} "
        f"and {report.kept_to:.1%}; {gate.keep:.1%} declared."
    )


def embedding_sentence(gate: "ScopeGate") -> str:
    """By what the gate compares."""
    if gate.embedding == LEXICAL:
        return 'Compared by spelling only: pip install "remit[scope]" compares by meaning.'
    return f"Compared by meaning and spelling ({gate.embedding})."


def report_fields(gate: "ScopeGate") -> dict[str, Any]:
    """The figures for a program."""
    report = intake.gate_report(gate)
    return {
        "gate": gate.hash,
        "embedding": gate.embedding,
        "keep": gate.keep,
        "threshold": gate.threshold,
        "kept_share": report.kept_share,
        **asdict(report),
    }
