"""Work that may wait for the disk, done on a thread of its own; its results come back on Qt's."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from queue import SimpleQueue
from typing import Any, TypeVar

from napari_geolabel.errors import GeoLabelError
from napari_geolabel.viewer.notices import warn
from napari_geolabel.widgets.relay import Relay

Result = TypeVar("Result")


class Background:
    """One job after the other, on one thread.

    Parameters
    ----------
    name
        What the thread is for, as debuggers show it.
    """

    def __init__(self, name: str = "journal") -> None:
        self._results: SimpleQueue[tuple[Callable[[Any], object], Future[Any]]] = SimpleQueue()
        self._relay = Relay(self._deliver)
        self._executor = ThreadPoolExecutor(1, thread_name_prefix=f"geolabel-{name}")
        self._is_closed = False

    def ask(self, job: Callable[[], Result], take: Callable[[Result], object]) -> None:
        """Do a job, and call ``take`` with its result on the thread of this object.

        A `GeoLabelError` is told to the user instead; any other exception is raised on that thread.
        """
        if not self._is_closed:
            self._executor.submit(job).add_done_callback(partial(self._hand_over, take))

    def close(self) -> None:
        """Do and deliver nothing more; the job that is being done is waited for."""
        self._is_closed = True
        self._executor.shutdown(cancel_futures=True)

    def abandon(self) -> None:
        """Deliver nothing more, and wait for nothing: the job that is being done ends by itself, unheard."""
        self._is_closed = True
        self._executor.shutdown(wait=False, cancel_futures=True)

    def _hand_over(self, take: Callable[[Any], object], done: Future[Any]) -> None:
        """Note what a job came to; on its own thread."""
        if not done.cancelled():
            self._results.put((take, done))
            self._relay.ask()

    def _deliver(self) -> None:
        while not self._results.empty():
            take, done = self._results.get()
            if self._is_closed:
                continue
            try:
                result = done.result()
            except GeoLabelError as error:
                warn(str(error))
            else:
                take(result)


def told(job: Callable[[], Result]) -> Callable[[], Result | Exception]:
    """Return a job that gives back, and does not raise, why there is no result: for who must hear of the end.

    That holds for faults too, such as memory that ran out: who waits must not wait for ever.  Once that is
    tidied up, `expected` raises them.
    """

    def done() -> Result | Exception:
        try:
            return job()
        except Exception as error:  # noqa: BLE001  (raised by `expected`, on the thread that waits)
            return error

    return done


def expected(outcome: Result | Exception) -> Result | GeoLabelError:
    """Return what a job came to that was `told`, or why it was refused; raise a fault, which nobody expects."""
    if isinstance(outcome, Exception) and not isinstance(outcome, GeoLabelError):
        raise outcome
    return outcome


def why(error: Exception) -> str:
    """Return why there is no result, in a sentence; that of a fault names it."""
    return str(error) if isinstance(error, GeoLabelError) else f"that failed unexpectedly: {error!r}"
