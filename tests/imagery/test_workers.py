"""Work shared out is done once and whole, whoever is free to do it, and errors are not lost."""

from __future__ import annotations

import threading
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_geolabel.imagery import workers
from napari_geolabel.imagery.workers import share_out


@given(st.lists(st.integers(), max_size=40))
def test_every_item_is_worked_on_exactly_once(items):
    done = []
    share_out(done.append, items)
    assert Counter(done) == Counter(items)


def test_items_may_be_made_while_they_are_taken():
    done = []
    share_out(done.append, (number * number for number in range(5)))
    assert sorted(done) == [0, 1, 4, 9, 16]


@pytest.mark.skipif(workers._helper_count() == 0, reason="one core has nobody to share with")
def test_a_free_thread_helps():
    meeting = threading.Barrier(2)
    share_out(lambda _: meeting.wait(20), range(2))  # neither item ends before the other has begun
    assert not meeting.broken


def test_on_a_machine_of_one_core_everything_is_done_here(monkeypatch):
    monkeypatch.setattr(workers.os, "cpu_count", lambda: 1)
    threads = set()
    share_out(lambda _: threads.add(threading.current_thread()), range(20))
    assert threads == {threading.current_thread()}


def test_where_all_helpers_are_busy_nobody_waits_for_them():
    busy = threading.Event()
    others = [workers._helpers().submit(busy.wait, 60) for _ in range(workers._MAX_HELPERS)]
    try:
        threads = []
        share_out(lambda _: threads.append(threading.current_thread()), range(10))
        assert threads == [threading.current_thread()] * 10
    finally:
        busy.set()
    assert all(other.result(60) for other in others)


@pytest.mark.parametrize("cores", [1, 2, 16])
def test_an_error_reaches_the_caller_whichever_thread_it_happens_in(cores, monkeypatch):
    monkeypatch.setattr(workers.os, "cpu_count", lambda: cores)

    def fail(number: int) -> None:
        if number == 7:
            raise IndexError(f"item {number}")

    for _ in range(30):
        with pytest.raises(IndexError, match="item 7"):
            share_out(fail, range(10))


def test_nothing_is_begun_after_an_error_of_the_caller_s_own(monkeypatch):
    monkeypatch.setattr(workers.os, "cpu_count", lambda: 1)
    begun = []

    def fail(number: int) -> None:
        begun.append(number)
        raise ValueError("no more")

    with pytest.raises(ValueError, match="no more"):
        share_out(fail, range(10))
    assert begun == [0]
