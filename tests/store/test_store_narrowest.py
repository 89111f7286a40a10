"""Of several filters, the index of the one that fewest runs fit is used."""

import time
from contextlib import closing

from hypothesis import given, settings
from hypothesis import strategies as st

from remit.store import Restriction, SoughtRuns, narrowest, open_store, runs_page, runs_statement, subjects_of
from remit.store.filters import COLUMNS
from remit.store.plans import plan_of, scanned
from store_places import change

WHEN = 1000.0


def filled(path):
    """A hundred runs of one agent; one of them is Ann's, two wait, and five were handed over."""
    with closing(open_store(path, time.time)):
        pass
    columns = (
        "run_id, agent, release_hash, tenant, user_id, state, outcome, head, chain, wakes, steps, tokens,"
        " cost_usd, admitted_at"
    )
    for n in range(100):
        user = "ann" if n == 7 else "ben"
        state = "waiting" if n in (7, 50) else "ended"
        outcome = "null" if state == "waiting" else "'escalated'" if n < 5 else "'answered'"
        change(
            path,
            f"insert into run ({columns}) values ('r{n:03}', 'desk', 'h', 't', '{user}', '{state}',"
            f" {outcome}, 0, x'00', 1, 1, 1, 0.0, {WHEN + n})",
        )
    return path


def test_the_fewest_lead(tmp_path):
    with closing(open_store(filled(tmp_path / "remit.db"), time.time)) as store:
        assert narrowest(store, {"agent": "desk"}, None) is None
        assert narrowest(store, {"agent": "desk", "outcome": "escalated"}, None) == "outcome"
        assert narrowest(store, {"outcome": "answered", "user": "ann"}, WHEN) == "user"
        assert narrowest(store, {"tenant": "t", "state": "waiting"}, WHEN) == "state"
        assert narrowest(store, {"outcome": "escalated", "user": "ben"}, WHEN + 50) == "outcome"
        assert narrowest(store, {"agent": "desk", "tool": "find"}, None) is None


def test_its_index_is_the_one_that_is_read(tmp_path):
    with closing(open_store(filled(tmp_path / "remit.db"), time.time)) as store:
        for filters, led_by, index in (
            ({"outcome": "answered", "user": "ann"}, "user", "run_user"),
            ({"tenant": "t", "state": "waiting"}, "state", "run_unended"),
            ({"state": "waiting", "user": "ann"}, "user", "run_user"),
        ):
            sought = SoughtRuns(filters=filters, restriction=Restriction(), since=WHEN, led_by=led_by)
            statement = runs_page(sought, most=50)
            assert index in " ".join(plan_of(store, *statement))
            assert scanned(store, *statement) == []


def test_what_a_page_counts_is_read_from_its_own_runs(tmp_path):
    with closing(open_store(tmp_path / "remit.db", time.time)) as store:
        plan = " ".join(plan_of(store, *subjects_of(["r1", "r2"])))
        assert "run_id=?" in plan
        assert "event_subject" not in plan


@settings(max_examples=60)
@given(
    filters=st.dictionaries(
        st.sampled_from(sorted(COLUMNS)),
        st.sampled_from(["desk", "t", "ann", "waiting", "ended", "answered"]),
    ),
    since=st.none() | st.floats(WHEN, WHEN + 100),
)
def test_who_leads_changes_nothing_that_is_found(tmp_path_factory, filters, since):
    path = tmp_path_factory.getbasetemp() / "narrowest.db"
    if not path.exists():
        filled(path)
    with closing(open_store(path, time.time)) as store:
        plain = store.select(*runs_statement(filters, since=since, most=200))
        for name in filters:
            assert store.select(*runs_statement(filters, since=since, most=200, led_by=name)) == plain
            sought = SoughtRuns(filters=filters, restriction=Restriction(), since=since, led_by=name)
            page = store.select(*runs_page(sought, most=200))
            assert [row["run_id"] for row in page] == [row["run_id"] for row in plain]
