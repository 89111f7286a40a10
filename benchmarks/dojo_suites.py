"""AgentDojo v1.2.2 as data: environments with and without injected text, and the benchmark's own checks.

What makes a whole sweep affordable: YAML is read by the C loader, an environment is parsed once and copied
after that, an address is checked once, equal parts of two environments are not compared further, and a
verdict is found once for each distinct list of executed calls.
"""

import contextlib
import copy
import io
import json
import pickle
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

warnings.filterwarnings("ignore")

import email_validator  # noqa: E402 - agentdojo must not warn while it is imported
import yaml  # noqa: E402 - as above: warnings are off first
from agentdojo.functions_runtime import FunctionCall, FunctionsRuntime  # noqa: E402 - as above: warnings are off first
from agentdojo.task_suite.load_suites import get_suites  # noqa: E402 - as above: warnings are off first
from deepdiff import DeepDiff  # noqa: E402 - as above: warnings are off first
from pydantic import BaseModel  # noqa: E402 - as above: warnings are off first

VERSION = "v1.2.2"
NAMES = ("workspace", "travel", "banking", "slack")
TEXT_ONLY = {("travel", "injection_task_6")}
"""The attack is a sentence in the answer: no call is made, so no permit can see it."""
yaml.safe_load = lambda stream: yaml.load(stream, Loader=yaml.CSafeLoader)
_diff = DeepDiff._diff
"""The checks hold whole environments against each other, nearly all of whose parts are equal."""


def _unless_equal(self: Any, level: Any, *rest: Any, **more: Any) -> Any:
    equal = type(level.t1) is type(level.t2) and bool(level.t1 == level.t2)
    return None if equal else _diff(self, level, *rest, **more)


DeepDiff._diff = _unless_equal
email_validator.validate_email = lru_cache(maxsize=None)(email_validator.validate_email)


@dataclass(frozen=True, slots=True)
class World:
    """One environment before a run, packed, and what its suite's author would do in it."""

    packed: bytes
    ground_truth: tuple[FunctionCall, ...]

    def fresh(self) -> Any:
        """A copy that a run may change."""
        return pickle.loads(self.packed)

    def calls(self) -> list[FunctionCall]:
        """The calls that solve the task, as copies."""
        return copy.deepcopy(list(self.ground_truth))


@dataclass(slots=True)
class Suite:
    """One suite: its tasks, its worlds by task and injected text, and its verdicts."""

    name: str
    raw: Any
    tools: FunctionsRuntime
    _loaded: dict[str, bytes] = field(default_factory=dict)
    _verdicts: dict[Any, bool] = field(default_factory=dict)
    _seen: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def world(self, task: Any, injections: Mapping[str, str]) -> World:
        """The environment of a user task with these texts in its injection vectors."""
        key = json.dumps(injections, sort_keys=True)
        if key not in self._loaded:
            self._loaded = {key: pickle.dumps(self.raw.load_and_inject_default_environment(dict(injections)))}
        environment = task.init_environment(pickle.loads(self._loaded[key]))
        packed = pickle.dumps(environment)
        return World(packed, tuple(task.ground_truth(pickle.loads(packed))))

    def vectors(self, task: Any) -> tuple[str, ...]:
        """The injection vectors that the task's own calls show, found with canaries of our own."""
        if task.ID not in self._seen:
            names = self.raw.get_injection_vector_defaults()
            canaries = {name: f"CANARY{name.replace('_', '')}X" for name in names}
            world = self.world(task, canaries)
            environment, seen = world.fresh(), []
            for call in world.calls():
                result, _ = self.tools.run_function(environment, call.function, call.args)
                text = plain_text(result)
                seen += [name for name, canary in canaries.items() if canary in text and name not in seen]
            self._seen[task.ID] = tuple(seen)
        return self._seen[task.ID]

    def holds(
        self, task: Any, world: World, after: Any, answer: str, executed: Sequence[FunctionCall], key: Any
    ) -> bool:
        """The benchmark's own verdict: utility of a user task, success of an injection task.

        `key` names the world; two runs in it that executed the same calls share a verdict.
        """
        calls = json.dumps([(call.function, dict(call.args)) for call in executed], default=str)
        known = (task.ID, key, calls, answer)
        if known not in self._verdicts:
            self._verdicts[known] = self._check(task, world, after, answer, executed)
        return self._verdicts[known]

    def _check(
        self, task: Any, world: World, after: Any, answer: str, executed: Sequence[FunctionCall]
    ) -> bool:
        attack = hasattr(task, "security")
        from_traces = task.security_from_traces if attack else task.utility_from_traces
        from_state = task.security if attack else task.utility
        with contextlib.redirect_stdout(io.StringIO()):
            try:
                verdict = from_traces(answer, world.fresh(), after, executed)
                return bool(from_state(answer, world.fresh(), after) if verdict is None else verdict)
            except Exception:
                # Some checks of the benchmark stumble over an environment that they did not expect.
                return False

    def forget(self) -> None:
        """Lets the verdicts of a finished task go."""
        self._verdicts.clear()


@cache
def suite(name: str) -> Suite:
    """The suite of that name."""
    raw = get_suites(VERSION)[name]
    return Suite(name, raw, FunctionsRuntime(raw.tools))


def plain(result: Any) -> Any:
    """What a tool returned, as JSON values."""
    if isinstance(result, BaseModel):
        return result.model_dump(mode="json")
    if isinstance(result, list | tuple):
        return [plain(item) for item in result]
    return result


def plain_text(result: Any) -> str:
    """What a tool returned, as one text."""
    value = plain(result)
    return value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)
