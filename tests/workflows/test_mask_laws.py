"""Masks and polygons are the same thing on every grid, and rasterising is what GDAL itself does there."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
import rasterio.features
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from napari_geolabel import polygonize, rasterize
from napari_geolabel.geo import GeoGrid
from napari_geolabel.masks import Mask, semantic_table
from napari_geolabel.ontology import LabelClass, Ontology

ONTOLOGY = Ontology(
    id="laws",
    name="Laws",
    version="1",
    classes=tuple(
        LabelClass(id=f"c{value}", name=f"C{value}", color="#123456", mask_value=value, kinds=("polygon", "mask"))
        for value in (1, 2, 7)
    ),
)
SHAPE = (18, 23)
MASKS = hnp.arrays(np.uint8, SHAPE, elements=st.sampled_from([0, 0, 1, 2, 7]))
ON_ALL_GRIDS = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def here(grid: GeoGrid) -> GeoGrid:
    """A small part of each sort of grid: north-up, rotated, south-up and in degrees."""
    return replace(grid, shape=SHAPE)


def rings_in_rings() -> np.ndarray:
    """Holes inside holes, and holes that touch one another and the outline in corners."""
    array = np.zeros(SHAPE, np.uint8)
    for inset, value in enumerate((1, 0, 1, 2, 0, 7)):
        array[inset : 18 - inset, inset : 23 - inset] = value
    array[0, 0] = array[2, 2] = array[3, 3] = 0
    return array


@ON_ALL_GRIDS
@given(array=MASKS | st.just(rings_in_rings()), connectivity=st.sampled_from([4, 8]))
def test_polygons_of_a_mask_burn_to_the_mask(here, array, connectivity):
    mask = Mask(array=array, grid=here, table=semantic_table(ONTOLOGY))
    frame = polygonize(mask, ontology=ONTOLOGY, connectivity=connectivity)
    assert frame.crs == here.crs
    assert np.array_equal(rasterize(frame, grid=here, ontology=ONTOLOGY).array, array)


@ON_ALL_GRIDS
@given(seed=st.integers(0, 2**32 - 1), all_touched=st.booleans())
def test_frames_burn_as_gdal_burns_them_on_the_grid_s_own_transform(here, seed, all_touched):
    rng = np.random.default_rng(seed)
    corners = rng.uniform(-4, 26, (6, 7, 2))
    shells = [shapely.Polygon(ring).convex_hull for ring in corners]
    holes = [shapely.Polygon(ring[:4]).convex_hull for ring in corners]
    pixels = [shell.difference(hole.buffer(-0.5)) for shell, hole in zip(shells, holes, strict=True)]
    frame = gpd.GeoDataFrame(
        {"number": np.arange(1, 7)}, geometry=list(shapely.transform(pixels, here.pixel_to_map)), crs=here.crs
    )
    ours = rasterize(frame, grid=here, column="number", all_touched=all_touched).array
    expected = rasterio.features.rasterize(
        zip(frame.geometry, frame["number"], strict=True),
        out_shape=SHAPE,
        transform=here.transform,
        all_touched=all_touched,
        dtype="uint8",
    )
    assert np.array_equal(ours, expected)
