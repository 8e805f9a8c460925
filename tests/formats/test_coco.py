"""COCO there and back, and what other programs make of it."""

from __future__ import annotations

import json
import os
from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from napari_geolabel.annotations import Annotation, Status
from napari_geolabel.errors import FormatError, GeoLabelError
from napari_geolabel.formats import FORMATS, importer_for
from napari_geolabel.formats.coco_read import count, read
from napari_geolabel.formats.coco_write import losses, segmentation_of, write
from napari_geolabel.formats.label_set import Image, LabelSet
from napari_geolabel.formats.rle import encode
from napari_geolabel.geo import GeoGrid, box_from_axis
from napari_geolabel.masks import burn
from napari_geolabel.ontology import LabelClass, Ontology

SCENE = Image(name="scene.tif", shape=(512, 512))
PIERCED = shapely.Polygon([(10, 10), (90, 12), (80, 77), (11, 70)], [[(20, 20), (50, 25), (40, 50)]])
COORDINATE = st.floats(-20, 530, allow_nan=False)
SIZE = st.floats(0.01, 300)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "labels.json"


@pytest.fixture
def labels_of(utm, ontology):
    def make(*annotations: Annotation, grid: GeoGrid = utm) -> LabelSet:
        return LabelSet(
            annotations=annotations, grid=grid, ontology=ontology, scene_name="scene", image_name="scene.tif"
        )

    return make


@pytest.fixture
def sent(path, labels_of, ontology):
    """Write annotations and read them again."""

    def send(*annotations: Annotation, grid: GeoGrid | None = None) -> list[Annotation]:
        labels = labels_of(*annotations) if grid is None else labels_of(*annotations, grid=grid)
        write(path, labels)
        back, report = read(path, SCENE).to_annotations(labels.grid, ontology)
        assert report.skipped == []
        return back

    return send


def an(kind: str, geometry: shapely.Geometry, class_id: str = "ship", **more) -> Annotation:
    return Annotation(class_id=class_id, kind=kind, geometry=geometry, **more)


def content(**changes) -> dict:
    """Return a small COCO file as another program writes it."""
    return {
        "images": [{"id": 7, "file_name": "train/scene.jpg", "width": 512, "height": 512}],
        "categories": [{"id": 3, "name": "ship"}],
        "annotations": [{"id": 1, "image_id": 7, "category_id": 3, "bbox": [2, 1, 3, 2], "iscrowd": 0}],
    } | changes


def label(**members) -> dict:
    return {"id": 1, "image_id": 7, "category_id": 3, **members}


@given(x=COORDINATE, y=COORDINATE, width=SIZE, height=SIZE)
@settings(max_examples=40, deadline=None)
def test_boxes_come_back_to_the_last_bit(tmp_path_factory, ontology_and_grid, x, y, width, height):
    drawn = an("box", box(x, y, x + width, y + height))
    (back,) = there_and_back(tmp_path_factory, ontology_and_grid, drawn)
    assert (back.kind, back.id) == ("box", drawn.id)
    assert shapely.equals_exact(back.geometry, drawn.geometry, 0)


@given(
    bow=st.tuples(COORDINATE, COORDINATE),
    length=st.floats(1, 200),
    width=st.floats(0.5, 60),
    turn=st.floats(0, 2 * np.pi),
)
@settings(max_examples=40, deadline=None)
def test_rotated_boxes_keep_their_bow(tmp_path_factory, ontology_and_grid, bow, length, width, turn):
    _, grid = ontology_and_grid
    axis = np.array([np.cos(turn), np.sin(turn)])
    stern = np.array(bow) - length * axis
    corners = box_from_axis(bow, stern, stern + width / 2 * np.array([-axis[1], axis[0]]), grid)
    drawn = an("rotated_box", shapely.Polygon(corners))
    (back,) = there_and_back(tmp_path_factory, ontology_and_grid, drawn)
    assert back.kind == "rotated_box"
    assert shapely.equals_exact(back.geometry, drawn.geometry, 0)


