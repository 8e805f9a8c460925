"""COCO's panoptic PNG as a mask: what we wrote comes back, and what others wrote is understood."""

from __future__ import annotations

import json

import numpy as np
import pytest
import shapely
from affine import Affine
from PIL import Image

from napari_geolabel import open_labels, open_scene, polygonize
from napari_geolabel.annotations import Annotation
from napari_geolabel.errors import FormatError
from napari_geolabel.formats.panoptic import coco_json_path, write_coco
from napari_geolabel.formats.panoptic_read import described_by, read_coco, read_mask_file
from napari_geolabel.geo import GeoGrid
from napari_geolabel.masks import rasterize_annotations


@pytest.fixture
def mask(utm, ontology):
    """Two ships that overlap, a cloud without instances, on a small grid."""
    base = np.zeros((40, 50), np.uint8)
    base[20:30, 20:45] = 2
    ships = [
        Annotation(class_id="ship", kind="polygon", geometry=shapely.box(2, 3, 12, 9)),
        Annotation(class_id="ship", kind="polygon", geometry=shapely.box(8, 5, 20, 25)),
    ]
    grid = GeoGrid(shape=base.shape, transform=utm.transform, crs=utm.crs)
    return rasterize_annotations(ships, grid, ontology, flavour="panoptic", base=base)


@pytest.fixture
def foreign(tmp_path):
    """A PNG of another program: two things and stuff, its JSON beside the folder, no place on Earth."""
    numbers = np.zeros((6, 8), np.int64)
    numbers[0, 0], numbers[1, 1:3], numbers[4:, 4:] = 300, 70_000, 5
    (tmp_path / "train").mkdir()
    path = tmp_path / "train" / "a.png"
    Image.fromarray(np.stack([numbers & 255, numbers >> 8 & 255, numbers >> 16], -1).astype(np.uint8)).save(path)
    told = {
        "images": [{"id": 9, "file_name": "a.jpg"}],
        "annotations": [
            {"image_id": 8, "file_name": "b.png", "segments_info": []},
            {
                "image_id": 9,
                "file_name": "a.png",
                "segments_info": [
                    {"id": 70_000, "category_id": 4},
                    {"id": 5, "category_id": 7},
                    {"id": 300, "category_id": 4},
                ],
            },
        ],
        "categories": [{"id": 4, "name": "vessel", "isthing": 1}, {"id": 7, "name": "sea", "isthing": 0}],
    }
    (tmp_path / "train.json").write_text(json.dumps(told))
    return path


def test_what_we_wrote_comes_back_to_the_last_pixel(tmp_path, mask, ontology):
    write_coco(tmp_path / "scene.png", mask)
    read = read_coco(tmp_path / "scene.png", ontology)
    assert np.array_equal(read.array, mask.array)
    assert {value: read.table[value] for value in mask.values().tolist()} == {
        value: mask.table[value] for value in mask.values().tolist()
    }
    assert (read.flavour, read.divisor, read.rule) == (mask.flavour, mask.divisor, mask.rule)
    assert (read.grid.transform, read.grid.crs, read.ontology_stamp) == (
        mask.grid.transform,
        mask.grid.crs,
        dict(mask.ontology_stamp),
    )


def test_a_foreign_file_counts_things_and_leaves_stuff_uncounted(foreign):
    assert described_by(foreign).name == "train.json"
    read = read_mask_file(foreign)
    assert np.argwhere(read.array == 4001).tolist() == [[0, 0]], "the smallest number first"
    assert np.argwhere(read.array == 4002).tolist() == [[1, 1], [1, 2]]
    assert (read.array == 7000).sum() == 8
    assert read.grid.transform == Affine.identity()
    assert {entry.name for entry in read.table.values()} == {"vessel", "sea"}
    frame = polygonize(foreign)
    assert sorted(frame["class_id"]) == ["sea", "vessel", "vessel"]


def test_a_png_without_json_is_an_ordinary_mask(tmp_path):
    path = tmp_path / "plain.png"
    Image.fromarray(np.eye(5, dtype=np.uint8)).save(path)
    assert read_mask_file(path).array.tolist() == np.eye(5).tolist()
    with pytest.raises(FormatError, match=r"plain.png has no plain.panoptic.json beside it"):
        read_mask_file(path, format_id="coco-panoptic")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda told: told["annotations"][0]["segments_info"].pop(), "which its JSON lacks"),
        (lambda told: told["annotations"][0].update(file_name="other.png"), "no annotation of that file_name"),
        (lambda told: told["categories"].clear(), "is no COCO panoptic file"),
        (lambda told: told.pop("annotations"), "is no COCO panoptic file"),
        (lambda told: told["annotations"][0]["segments_info"][0].update(id="x"), "is no COCO panoptic file"),
        (lambda told: told["images"][0]["geolabel"].update(transform=[1]), "is no COCO panoptic file"),
    ],
)
def test_a_json_that_does_not_fit_is_refused_in_a_sentence(tmp_path, mask, change, reason):
    path = tmp_path / "scene.png"
    write_coco(path, mask)
    told = json.loads(coco_json_path(path).read_text("utf-8"))
    change(told)
    coco_json_path(path).write_text(json.dumps(told), "utf-8")
    with pytest.raises(FormatError, match=reason):
        read_coco(path)


def test_labels_go_out_as_a_png_and_come_in_again_with_their_ids_and_paint(tmp_path, write_scene):
    with open_scene(write_scene()) as scene:
        labels = open_labels(scene=scene, ontology="clouds")
        cloud = labels.add(shapely.box(10, 10, 40, 30), "thick_cloud")
        labels.paint(shapely.box(100, 100, 130, 120), "cloud_shadow")
        labels.export(tmp_path / "out.png")
        again = open_labels(scene=scene, ontology="clouds")
        report = again.import_from(tmp_path / "out.png")
        assert list(again) == [cloud.id]
        assert again[cloud.id].geometry.equals(cloud.geometry)
        assert np.array_equal(again.canvas.array, labels.canvas.array)
        assert any("600 pixels of cloud_shadow are painted" in note for note in report.notes)
