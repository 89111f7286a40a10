"""An input in a language that the remit does not read reaches no model."""

import pytest
from test_app_scope_keys import told

from remit import Answered, Escalated, Refused
from remit.app.remit import inspect
from remit.contract import schema_reference
from remit.event import ModelAsked, Screened
from remit.intake import language

GERMAN = "Guten Tag, ich warte seit drei Wochen auf meine Bestellung."
ENGLISH = "Hello, I have been waiting for my order for three weeks."
READ = {"languages": ["en"]}


@pytest.mark.parametrize(
    ("text", "read", "declined"),
    [
        (GERMAN, ["en"], True),
        (GERMAN, ["en", "de"], False),
        (ENGLISH, ["en"], False),
        (ENGLISH, ["de"], True),
        ("Danke!", ["en"], False),
        ("1234 5678 9012 3456 7890", ["en"], False),
    ],
)
def test_another_language_reaches_no_model(tmp_path, text, read, declined):
    outcome, (screened, asked), _ = told(
        tmp_path, text, kinds=[Screened, ModelAsked], input={"languages": read}
    )
    assert (type(outcome) is Refused, bool(asked)) == (declined, not declined)
    assert screened[0].verdict == ("invalid_input" if declined else "in_scope")
    assert screened[0].language is not None
    assert 0 < screened[0].language_probability <= 1


def test_without_languages_nothing_is_looked_at(tmp_path):
    outcome, (screened,), _ = told(tmp_path, GERMAN, kinds=[Screened])
    assert type(outcome) is Answered
    assert (screened[0].language, screened[0].language_probability) == (None, None)


def test_another_language_has_a_path_of_its_own(tmp_path):
    to_people = {**READ, "other_language": {"queue": "abroad"}}
    queues = {"queues": {"abroad": {}}, "on_failure": {"invalid_input": {"say": "Unreadable."}}}
    outcome, _, _ = told(tmp_path / "queue", GERMAN, kinds=[], input=to_people, **queues)
    assert (type(outcome), outcome.queue, outcome.mode) == (Escalated, "abroad", "invalid_input")
    sentence = {**READ, "other_language": {"say": "In English, please."}}
    outcome, _, _ = told(tmp_path / "say", GERMAN, kinds=[], input=sentence)
    assert (type(outcome), outcome.message) == (Refused, "In English, please.")
    long = {**READ, "max_tokens": 3, "other_language": {"queue": "abroad"}}
    outcome, _, _ = told(tmp_path / "long", GERMAN, kinds=[], input=long, **queues)
    assert (type(outcome), outcome.message) == (Refused, "Unreadable.")


def problems(tmp_path, **of_input):
    import json

    tmp_path.mkdir(exist_ok=True)
    written = {
        "remit": 1,
        "agent": "desk",
        "purpose": "p",
        "model": {"use": "openai-compatible:m", "base_url": "http://127.0.0.1:9"},
        "does": ["answer"],
        "input": of_input,
    }
    (tmp_path / "remit.yaml").write_text(json.dumps(written), encoding="utf-8")
    return [(each.where, each.message, each.suggestion) for each in inspect(tmp_path, environment={})[1]]


def test_what_cannot_be_enforced_is_said_with_its_line(tmp_path, monkeypatch):
    assert problems(tmp_path / "good", languages=["en", "de"]) == []
    ((where, message, _),) = problems(tmp_path / "unknown", languages=["xq"])
    assert (where, "xq" in message) == ("input.languages", True)
    ((where, *_),) = problems(tmp_path / "alone", other_language={"say": "No."})
    assert where == "input.other_language"
    ((where, *_),) = problems(tmp_path / "senseless", languages=["en"], other_language="degrade")
    assert where == "input.other_language"
    monkeypatch.setattr(language, "_identifier", lambda: None)
    ((where, message, remedy),) = problems(tmp_path / "missing", languages=["en"])
    assert (where, "py3langid" in message, "remit[languages]" in remedy) == ("input.languages", True, True)


def test_every_key_of_languages_is_proved():
    keys = {row.key for row in schema_reference() if "language" in row.key}
    assert keys == {"input.languages", "input.other_language"}
