"""The synthetic sample scenes under File > Open Sample."""

from __future__ import annotations

from napari_geolabel.samples import sample_path
from napari_geolabel.viewer.reader import read_scene
from napari_geolabel.viewer.scene_layer import LayerData


def coast() -> list[LayerData]:
    """Return the layer of the 13-band coastal scene."""
    return read_scene(str(sample_path("coast.tif")))


def harbour() -> list[LayerData]:
    """Return the layer of the 4-band harbour chip, whose transform is rotated."""
    return read_scene(str(sample_path("harbour.tif")))
