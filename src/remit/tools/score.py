"""Find the user's function that scores answers, and make it callable like a tool."""

import inspect
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

from remit.contract import Finding
from remit.tools.importing import CannotImport, import_named, imports_from
from remit.tools.nearest import nearest
from remit.tools.threads import THREADS

ScoreFunction = Callable[[Any, Any], Awaitable[object]]
WHERE = "confidence.function"


def load_score(target: str, folder: Path) -> ScoreFunction | Finding:
    """The function `module:name` beside the remit, as one of the input and the output; never raises.

    One that is not `async` runs in a thread of its own, so that it holds nobody up.
    """
    module_name, _, name = target.partition(":")
    try:
        with imports_from(folder):
            module = import_named(module_name, folder)
    except CannotImport as error:
        return Finding(WHERE, f"{module_name} cannot be imported: {error}.", "")
    function = getattr(module, name, None)
    known = [each for each, value in vars(module).items() if inspect.isfunction(value)]
    if not callable(function):
        return Finding(WHERE, f"{module_name} has no function {name}.", nearest(name, known))
    try:
        inspect.signature(function).bind("input", "output")
    except (TypeError, ValueError):
        return Finding(
            WHERE, f"{target} does not take two arguments.", f"Write `def {name}(input, output): ...`."
        )
    return _callable(function)


def _callable(function: Callable[..., Any]) -> ScoreFunction:
    async def score(value: Any, output: Any) -> object:
        if inspect.iscoroutinefunction(function):
            return await function(value, output)
        return await THREADS.run(partial(function, value, output))

    return score