@given(points=st.lists(st.tuples(COORDINATE, COORDINATE), min_size=3, max_size=12, unique=True), hole=st.booleans())
@settings(max_examples=40, deadline=None)
def test_polygons_come_back_to_the_last_bit_with_holes_and_without(tmp_path_factory, ontology_and_grid, points, hole):
    hull = shapely.MultiPoint(points).convex_hull
    if hull.geom_type != "Polygon" or hull.area < 1:
        hull = box(0, 0, 4, 4)
    inner = shapely.affinity.scale(hull, 0.5, 0.5)
    drawn = an("polygon", shapely.Polygon(hull.exterior, [inner.exterior] if hole else []), "cloud")
    (back,) = there_and_back(tmp_path_factory, ontology_and_grid, drawn)
    assert shapely.equals_exact(back.geometry, drawn.geometry, 0)


@given(x=COORDINATE, y=COORDINATE)
@settings(max_examples=20, deadline=None)
def test_points_come_back_to_the_last_bit(tmp_path_factory, ontology_and_grid, x, y):
    (back,) = there_and_back(tmp_path_factory, ontology_and_grid, an("keypoint", shapely.Point(x, y), "buoy"))
    assert (back.kind, back.geometry) == ("keypoint", shapely.Point(x, y))


@pytest.fixture(scope="module")
def ontology_and_grid() -> tuple[Ontology, GeoGrid]:
    from affine import Affine

    kinds = ("box", "rotated_box", "polygon", "keypoint")
    classes = tuple(
        LabelClass(id=name, name=name.title(), color="#ff0000", kinds=kinds) for name in ("ship", "cloud", "buoy")
    )
    return Ontology(id="o", name="O", version="1", classes=classes), GeoGrid(
        shape=SCENE.shape, transform=Affine.identity()
    )


def there_and_back(folders, ontology_and_grid, *annotations: Annotation) -> list[Annotation]:
    ontology, grid = ontology_and_grid
    path = folders.mktemp("coco") / "a.json"
    write(path, LabelSet(annotations=annotations, grid=grid, ontology=ontology, image_name="scene.tif"))
    back, report = read(path, SCENE).to_annotations(grid, ontology)
    assert report.skipped == []
    return back


def test_parts_attributes_status_and_confidence_come_back(sent):
    parts = shapely.MultiPolygon([box(0, 0, 4, 4), PIERCED])
    drawn = an(
        "polygon",
        parts,
        attributes={"category": "merchant", "cargo": "ore", "flags": ("wake", "moored"), "lit": True},
        status=Status.ACCEPTED,
        confidence=0.25,
    )
    (back,) = sent(drawn)
    assert replace(back, provenance=drawn.provenance) == drawn


def test_what_is_rejected_or_a_line_is_left_out_and_said(sent, labels_of):
    drawn = [
        an("box", box(0, 0, 4, 4)),
        an("box", box(9, 9, 14, 14), status=Status.REJECTED),
        an("polyline", shapely.LineString([(0, 0), (9, 9)]), "wake"),
        an("polygon", PIERCED),
    ]
    told = list(losses(labels_of(*drawn)))
    assert [sentence.split(" ", 1)[0] for sentence in told] == ["1", "1", "1"]
    assert "rejected" in told[0]
    assert "line" in told[1]
    assert "holes" in told[2]
    assert [back.id for back in sent(*drawn)] == [drawn[0].id, drawn[3].id]


def test_pixels_that_somebody_edited_count_more_than_our_outline(sent, path, utm, ontology):
    sent(an("polygon", PIERCED))
    document = json.loads(path.read_text())
    document["annotations"][0]["segmentation"] = encode(box(2, 1, 5, 3), SCENE.shape)
    path.write_text(json.dumps(document))
    (back,), _ = read(path, SCENE).to_annotations(utm, ontology)
    assert back.geometry.equals(box(2, 1, 5, 3))


