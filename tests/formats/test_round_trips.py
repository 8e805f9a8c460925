"""What comes back of any label set, in every format that is both written and read."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

from napari_geolabel.annotations import Annotation
from napari_geolabel.formats import FORMATS
from napari_geolabel.formats.label_set import Image, LabelSet
from napari_geolabel.formats.schema import typed_values
from napari_geolabel.geo import GeoGrid, box_from_axis
from napari_geolabel.ontology import Relation

SHAPE = (512, 640)
GRIDS = {
    "north-up": GeoGrid(shape=SHAPE, transform=Affine(10, 0, 499980, 0, -10, 5400000), crs=CRS.from_epsg(32633)),
    "south-up": GeoGrid(shape=SHAPE, transform=Affine(10, 0, 499980, 0, 10, 5400000), crs=CRS.from_epsg(32633)),
}
WHOLE = {  # the kinds that a format keeps to a millionth of a pixel
    "geojson": {"box", "rotated_box", "polygon", "polyline", "keypoint"},
    "geojsonseq": {"box", "rotated_box", "polygon", "polyline", "keypoint"},
    "gpkg": {"box", "rotated_box", "polygon", "polyline", "keypoint"},
    "flatgeobuf": {"box", "rotated_box", "polygon", "polyline", "keypoint"},
    "geoparquet": {"box", "rotated_box", "polygon", "polyline", "keypoint"},
    "kml": {"box", "rotated_box", "polygon", "polyline", "keypoint"},
    "shapefile": {"box", "rotated_box", "polygon"},
    "coco": {"box", "rotated_box", "polygon", "keypoint"},
    "cvat": {"box", "rotated_box", "polygon", "polyline", "keypoint"},
    "labelstudio": {"box", "rotated_box", "polygon", "keypoint"},
    "labelme": {"box", "rotated_box", "polygon", "polyline", "keypoint"},
    "encord": {"box", "rotated_box", "polygon", "polyline", "keypoint"},
    "stac": {"box", "rotated_box", "polygon", "polyline", "keypoint"},
    "labelbox": {"box", "polyline", "keypoint"},
    "vott": {"box", "polyline", "keypoint"},
    "hrsc": {"rotated_box"},
    "dota": {"rotated_box"},
    "yolo": {"box"},
    "yolo-seg": set(),
    "yolo-obb": {"rotated_box"},
    "voc": set(),
    "xview": set(),
    "xview3": set(),
}
RICH = ("geojson", "coco", "cvat", "labelstudio", "labelme", "encord")
TABLES = ("geojsonseq", "stac", "gpkg", "flatgeobuf", "geoparquet", "kml")
VALUES = {
    "word": st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=12),
    "number": st.floats(-1e6, 1e6),
    "yes": st.booleans(),
    "day": st.dates().map(str),
    "one": st.sampled_from("ab"),
    "some": st.sampled_from([("a",), ("b",), ("a", "b")]),
}
coordinate = st.floats(20, 400, allow_subnormal=False)
size = st.floats(0.5, 60)


@st.composite
def shapes(draw, grid):
    """A kind, and a geometry for it within the image."""
    x, y, width, height = draw(coordinate), draw(coordinate), draw(size), draw(size)
    kind = draw(st.sampled_from(["box", "rotated_box", "polygon", "parts", "holes", "polyline", "lines", "keypoint"]))
    if kind == "box":
        return "box", shapely.box(x, y, x + width, y + height)
    if kind == "rotated_box":
        turn = draw(st.floats(0, 6.28))
        axis = np.array([np.cos(turn), np.sin(turn)])
        stern, side = np.array([x, y]) - width * axis, np.array([-axis[1], axis[0]])
        return "rotated_box", shapely.Polygon(box_from_axis((x, y), stern, stern + height / 2 * side, grid))
    if kind == "keypoint":
        return "keypoint", shapely.Point(x, y)
    outline = shapely.Polygon([(x, y), (x + width, y), (x + width / 2, y + height)])
    if kind == "polygon":
        return "polygon", outline
    if kind == "parts":
        return "polygon", shapely.MultiPolygon([outline, shapely.affinity.translate(outline, 70, 0)])
    if kind == "holes":
        around = shapely.box(x, y, x + 30.25, y + 20)
        return "polygon", around.difference(shapely.box(x + 5, y + 4, x + 20.5, y + 9))
    line = shapely.LineString([(x, y), (x + width, y), (x, y + height)])
    return "polyline", line if kind == "polyline" else shapely.MultiLineString([line, [(1, 1), (2, 3)]])


@st.composite
def label_sets(draw, ontology, statuses=("suggested", "draft", "submitted", "accepted")):
    """Annotations of all sorts, on one of the grids."""
    grid = GRIDS[draw(st.sampled_from(sorted(GRIDS)))]
    annotations = []
    for _ in range(draw(st.integers(0, 5))):
        kind, geometry = draw(shapes(grid))
        annotations.append(
            Annotation(
                class_id="ship",
                kind=kind,
                geometry=geometry,
                attributes=draw(st.fixed_dictionaries({}, optional=VALUES)),
                status=draw(st.sampled_from(statuses)),
                confidence=draw(st.none() | st.floats(0, 1)),
            )
        )
    return LabelSet(
        annotations=annotations,
        grid=grid,
        ontology=ontology,
        scene_name="scene",
        image_name="scene.tif",
        scene_attributes=draw(st.sampled_from([{}, {"haze": True}])),
    )


def place(folder, form):
    """A file in a folder of the format's own, since some leave more than one file there."""
    (folder / form.id).mkdir(exist_ok=True)
    return folder / form.id / f"scene{form.suffixes[-1]}"


