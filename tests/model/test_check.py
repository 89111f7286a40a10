import sys

import pytest

from remit.contract import ModelChoice, Problem
from remit.model import check

ALL = {"OPENAI_API_KEY": "k", "ANTHROPIC_API_KEY": "k", "GEMINI_API_KEY": "k"}


def problems(choice: dict[str, object], environment: dict[str, str] = ALL) -> tuple[Problem, ...]:
    return check(
        ModelChoice.model_validate(choice),
        file="remit.yaml",
        line_of=lambda where: len(where),
        environment=environment,
    )


@pytest.mark.parametrize(
    "choice",
    [
        {"use": "openai:gpt-5.1-2025-11-13"},
        {"use": "anthropic:claude-haiku-4-5-20251001"},
        {"use": "anthropic:claude-opus-4-8"},
        {"use": "google:gemini-2.0-flash-001"},
        {"use": "openai-compatible:anything", "base_url": "http://127.0.0.1:1/v1"},
    ],
)
def test_a_choice_that_works_has_no_problems(choice: dict[str, object]) -> None:
    assert problems(choice) == ()


def test_an_unknown_provider_gets_a_suggestion_at_its_line() -> None:
    (problem,) = problems({"use": "opnai:gpt-5.1-2025-11-13"})
    assert "openai" in problem.suggestion
    assert (problem.where, problem.line, problem.severity) == ("model.use", len("model.use"), "error")


def test_a_missing_key_names_its_variable() -> None:
    (problem,) = problems({"use": "anthropic:claude-opus-4-8"}, {})
    assert "ANTHROPIC_API_KEY" in problem.message
    assert problems({"use": "anthropic:claude-opus-4-8", "api_key": {"secret": "MINE"}}, {"MINE": "k"}) == ()


def test_every_model_of_the_chain_is_looked_at() -> None:
    found = problems(
        {"use": "openai:gpt-5.1-2025-11-13", "fallback": ["nobody:x", "google:gemini-2.0-flash-001"]}, {}
    )
    assert [problem.where for problem in found] == ["model.use", "model.fallback.0", "model.fallback.1"]


@pytest.mark.parametrize(
    "name",
    [
        "openai:gpt-5.1",
        "anthropic:claude-sonnet-4-5",
        "anthropic:claude-3-5-sonnet-latest",
        "google:gemini-2.5-pro",
    ],
)
def test_an_alias_is_a_warning(name: str) -> None:
    (problem,) = problems({"use": name})
    assert problem.severity == "warning"


def test_a_package_that_is_missing_names_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "anthropic", None)
    (problem,) = problems({"use": "anthropic:claude-opus-4-8"})
    assert 'pip install "pydantic-ai-slim[anthropic]"' in problem.suggestion


def test_local_names_are_those_of_the_catalogue() -> None:
    (problem,) = problems({"use": "local:gpt-9"})
    assert "local:" in problem.suggestion
    (problem,) = problems({"use": "local:qwen2.5-coder-0.5b", "calls": "native"})
    assert problem.where == "model.calls"


def test_an_address_belongs_to_one_provider_only() -> None:
    found = problems(
        {
            "use": "openai:gpt-5.1-2025-11-13",
            "base_url": "http://127.0.0.1:1/v1",
            "fallback": ["openai-compatible:x"],
        }
    )
    assert [problem.where for problem in found] == ["model.fallback.0"]