def test_the_file_says_where_on_earth_the_image_is(sent, path, grids, ontology):
    sent(an("box", box(0, 0, 4, 4)), grid=grids["rotated"])
    copy = read(path, None).pixels
    assert copy.grid == grids["rotated"]


def test_pycocotools_reads_the_same_areas_and_pixels(path, labels_of):
    coco_module = pytest.importorskip("pycocotools.coco", reason="pycocotools is what others read COCO with")
    tilted = shapely.Polygon([(100.3, 50.2), (140.9, 61.7), (133.1, 90.4), (92.5, 78.9)])
    parts = shapely.MultiPolygon([box(200, 200, 220, 230), box(300, 310, 330, 320)])
    drawn = [an("box", box(2, 1, 5, 3)), an("polygon", PIERCED), an("polygon", parts), an("polygon", tilted)]
    write(path, labels_of(*drawn))
    coco = coco_module.COCO(str(path))
    for annotation, ours in zip(coco.loadAnns(coco.getAnnIds()), drawn, strict=True):
        mask = coco.annToMask(annotation).astype(bool)
        expected = burn([ours.geometry], 1, SCENE.shape).astype(bool)
        if ours.geometry is tilted:  # pycocotools draws slanted edges on a grid of fifths of a pixel
            assert (mask ^ expected).sum() <= 0.08 * ours.geometry.length
            assert annotation["area"] == pytest.approx(mask.sum(), rel=0.02)
        else:
            assert np.array_equal(mask, expected)
            assert annotation["area"] == mask.sum()
        assert coco.cats[annotation["category_id"]]["name"] == "ship"


@pytest.mark.parametrize(
    ("members", "geometry"),
    [
        ({"bbox": [2, 1, 3, 2], "segmentation": []}, box(2, 1, 5, 3)),
        ({"segmentation": [[2, 1, 5, 1, 5, 3, 2, 3]]}, box(2, 1, 5, 3)),
        ({"segmentation": [2, 1, 5, 1, 5, 3, 2, 3, 2, 1]}, box(2, 1, 5, 3)),
        ({"segmentation": [[0, 0, 4, 0, 4, 4], [9, 9, 12, 9, 12, 12]]}, None),
        ({"keypoints": [0, 0, 0, 4.5, 6.5, 1]}, shapely.Point(4.5, 6.5)),
    ],
)
def test_shapes_of_other_programs_are_read(path, utm, ontology, members, geometry):
    path.write_text(json.dumps(content(annotations=[label(**members)])))
    (back,), report = read(path, SCENE).to_annotations(utm, ontology)
    assert (back.class_id, back.status, back.provenance.source) == ("ship", "draft", "imported")
    assert report.skipped == []
    assert back.geometry.equals(geometry) if geometry else back.geometry.geom_type == "MultiPolygon"


def test_attributes_of_other_programs_fill_those_of_the_class(path, utm, ontology):
    members = {"bbox": [1, 1, 5, 5], "score": 0.5, "attributes": {"lit": True, "occluded": False, "kind": "polygon"}}
    path.write_text(json.dumps(content(annotations=[label(**members)])))
    (back,), _ = read(path, SCENE).to_annotations(utm, ontology)
    assert (dict(back.attributes), back.confidence, back.kind) == ({"lit": True}, 0.5, "box")


def test_a_list_of_results_names_classes_by_number(path, utm, ontology):
    path.write_text(json.dumps([{"image_id": 4, "category_id": 3, "bbox": [1, 2, 3, 4], "score": 0.75}]))
    (back,), _ = read(path, SCENE).to_annotations(utm, ontology, class_map={3: "ship"})
    assert (back.confidence, back.geometry.bounds) == (0.75, (1, 2, 4, 6))
    path.write_text(json.dumps([{"image_id": n, "category_id": 3, "bbox": [1, 2, 3, 4]} for n in range(2)]))
    with pytest.raises(FormatError, match="results of 2 images without their names"):
        read(path, SCENE)