def sent(folder, form_id: str, labels: LabelSet):
    """Write labels, read them again, and return annotations, report and columns."""
    form = FORMATS[form_id]
    path = place(folder, form)
    form.write(path, labels)
    columns = form.read(path, Image(name="scene.tif", shape=labels.grid.shape))
    class_map = dict.fromkeys([None, *columns.class_ids], "ship")
    back, report = columns.to_annotations(labels.grid, labels.ontology, class_map=class_map)
    return back, report, columns


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("trips")


def same(one: shapely.Geometry, other: shapely.Geometry) -> bool:
    """Return whether two geometries are the same to a millionth of a pixel, areas included."""
    if one.geom_type != other.geom_type or abs(one.area - other.area) > 1e-4:
        return False
    return bool(shapely.hausdorff_distance(one, other) <= 1e-6)


@given(data=st.data())
@settings(max_examples=15)
@pytest.mark.parametrize("form_id", [*RICH, *TABLES])
def test_rich_formats_bring_back_every_annotation_that_they_hold(folder, everything, form_id, data):
    labels = data.draw(label_sets(everything))
    back, report, columns = sent(folder, form_id, labels)
    held = [a for a in labels.annotations if a.kind in WHOLE[form_id]]
    assert report.skipped == []
    if form_id == "gpkg":  # which has a table for each type of geometry
        back, held = (sorted(each, key=lambda a: a.id) for each in (back, held))
    assert [a.id for a in back] == [a.id for a in held]
    for found, drawn in zip(back, held, strict=True):
        assert (found.kind, found.status, found.confidence) == (drawn.kind, drawn.status, drawn.confidence)
        assert dict(found.attributes) == dict(drawn.attributes)
        assert same(found.geometry, drawn.geometry)
        if drawn.kind == "rotated_box":  # the bow stays the bow
            corners = [shapely.get_coordinates(a.geometry)[:4] for a in (found, drawn)]
            np.testing.assert_allclose(*corners, atol=1e-6)
    if form_id in set(RICH) - {"cvat"}:
        assert columns.scene_attributes == labels.scene_attributes


