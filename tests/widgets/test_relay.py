"""The way from any thread to Qt's own."""

from __future__ import annotations

import threading

from napari_geolabel.widgets.relay import Relay


def test_what_another_thread_asks_for_is_done_on_the_main_thread(qtbot):
    names = []
    relay = Relay(lambda: names.append(threading.current_thread().name))
    thread = threading.Thread(target=relay.ask)
    thread.start()
    thread.join()
    assert names == []  # not before the event loop comes round
    qtbot.waitUntil(lambda: names == ["MainThread"], timeout=60_000)


def test_what_the_main_thread_asks_for_waits_for_the_event_loop_too(qtbot):
    done = []
    relay = Relay(lambda: done.append(1))
    relay.ask()
    assert done == []
    qtbot.waitUntil(lambda: done == [1], timeout=60_000)
