"""Whatever is sent, the API answers as it says that it does: a bounded fuzz of its own description."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

import desk_tools
from api_world import Served, serving
from remit.app import Limits, Role
from remit.testing import ScriptedModel, answer

CHECKS = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
EXAMPLES = 15
"""For each operation; the suite's time is bounded by it."""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    desk_tools.reset()
    folder: Path = tmp_path_factory.mktemp("fuzz")
    limits = Limits(requests_per_minute=1e9, wait_s=1.0, heartbeat_s=0.2)
    with serving(folder, ScriptedModel(lambda _: answer("Yes.")), limits=limits) as found:
        run_id = found.submitted()["run_id"]
        assert run_id
        yield found


def operations(served: Served) -> Iterator[Any]:
    """Every operation that can be fuzzed."""
    schema = schemathesis.openapi.from_url(f"{served.address}/openapi.json")
    # Signing out would end the fuzz's own way in; an open stream has no end to wait for.
    for found in schema.exclude(path_regex="session|stream|oidc").get_all_operations():
        yield found.ok()


@pytest.mark.parametrize("mode", GenerationMode)
def test_every_answer_is_one_that_is_described(served: Served, mode: GenerationMode) -> None:
    key = served.issue(Role.ADMIN, name="fuzz").secret
    statuses: Counter[int] = Counter()
    fuzzed = 0
    for operation in operations(served):

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def answers_as_described(case: schemathesis.Case) -> None:
            headers = {**(case.headers or {}), "Authorization": f"Bearer {key}"}
            reply = case.call(headers=headers, timeout=30)
            statuses[reply.status_code] += 1
            case.validate_response(reply, checks=CHECKS)

        try:
            answers_as_described()
        except Unsatisfiable:
            continue
        fuzzed += 1
    assert fuzzed >= 10
    assert statuses[200] if mode is GenerationMode.POSITIVE else statuses[422]