@given(data=st.data())
@settings(max_examples=6)
@pytest.mark.parametrize("form_id", sorted(set(WHOLE) - set(RICH) - set(TABLES)))
def test_bare_formats_bring_back_the_kinds_that_they_keep(folder, everything, form_id, data):
    labels = data.draw(label_sets(everything))
    kept = [a for a in labels.annotations if a.kind in WHOLE[form_id]]
    if form_id == "yolo-obb":  # which moves corners beyond the edge onto it
        kept = [a for a in kept if shapely.box(0, 0, *SHAPE[::-1]).covers(a.geometry)]
    back, report, _ = sent(folder, form_id, replace(labels, annotations=kept))
    assert report.skipped == []
    if {a.kind for a in kept} == {"polyline"}:
        assert sum(shapely.get_num_geometries(a.geometry) for a in kept) == len(back)
        return
    whole = [a for a in kept if shapely.get_num_geometries(a.geometry) == 1]
    found = [a.geometry for a in back]
    assert all(any(same(drawn.geometry, each) for each in found) for drawn in whole)


@given(data=st.data())
@settings(max_examples=6)
@pytest.mark.parametrize("form_id", sorted(WHOLE))
def test_whatever_does_not_come_back_was_told_before(folder, everything, form_id, data):
    labels = data.draw(label_sets(everything, statuses=("draft", "accepted", "rejected")))
    told = FORMATS[form_id].lost(labels)
    back, _, columns = sent(folder, form_id, labels)
    if form_id == "gpkg":  # which has a table for each type of geometry
        back = [each for drawn in labels.annotations for each in back if each.id == drawn.id]
    intact = len(back) == len(labels.annotations) and all(
        (found.id, found.kind, found.status, found.confidence, dict(found.attributes))
        == (drawn.id, drawn.kind, drawn.status, drawn.confidence, dict(drawn.attributes))
        and same(found.geometry, drawn.geometry)
        for found, drawn in zip(back, labels.annotations, strict=False)
    )
    scene_attributes = typed_values(columns.scene_attributes, everything.scene_attributes)
    assert told or (intact and scene_attributes == labels.scene_attributes)
    assert all(sentence == sentence.strip() and len(sentence) < 200 for sentence in told)


@pytest.mark.parametrize("form_id", sorted(WHOLE))
def test_links_and_groups_come_back_or_are_told_of(folder, everything, form_id):
    ontology = everything.model_copy(update={"relations": (Relation(id="towed_by", name="towed by"),)})
    first, second = (
        Annotation(class_id="ship", kind="box", geometry=shapely.box(x, 10, x + 9, 15), group="convoy")
        for x in (10, 30)
    )
    drawn = [first.edited(links=(("towed_by", second.id),)), second]
    labels = LabelSet(
        annotations=drawn, grid=GRIDS["north-up"], ontology=ontology, scene_name="scene", image_name="scene.tif"
    )
    told = FORMATS[form_id].lost(labels)
    back, _, _ = sent(folder, form_id, labels)
    kept = {(a.id, a.group, a.links) for a in drawn} <= {(a.id, a.group, a.links) for a in back}
    assert kept == (form_id in {*RICH, *TABLES})
    assert any("links and groups" in sentence for sentence in told) is not kept


@pytest.mark.parametrize("form_id", sorted(WHOLE))
def test_a_file_recognises_itself_and_counts_its_labels(folder, everything, form_id):
    form = FORMATS[form_id]
    drawn = [
        Annotation(
            class_id="ship", kind="box", geometry=shapely.box(10, 10 * n, 19, 10 * n + 5), attributes={"word": w}
        )
        for n, w in enumerate(['"shape_type":', '"bbox":[', "<box ", '","dataRow":{', "=1+1"], start=1)
    ]
    labels = LabelSet(
        annotations=drawn, grid=GRIDS["north-up"], ontology=everything, scene_name="scene", image_name="scene.tif"
    )
    path = place(folder, form)
    form.write(path, labels)
    with path.open("rb") as file:
        assert form.recognises(file.read(2**16)) or form_id == "yolo-seg"
    assert form.count(path) >= len(drawn)
