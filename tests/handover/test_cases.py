"""Cases: where they wait, what is asked, and what a reviewer reads."""

from dataclasses import replace
from typing import Any

from remit.contract import Contract
from remit.event import Decided, EffectUnknown, Permit
from remit.handover import CaseState, case_for_handover, case_for_unknown, open_case, story, waiting_message
from remit.outcome import FailureMode

NOW = 1_800_000_000.0
CONTENT: dict[str, Any] = {
    "remit": 1,
    "agent": "desk",
    "purpose": "Answer.",
    "model": {"use": "test:scripted"},
    "handover": "front",
    "does": ("answer",),
    "tools": {
        "refund": {
            "python": "desk:refund",
            "args": {"amount": {"max": 50.0}, "account": {"is": "user.account"}},
            "ask": {"when": "always", "queue": "refunds", "deadline": "4h", "otherwise": "approve"},
            "unknown": {"queue": "ledger"},
        },
        "mail": {"python": "desk:mail", "ask": {"when": "always"}},
    },
    "queues": {"refunds": {}, "legal": {"deadline": "2h"}},
}
CONTRACT = Contract.model_validate(CONTENT)


def permit(tool: str) -> Permit:
    return Permit(key="k1", tool=tool, verdict="ask", rule=f"tools.{tool}.ask", reason="A person decides.")


def unknown(tool: str) -> EffectUnknown:
    return EffectUnknown(key="k1", tool=tool, reason="The connection was lost.", opens_at=NOW + 60)


def state(opened: Any) -> CaseState:
    return CaseState(opened=opened, decided=None, evidence_seq=3, user_id="u1", run_id="r1")


def asked(tool: str = "refund") -> CaseState:
    arguments = {"note": "sorry", "account": "A-1", "amount": 30.0}
    return state(open_case(CONTRACT, case_id="c1", permit=permit(tool), arguments=arguments, now=NOW))


def test_a_question_has_the_queue_deadline_and_default_of_its_ask() -> None:
    opened = asked().opened
    assert (opened.queue, opened.deadline, opened.otherwise) == ("refunds", NOW + 14_400, "approve")
    assert opened.question == 'Call refund with amount = 30.0, account = "A-1", note = "sorry"?'
    assert (opened.trigger, opened.key, opened.tool) == ("permit", "k1", "refund")


def test_a_question_without_a_queue_goes_to_handover_or_to_the_agents_own() -> None:
    assert asked("mail").opened.queue == "front"
    assert asked("gone").opened.otherwise == "deny"
    alone = CONTRACT.model_copy(update={"handover": None})
    assert open_case(alone, case_id="c", permit=permit("mail"), arguments={}, now=NOW).queue == "desk"


def test_an_unknown_effect_waits_where_the_remit_says_without_a_default() -> None:
    opened = case_for_unknown(
        CONTRACT, case_id="c", unknown=unknown("refund"), arguments={"amount": 5}, now=NOW
    )
    assert (opened.queue, opened.otherwise, opened.opens_at) == ("ledger", "none", NOW + 60)
    assert opened.question == "Did this call take place: refund with amount = 5?"
    assert "A paused process cannot be fenced" in opened.why
    elsewhere = case_for_unknown(CONTRACT, case_id="c", unknown=unknown("mail"), arguments={}, now=NOW)
    assert elsewhere.queue == "front"


def test_a_handover_has_the_deadline_of_its_queue() -> None:
    opened = case_for_handover(
        CONTRACT, case_id="c", queue="legal", mode=FailureMode.OUT_OF_SCOPE, why="Found \"legal\".",
        request="Is it legal?\nReply\u202e at once", now=NOW,
    )  # fmt: skip
    assert (opened.deadline, opened.otherwise, opened.mode) == (NOW + 7200, "none", FailureMode.OUT_OF_SCOPE)
    assert opened.question == 'Please take over this request: "Is it legal?\\nReply\\u202e at once"'


def test_the_story_holds_all_that_a_reviewer_needs() -> None:
    assert story(asked()).splitlines() == [
        "case c1  queue refunds  run r1",
        "",
        'Call refund with amount = 30.0, account = "A-1", note = "sorry"?',
        '  note = "sorry"',
        '  account = "A-1"',
        "  amount = 30.0",
        "",
        "Why: A person decides.",
        "Until: 2027-01-15 12:00 UTC; after that it counts as approved",
        "",
        "Decide with:",
        "  remit decide c1 approve",
        "  remit decide c1 edit --arguments '{...}'",
        "  remit decide c1 reject --reason TEXT",
        "  remit decide c1 answer --answer TEXT",
        "  remit show r1    (the whole run)",
    ]


def test_the_story_shows_long_arguments_whole() -> None:
    people = [f"person-{number}@example.com" for number in range(200)]
    opened = open_case(CONTRACT, case_id="c", permit=permit("mail"), arguments={"to": people}, now=NOW)
    assert "... 180 more" in opened.question
    assert all(person in story(state(opened)) for person in people)


def test_the_story_cannot_be_forged_by_its_contents() -> None:
    case = asked()
    forged = replace(case, opened=replace(case.opened, why="x\nDecide with:\n  remit decide c2\x1b[2J"))
    assert story(forged).count("\n") == story(case).count("\n")
    assert "\x1b" not in story(forged)


def test_the_story_of_a_closed_case_offers_no_decision() -> None:
    decided = Decided(case="c1", decision="reject", by="ann", reason="not due", seen_seq=3)
    for closed in (replace(asked(), decided=decided), replace(asked(), voided="the run was cancelled")):
        assert "remit decide" not in story(closed)
    assert "Decided: reject by ann. not due" in story(replace(asked(), decided=decided))


def test_the_story_of_an_unknown_effect_says_when_it_opens() -> None:
    opened = case_for_unknown(CONTRACT, case_id="c", unknown=unknown("refund"), arguments={}, now=NOW)
    text = story(state(opened))
    assert "Opens: 2027-01-15 08:01 UTC" in text
    assert "nothing is decided without a person" in text
    assert "remit decide c not_happened" in text


def test_the_caller_is_told_until_when_and_nothing_internal() -> None:
    message = waiting_message(asked())
    assert message.endswith("You will have an answer by 2027-01-15 12:00 UTC at the latest.")
    assert "refund" not in message
    handed = case_for_handover(
        CONTRACT, case_id="c", queue="legal", mode=FailureMode.OUT_OF_SCOPE, why="", request="x", now=NOW
    )
    assert waiting_message(state(handed)) == "I have passed this on to a colleague."
