import pytest
from contract_samples import GROWN, contract_of
from hypothesis import given
from hypothesis import strategies as st

from remit.contract import (
    ALLOWED,
    Ask,
    Contract,
    Fallback,
    LastKnown,
    Say,
    ToolRule,
    Topic,
    ToQueue,
    failure_table,
    path_for,
    path_for_topic,
    path_text,
    queue_for,
)
from remit.outcome import FailureMode

QUEUES = st.builds(ToQueue, queue=st.sampled_from(["a", "b"]))
PATHS = QUEUES | st.builds(Say, say=st.just("No.")) | st.sampled_from(["degrade", "fail", "refuse"])
RULES = st.builds(
    ToolRule,
    python=st.just("a:b"),
    unavailable=st.none() | PATHS,
    failed=st.none() | PATHS,
    unknown=st.none() | QUEUES,
)
OWN = {
    FailureMode.TOOL_UNAVAILABLE: "unavailable",
    FailureMode.TOOL_FAILED: "failed",
    FailureMode.EFFECT_UNKNOWN: "unknown",
}


def contract_with(**parts):
    whole = {"remit": 1, "agent": "a", "purpose": "p", "model": "x:y", "does": ("d",), **parts}
    return Contract(**whole)


@given(
    rule=RULES,
    on_failure=st.dictionaries(st.sampled_from(FailureMode), PATHS, max_size=4),
    handover=st.none() | st.just("people"),
    mode=st.sampled_from(FailureMode),
    tool=st.sampled_from(["f", "other", None]),
)
def test_precedence_is_tool_then_on_failure_then_handover_then_default(
    rule, on_failure, handover, mode, tool
):
    contract = contract_with(tools={"f": rule}, on_failure=on_failure, handover=handover)
    choice = path_for(contract, mode, tool)
    own = getattr(rule, OWN[mode]) if tool == "f" and mode in OWN else None
    if own is not None:
        assert (choice.path, choice.declared) == (own, "tool")
    elif mode in on_failure:
        assert (choice.path, choice.declared) == (on_failure[mode], "on_failure")
    elif mode in (FailureMode.INVALID_INPUT, FailureMode.OUT_OF_SCOPE):
        assert (choice.path, choice.declared) == ("refuse", "default")
    elif mode is FailureMode.CANCELLED or handover is None:
        assert (choice.path, choice.declared) == ("fail", "default")
    else:
        assert (choice.path, choice.declared) == (ToQueue(queue="people"), "handover")


@given(rule=RULES, on_failure=st.dictionaries(st.sampled_from(FailureMode), PATHS, max_size=4))
def test_the_table_says_what_path_for_decides(rule, on_failure):
    contract = contract_with(tools={"f": rule}, on_failure=on_failure)
    rows = failure_table(contract)
    # Without `confidence` no answer is held back, without `scope` no input is unfamiliar.
    unused = {FailureMode.LOW_CONFIDENCE, FailureMode.UNFAMILIAR_INPUT}
    occurring = [mode for mode in FailureMode if mode in ALLOWED and mode not in unused]
    assert [row.mode for row in rows if row.tool is None] == occurring
    assert {row.mode for row in rows} == set(occurring)
    for row in rows:
        choice = path_for(contract, row.mode, row.tool)
        assert (row.path, row.declared, row.path_text) == (choice.path, choice.declared, choice.text)
    assert {row.mode for row in rows if row.tool == "f"} == {
        mode for mode, key in OWN.items() if getattr(rule, key) is not None
    }


def test_the_table_of_a_grown_remit():
    rows = {
        (str(row.mode), row.tool): (row.path_text, row.declared) for row in failure_table(contract_of(GROWN))
    }
    assert rows["tool_unavailable", "find_transactions"] == (
        "use the last known result, with its date, up to 1d old;"
        " where there is none, go on without it and say what is missing",
        "tool",
    )
    assert rows["tool_unavailable", None] == ("go on without it and say what is missing", "on_failure")
    assert rows["model_unavailable", None] == ("hand over to front-desk", "on_failure")
    assert rows["out_of_scope", None] == ("refuse with the usual sentence", "default")
    assert rows["tool_failed", None] == ("fail and say so", "default")
    assert ("low_confidence", None) not in rows


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (ToQueue(queue="desk"), "hand over to desk"),
        (Say(say="No."), "refuse and say “No.”"),
        (Fallback(value={"a": 1}), "answer {'a': 1}, marked as degraded"),
        (LastKnown(last_known="90m"), "use the last known result, with its date, up to 90m old"),
        ("degrade", "go on without it and say what is missing"),
        ("refuse", "refuse with the usual sentence"),
        ("fail", "fail and say so"),
    ],
)
def test_each_path_is_a_phrase(path, text):
    assert path_text(path) == text


@pytest.mark.parametrize(
    ("topic", "path", "declared", "queue"),
    [
        (Topic(topic="t", queue="q", say="s"), ToQueue(queue="q"), "does_not", "q"),
        (Topic(topic="t", say="s"), Say(say="s"), "does_not", None),
        (Topic(topic="t"), ToQueue(queue="general"), "on_failure", "general"),
    ],
)
def test_a_topic_has_its_own_path_or_that_of_out_of_scope(topic, path, declared, queue):
    contract = contract_with(on_failure={FailureMode.OUT_OF_SCOPE: ToQueue(queue="general")})
    choice = path_for_topic(contract, topic)
    assert (choice.path, choice.declared) == (path, declared)
    assert queue_for(contract, topic) == queue


def test_a_question_has_its_own_queue_or_the_default_one():
    contract = contract_with(handover="people")
    assert queue_for(contract, Ask(when="always", queue="q")) == "q"
    assert queue_for(contract, Ask(when="always")) == "people"
    assert queue_for(contract_with(), Ask(when="always")) is None
    assert path_for_topic(contract_with(), Topic(topic="t")).path == "refuse"
