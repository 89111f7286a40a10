"""Remits that the tests of this room read, and the facts of the tools that they name."""

from remit.contract import Contract, ToolFacts, parse_text
from remit.outcome import Effect

SMALL = """\
remit: 1
agent: my-desk
purpose: Answer customers' questions about their orders.
model: openai:gpt-5.1-2025-11-13
handover: me@example.com          # the default queue, for every failure that has no other path
does: [tell where an order is, refund a late order]
does_not: [legal advice]
tools:
  find_order: desk:find_order
  refund: {python: "desk:refund", ask: always}
"""

GROWN = """\
remit: 1
agent: card-desk
purpose: Answer card holders' questions and return wrongly charged fees.
owner: card-operations@example.com
input: {from: public, max_tokens: 2000}
model: {use: "openai:gpt-5.1-2025-11-13", fallback: ["local:qwen2.5-coder-1.5b"]}
does: [explain charges, find transactions, return a fee]
does_not:
  - {topic: legal or tax interpretation, queue: legal-review, say: "This needs our legal team."}
limitations: [It sees the last 90 days only.]
output: {schema: answer.json, repair: 1}
budget: {steps: 12, tokens: 20000, cost_usd: 0.05, working_time: 60s}
tools:
  find_transactions: {python: "desk:find_transactions", timeout: 3s, tries: 3,
                      args: {account: {kind: authority, is: user.account}},
                      unavailable: {last_known: 24h}}
  return_fee: {python: "desk:return_fee", once_per: [transaction_id],
               args: {account: {kind: authority, is: user.account},
                      transaction_id: {kind: authority, only_from: find_transactions.id},
                      amount_eur: {kind: authority, max: 50}},
               ask: {when: amount_eur > 20, queue: refunds, deadline: 4h, otherwise: deny}}
queues: {front-desk: {}, refunds: {}, legal-review: {}}
on_failure: {tool_unavailable: degrade, model_unavailable: {queue: front-desk},
             effect_unknown: {queue: refunds}}
"""


def facts(effect: str, *arguments: str, numeric: tuple[str, ...] = ()) -> ToolFacts:
    """Facts of a tool with these required arguments."""
    return ToolFacts(
        effect=Effect(effect),
        arguments=frozenset(arguments),
        required=frozenset(arguments),
        numeric=frozenset(numeric),
        description=f"A tool that is {effect}.",
        parameters={"type": "object", "properties": {name: {} for name in arguments}},
    )


SMALL_FACTS = {"find_order": facts("read", "order_id"), "refund": facts("irreversible", "order_id", "reason")}
GROWN_FACTS = {
    "find_transactions": facts("read", "account"),
    "return_fee": facts("irreversible", "account", "transaction_id", "amount_eur", numeric=("amount_eur",)),
}


def contract_of(text: str) -> Contract:
    """The contract in a text that has no problem."""
    parsed = parse_text(text, "remit.yaml")
    assert parsed.contract is not None, [problem.line_text() for problem in parsed.problems]
    return parsed.contract
