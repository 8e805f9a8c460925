"""How far long work has come, and whether it is still wanted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from napari_geolabel.errors import CancelledError

Progress = Callable[[float], None]
"""Is told the share that is done, from 0 to 1."""


@dataclass(frozen=True, kw_only=True)
class Watch:
    """Who is told of the progress of some work, and who may end it."""

    progress: Progress | None = None
    """Is told the share that is done; None tells nobody."""
    cancelled: Callable[[], bool] | None = None
    """Whether the work is wanted no more; asked between its parts."""

    def tell(self, share: float) -> None:
        """Tell how much is done.

        Raises
        ------
        CancelledError
            If the work is wanted no more.
        """
        if self.cancelled is not None and self.cancelled():
            raise CancelledError("cancelled; nothing was changed")
        if self.progress is not None:
            self.progress(min(1.0, share))

    def part(self, start: float, stop: float) -> Watch:
        """Return the watch of a part of the work that goes from one share of the whole to another."""
        told = self.progress
        progress = None if told is None else (lambda share: told(start + share * (stop - start)))
        return Watch(progress=progress, cancelled=self.cancelled)


UNWATCHED = Watch()
"""Tells nobody, and is never cancelled."""
