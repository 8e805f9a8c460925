"""Painted areas changed at once: each method is one change, and so one step of undo."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypedDict, Unpack

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from napari_geolabel.annotations.annotation import Annotation
from napari_geolabel.annotations.change import Change
from napari_geolabel.errors import GeoLabelError
from napari_geolabel.geo import Window
from napari_geolabel.labels.editing import mask_value_of
from napari_geolabel.labels.mask_crossing import painted_as_polygons, painted_instance, polygons_as_painted
from napari_geolabel.labels.mask_part import EVERYWHERE, Amount, MaskPart, Within, window_about, window_of
from napari_geolabel.masks import areas as of
from napari_geolabel.masks.areas import Area

if TYPE_CHECKING:
    from napari_geolabel.labels.labels import Labels

SPREAD = 4.0
"""The spread of a band, in standard deviations: where nearly all of its values lie."""


WIDEST_DISC_PX = 1024
"""The radius in pixels up to which areas are smoothed, since the disc is counted pixel by pixel."""


class Reach(TypedDict, total=False):
    """How far: one of the two, and which pixels may change."""

    metres: float | None
    pixels: float | None
    within: Within


class Size(TypedDict, total=False):
    """How large: one of the two, and which pixels may change."""

    square_metres: float | None
    pixels: float | None
    within: Within


class Retouching:
    """Changes painted areas; `Labels.retouch` makes it.

    ``within`` says which pixels may change, those whose centre lies inside an area: ``Within(area=polygon)`` in pixel
    coordinates ``(x, y)``, ``Within(area=polygon, crs="EPSG:4326")``; by default all.  Pixels of classes in
    `Labels.locked` never change.  Distances and areas are given on the ground (``metres=20``, ``square_metres=400``)
    or in pixels (``pixels=3``).

    Every method raises `UnknownClassError`, `ForbiddenKindError` or `MaskValueError` for a class that cannot be
    painted, and `GeoLabelError` for one that is locked or an amount that makes no sense; nothing is changed then.

    Parameters
    ----------
    labels
        The labels whose mask is retouched.
    apply
        Takes the change that a method makes; by default the labels' store.  Another function lets a change be
        computed on a thread of its own and applied elsewhere.
    """

    def __init__(self, labels: Labels, apply: Callable[[Change], Change] | None = None) -> None:
        self._labels = labels
        self._take = labels.store.apply if apply is None else apply

    def grow(self, class_id: str, **reach: Unpack[Reach]) -> Change:
        """Give a class every pixel within a distance of it."""
        far, within = self._distance(**reach)
        return self._reshape(
            f"grow {class_id} by {far}", class_id, within, lambda a: of.grown(a, far.number, far.spacing), far.halo
        )

    def shrink(self, class_id: str, **reach: Unpack[Reach]) -> Change:
        """Take from a class every pixel within a distance of what is not of it; they become unlabelled."""
        far, within = self._distance(**reach)
        value = self._value(class_id)
        part = MaskPart.of(self._labels, window_of(self._labels, [value], far.halo), within)
        old = part.values == value
        lost = old & ~of.shrunk(old, far.number, far.spacing)
        return self._apply(f"shrink {class_id} by {far}", part, [(lost, 0)])

    def smooth(self, class_id: str, **reach: Unpack[Reach]) -> Change:
        """Straighten the border of a class: each pixel goes with the majority of a disc about it.

        What the class loses goes to what lies beside it.
        """
        far, within = self._distance(**reach)
        if far.number / min(far.spacing) > WIDEST_DISC_PX:
            raise GeoLabelError(f"a disc of {far} is too wide to smooth with; give {WIDEST_DISC_PX} pixels or less")
        return self._reshape(
            f"smooth {class_id} by {far}", class_id, within, lambda a: of.smoothed(a, far.number, far.spacing), far.halo
        )

    def drop_specks(self, class_id: str, **size: Unpack[Size]) -> Change:
        """Give the areas of a class that are smaller than some size to what lies around them."""
        least, within = self._area(**size)
        title = f"drop specks of {class_id} below {least}"
        return self._reshape(title, class_id, within, lambda a: a & ~of.specks(a, least.pixels))

    def fill_holes(self, class_id: str, **size: Unpack[Size]) -> Change:
        """Give a class the gaps that it encloses and that are smaller than some size, whatever is in them."""
        least, within = self._area(**size)
        title = f"fill holes of {class_id} below {least}"
        return self._reshape(title, class_id, within, lambda a: a | of.holes(a, least.pixels))

    def swap(self, one: str, other: str, *, within: Within = EVERYWHERE) -> Change:
        """Let two classes change places."""
        first, second = self._value(one), self._value(other)
        part = MaskPart.of(self._labels, window_of(self._labels, [first, second]), within)
        is_first, is_second = part.values == first, part.values == second
        return self._apply(f"swap {one} and {other}", part, [(is_first, second), (is_second, first)])

    def replace(self, old: str, new: str | None, *, within: Within = EVERYWHERE) -> Change:
        """Make pixels of one class pixels of another, None for unlabelled."""
        value, target = self._value(old), mask_value_of(new, self._labels.ontology)
        part = MaskPart.of(self._labels, window_of(self._labels, [value]), within)
        title = f"replace {old} by {new}" if new else f"erase {old}"
        return self._apply(title, part, [(part.values == value, target)])

    def erase(
        self, area: BaseGeometry, class_ids: Iterable[str] | None = None, *, crs: str | int | CRS | None = None
    ) -> Change:
        """Make the pixels of some classes inside an area unlabelled, None for all classes."""
        inside = Within(area=area, crs=crs)
        part = MaskPart.of(self._labels, inside.window(self._labels.scene.grid), inside)
        return self._apply("erase", part, [(self._is_any(part.values, class_ids), 0)])

    def erase_outside(
        self, area: BaseGeometry, class_ids: Iterable[str] | None = None, *, crs: str | int | CRS | None = None
    ) -> Change:
        """Make the pixels of some classes outside an area unlabelled, None for all classes."""
        part = MaskPart.of(self._labels, window_of(self._labels, self._painted_values()))
        outside = ~Within(area=area, crs=crs).covers(self._labels.scene.grid, part.window)
        return self._apply("erase outside", part, [(self._is_any(part.values, class_ids) & outside, 0)])

    def fill(
        self,
        point: Sequence[float],
        class_id: str | None,
        *,
        tolerance: float = 10.0,
        bands: Sequence[str | int] | None = None,
        reach_px: int = 512,
        within: Within = EVERYWHERE,
    ) -> Change:
        """Give a class the pixels that hang together with one and look like it.

        Parameters
        ----------
        point
            Where, in pixel coordinates ``(x, y)``.
        class_id
            The class; None erases.
        tolerance
            The largest difference in each band, in per cent of the band's
            spread over the scene (four standard deviations).
        bands
            Bands that are compared; None compares all.
        reach_px
            How far from the point the area may reach, along rows and columns.
        within
            See the class.

        Raises
        ------
        GeoLabelError
            If the point is outside the scene, or on no data.
        """
        value = mask_value_of(class_id, self._labels.ontology)
        shape = self._labels.canvas.array.shape
        if not (0 <= point[0] < shape[1] and 0 <= point[1] < shape[0]):  # nor is NaN anywhere in it
            raise GeoLabelError(f"({point[0]:g}, {point[1]:g}) lies outside the scene; fill from a pixel of it")
        col, row = (math.floor(each) for each in point)
        if reach_px < 1:
            raise GeoLabelError(f"a reach of {reach_px} pixels cannot be; give 1 or more")
        part = MaskPart.of(self._labels, window_about(shape, row, col, reach_px), within, painting=value)
        at = row - part.window[0].start, col - part.window[1].start
        like = self._like(part.window, *at, tolerance, bands)
        area = of.connected(like & part.free, *at)
        return self._apply(f"fill {class_id}" if class_id else "erase by filling", part, [(area, value)])

    def outline(self, class_id: str, *, within: Within = EVERYWHERE, connectivity: Literal[4, 8] = 4) -> Change:
        """Make polygons of the painted pixels of a class, and take the paint away; see `mask_crossing`."""
        self._value(class_id)
        return self._take(painted_as_polygons(self._labels, class_id, within, connectivity=connectivity))

    def burn(self, ids: str | Iterable[str]) -> Change:
        """Paint areas into the mask, and take the annotations away; see `mask_crossing`."""
        return self._take(polygons_as_painted(self._labels, [ids] if isinstance(ids, str) else ids))

    def instance(self, area: BaseGeometry, class_id: str, *, into: str | None = None) -> Annotation:
        """Make an annotation of the pixels of an area, or add them to one, and return it; see `mask_crossing`."""
        change = self._take(painted_instance(self._labels, area, class_id, into))
        return self._labels[change.edits[0].id] if change else self._labels[into or ""]

    def _like(self, window: Window, row: int, col: int, tolerance: float, bands: Sequence[str | int] | None) -> Area:
        """Return which pixels of a window look like one of them."""
        from napari_geolabel.imagery.statistics import band_statistics

        if not tolerance >= 0:
            raise GeoLabelError(f"a tolerance of {tolerance:g} % cannot be; give 0 or more")
        scene = self._labels.scene
        pixels = scene.read(bands, window=window, reflectance=True)
        real = np.ma.abs(pixels) if np.iscomplexobj(pixels) else pixels  # radar: what is seen is the amplitude
        values = np.ma.filled(real.astype(np.float32), np.nan)
        if np.isnan(values[:, row, col]).any():
            raise GeoLabelError("that pixel holds no data; fill from one that does")
        spreads = np.array([SPREAD * (each.std or 0.0) for each in band_statistics(scene, bands)], np.float32)
        return of.similar(values, row, col, spreads * np.float32(tolerance / 100))

    def _reshape(
        self,
        title: str,
        class_id: str,
        within: Within,
        rule: Callable[[Area], Area],
        margin: tuple[int, int] = (1, 1),
    ) -> Change:
        """Give a class the area that a rule makes of its own; what it loses goes to what is around, and not back."""
        value = self._value(class_id)
        part = MaskPart.of(self._labels, window_of(self._labels, [value], margin), within)
        old = part.values == value
        new = rule(old)
        lost = old & ~new & part.free
        around = np.zeros_like(part.values)
        around[lost] = of.surroundings(part.values, lost, own=old & ~lost)
        return self._apply(title, part, [(new & ~old, value), (lost, around)])

    def _value(self, class_id: str) -> int:
        value = mask_value_of(class_id, self._labels.ontology)
        if class_id in self._labels.locked:
            raise GeoLabelError(f"{self._labels.ontology[class_id].name} is locked; unlock the class to change it")
        return value

    def _painted_values(self) -> list[int]:
        return list(self._labels.ontology.by_mask_value)

    def _is_any(self, values: NDArray[Any], class_ids: Iterable[str] | None) -> Area:
        if class_ids is None:
            return np.asarray(values != 0)
        return np.isin(values, [self._value(class_id) for class_id in class_ids])

    def _distance(
        self, metres: float | None = None, pixels: float | None = None, within: Within = EVERYWHERE
    ) -> tuple[Amount, Within]:
        return Amount.distance(self._labels.scene.grid, metres, pixels), within

    def _area(
        self, square_metres: float | None = None, pixels: float | None = None, within: Within = EVERYWHERE
    ) -> tuple[Amount, Within]:
        return Amount.area(self._labels.scene.grid, square_metres, pixels), within

    def _apply(self, title: str, part: MaskPart, writes: Sequence[tuple[Area, NDArray[Any] | int]]) -> Change:
        """Write values where pixels may change, as one change."""
        return self._take(Change(title=title, tiles=part.written(self._labels, writes)))
