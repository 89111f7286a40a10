"""Whoever changes the file by hand is found out: by the chain or, where that cannot show it, by an anchor."""

import asyncio
import json
from hashlib import sha256

import pytest

from desk_world import USER, desk, runtime
from remit.log import Log, Redactor, anchor_lines, compare_anchor, verify
from remit.store import open_store
from remit.testing import FrozenClock
from store_places import change, on_postgres, store_at

KEY = b"kept elsewhere"
ONE = "run_id = (select min(run_id) from run)"
THIRD = f"{ONE} and seq = 2"
OTHERS = "(select {0} from body o where o.run_id <> body.run_id and o.seq = 2)"
LAST = f"{ONE} and seq = (select max(seq) from event where {ONE})"
CHAIN_OF_LAST = f"(select chain from event where {ONE} order by seq desc limit 1)"

CHANGED = "the body was changed"
MOVED = "the event was changed or moved"
MISSING = "an event is missing"
TAIL = "the last events are missing"
TAMPERING = {
    "another body": (f"update body set data = x'7b7d' where {THIRD}", 2, CHANGED),
    "a text in place of bytes": (f"update body set data = '{{}}' where {THIRD}", 2, CHANGED),
    "the same bytes as a text": (
        f"update body set data = cast(data as text) where {THIRD}",
        2,
        CHANGED,
    ),
    "a number as a body": (f"update body set data = 7 where {THIRD}", 2, CHANGED),
    "another salt": (f"update body set salt = x'00' where {THIRD}", 2, CHANGED),
    "a salt as a text": (f"update body set salt = 'salt' where {THIRD}", 2, CHANGED),
    "another kind": (f"update event set kind = 'rated' where {THIRD}", 2, MOVED),
    "another time": (f"update event set at = at + 1 where {THIRD}", 2, MOVED),
    "another event id": (f"update event set id = 'f00d' where {THIRD}", 2, MOVED),
    "another digest": (f"update event set digest = x'00' where {THIRD}", 2, CHANGED),
    "a digest as a text": (
        f"update event set digest = 'x' where {THIRD}; delete from body where {THIRD}",
        2,
        MOVED,
    ),
    "another link": (f"update event set chain = x'00' where {THIRD}", 2, MOVED),
    "a link as a text": (f"update event set chain = 'x' where {THIRD}", 2, MOVED),
    "an event taken out": (f"delete from event where {THIRD}", 2, MISSING),
    "the first event taken out": (f"delete from event where {ONE} and seq = 0", 0, MISSING),
    "an event taken out and the gap closed": (
        f"delete from event where {THIRD}; delete from body where {THIRD};"
        f"update event set seq = seq - 1 where {ONE} and seq > 2;"
        f"update body set seq = seq - 1 where {ONE} and seq > 2",
        2,
        MOVED,
    ),
    "two events exchanged": (
        f"update event set seq = -1 where {THIRD}; update event set seq = 2 where {ONE} and seq = 3;"
        f"update event set seq = 3 where {ONE} and seq = -1;"
        f"update body set seq = -1 where {THIRD}; update body set seq = 2 where {ONE} and seq = 3;"
        f"update body set seq = 3 where {ONE} and seq = -1",
        2,
        MOVED,
    ),
    "an event of another run": (
        "update event set digest = (select digest from event o where o.run_id <> event.run_id and o.seq = 2)"
        f" where {THIRD};"
        f"update body set data = {OTHERS.format('data')}, salt = {OTHERS.format('salt')} where {THIRD}",
        2,
        MOVED,
    ),
    "an event added": (
        f"create temp table extra as select * from event where {LAST};"
        "update extra set seq = seq + 1, id = 'new'; insert into event select * from extra",
        None,
        MOVED,
    ),
    "the tail cut": (f"delete from event where {LAST}", None, TAIL),
    "the run row's head changed": (f"update run set head = head + 1 where {ONE}", None, TAIL),
    "the run row's head as a text": (f"update run set head = 'x' where {ONE}", None, TAIL),
    "the run row's chain changed": (f"update run set chain = x'00' where {ONE}", None, TAIL),
}
ONLY_IN_A_FILE = [what for what in TAMPERING if "text" in what or "number" in what]
CUT_WELL = (
    f"delete from event where {LAST};"
    f"delete from body where {ONE} and seq > (select max(seq) from event where {ONE});"
    f"update run set head = head - 1, chain = {CHAIN_OF_LAST},"
    f" state = 'runnable', outcome = null, ended_at = null where {ONE}"
)
"""A tail cut by somebody who knows the tables."""
RUN_GONE = f"delete from event where {ONE}; delete from body where {ONE}; delete from run where {ONE}"


@pytest.fixture
def log(tmp_path):
    """A log with two runs, changed by hand, then opened: `log(statements)`."""
    remit = desk(tmp_path / "desk")
    opened = []

    async def whole():
        async with runtime(tmp_path, ["One.", "Two."], clock=FrozenClock()) as running:
            for _ in range(2):
                await running.handle(remit, "Hello", user=USER)

    def changed(statements=""):
        if statements:
            change(store_at(tmp_path), statements)
        opened.append(open_store(store_at(tmp_path), FrozenClock()))
        return opened[-1]

    asyncio.run(whole())
    yield changed
    for store in opened:
        store.close()