def test_the_image_is_found_by_its_name(path, utm, ontology):
    images = [
        {"id": n, "file_name": f"../../{name}", "width": 512, "height": 512}
        for n, name in enumerate(["other.tif", "SCENE.JPG", "third.tif"])
    ]
    found = [label(bbox=[n, n, 5, 5], image_id=n) for n in range(3)]
    path.write_text(json.dumps(content(images=images, annotations=found)))
    (back,), report = read(path, SCENE).to_annotations(utm, ontology)
    assert back.geometry.bounds == (1, 1, 6, 6)
    assert report.notes == [
        "the labels of ../../SCENE.JPG were taken, by the name without its ending",
        "2 annotations of other images were left where they are (3 images)",
    ]
    for image, sentence in [(None, "labels of 3 images"), (Image(name="x.tif", shape=(512, 512)), "none of x.tif")]:
        with pytest.raises(FormatError, match=sentence):
            read(path, image)


def test_the_only_image_is_taken_whatever_its_name_but_not_of_another_size(path):
    path.write_text(json.dumps(content()))
    columns = read(path, Image(name="renamed.tif", shape=(512, 512)))
    assert columns.notes == ["the labels of train/scene.jpg were taken, the only image of the file"]
    with pytest.raises(FormatError, match=r"512 x 512 pixels, and renamed\.tif has 20 x 10"):
        read(path, Image(name="renamed.tif", shape=(10, 20)))


def test_json_is_told_apart_by_its_text(path, tmp_path, labels_of):
    write(path, labels_of(an("box", box(0, 0, 4, 4))))
    assert importer_for(path).id == "coco"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": []}))
    assert importer_for(path).id == "geojson"
    assert importer_for(tmp_path / "_annotations.coco.json").id == "coco"


def test_labels_are_counted_as_they_stand(path, labels_of):
    write(path, labels_of(*(an("box", box(n, 0, n + 4, 4)) for n in range(1200))))
    assert count(path) == 1200
    assert FORMATS["coco"].count(path) == 1200
    path.write_text(json.dumps(content(), indent=3))
    assert count(path) == 1


HUGE = {"size": [2**31 - 1, 2**31 - 1], "counts": [0, (2**31 - 1) ** 2]}
BAD_FILES = {
    "truncated": json.dumps(content())[:-9],
    "empty": "",
    "a number": "7",
    "NaN": json.dumps(content(annotations=[label(bbox=[float("nan"), 0, 1, 1])])),
    "1e400": '{"images": [{"id": 1e400}]}',
    "deep": '{"images":' + "[" * 5000 + "]" * 5000 + "}",
    "latin-1": json.dumps(content(), ensure_ascii=False).replace("ship", "sch\xfcff").encode("latin-1"),
    "no images": json.dumps(content(images=[])),
    "images are missing": json.dumps({"annotations": []}),
    "images are an object": json.dumps(content(images={})),
    "categories of numbers": json.dumps(content(categories=[1, 2])),
    "annotations are null": json.dumps(content(annotations=None)),
    "two images of an id": json.dumps(content(images=[{"id": 1}, {"id": 1}])),
    "two categories of an id": json.dumps(content(categories=[{"id": 3, "name": "a"}, {"id": 3, "name": "b"}])),
    "id is a list": json.dumps(content(categories=[{"id": [3], "name": "a"}])),
    "no id": json.dumps(content(categories=[{"name": "a"}])),
    "width below zero": json.dumps(content(images=[{"id": 7, "file_name": "a", "width": -1, "height": 5}])),
    "height is text": json.dumps(content(images=[{"id": 7, "file_name": "a", "width": 5, "height": "5"}])),
    "panoptic": json.dumps(content(annotations=[{"image_id": 7, "segments_info": []}])),
    "another size": json.dumps(content(images=[{"id": 7, "file_name": "scene.tif", "width": 1, "height": 1}])),
}


