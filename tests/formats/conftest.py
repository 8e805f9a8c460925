"""An ontology with every sort of attribute, and grids of every sort."""

from __future__ import annotations

import pytest
from affine import Affine
from pyproj import CRS

from napari_geolabel.formats import FORMATS
from napari_geolabel.formats.label_set import Image
from napari_geolabel.geo import GeoGrid
from napari_geolabel.ontology import Attribute, LabelClass, Ontology, Option

SHAPE = (512, 512)
GRIDS = {
    "north-up": GeoGrid(shape=SHAPE, transform=Affine(10, 0, 499980, 0, -10, 5400000), crs=CRS.from_epsg(32633)),
    "rotated": GeoGrid(
        shape=SHAPE,
        transform=Affine.translation(500000, 4500000) @ Affine.rotation(27) @ Affine.scale(0.5, -0.5),
        crs=CRS.from_epsg(32610),
    ),
    "sheared": GeoGrid(shape=SHAPE, transform=Affine(3, 1, 4e5, 0.5, -4, 2e6), crs=CRS.from_epsg(32701)),
    "south-up": GeoGrid(shape=SHAPE, transform=Affine(10, 0, 499980, 0, 10, 5400000), crs=CRS.from_epsg(32633)),
    "degrees": GeoGrid(shape=SHAPE, transform=Affine(0.0007, 0, 46.16, 0, -0.0007, -15.58), crs=CRS.from_epsg(4326)),
    "across the antimeridian": GeoGrid(
        shape=SHAPE, transform=Affine(30, 0, 597000, 0, -30, 8000000), crs=CRS.from_epsg(32660)
    ),
}


@pytest.fixture(params=GRIDS)
def grid(request) -> GeoGrid:
    return GRIDS[request.param]


@pytest.fixture
def utm() -> GeoGrid:
    return GRIDS["north-up"]


@pytest.fixture
def grids() -> dict[str, GeoGrid]:
    return GRIDS


@pytest.fixture
def nowhere() -> GeoGrid:
    """A grid without a place on Earth."""
    return GeoGrid(shape=SHAPE, transform=Affine.identity(), crs=None)


@pytest.fixture(scope="session")
def ontology() -> Ontology:
    merchant = Attribute(id="cargo", name="Cargo", type="text")
    return Ontology(
        id="harbour",
        name="Harbour",
        version="1.2",
        classes=(
            LabelClass(
                id="ship",
                name='Ship "A" <&>',
                color="#ff0000",
                mask_value=1,
                kinds=("rotated_box", "box", "polygon", "keypoint"),
                attributes=(
                    Attribute(
                        id="category",
                        name="Category",
                        type="radio",
                        options=(
                            Option(id="merchant", name="Merchant", attributes=(merchant,)),
                            Option(id="fishing", name="Fishing"),
                        ),
                    ),
                    Attribute(
                        id="flags",
                        name="Flags",
                        type="checklist",
                        options=(Option(id="wake", name="Wake"), Option(id="moored", name="Moored")),
                    ),
                    Attribute(id="draught_m", name="Draught", type="number", minimum=0, maximum=30, unit="m"),
                    Attribute(id="lit", name="Lit", type="boolean"),
                    Attribute(id="seen", name="Seen", type="date"),
                    Attribute(id="remark", name="Remark", type="text"),
                ),
            ),
            LabelClass(id="cloud", name="Cloud", color="#cccccc", mask_value=2, kinds=("polygon", "mask")),
            LabelClass(id="wake", name="Wake", color="#00ffff", kinds=("polyline",)),
            LabelClass(id="buoy", name="Buoy", color="#ffff00", mask_value=5, kinds=("keypoint",)),
        ),
        scene_attributes=(Attribute(id="sea_state", name="Sea state", type="number"),),
    )


SCENE_SHAPE = (512, 640)
KINDS = ("box", "rotated_box", "polygon", "polyline", "keypoint")


@pytest.fixture(scope="session")
def everything() -> Ontology:
    """A class that may be drawn in every way and is asked everything."""
    options = (Option(id="a", name="A"), Option(id="b", name="B"))
    attributes = (
        Attribute(id="word", name="Word", type="text"),
        Attribute(id="number", name="Number", type="number"),
        Attribute(id="yes", name="Yes", type="boolean"),
        Attribute(id="day", name="Day", type="date"),
        Attribute(id="one", name="One", type="radio", options=options),
        Attribute(id="some", name="Some", type="checklist", options=options),
    )
    classes = (
        LabelClass(id="ship", name="Ship", color="#ff0000", mask_value=1, kinds=KINDS, attributes=attributes),
        LabelClass(id="cloud", name="Cloud", color="#cccccc", mask_value=2, kinds=KINDS),
    )
    haze = Attribute(id="haze", name="Haze", type="boolean")
    return Ontology(id="all", name="All", version="1", classes=classes, scene_attributes=(haze,))


@pytest.fixture(scope="session")
def read_text_as(tmp_path_factory, everything):
    """Write a text to a file, read it in a format as the labels of ``scene.tif``, and return columns."""
    folder = tmp_path_factory.mktemp("texts")

    def read(form_id: str, text: str | bytes, name: str = "", shape: tuple[int, int] = SCENE_SHAPE):
        form = FORMATS[form_id]
        path = folder / (name or f"scene{form.suffixes[-1]}")
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return form.read(path, Image(name="scene.tif", shape=shape))

    return read
