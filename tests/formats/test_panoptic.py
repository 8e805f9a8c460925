"""Panoptic masks as a pair of GeoTIFFs and as COCO has them."""

from __future__ import annotations

import json

import numpy as np
import pytest
import shapely
from affine import Affine
from PIL import Image

from napari_geolabel.annotations import Annotation
from napari_geolabel.errors import MaskValueError
from napari_geolabel.formats import read_mask
from napari_geolabel.formats.panoptic import coco_json_path, pair_place, write_coco, write_pair
from napari_geolabel.geo import GeoGrid
from napari_geolabel.masks import Mask, rasterize_annotations, split_panoptic


@pytest.fixture
def mask(utm, ontology) -> Mask:
    """Two ships that overlap, a cloud without instances, on a small grid."""
    grid = GeoGrid(shape=(40, 50), transform=utm.transform, crs=utm.crs)
    base = np.zeros(grid.shape, np.uint8)
    base[20:30, 20:45] = 2
    ships = [
        Annotation(class_id="ship", kind="polygon", geometry=shapely.box(2, 3, 12, 9)),
        Annotation(class_id="ship", kind="polygon", geometry=shapely.box(8, 5, 20, 25)),
    ]
    return rasterize_annotations(ships, grid, ontology, flavour="panoptic", base=base)


def test_a_pair_agrees_in_every_pixel(tmp_path, mask):
    path = pair_place(tmp_path / "scene.tif", "scene")
    write_pair(path, mask)
    assert sorted(p.name for p in tmp_path.glob("*.tif")) == ["scene_instance.tif", "scene_semantic.tif"]
    semantic, instances = read_mask(path), read_mask(tmp_path / "scene_instance.tif")
    expected = split_panoptic(mask)
    for read, wanted in zip((semantic, instances), expected, strict=True):
        assert np.array_equal(read.array, wanted.array)
        assert read.table == wanted.table
        assert (read.flavour, read.grid.transform) == (wanted.flavour, mask.grid.transform)
    assert (semantic.array[instances.array > 0] == 1).all(), "only ships have numbers"


def test_either_name_of_a_pair_means_the_pair(tmp_path):
    for name in ("scene.tif", "scene_semantic.tif", "scene_instance.tif"):
        assert pair_place(tmp_path / name, "x").name == "scene_semantic.tif"


def test_a_panoptic_mask_comes_back_with_its_divisor(tmp_path, mask):
    from napari_geolabel.formats import write_mask

    write_mask(tmp_path / "p.tif", mask)
    assert read_mask(tmp_path / "p.tif").divisor == 1000


def test_coco_reads_the_segments_from_the_colours(tmp_path, mask):
    path = tmp_path / "scene.png"
    write_coco(path, mask)
    told = json.loads(coco_json_path(path).read_text("utf-8"))
    with Image.open(path) as image:
        pixels = np.asarray(image).astype(np.uint32)
    numbers = pixels[..., 0] + 256 * pixels[..., 1] + 65536 * pixels[..., 2]
    (annotation,) = told["annotations"]
    assert annotation["file_name"] == told["images"][0]["file_name"] == "scene.png"
    assert (told["images"][0]["width"], told["images"][0]["height"]) == (50, 40)
    assert np.array_equal(numbers > 0, mask.array > 0)
    seen = 0
    for segment in annotation["segments_info"]:
        where = numbers == segment["id"]
        assert where.sum() == segment["area"]
        x, y, width, height = segment["bbox"]
        rows, cols = np.nonzero(where)
        assert (cols.min(), rows.min(), np.ptp(cols) + 1, np.ptp(rows) + 1) == (x, y, width, height)
        assert (mask.array[where] // mask.divisor == segment["category_id"]).all()
        assert len(np.unique(mask.array[where])) == 1
        seen += 1
    assert seen == len(mask.values()) == 3
    things = {category["name"]: category["isthing"] for category in told["categories"]}
    assert things == {"ship": 1, "cloud": 0}
    assert told["images"][0]["geolabel"]["crs"] == "EPSG:32633"


def test_numbers_beyond_a_byte_use_more_colours(tmp_path, ontology):
    grid = GeoGrid(shape=(20, 20), transform=Affine.identity())
    boxes = [
        Annotation(class_id="ship", kind="polygon", geometry=shapely.box(x, y, x + 1, y + 1))
        for y in range(20)
        for x in range(20)
    ]
    write_coco(tmp_path / "many.png", rasterize_annotations(boxes, grid, ontology, flavour="panoptic"))
    with Image.open(tmp_path / "many.png") as image:
        pixels = np.asarray(image).astype(int)
    assert np.array_equal(np.unique(pixels[..., 0] + 256 * pixels[..., 1]), np.arange(1, 401))


def test_a_semantic_mask_is_refused_before_anything_is_written(tmp_path, utm, ontology):
    semantic = rasterize_annotations([], utm, ontology)
    for write in (write_coco, write_pair):
        with pytest.raises(MaskValueError, match="ask for panoptic"):
            write(tmp_path / "x.tif", semantic)
    assert list(tmp_path.iterdir()) == []
