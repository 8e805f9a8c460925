"""Rasters so large that compiled code burns them where it is installed: the same laws as for small ones."""

from __future__ import annotations

import threading
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
import rasterio.features
import shapely
import shapely.affinity

from napari_geolabel import polygonize, rasterize
from napari_geolabel.errors import CancelledError
from napari_geolabel.geo import GeoGrid
from napari_geolabel.masks import Mask, Watch, burn, semantic_table
from napari_geolabel.masks.rasterize import fastest_row_burner
from napari_geolabel.ontology import LabelClass, Ontology

SHAPE = (2050, 2060)
ONTOLOGY = Ontology(
    id="large",
    name="Large",
    version="1",
    classes=(LabelClass(id="cloud", name="Cloud", color="#ffffff", mask_value=3, kinds=("polygon", "mask")),),
)


@pytest.fixture
def here(grid: GeoGrid) -> GeoGrid:
    """A large part of each sort of grid: north-up, rotated, south-up and in degrees."""
    return replace(grid, shape=SHAPE)


@pytest.fixture(scope="module")
def stars() -> list[shapely.Geometry]:
    """Ragged polygons with holes, some in two parts, some over the border, and what is no polygon."""
    rng = np.random.default_rng(11)
    angles = np.linspace(0, 2 * np.pi, 12, endpoint=False)
    centres, radii = rng.uniform(-20, 2080, (300, 1, 2)), rng.uniform(20, 90, (300, 12))
    corners = centres + np.stack([np.cos(angles), np.sin(angles)], -1) * radii[..., None]
    shells = [shapely.Polygon(ring) for ring in corners]
    holed = [shell.difference(shapely.affinity.scale(shell, 0.3, 0.4)) for shell in shells]
    pairs = [shapely.union_all(holed[at : at + 2]) for at in range(0, 40, 2)]
    lines = [shapely.LineString(ring[:3]) for ring in corners[:20]]
    return [*holed, *pairs, *lines, *shapely.points(centres[:20, 0])]


def test_frames_burn_as_gdal_burns_them_on_every_sort_of_grid(here, stars):
    frame = gpd.GeoDataFrame(
        {"number": np.arange(1, len(stars) + 1)},
        geometry=list(shapely.transform(stars, here.pixel_to_map)),
        crs=here.crs,
    )
    ours = rasterize(frame, grid=here, column="number").array
    expected = rasterio.features.rasterize(
        zip(frame.geometry, frame["number"], strict=True), out_shape=SHAPE, transform=here.transform, dtype="uint16"
    )
    assert np.array_equal(ours, expected)
    assert len(np.unique(ours)) > 250


def test_a_window_is_that_part_of_the_whole(stars):
    values, window = np.arange(1, len(stars) + 1), (slice(100, 1900), slice(0, 2060))
    whole = burn(stars, values, SHAPE, dtype="uint16")
    assert np.array_equal(burn(stars, values, SHAPE, window=window, dtype="uint16"), whole[window])


def test_polygons_of_a_large_mask_burn_to_the_mask(here, stars):
    array = burn(stars, 3, SHAPE)
    mask = Mask(array=array, grid=here, table=semantic_table(ONTOLOGY))
    frame = polygonize(mask, ontology=ONTOLOGY)
    assert np.array_equal(rasterize(frame, grid=here, ontology=ONTOLOGY).array, array)


def test_who_watches_is_told_in_the_thread_that_asked_and_may_cancel(stars):
    told: list[tuple[float, int]] = []

    def progress(share: float) -> None:
        told.append((share, threading.get_ident()))

    burnt = burn(stars, 1, SHAPE, watch=Watch(progress=progress))
    assert np.array_equal(burnt, burn(stars, 1, SHAPE))
    assert {thread for _, thread in told} == {threading.get_ident()}
    assert [share for share, _ in told] == sorted(share for share, _ in told)
    assert told[-1][0] == 1
    with pytest.raises(CancelledError):
        burn(stars, 1, SHAPE, watch=Watch(cancelled=lambda: True))


def test_numba_burns_here_where_it_is_installed(stars):
    pytest.importorskip("numba")
    assert fastest_row_burner(SHAPE, np.array(stars, object)) is not None
