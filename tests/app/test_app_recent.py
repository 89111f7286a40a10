"""Answers that may be some seconds old."""

import threading

import pytest

from remit.app import Recent


class Clock:
    """Moves when it is told to."""

    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


def test_what_is_quick_is_always_new():
    asked = iter(range(10))
    recent = Recent(Clock())
    assert [recent.get("a", lambda: next(asked)) for _ in range(3)] == [0, 1, 2]


def test_what_is_slow_is_held_for_a_while():
    clock, asked = Clock(), iter(range(10))
    recent = Recent(clock)

    def slow():
        clock.now += 0.12
        return next(asked)

    assert [recent.get("a", slow), recent.get("a", slow), recent.get("b", slow)] == [0, 0, 1]
    clock.now += 4.8
    assert recent.get("a", slow) == 0
    clock.now += 0.3
    assert recent.get("a", slow) == 2


def test_an_error_holds_nothing():
    recent = Recent(Clock())
    with pytest.raises(ZeroDivisionError):
        recent.get("a", lambda: 1 // 0)
    assert recent.get("a", lambda: 1) == 1


def test_of_many_at_once_one_makes_it_and_the_others_get_the_older_one():
    clock, inside, go = Clock(), threading.Event(), threading.Event()
    recent = Recent(clock)

    def first():
        clock.now += 1.0
        return "old"

    def second():
        inside.set()
        assert go.wait(timeout=30)
        return "new"

    assert recent.get("a", first) == "old"
    clock.now += 1000
    made = []
    thread = threading.Thread(target=lambda: made.append(recent.get("a", second)))
    thread.start()
    assert inside.wait(timeout=30)
    assert recent.get("a", lambda: pytest.fail("made twice")) == "old"
    go.set()
    thread.join()
    assert made == ["new"]
