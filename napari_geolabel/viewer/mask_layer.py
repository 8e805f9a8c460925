"""napari's Labels layer with locks: no gesture changes the pixels of a locked class, not for a moment."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from napari.layers import Labels
from numpy.typing import NDArray


class MaskLayer(Labels):  # type: ignore[misc]  # napari has no types
    """A Labels layer that does not paint over locked values."""

    _type_string = "labels"  # controls, icons and writers are those of a Labels layer

    def __init__(self, data: NDArray[Any], **options: Any) -> None:  # noqa: ANN401  (napari's)
        self._kept: NDArray[Any] = np.zeros(0, np.int64)
        super().__init__(data, **options)

    @property
    def locked_values(self) -> frozenset[int]:
        """The values that stay as they are when they are painted over; painting more of them is no overwriting."""
        return frozenset(self._kept.tolist())

    @locked_values.setter
    def locked_values(self, values: Collection[int]) -> None:
        self._kept = np.array(sorted(values), np.int64)

    def data_setitem(self, indices: tuple[Any, ...], value: Any, *options: Any, **named: Any) -> None:  # noqa: ANN401  (napari's)
        """Set pixels that are not locked; scripts call this."""
        free = ~np.isin(self.data[indices], self._kept)
        if free.any():
            free_indices = tuple(np.broadcast_to(axis, free.shape)[free] for axis in indices)
            super().data_setitem(free_indices, np.broadcast_to(value, free.shape)[free], *options, **named)

    def paint(self, coord: Sequence[float], new_label: int, *options: Any, **named: Any) -> None:  # noqa: ANN401  (napari's)
        """Paint around a place, and do nothing where the brush is off the mask.

        Far zoomed out a stroke that leaves the scene has many thousands of
        places, at which napari would look for pixels that are not there.
        """
        far = self.brush_size
        if all(-far <= place <= count + far for place, count in zip(coord, self.data.shape, strict=True)):
            super().paint(coord, new_label, *options, **named)

    def _apply_mask_to_data(
        self, data: NDArray[Any], mask: NDArray[np.bool_], new_label: int, volume_slice: tuple[slice, ...]
    ) -> NDArray[np.bool_] | None:
        """Paint where nothing is locked; brush, fill and polygon all come through here."""
        if self._kept.size:
            mask = mask & ~np.isin(data, self._kept)
        painted: NDArray[np.bool_] | None = super()._apply_mask_to_data(data, mask, new_label, volume_slice)
        return painted
