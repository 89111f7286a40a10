"""Dispatch through DBOS 3.4: one workflow is one wake, without steps; only its open, public parts are used.

The run's own row is the outbox: it is runnable from the append's transaction on. What hands it over
claims it and enqueues its workflow in one transaction of the same database, so that a wake is never
enqueued for rows that are not there, and a run never claimed without its wake. A process that waits
for a run itself, and has hands free, claims it and starts its workflow at once: nobody polls for it.
What is lost between the claim and the wake comes back when the lease of the claim runs out.
"""

import asyncio
import contextlib
import functools
import json
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from remit.dispatch.aside import Aside
from remit.dispatch.port import Limited, claim_limited, claim_named, claim_next
from remit.dispatch.wakes import NOTES, Wakes
from remit.log import new_id
from remit.store import Row, SharedDatabase, Statement

if TYPE_CHECKING:
    from dbos import DBOSClient

ENGINE = "engine-1"
"""The version of the workflow below; raised by hand when old and new wakes must not mix."""
APPLICATION = "remit"
WORKFLOW = "remit_wake"
AT_ONCE = 50
"""Wakes under way in a process that is no worker and woke a run itself."""
AT_ONCE_HERE = 4
"""Wakes under way in a process up to which it starts the next one itself; more go through the queue."""
OUTCOME_THREADS = 2
"""Threads in which DBOS writes what became of workflows: more of them wait for each other."""
POLL_S = 0.1
"""How often a process looks for wakes; a run is noticed within twice of this."""
LOST_AFTER_S = 2.0
"""After this a wake that was handed over counts as taken by another process."""
KEEP_S = 3600.0
"""How long DBOS's rows of finished wakes are kept: the log is the record."""
PAGE = 500
ENDED = ("SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")


