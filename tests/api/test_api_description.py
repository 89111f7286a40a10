"""The description of the API as somebody reads it who has never seen it: words, roles and codes."""

import re
from pathlib import Path
from typing import Any

import pytest

import remit.api
from remit.api import description
from remit.api.problems import CODES
from remit.app import MAY, Act, Role

DESCRIBED: dict[str, Any] = description()
OPERATIONS = {
    f"{method.upper()} {path}": operation
    for path, operations in DESCRIBED["paths"].items()
    for method, operation in operations.items()
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_each_operation_and_parameter_has_words(name: str) -> None:
    operation = OPERATIONS[name]
    assert operation["description"]
    silent = [
        each["name"]
        for each in operation.get("parameters", ())
        if not (each.get("description") or each["schema"].get("description"))
    ]
    assert silent == []


@pytest.mark.parametrize("name", DESCRIBED["components"]["schemas"])
def test_each_field_has_words(name: str) -> None:
    schema = DESCRIBED["components"]["schemas"][name]
    assert schema["description"]
    silent = [field for field, each in schema.get("properties", {}).items() if not each.get("description")]
    assert silent == []


def roles_with(act: Act) -> list[str]:
    return [str(role) for role in Role if act in MAY[role]]


@pytest.mark.parametrize(
    ("name", "act"),
    [
        ("POST /v1/runs", Act.SUBMIT),
        ("GET /v1/runs/{run_id}", Act.READ),
        ("POST /v1/runs/{run_id}/feedback", Act.GIVE_FEEDBACK),
        ("POST /v1/cases/{case_id}/decision", Act.DECIDE),
        ("POST /v1/notifications/{notification}/retry", Act.RETRY_NOTIFICATIONS),
        ("GET /v1/administration", Act.MANAGE_KEYS),
        ("GET /metrics", Act.SEE_METRICS),
    ],
)
def test_an_operation_says_which_roles_it_is_for(name: str, act: Act) -> None:
    assert OPERATIONS[name]["x-roles"] == roles_with(act)


def test_what_names_no_role_is_for_whoever_is_recognised_or_for_anybody() -> None:
    without = {name for name, each in OPERATIONS.items() if "x-roles" not in each}
    anybody = {name for name in without if "security" not in OPERATIONS[name]}
    assert anybody == {
        "GET /health/live",
        "GET /health/ready",
        "GET /v1/oidc/sign-in",
        "GET /v1/oidc/callback",
        "POST /v1/session",
    }
    assert without - anybody == {"GET /v1/session", "DELETE /v1/session"}


def test_every_code_of_the_door_is_listed_with_its_meaning() -> None:
    folder = Path(remit.api.__file__).parent
    text = "".join(file.read_text(encoding="utf-8") for file in folder.glob("*.py"))
    written = set(re.findall(r'Refused\(\s*\d+,\s*"(REMIT-[A-Z-]+)"', text))
    written |= set(re.findall(r'response\(\s*\d+,\s*"(REMIT-[A-Z-]+)"', text))
    assert written == CODES.keys()
    listed = DESCRIBED["components"]["schemas"]["Problem"]["properties"]["code"]["description"]
    assert all(f"`{code}`: {meaning}" in listed for code, meaning in CODES.items())
