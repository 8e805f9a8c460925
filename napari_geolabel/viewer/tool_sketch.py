"""What all drawing tools are: a sketch that grows by clicks until it is a geometry."""

from __future__ import annotations

from abc import ABC, abstractmethod
from copy import copy
from typing import ClassVar

import numpy as np
from shapely.geometry.base import BaseGeometry

from napari_geolabel.geo import FloatArray, GeoGrid
from napari_geolabel.ontology.kinds import Kind


class Sketch(ABC):
    """A half-drawn annotation; knows nothing of napari.

    Parameters
    ----------
    grid
        The scene's grid.
    """

    kind: ClassVar[Kind]
    """What it makes; also the tool's name."""
    takes_drags: ClassVar[bool] = False
    """Whether dragging draws; else a drag moves the map."""
    snaps: ClassVar[bool] = True
    """Whether its points may be drawn to neighbours."""
    traces: ClassVar[bool] = False
    """Whether a neighbour's vertices may come between two of its points."""
    keeps_draft: ClassVar[bool] = True
    """Whether its points, half drawn, may be taken up again by the tool that is named like its kind."""

    def __init__(self, grid: GeoGrid) -> None:
        self._grid = grid
        self._points: list[FloatArray] = []

    @property
    def points(self) -> FloatArray:
        """The points set so far in pixel coordinates ``(x, y)``, shape (n, 2)."""
        return np.array(self._points, np.float64).reshape(-1, 2)

    @property
    def can_finish(self) -> bool:
        """Whether the points set so far make a geometry of their own."""
        return False

    def click(self, point: FloatArray) -> BaseGeometry | None:
        """Set a point; return the geometry if that completes it.

        A point that is already the last one is not set again: a double click
        begins with a click.

        Raises
        ------
        GeometryError
            If the point makes no geometry; the sketch is then as before.
        """
        if self._points and np.array_equal(self._points[-1], point):
            return None
        geometry = self._completed(point)
        if geometry is None:
            self._points.append(np.asarray(point, np.float64))
        return geometry

    def drag(self, point: FloatArray, screen_px: float) -> None:  # noqa: B027  (most sketches need not listen)
        """Hear of the mouse on its way in a drag; ``screen_px`` is the size of a screen pixel in scene pixels."""

    def release(self, point: FloatArray) -> BaseGeometry | None:
        """Return the geometry that the end of a drag completes, None if it needs more; raises as `click` does."""
        return self.click(point)

    def going_by(self, points: FloatArray) -> Sketch:
        """Return a copy with more points set, shape (n, 2), to show what would be drawn."""
        shown = copy(self)
        shown._points = [*self._points, *points]  # noqa: SLF001  (its own)
        return shown

    def text(self, cursor: FloatArray) -> str:  # noqa: ARG002  (some sketches have nothing to tell)
        """Return how large it would be with the mouse at a point, in metres where there are any."""
        return ""

    def back(self) -> bool:
        """Take the last point back; return whether there was one."""
        if not self._points:
            return False
        self._points.pop()
        return True

    def finish(self) -> BaseGeometry:
        """Return the geometry of the points set so far.

        Raises
        ------
        GeometryError
            If they are too few; the sentence says what to do.
        """
        raise self._too_few()

    @abstractmethod
    def lines(self, cursor: FloatArray) -> list[FloatArray]:
        """Return what to show while the mouse is at a point: lines of pixel points, each of shape (n, 2)."""

    @abstractmethod
    def _completed(self, point: FloatArray) -> BaseGeometry | None:
        """Return the geometry that another point completes, None if it needs more."""

    @abstractmethod
    def _too_few(self) -> Exception:
        """Return why the sketch cannot be finished yet."""
