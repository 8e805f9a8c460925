"""Reading of a scene that may take its time, done beside Qt's thread and given up when nobody wants it any more."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from napari_geolabel.errors import GeoLabelError
from napari_geolabel.imagery.scene import Scene
from napari_geolabel.viewer.notices import warn
from napari_geolabel.widgets.background import Background

Result = TypeVar("Result")


class SceneWork:
    """Jobs on a scene, one after the other on a thread of their own.

    Each job has a topic.  Of a topic only the newest job that has not begun is
    done, so that what follows the mouse never lags behind it.  The jobs read
    through an opening of the scene that is theirs: closing it ends a job that
    is in the middle of a large file.
    """

    def __init__(self, scene: Scene) -> None:
        self._background = Background()
        self._lock = threading.Lock()
        self._waiting: dict[str, Callable[[], _Outcome]] = {}
        self._reading = _opening(scene)

    def follow(self, scene: Scene) -> None:
        """Work on another reading of the scene from now on; what was asked of the old one is given up."""
        old, self._reading = self._reading, _opening(scene)
        with self._lock:
            self._waiting.clear()
        old.close()

    def ask(self, topic: str, job: Callable[[Scene], Result], take: Callable[[Result], object]) -> None:
        """Do a job, and call ``take`` with its result on Qt's thread; a `GeoLabelError` is told to the user instead."""
        run = partial(_attempt, job, self._reading, take)
        with self._lock:
            is_waiting = topic in self._waiting
            self._waiting[topic] = run
        if not is_waiting:
            self._background.ask(partial(self._run, topic), self._deliver)

    def forget(self, topic: str) -> None:
        """Leave a job undone that has not begun."""
        with self._lock:
            self._waiting.pop(topic, None)

    def close(self) -> None:
        """Do and deliver nothing more."""
        with self._lock:
            self._waiting.clear()
        self._reading.close()
        self._background.close()

    def _run(self, topic: str) -> _Outcome | None:
        with self._lock:
            run = self._waiting.pop(topic, None)
        return None if run is None else run()

    def _deliver(self, outcome: _Outcome | None) -> None:
        if outcome is None:
            return
        reading, take, result = outcome
        if reading is not self._reading:  # of a reading that was given up; its errors mean nothing either
            return
        if isinstance(result, GeoLabelError):
            warn(str(result))
        else:
            take(result)


_Outcome = tuple[Scene, Callable[[Any], object], Any]
"""The reading that a job was done on, who takes the result, and the result or the error."""


def _attempt(job: Callable[[Scene], Result], reading: Scene, take: Callable[[Result], object]) -> _Outcome:
    try:
        return reading, take, job(reading)
    except GeoLabelError as error:
        return reading, take, error


def _opening(scene: Scene) -> Scene:
    """Return the same reading of the same file, which can be closed apart."""
    return scene.with_transform(scene.grid.transform, scene.grid.crs)
