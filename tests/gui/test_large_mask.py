"""Painting on a scene larger than the graphics card's textures, by real mouse, near at hand and from far off."""

from __future__ import annotations

import numpy as np
import pytest

from napari_geolabel.imagery.opening import open_scene
from napari_geolabel.labels import open_labels

SIDE = 20_000
"""Beyond the 16,384 pixels of the largest texture."""


@pytest.fixture
def session(viewer, qapp, tmp_path):
    """A session on a scene that is all of one colour, in a file of a few kilobytes."""
    import rasterio
    from rasterio.transform import from_origin

    from napari_geolabel.widgets.annotate import annotate

    path = tmp_path / "large.tif"
    profile = {"driver": "GTiff", "width": SIDE, "height": SIDE, "count": 1, "dtype": "uint8", "tiled": True}
    place = {"crs": "EPSG:32633", "transform": from_origin(399960, 5300040, 10, 10)}
    with rasterio.open(path, "w", sparse_ok=True, compress="deflate", **profile, **place) as target:
        target.write(np.full((256, 256), 99, np.uint8), 1, window=((0, 256), (0, 256)))
        target.build_overviews([2**n for n in range(1, 7)])
    scene = open_scene(path)
    started = annotate(viewer, scene, "clouds", labels=open_labels(scene=scene, ontology="clouds"))
    viewer.reset_view()
    yield started
    started.close()
    scene.close()


def mask_on_screen(viewer, mouse, xy):
    """Return the colour at a scene pixel."""
    picture, point = viewer.screenshot(flash=False), mouse.at(xy)
    return picture[point.y(), point.x()][:3].astype(int)


def test_a_stroke_lands_on_its_pixels_from_near_and_from_afar(session, viewer, mouse, press, until, photograph):
    array, layer = session.labels.canvas.array, session.mask_layer
    session.current_class = "thick_cloud"
    value = session.labels.ontology["thick_cloud"].mask_value
    assert layer.scale[0] > 10  # all of it on screen: coarse

    mouse.look_at((15_000, 12_000), 2.0)
    until(lambda: layer.scale[0] == 10)
    assert np.shares_memory(layer.data, array)
    session.use_tool("brush")
    layer.brush_size = 40
    dark = mask_on_screen(viewer, mouse, (15_000, 12_000))
    mouse.drag((14_950, 12_000), (15_050, 12_000))
    assert array[12_000, 14_940] == array[12_019, 15_000] == value
    assert array[12_022, 15_000] == array[12_000, 14_925] == 0
    near = int((array == value).sum())
    mouse.move((15_200, 12_150))
    until(lambda: (mask_on_screen(viewer, mouse, (15_000, 12_000)) != dark).any())
    photograph("large-mask-near")

    mouse.look_at((10_000, 10_000), 0.04)
    until(lambda: layer.scale[0] > 10)
    step = round(layer.scale[0] / 10)
    session.labels.locked = ["thick_cloud"]
    session.current_class = "cloud_shadow"
    shadow = session.labels.ontology["cloud_shadow"].mask_value
    layer.brush_size = 20
    mouse.drag((12_000, 12_000), (17_000, 12_000))
    painted = array == shadow
    assert painted[12_000, 12_000:14_800].all()
    assert int((array == value).sum()) == near, "locked to the pixel, from afar too"
    rows = np.flatnonzero(painted[:, 13_000])
    assert rows[0] % step == 0
    assert (rows[-1] + 1) % step == 0
    photograph("large-mask-afar")

    session.undo()
    assert not (array == shadow).any()
    session.undo()
    assert not array.any()
    session.redo()
    assert int((array == value).sum()) == near
    mouse.look_at((15_000, 12_000), 2.0)
    until(lambda: layer.scale[0] == 10)
    mouse.move((15_200, 12_150))
    assert (mask_on_screen(viewer, mouse, (15_000, 12_000)) != dark).any()
