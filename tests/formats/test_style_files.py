"""Styles beside a file: one for the type of geometry that most labels have, and the others by their names."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from defusedxml import ElementTree

from napari_geolabel.errors import FormatError
from napari_geolabel.formats import FORMATS
from napari_geolabel.formats.style_files import STYLES, check_styles, write_styles

SE = "{http://www.opengis.net/se}"
BOX = shapely.box(1, 1, 5, 5)
LINE = shapely.LineString([(1, 1), (2, 3)])
POINT = shapely.Point(4, 5)


@pytest.fixture
def styled(everything):
    """Return a function that writes styles beside a file of some geometries."""

    def write(path, shapes, styles):
        return write_styles(path, everything, np.array([*shapes, None], object)[:-1], styles)

    return write


def names(paths) -> list[str]:
    return [path.name for path in paths]


@pytest.mark.parametrize(
    ("shapes", "expected"),
    [
        ((), ["a.b.qml"]),
        ((POINT,), ["a.b.qml"]),
        ((BOX, LINE, shapely.MultiPolygon([BOX])), ["a.b.qml", "a.b.lines.qml"]),
        ((LINE, POINT, POINT, BOX, BOX, BOX), ["a.b.qml", "a.b.points.qml", "a.b.lines.qml"]),
    ],
)
def test_the_plain_name_is_for_what_most_labels_are(styled, tmp_path, shapes, expected):
    made = styled(tmp_path / "a.b.geojson", shapes, STYLES)
    assert names(made) == [*expected, *(name.replace(".qml", ".sld") for name in expected)]
    assert all(path.is_file() for path in made)


def test_the_type_in_the_file_is_that_of_most(styled, tmp_path):
    styled(tmp_path / "x.fgb", [LINE, LINE, BOX], ["qml"])
    types = {
        name: ElementTree.parse(tmp_path / name).getroot().findtext("layerGeometryType")
        for name in ("x.qml", "x.areas.qml")
    }
    assert types == {"x.qml": "1", "x.areas.qml": "2"}


def test_both_styles_have_the_classes_and_colours_of_the_ontology(styled, tmp_path, everything):
    qml, sld = styled(tmp_path / "x.geojson", [BOX], STYLES)
    categories = ElementTree.parse(qml).getroot().iter("category")
    assert [(c.get("value"), c.get("label")) for c in categories][:-1] == [(c.id, c.name) for c in everything.classes]
    rules = list(ElementTree.parse(sld).getroot().iter(f"{SE}Rule"))
    fills = [rule.find(f"{SE}PolygonSymbolizer/{SE}Fill/{SE}SvgParameter").text for rule in rules]
    assert fills == [c.color for c in everything.classes]


def test_a_zipped_shapefile_has_its_style_beside_it(styled, tmp_path):
    assert names(styled(tmp_path / "x.shp.zip", [BOX], ["qml"])) == ["x.qml"]


REFUSED = {
    "an unknown style": ("geojson", ["css"], "is no style; choose qml or sld"),
    "a GeoPackage": ("gpkg", ["qml"], "has its styles inside"),
    "a training format": ("coco", ["sld"], "no style goes with COCO"),
    "a mask": ("mask", ["qml"], "no style goes with mask GeoTIFF"),
}


@pytest.mark.parametrize(("form_id", "styles", "sentence"), REFUSED.values(), ids=REFUSED)
def test_styles_that_nothing_would_follow_are_refused(form_id, styles, sentence):
    with pytest.raises(FormatError, match=sentence):
        check_styles(FORMATS[form_id], styles)


def test_no_style_goes_with_everything():
    for form in FORMATS.values():
        check_styles(form, [])
    assert {form.id for form in FORMATS.values() if form.is_styled} == {
        "geojson", "geojsonseq", "flatgeobuf", "geoparquet", "shapefile",
    }  # fmt: skip