def test_an_untouched_log_is_whole(log):
    found = verify(log())
    assert (found.whole, found.runs, found.erased) == (True, 2, 0)
    assert found.events > 8


@pytest.mark.parametrize("what", TAMPERING)
def test_every_change_by_hand_is_named_with_its_place(log, what):
    if on_postgres() and what in ONLY_IN_A_FILE:
        pytest.skip("a column of Postgres holds nothing but its type")
    statements, seq, reason = TAMPERING[what]
    found = verify(log(statements))
    assert [each.reason for each in found.breaks] == [reason]
    if seq is not None:
        assert found.breaks[0].seq == seq


def test_a_cut_that_also_moves_the_head_shows_only_against_an_anchor(log):
    anchor = list(anchor_lines(log(), KEY))
    store = log(CUT_WELL)
    assert verify(store).whole
    (found,) = compare_anchor(store, anchor, KEY)
    assert found.reason == "the log no longer holds what the anchor saw"


def test_a_run_taken_out_shows_only_against_an_anchor(log):
    anchor = list(anchor_lines(log(), KEY))
    store = log(RUN_GONE)
    assert verify(store).whole
    assert len(compare_anchor(store, anchor, KEY)) == 1


def rewritten(address):
    """One body changed and every link after it made anew, by somebody who knows the chain."""
    ((run_id,),) = change(address, "select min(run_id) from run")
    salted = "select seq, id, at, kind, salt, data from event join body using (run_id, seq) where run_id = ?"
    chain = sha256(b"remit\x1f" + run_id.encode()).digest()
    for seq, event_id, at, kind, salt, data in change(address, f"{salted} order by seq", [run_id]):
        lie = b'{"forged":1}' if seq == 2 else data
        digest = sha256(salt + lie).digest()
        fields = "\x1f".join([run_id, str(seq), event_id, repr(at), kind, ""])
        chain = sha256(chain + fields.encode() + digest).digest()
        place = [run_id, seq]
        change(address, "update body set data = ? where run_id = ? and seq = ?", [lie, *place])
        changed = [digest, chain, *place]
        change(address, "update event set digest = ?, chain = ? where run_id = ? and seq = ?", changed)
    change(address, "update run set chain = ? where run_id = ?", [chain, run_id])


def test_a_run_written_anew_shows_only_against_an_anchor(log, tmp_path):
    anchor = list(anchor_lines(log(), KEY))
    rewritten(store_at(tmp_path))
    store = log()
    assert verify(store).whole
    assert len(compare_anchor(store, anchor, KEY)) == 1


def test_a_log_that_grew_since_the_anchor_holds_what_it_saw(log, tmp_path):
    anchor = list(anchor_lines(log(), KEY))
    remit = desk(tmp_path / "desk")

    async def more():
        async with runtime(tmp_path, ["Three."], clock=FrozenClock()) as running:
            await running.handle(remit, "Hello", user=USER)

    asyncio.run(more())
    assert compare_anchor(log(), anchor, KEY) == ()
    assert len(list(anchor_lines(log(), KEY))) == len(anchor) + 1


def _forged(lines):
    head = json.loads(lines[0]) | {"chain": "00" * 32}
    return [json.dumps(head), *lines[1:]]


ANCHORS = {
    "empty": lambda lines: [],
    "unsigned": lambda lines: lines[:-1],
    "a head forged": _forged,
    "a head left out": lambda lines: lines[1:],
    "heads exchanged": lambda lines: [lines[1], lines[0], lines[2]],
    "another signature": lambda lines: [*lines[:-1], '{"signature": "00"}'],
    "no signature in the last line": lambda lines: [*lines[:-1], "{}"],
}


@pytest.mark.parametrize("what", ANCHORS)
def test_a_forged_anchor_is_itself_a_break(log, what):
    store = log()
    lines = ANCHORS[what](list(anchor_lines(store, KEY)))
    (found,) = compare_anchor(store, lines, KEY)
    assert "signature" in found.reason


def test_an_anchor_under_another_key_is_a_break(log):
    store = log()
    assert compare_anchor(store, list(anchor_lines(store, KEY)), b"another key")
    assert compare_anchor(store, list(anchor_lines(store, KEY)), KEY) == ()


def test_an_erased_body_is_counted_and_its_event_still_stands(log):
    store = log(f"delete from body where {THIRD}")
    found = verify(store)
    assert (found.whole, found.erased) == (True, 1)
    reader = Log(store, clock=FrozenClock(), random_bytes=bytes, redactor=Redactor({}))
    (run_id,) = (row["run_id"] for row in store.select("select min(run_id) as run_id from run", {}))
    assert [entry.event is None for entry in reader.read(run_id)].count(True) == 1