class Dbos:
    """Wakes that lie in a durable queue, which every process of the same agents takes from.

    One per process: DBOS itself is one per process. `pool` names the processes that share a queue.
    """

    name = "dbos"

    def __init__(self, wakes: Wakes, pool: Callable[[], str], database: SharedDatabase) -> None:
        self._wakes = wakes
        self._pool = pool
        self._database = database
        self._client: DBOSClient | None = None
        self._queue = ""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._starting: asyncio.Future[None] | None = None
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="remit-handover")
        self._aside = Aside("remit-dbos")
        self._registered: Callable[[str, str], Any] | None = None
        self._handed: dict[str, float] = {}
        self._wanted: dict[str, asyncio.Future[None]] = {}

    async def start(self, concurrency: int) -> None:
        """Launches DBOS over the log's database, with the tables that it needs; once."""
        if self._starting is None:
            self._loop = asyncio.get_running_loop()
            self._queue = f"remit-{self._pool()}"
            self._starting = self._loop.run_in_executor(self._thread, self._launch_patiently, concurrency)
        await asyncio.shield(self._starting)

    def _launch_patiently(self, concurrency: int) -> None:
        import dbos

        def launch() -> None:
            try:
                self._launch(concurrency)
            except Exception:
                dbos.DBOS.destroy(destroy_registry=True)
                raise

        self._database.patiently(launch)

    def _launch(self, concurrency: int) -> None:
        import dbos

        serializer = _json_serializer()
        schema = self._database.schema("dbos")
        dbos.DBOS(
            config={
                "name": APPLICATION,
                "application_version": ENGINE,
                "executor_id": self._wakes.worker,
                "system_database_engine": self._database.engine,
                "serializer": serializer,
                "enable_otlp": False,
                "max_executor_threads": OUTCOME_THREADS,
                "log_level": "ERROR",
                "use_listen_notify": False,
                "dbos_system_schema": schema,
            }
        )
        self._registered = dbos.DBOS.workflow(name=WORKFLOW, max_recovery_attempts=5)(self._workflow())
        dbos.DBOS.listen_queues([self._queue])
        dbos.DBOS.launch()
        dbos.DBOS.register_queue(
            self._queue,
            worker_concurrency=concurrency,
            polling_interval_sec=POLL_S,
            on_conflict="always_update",
        )
        self._client = dbos.DBOSClient(
            system_database_engine=self._database.engine,
            dbos_system_schema=schema,
            serializer=serializer,
            application_name=APPLICATION,
            lazy=True,
        )

    def _workflow(self) -> Callable[[str, str], Any]:
        async def remit_wake(run_id: str, wake_id: str) -> str:
            """DBOS's own event loop only waits; the run is advanced on the loop of its runtime."""
            assert self._loop is not None, "no wake comes before the start"
            ending: Future[str] = asyncio.run_coroutine_threadsafe(self._one(run_id, wake_id), self._loop)
            return await asyncio.wrap_future(ending)

        return remit_wake

    async def _one(self, run_id: str, wake_id: str) -> str:
        self._handed.pop(run_id, None)
        try:
            await self._wakes.advance(run_id, wake_id)
        except asyncio.CancelledError:
            return "stopped"
        except Exception:
            NOTES.exception("A wake of run %s broke off; the run is taken up again after its lease.", run_id)
            return "broke off"
        return "done"

    async def wake(self, run_id: str) -> None:
        """Hands one run over; those that are asked for at the same moment go in one transaction."""
        await self.start(AT_ONCE)
        found = self._wanted.get(run_id)
        if found is None:
            assert self._loop is not None, "it has been started"
            found = self._wanted[run_id] = self._loop.create_future()
            if len(self._wanted) == 1:
                self._loop.create_task(self._hand_over_wanted())
        await asyncio.shield(found)

    async def _hand_over_wanted(self) -> None:
        await asyncio.sleep(0)
        while self._wanted:
            wanted = list(self._wanted)
            claim = claim_named(wanted, self._claim_id(), self._wakes.world.lease_s)
            under_way = len(self._wakes.active) + self.waiting_here()
            try:
                if under_way + len(wanted) <= AT_ONCE_HERE:
                    await self._start_here(claim)
                else:
                    await self._hand_over(claim)
                error = None
            except Exception as failure:
                error = failure
            for run_id in wanted:
                waiting = self._wanted.pop(run_id)
                if error is None:
                    waiting.set_result(None)
                else:
                    waiting.set_exception(error)

    async def wake_next(self, most: int) -> int:
        """Hands over the next runs; how many."""
        world = self._wakes.world
        return await self._hand_over(claim_next(self._wakes.worker, self._claim_id(), world.lease_s, most))

    async def wake_limited(self, most: int, limited: Limited) -> int:
        """The same for one agent, whose runs under way are bounded."""
        world, claim = self._wakes.world, self._claim_id()
        return await self._hand_over(claim_limited(self._wakes.worker, claim, world.lease_s, most, limited))

    def _claim_id(self) -> str:
        return new_id(self._wakes.world.clock(), self._wakes.world.random_bytes)

    async def _hand_over(self, claim: Sequence[Statement]) -> int:
        return len(await self._claimed(claim, enqueue=True))

    async def _start_here(self, claim: Sequence[Statement]) -> None:
        """Claims runs and starts their workflows in this process."""
        for row in await self._claimed(claim, enqueue=False):
            await asyncio.wrap_future(self._aside.run(self._begin(row["run_id"], row["wake"])))

    async def _claimed(self, claim: Sequence[Statement], *, enqueue: bool) -> list[Row]:
        assert self._loop is not None, "it has been started"
        claiming = functools.partial(self._claim, claim, enqueue=enqueue)
        rows = await self._loop.run_in_executor(self._thread, claiming)
        now = time.monotonic()
        self._handed.update((row["run_id"], now) for row in rows)
        return rows

    async def _begin(self, run_id: str, wake_id: str) -> None:
        import dbos

        assert self._registered is not None, "it has been started"
        with dbos.SetWorkflowID(wake_id):
            await dbos.DBOS.start_workflow_async(self._registered, run_id, wake_id)

    def _claim(self, claim: Sequence[Statement], *, enqueue: bool) -> list[Row]:
        """What was claimed, with its wakes enqueued in the same transaction where they go that way."""

        def once() -> list[Row]:
            with self._database.transaction() as connection:
                rows = self._database.carry_out(connection, claim)
                for row in rows if enqueue else ():
                    self._enqueue(connection, row["run_id"], row["wake"])
            return rows

        return self._database.patiently(once)

    def _enqueue(self, connection: Any, run_id: str, wake_id: str) -> None:
        assert self._client is not None, "it has been started"
        # A workflow's id is used once: it is the wake's, and no two wakes share one.
        self._client.enqueue_in_transaction(
            connection,
            {
                "queue_name": self._queue,
                "workflow_name": WORKFLOW,
                "workflow_id": wake_id,
                "app_version": ENGINE,
            },
            run_id,
            wake_id,
        )

    def waiting_here(self) -> int:
        """Wakes that were handed over a moment ago and have not come back to this process."""
        late = time.monotonic() - LOST_AFTER_S
        for run_id in [run_id for run_id, at in self._handed.items() if at < late]:
            del self._handed[run_id]
        return len(self._handed)

    async def tidy(self, dead: Sequence[str]) -> None:
        """Cancels the wakes that dead workers had begun, and deletes what DBOS kept of finished ones."""
        if self._client is not None:
            await asyncio.to_thread(self._tidy, list(dead))

    def _tidy(self, dead: list[str]) -> None:
        assert self._client is not None, "it has been started"
        while dead:
            held = self._client.list_workflows(
                status="PENDING",
                executor_id=dead,
                name=WORKFLOW,
                load_input=False,
                load_output=False,
                limit=PAGE,
            )
            if not held:
                break
            self._client.cancel_workflows([each.workflow_id for each in held])
        before = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - KEEP_S))
        while True:
            old = self._client.list_workflows(
                status=list(ENDED),
                name=WORKFLOW,
                end_time=before,
                load_input=False,
                load_output=False,
                limit=PAGE,
            )
            if not old:
                return
            self._client.delete_workflows([each.workflow_id for each in old])

    async def stop(self) -> None:
        """Takes no more wakes; what is queued is taken by other processes, or again after its lease."""
        if self._starting is not None:
            with contextlib.suppress(Exception):
                await self._starting
                await asyncio.to_thread(self._destroy)
            self._starting = None
        self._thread.shutdown(wait=False)

    def _destroy(self) -> None:
        import dbos

        self._aside.stop()
        dbos.DBOS.destroy(destroy_registry=True)
        if self._client is not None:
            self._client.destroy()
        self._database.close()


@functools.cache
def _json_serializer() -> Any:
    """What DBOS keeps of a wake as JSON: two texts in, one text out; never a pickle."""
    from dbos import Serializer

    class Json(Serializer):
        def serialize(self, data: Any) -> str:
            return json.dumps(data, default=str, separators=(",", ":"))

        def deserialize(self, serialized_data: str) -> Any:
            return json.loads(serialized_data)

        def name(self) -> str:
            return "remit_json"

    return Json()
