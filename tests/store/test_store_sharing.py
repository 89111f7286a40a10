"""The log's database as an engine shares it: what a claim takes, and connections that went away."""

import asyncio
from contextlib import closing

import pytest

import postgres_server
from desk_world import USER, desk, run_ids
from remit import Runtime
from remit.dispatch.port import claim_named
from remit.errors import StoreError
from remit.store import SharedDatabase, open_store
from remit.store.plans import plan_of
from remit.store.queries import POSTGRES_QUERIES, QUERIES
from remit.testing import FrozenClock, ScriptedModel
from store_places import change, postgres_at


@pytest.fixture(params=["sqlite", "postgres"])
def address(request, tmp_path):
    """Where a log lies, on each database in turn."""
    return str(tmp_path / "remit.db") if request.param == "sqlite" else postgres_at(tmp_path)


async def admitted(address, folder, clock, count):
    async with Runtime(address, model=ScriptedModel([]), clock=clock) as door:
        remit = desk(folder / "desk")
        for _ in range(count):
            await door.submit(remit, "Hello", user=USER)
        return sorted(run_ids(door))


def test_several_runs_are_claimed_at_once_and_none_that_another_has(address, tmp_path):
    clock = FrozenClock()
    runs = asyncio.run(admitted(address, tmp_path, clock, 4))
    change(address, "update run set state = 'ended' where run_id = ?", [runs[3]])
    with closing(SharedDatabase(address, clock)) as shared:

        def claimed(run_ids, claim):
            with shared.transaction() as connection:
                rows = shared.carry_out(connection, claim_named(run_ids, claim, 30.0))
            return {row["run_id"]: row["wake"] for row in rows}

        assert claimed([runs[1]], "a") == {runs[1]: f"a.{runs[1]}"}
        assert claimed([*runs, "no-such-run"], "b") == {run: f"b.{run}" for run in (runs[0], runs[2])}
        assert claimed([], "c") == {}
        change(address, "update run set lease_until = 0 where run_id = ?", [runs[0]])
        # What another one had taken and lost says so in the name of its wake.
        assert claimed(runs, "d") == {runs[0]: f"d.{runs[0]}-lapsed"}


@pytest.mark.parametrize(("rested_s", "works"), [(0.0, True), (3600.0, False)])
def test_a_connection_that_rested_is_looked_at_before_it_is_used(tmp_path, monkeypatch, rested_s, works):
    monkeypatch.setattr("remit.store.engine.RESTED_S", rested_s)
    address = postgres_at(tmp_path)
    with closing(SharedDatabase(address, FrozenClock())) as shared:

        def asked():
            with shared.transaction() as connection:
                return connection.exec_driver_sql("select pg_backend_pid()").scalar_one()

        before = asked()
        with postgres_server.connect(address) as connection:
            connection.execute("select pg_terminate_backend(%s, 10000)", [before])
        if not works:
            # One that was in use a moment ago is believed: it fails once.
            with pytest.raises(StoreError):
                asked()
        assert asked() != before


def test_a_claim_of_named_runs_looks_at_these_alone(address):
    with closing(open_store(address, FrozenClock())) as store:
        queries = QUERIES if store.dialect == "sqlite" else POSTGRES_QUERIES
        values = {"run_ids": '["a", "b"]', "claim": "c", "lease_s": 30.0}
        plan = "\n".join(plan_of(store, queries["claim_named_runs"], values))
    assert ("PRIMARY KEY" if store.dialect == "sqlite" else "run_pkey") in plan
    assert "run_queue" not in plan


def test_what_the_database_went_away_under_is_begun_anew(tmp_path):
    with closing(SharedDatabase(postgres_at(tmp_path), FrozenClock())) as shared:
        ends = ["pg_terminate_backend(pg_backend_pid())", "1"]

        def asked():
            with shared.transaction() as connection:
                return connection.exec_driver_sql(f"select {ends.pop(0)}").scalar_one()

        assert shared.patiently(asked) == 1
        assert ends == []


@pytest.mark.parametrize("error", [ValueError("no"), StoreError("It is full.")])
def test_what_has_another_reason_is_raised_at_once(address, error):
    tried = []

    def refused():
        tried.append(True)
        raise error

    with closing(SharedDatabase(address, FrozenClock())) as shared:
        with pytest.raises(type(error), match=str(error)):
            shared.patiently(refused)
        assert tried == [True]


def test_a_database_that_stays_away_is_given_up_after_a_while():
    tried = []

    def asked():
        tried.append(True)
        with shared.transaction() as connection:
            connection.exec_driver_sql("select 1")

    with closing(SharedDatabase("postgresql://127.0.0.1:1/none", FrozenClock(), wait_s=0.2)) as shared:
        with pytest.raises(StoreError, match="cannot be used"):
            shared.patiently(asked)
        assert len(tried) > 1
