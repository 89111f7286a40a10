"""A small remit with a scope, and gates trained from it."""

from pathlib import Path

from remit.contract import Contract, ScopeExample, parse_text
from remit.embed import LEXICAL
from remit.intake import ScopeGate, gate_labels, train_gate

REMIT = """\
remit: 1
agent: my-desk
purpose: Answer customers' questions about their orders.
model: "local:qwen2.5-coder-1.5b"
handover: people@example.com
does: [tell where an order is, refund a late order]
does_not:
  - {topic: legal advice, queue: legal, say: Our legal team will write to you.}
queues: {legal: {}}
scope: {examples: scope.csv, keep: 0.9}
"""
WHERE = [
    "Where is my order 1001?",
    "Has my parcel been shipped yet?",
    "When will my package arrive?",
    "The tracking of my parcel has not moved for three days.",
    "What is the delivery date of my order?",
    "Can you tell me where my parcel is now?",
    "Is my order on its way?",
    "Which day does the courier bring my package?",
    "My parcel should have been here on Monday, where is it?",
    "Track order 1004 for me.",
]
REFUND = [
    "My order came a week late and I want a refund.",
    "Please give me my money back for the late delivery.",
    "The parcel arrived after Christmas; refund it.",
    "I want compensation because my order was late.",
    "Refund order 1002 as it never came on time.",
    "You delivered too late, so pay me back.",
    "Late again! I demand my money back.",
    "Return the money for the delayed parcel.",
    "It came ten days late: refund, please.",
    "I would like a refund for the delay.",
]
LEGAL = [
    "Can I sue the courier?",
    "Is your contract valid under the law?",
    "My lawyer says that your terms are illegal.",
    "What are my legal rights as a consumer?",
    "Which court is responsible for a claim against you?",
    "I will take legal action against the company.",
]
OTHER = [
    "What is the capital of France?",
    "Write a poem about the sea.",
    "How do I bake bread?",
    "Who won the football match?",
    "What is 12 times 14?",
]
ROWS = [
    *((text, "tell where an order is") for text in WHERE),
    *((text, "refund a late order") for text in REFUND),
    *((text, "legal advice") for text in LEGAL),
]


def contract_of(text: str = REMIT) -> Contract:
    """The contract in a text that can be read."""
    parsed = parse_text(text, "remit.yaml")
    assert parsed.contract is not None, [problem.line_text() for problem in parsed.problems]
    return parsed.contract


def examples_of(rows: list[tuple[str, str]]) -> list[ScopeExample]:
    """Rows as examples."""
    return [ScopeExample(text=text, topic=topic) for text, topic in rows]


def gate_of(rows: list[tuple[str, str]] = ROWS, *, embedding: str = LEXICAL, keep: float = 0.9) -> ScopeGate:
    """A gate trained from these rows; by spelling, which takes milliseconds."""
    return train_gate(examples_of(rows), gate_labels(contract_of()), embedding=embedding, keep=keep)


def desk(folder: Path, rows: list[tuple[str, str]] = ROWS, remit: str = REMIT) -> Path:
    """A folder with the remit and its examples."""
    (folder / "remit.yaml").write_text(remit, encoding="utf-8")
    lines = ["text,topic", *(f'"{text}",{topic}' for text, topic in rows)]
    (folder / "scope.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder
