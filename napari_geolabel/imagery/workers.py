"""Sharing the painting of one window out among the processor's cores.

numpy lets other threads run while it looks values up, so that two cores paint
a window in little more than half the time.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

Item = TypeVar("Item")

_MAX_HELPERS = 3  # beyond that the memory is busy, not the cores


def share_out(work: Callable[[Item], None], items: Iterable[Item]) -> None:
    """Do some work on every item, in this thread and in those that are free to help.

    Whoever is done with one item takes the next.  A helper that has not begun
    when nothing is left is not waited for, so that on a busy machine this takes
    no longer than doing it alone.

    Parameters
    ----------
    work
        Is called once per item; may be called from several threads at once, in any order.
    items
        What there is to do.

    Raises
    ------
    Exception
        What ``work`` raises; items that have not been begun by then are left.
    """
    waiting = deque(items)

    def take_turns() -> None:
        while True:
            try:
                item = waiting.popleft()
            except IndexError:  # another thread has taken the last
                return
            work(item)

    helpers = [_helpers().submit(take_turns) for _ in range(min(len(waiting) - 1, _helper_count()))]
    try:
        take_turns()
    finally:
        waiting.clear()
        for helper in helpers:
            if not helper.cancel():
                helper.result()


def _helper_count() -> int:
    return min(_MAX_HELPERS, (os.cpu_count() or 1) - 1)


@cache
def _helpers() -> ThreadPoolExecutor:
    """Return the threads of this process that help; they sleep where there is nothing to do."""
    return ThreadPoolExecutor(_MAX_HELPERS, "geolabel-paint")