@pytest.mark.parametrize("text", BAD_FILES.values(), ids=BAD_FILES)
def test_a_bad_file_is_one_sentence(path, text):
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(FormatError) as caught:
        read(path, SCENE)
    assert "labels.json" in str(caught.value)
    assert "\n" not in str(caught.value)


BAD_LABELS = {
    "no box at all": {},
    "box of three": {"bbox": [1, 2, 3]},
    "box of texts": {"bbox": ["1", "2", "3", "4"]},
    "flat box": {"bbox": [1, 2, 0, 4]},
    "box without end": {"bbox": [1e308, 0, 1e308, 4]},
    "two points": {"segmentation": [[1, 1, 2, 2]]},
    "odd ring": {"segmentation": [[1, 1, 2, 2, 3, 3, 4]]},
    "nested ring": {"segmentation": [[[1, 1], [2, 2], [3, 1]]]},
    "segmentation is text": {"segmentation": "1 1 2 2"},
    "category is a list": {"bbox": [1, 1, 2, 2], "category_id": [3]},
    "unknown category": {"bbox": [1, 1, 2, 2], "category_id": 9},
    "RLE of another size": {"segmentation": {"size": [5, 5], "counts": [0, 25]}},
    "huge RLE": {"segmentation": HUGE},
    "RLE too short": {"segmentation": {"size": [512, 512], "counts": [5, 5]}},
    "RLE below zero": {"segmentation": {"size": [512, 512], "counts": [-5, 512 * 512 + 5]}},
    "RLE of texts": {"segmentation": {"size": [512, 512], "counts": ["5"]}},
    "RLE is damaged": {"segmentation": {"size": [512, 512], "counts": "o\x7f\xff"}},
    "RLE ends early": {"segmentation": {"size": [512, 512], "counts": "oooo"}},
    "empty RLE": {"segmentation": {"size": [512, 512], "counts": [512 * 512]}},
    "keypoints in pairs": {"keypoints": [1, 2]},
    "no keypoint labelled": {"keypoints": [1, 2, 0]},
}


@pytest.mark.parametrize("members", BAD_LABELS.values(), ids=BAD_LABELS)
def test_a_bad_label_is_left_out_with_its_reason_and_the_others_come_in(path, utm, ontology, members):
    good = label(bbox=[1, 1, 4, 4])
    path.write_text(json.dumps(content(annotations=[label(**members), good])))
    back, report = read(path, SCENE).to_annotations(utm, ontology)
    assert [each.geometry.bounds for each in back] == [(1, 1, 5, 5)]
    ((where, why),) = report.skipped
    assert where == "annotation 1"
    assert why


def test_an_id_that_stands_twice_is_replaced(sent, path, utm, ontology):
    drawn = an("box", box(0, 0, 4, 4))
    sent(drawn)
    document = json.loads(path.read_text())
    document["annotations"] *= 2
    path.write_text(json.dumps(document))
    back, report = read(path, SCENE).to_annotations(utm, ontology)
    assert len({each.id for each in back}) == 2
    assert any("stood more than once" in note for note in report.notes)


@pytest.mark.skipif(os.name == "nt", reason="no such modes")
def test_what_cannot_be_written_leaves_the_old_file(path, labels_of):
    write(path, labels_of(an("box", box(0, 0, 4, 4))))
    before = path.read_bytes()
    with pytest.raises(GeoLabelError):
        write(path, labels_of(an("box", box(0, 0, 4, 4), attributes={"remark": {1, 2}})))
    assert path.read_bytes() == before


def test_a_ring_is_written_without_its_last_point():
    assert segmentation_of(shapely.Polygon([(2, 1), (5, 1), (5, 3)]), (9, 9)) == [[2, 1, 5, 1, 5, 3]]
