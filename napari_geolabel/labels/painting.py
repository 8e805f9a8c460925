"""What is painted: the mask of a scene, and which classes are locked in it."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import ClassVar

import numpy as np
from psygnal import Signal
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from napari_geolabel.annotations.change import Change, TileEdit
from napari_geolabel.errors import OntologyError
from napari_geolabel.labels.adding import to_pixels
from napari_geolabel.labels.checking import Checked
from napari_geolabel.labels.editing import mask_value_of
from napari_geolabel.masks.canvas import MaskCanvas
from napari_geolabel.masks.mask import present_values
from napari_geolabel.ontology.model import Ontology


class Painted(Checked):
    """The part of `Labels` that paints."""

    locks_changed: ClassVar[Signal] = Signal()
    """Emitted when other classes are locked than before."""

    _locked: frozenset[str] = frozenset()

    @property
    def is_painted(self) -> bool:
        """Whether any pixel of the mask is painted."""
        return not self.canvas.is_empty

    @property
    def locked(self) -> frozenset[str]:
        """Ids of the classes whose pixels no painting and whose annotations no edit changes; kept while they are open.

        Undo, redo and imports still change them, and new annotations of them can be added.
        """
        return self._locked

    @locked.setter
    def locked(self, class_ids: Iterable[str]) -> None:
        wanted = frozenset(self.store.ontology[class_id].id for class_id in class_ids)
        if wanted != self._locked:
            self._locked = self.store.locked = wanted
            self.locks_changed.emit()

    @property
    def locked_values(self) -> frozenset[int]:
        """The mask values of the classes that are `locked`."""
        known = {c.id: c.mask_value for c in self.store.ontology.classes}
        found = (known.get(class_id) for class_id in self._locked)
        return frozenset(value for value in found if value is not None)

    def paint(self, geometry: BaseGeometry, class_id: str | None, *, crs: str | int | CRS | None = None) -> None:
        """Burn an area into the painted mask (pixels whose centre lies inside), None to erase.

        Pixels of classes that are `locked` stay as they are.

        Raises
        ------
        ForbiddenKindError
            If the class does not allow masks.
        MaskValueError
            If the class has no mask value.
        """
        pixels, _ = to_pixels([geometry], crs, self.scene.grid)
        value = mask_value_of(class_id, self.store.ontology)
        tiles = self.canvas.paint(pixels[0], value, locked=self.locked_values - {value})
        self.store.apply(Change(title=f"paint {class_id}" if class_id else "erase", tiles=tiles))


def require_same_paint(canvas: MaskCanvas, before: Ontology, after: Ontology, history: Iterable[TileEdit] = ()) -> None:
    """Refuse an ontology in which a painted value means another class than it was painted as.

    Parameters
    ----------
    canvas
        The painted mask.
    before, after
        The ontology that it was painted by, and the other one.
    history
        What undo or redo would bring back.

    Raises
    ------
    OntologyError
        The sentence names the first such value and its class.
    """
    was, becomes = ({value: c.id for value, c in each.by_mask_value.items()} for each in (before, after))
    other = {value for value, class_id in was.items() if becomes.get(value) != class_id}
    if not other:
        return
    blocks = [canvas.array[window] for window in canvas.painted_windows]
    sides = (side for tile in history for side in (tile.before, tile.after))
    undone = (np.frombuffer(side, canvas.array.dtype)[np.newaxis] for side in sides)
    painted = {value for block in chain(blocks, undone) for value in present_values(block).tolist()}
    for value in sorted(painted & other):
        raise OntologyError(
            f"the mask value {value} is painted as {was[value]}, here or in what can be undone, and would mean "
            f"{becomes.get(value, 'nothing')} in the ontology {after.id} {after.version}; "
            f"take a successor of {before.id} {before.version}, or begin another label file"
        )
