"""What commands share that end a run from outside: it goes on here, so that its end is seen at once."""

import asyncio
from collections.abc import Awaitable, Callable

from remit.app import Runtime
from remit.cli.acting import go_on, why_not
from remit.cli.ending import ending_lines, outcome_fields
from remit.cli.reading import run_id_of
from remit.cli.screen import note, say, say_all, say_json
from remit.cli.store_place import existing_store
from remit.errors import RemitError

Act = Callable[[Runtime, str], Awaitable[None]]


def end_run(run: str, act: Act, *, done: str, who: str, agent: str | None, as_json: bool) -> None:
    """Carries `act` out on the run, advances the run as far as it goes, and says what was `done`."""
    store = existing_store()

    async def acted() -> str:
        async with Runtime(store) as runtime:
            run_id = run_id_of(runtime.log, run)
            await act(runtime, run_id)
            return run_id

    run_id = asyncio.run(acted())
    outcome = None
    try:
        outcome = asyncio.run(go_on(store, run_id, agent, None))
    except RemitError as error:
        note(why_not(error))
    if as_json:
        after = outcome_fields(run_id, outcome) if outcome is not None else None
        say_json({"run_id": run_id, done.replace(" ", "_"): True, "by": who, "outcome": after})
        return
    say(f"{done.capitalize()}, by {who}.")
    if outcome is not None:
        say_all(ending_lines(run_id, outcome))
