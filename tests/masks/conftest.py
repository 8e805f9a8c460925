"""A small ontology and grids for masks."""

from __future__ import annotations

import pytest
from affine import Affine
from pyproj import CRS

from napari_geolabel.geo import GeoGrid
from napari_geolabel.ontology import LabelClass, Ontology


@pytest.fixture(scope="session")
def ontology() -> Ontology:
    """Sea under ships under clouds; wakes are never rasterised."""
    return Ontology(
        id="harbour",
        name="Harbour",
        version="1",
        classes=(
            LabelClass(id="sea", name="Sea", color="#0000ff", mask_value=1, kinds=("polygon", "mask")),
            LabelClass(id="ship", name="Ship", color="#ff0000", mask_value=2, kinds=("box", "polygon")),
            LabelClass(id="wake", name="Wake", color="#ffffff", kinds=("polyline",)),
            LabelClass(id="cloud", name="Cloud", color="#cccccc", mask_value=4, kinds=("polygon", "mask")),
        ),
    )


@pytest.fixture(scope="session")
def grid() -> GeoGrid:
    """Ten metres, rotated, so that nothing may lean on north-up."""
    return GeoGrid(
        shape=(40, 60),
        transform=Affine.translation(500000, 5400000) @ Affine.rotation(30) @ Affine.scale(10, -10),
        crs=CRS.from_epsg(32633),
    )
