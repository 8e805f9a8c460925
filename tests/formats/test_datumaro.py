"""datumaro reads our COCO, YOLO, CVAT, Pascal VOC, DOTA and VoTT as we meant them.

Its requirements pin much, so it has an environment of its own: ``make
test-datumaro`` makes one and names its Python in ``GEOLABEL_DATUMARO``.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
import shapely
from affine import Affine
from PIL import Image as Picture

from napari_geolabel.annotations import Annotation
from napari_geolabel.formats import FORMATS
from napari_geolabel.formats.label_set import LabelSet
from napari_geolabel.formats.turning import TurnedBox
from napari_geolabel.geo import GeoGrid

PYTHON = os.environ.get("GEOLABEL_DATUMARO")
PROBE = Path(__file__).parents[1] / "datumaro_probe.py"
pytestmark = pytest.mark.skipif(PYTHON is None, reason="datumaro has an environment of its own: make test-datumaro")

SHAPE = (60, 80)
PIXELS = GeoGrid(shape=SHAPE, transform=Affine.identity())
BOX = shapely.box(10, 20, 30, 45)
OUTLINE = shapely.Polygon([(40, 10), (60, 10), (50, 30)])
TURNED = TurnedBox(centre=(40, 30), width=10, height=24, angle_deg=30)
PIERCED = shapely.box(2, 2, 20, 18).difference(shapely.box(6, 6, 10, 11))
IMAGES = {
    "coco": "images/train",
    "yolo": "images/train",
    "dota": "train/images",
    "voc": "JPEGImages",
    "cvat": "images",
    "vott": "",
}


def a(kind: str, geometry: shapely.Geometry, class_id: str = "ship", **more) -> Annotation:
    return Annotation(class_id=class_id, kind=kind, geometry=geometry, **more)


@pytest.fixture
def answer(tmp_path, everything):
    """Write annotations in a format as a data set, and return what datumaro says of its image."""

    def ask(form_id: str, reader: str, place: str, *annotations: Annotation) -> list[dict]:
        labels = LabelSet(
            annotations=annotations, grid=PIXELS, ontology=everything, scene_name="scene", image_name="scene.png"
        )
        path, images = tmp_path / place, tmp_path / IMAGES[form_id]
        for folder in (path.parent, images):
            folder.mkdir(parents=True, exist_ok=True)
        if form_id == "voc":
            (tmp_path / "ImageSets" / "Main").mkdir(parents=True)
            (tmp_path / "ImageSets" / "Main" / "train.txt").write_text("scene\n")
            (tmp_path / "labelmap.txt").write_text("# label:color_rgb:parts:actions\nship:255,0,0::\n")
        Picture.fromarray(np.zeros(SHAPE, np.uint8)).save(images / "scene.png")
        FORMATS[form_id].write(path, labels)
        done = subprocess.run(
            [PYTHON, PROBE, reader, tmp_path], capture_output=True, text=True, timeout=300, check=False
        )
        assert "ANSWER" in done.stdout, done.stderr[-2000:]
        (found,) = json.loads(done.stdout.partition("ANSWER")[2]).values()
        return found

    return ask


def test_coco_boxes_polygons_and_pixels(answer):
    drawn = [a("box", BOX), a("polygon", OUTLINE, "cloud"), a("polygon", PIERCED)]
    found = answer("coco", "coco_instances", "annotations/instances_train.json", *drawn)
    found = [each for each in found if each["kind"] != "bbox"]  # which datumaro adds for each
    assert sorted(each["label"] for each in found) == ["cloud", "ship", "ship"]
    (mask,) = [each for each in found if each["kind"] == "mask"]
    assert (mask["area"], mask["box"]) == (PIERCED.area, [2, 2, 20, 18])
    polygons = [np.reshape(each["points"], (-1, 2)) for each in found if each["kind"] == "polygon"]
    assert {shapely.Polygon(each).area for each in polygons} == {BOX.area, OUTLINE.area}


def test_cvat_boxes_turned_boxes_polygons_lines_and_points(answer):
    line = shapely.LineString([(1, 1), (5, 2.5)])
    drawn = [a("box", BOX, attributes={"word": "x"}), a("rotated_box", TURNED.polygon), a("polygon", OUTLINE)]
    drawn += [a("polyline", line), a("keypoint", shapely.Point(3.5, 4.5))]
    found = {each["kind"]: each for each in answer("cvat", "cvat", "annotations.xml", *drawn)}
    assert found["polyline"]["points"] == [1, 1, 5, 2.5]
    assert found["points"]["points"] == [3.5, 4.5]
    assert found["polygon"]["points"] == [40, 10, 60, 10, 50, 30]
    turned = found["rotated_bbox"]["points"] if "rotated_bbox" in found else None
    if turned is not None:
        assert turned == pytest.approx([40, 30, 10, 24, 30])
    assert found["bbox"]["points"] == pytest.approx([10, 20, 30, 45])


def test_voc_boxes_cover_the_same_pixels(answer):
    (found,) = answer("voc", "voc_detection", "Annotations/scene.xml", a("box", BOX))
    assert found["label"] == "ship"
    assert found["points"] == [11, 21, 30, 45]  # datumaro 1.13 takes the numbers as they stand: 1-based, inclusive


def test_dota_corners(answer):
    found = answer("dota", "dota", "train/labelTxt/scene.txt", a("rotated_box", TURNED.polygon))
    assert [each["label"] for each in found] == ["ship"]
    x, y, width, height, _ = found[0]["points"]
    assert (x, y) == pytest.approx((40, 30), abs=0.01)
    assert sorted((width, height)) == pytest.approx([10, 24], abs=0.05)


def test_vott_regions(answer):
    (found,) = answer("vott", "vott_json", "scene-export.json", a("box", BOX))
    assert (found["label"], found["points"]) == ("ship", [10, 20, 30, 45])


def test_yolo_boxes_and_names_in_the_layout_of_ultralytics(answer):
    drawn = [a("box", BOX), a("box", shapely.box(40, 0, 80, 60), "cloud")]
    found = {each["label"]: each["points"] for each in answer("yolo", "yolo", "labels/train/scene.txt", *drawn)}
    assert found["ship"] == pytest.approx([10, 20, 30, 45], abs=0.02)  # which datumaro rounds to hundredths
    assert found["cloud"] == pytest.approx([40, 0, 80, 60], abs=0.02)


def test_yolo_boxes_about_other_shapes(answer):
    """A turned box and an outline are written as the boxes about them, as our own losses say."""
    found = answer("yolo", "yolo", "labels/train/scene.txt", a("rotated_box", TURNED.polygon), a("polygon", OUTLINE))
    for each, drawn in zip(found, (TURNED.polygon, OUTLINE), strict=True):
        assert each["points"] == pytest.approx(drawn.bounds, abs=0.02)


def test_a_yolo_set_of_chips_is_one_data_set_with_its_splits(tmp_path, write_scene):
    from napari_geolabel.imagery.opening import open_scene
    from napari_geolabel.labels.chip_plan import ChipPlan
    from napari_geolabel.labels.opening import open_labels
    from napari_geolabel.labels.training_set import make_chips

    plan = ChipPlan(size_px=128, block_chips=1, negatives=0, split=(0.5, 0.5, 0))
    with open_scene(write_scene()) as scene:
        held = open_labels(scene=scene, ontology="maritime")
        held.add_many([shapely.box(128 * n + 10, 20, 128 * n + 60, 40) for n in range(4)], "ship", kind="box")
        made = make_chips(held, tmp_path / "set", plan=plan, labels_as="yolo", images="png")
    done = subprocess.run(
        [PYTHON, PROBE, "yolo", tmp_path / "set"], capture_output=True, text=True, timeout=300, check=False
    )
    found = json.loads(done.stdout.partition("ANSWER")[2])
    assert len(found) == sum(made.chips.values()) == 4
    for boxes in found.values():
        (box,) = boxes
        assert (box["label"], box["points"]) == ("ship", pytest.approx([10, 20, 60, 40], abs=0.02))
