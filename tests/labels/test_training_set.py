"""Training sets on disk: layouts that trainers read, the scene's own pixels, a catalogue and a picture."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely
import yaml
from PIL import Image

from napari_geolabel.errors import CancelledError, FormatError, WriteError
from napari_geolabel.formats.mask_geotiff import read_mask
from napari_geolabel.imagery.opening import open_scene
from napari_geolabel.imagery.render import render
from napari_geolabel.labels.chip_picture import size_px
from napari_geolabel.labels.chip_plan import ChipPlan
from napari_geolabel.labels.opening import open_labels
from napari_geolabel.labels.rasters import rasterize
from napari_geolabel.labels.training_set import LABEL_FORMATS, make_chips, prepare_chips
from napari_geolabel.masks import Watch
from napari_geolabel.ontology import Kind, LabelClass, load_ontology

PLAN = ChipPlan(size_px=128, block_chips=1, negatives=0.5, split=(0.5, 0.25, 0.25))
MARITIME = load_ontology("maritime")


@pytest.fixture(autouse=True)
def no_waiting_for_the_disk(monkeypatch):
    """Sets are many small files; that each is on the disk when it is written is tested where files are."""
    monkeypatch.setattr("napari_geolabel.files.sync", lambda path: None)


@pytest.fixture
def scene(write_scene):
    with open_scene(write_scene()) as opened:
        yield opened


@pytest.fixture
def labels(scene):
    """A ship in each of some chips, one across an edge, and a dock."""
    held = open_labels(scene=scene, ontology=MARITIME)
    held.add_many([shapely.box(128 * n + 10, 20, 128 * n + 60, 40) for n in range(4)], "ship", kind="box")
    held.add(shapely.box(100, 200, 150, 220), "ship", kind="box")
    held.add(shapely.box(300, 300, 340, 330), "dock")
    return held


def tree(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_pictures_are_the_pixels_of_the_scene_at_their_place(labels, tmp_path):
    made = make_chips(labels, tmp_path / "set", plan=PLAN)
    index = json.loads((tmp_path / "set" / "chips.json").read_text("utf-8"))
    assert sum(made.chips.values()) == len(index["chips"]) > 5
    for entry in index["chips"]:
        window = slice(*entry["rows"]), slice(*entry["cols"])
        with open_scene(tmp_path / "set" / entry["image"]) as chip:
            assert np.array_equal(chip.read().data, labels.scene.read(window=window).data)
            assert tuple(chip.grid.transform) == tuple(labels.scene.grid.window(window).transform)
            assert [band.name for band in chip.bands] == [band.name for band in labels.scene.bands]


def test_coco_has_a_file_for_each_split_that_pycocotools_reads(labels, tmp_path):
    coco = pytest.importorskip("pycocotools.coco")
    made = make_chips(labels, tmp_path / "set", plan=PLAN)
    found = 0
    for split, count in made.chips.items():
        if not count:
            continue
        read = coco.COCO(str(tmp_path / "set" / "annotations" / f"{split}.json"))
        assert len(read.getImgIds()) == count
        for image in read.loadImgs(read.getImgIds()):
            assert (tmp_path / "set" / "images" / split / image["file_name"]).is_file()
            assert (image["width"], image["height"]) == (128, 128)
        for annotation in read.loadAnns(read.getAnnIds()):
            x, y, width, height = annotation["bbox"]
            assert 0 <= x < x + width <= 128
            assert 0 <= y < y + height <= 128
            found += 1
    assert found == sum(made.labels.values()) == 7


def test_yolo_has_its_folders_and_says_where_the_splits_are(labels, tmp_path):
    made = make_chips(labels, tmp_path / "set", plan=PLAN, labels_as="yolo", images="png")
    about = yaml.safe_load((tmp_path / "set" / "data.yaml").read_text("utf-8"))
    assert about["train"] == "images/train"
    assert about["names"][0] == "ship"
    for split, count in made.chips.items():
        pictures = sorted((tmp_path / "set" / "images" / split).glob("*.png")) if count else []
        texts = sorted((tmp_path / "set" / "labels" / split).glob("*.txt")) if count else []
        assert [p.stem for p in pictures] == [t.stem for t in texts]
        assert len(pictures) == count
        for text in texts:
            for line in text.read_text("utf-8").splitlines():
                assert all(0 <= float(number) <= 1 for number in line.split()[1:])


def test_png_pictures_show_the_composite(labels, tmp_path):
    make_chips(labels, tmp_path / "set", plan=PLAN, images="png")
    index = json.loads((tmp_path / "set" / "chips.json").read_text("utf-8"))
    entry = index["chips"][0]
    window = slice(*entry["rows"]), slice(*entry["cols"])
    expected = render(labels.scene, "true_color", window=window, max_size=None)[..., :3]
    with Image.open(tmp_path / "set" / entry["image"]) as picture:
        assert np.array_equal(np.asarray(picture), expected)


def test_masks_have_the_labels_of_each_chip(labels, tmp_path):
    make_chips(labels, tmp_path / "set", plan=PLAN, labels_as="mask")
    index = json.loads((tmp_path / "set" / "chips.json").read_text("utf-8"))
    whole = np.zeros((512, 512), int)
    for entry in index["chips"]:
        mask = read_mask(tmp_path / "set" / entry["labels"], MARITIME)
        whole[slice(*entry["rows"]), slice(*entry["cols"])] = mask.array
        assert (mask.array > 0).any() == bool(entry["annotations"])
    assert (whole == 1).sum() == 5 * 50 * 20
    assert (whole == 3).sum() == 40 * 30


def whole_mask(folder: Path) -> np.ndarray:
    """Return the masks of all chips, put together again."""
    whole = np.zeros((512, 512), np.uint8)
    for entry in json.loads((folder / "chips.json").read_text("utf-8"))["chips"]:
        whole[slice(*entry["rows"]), slice(*entry["cols"])] = read_mask(folder / entry["labels"], None).array
    return whole


@pytest.fixture
def clouds(scene):
    """Paint, an area over many chips that suggests more, what was rejected, and a class that masks do not have."""
    ontology = load_ontology("clouds")
    trail = LabelClass(id="trail", name="Trail", color="#112233", kinds=("polygon",))
    held = open_labels(scene=scene, ontology=ontology.with_classes([trail]))
    held.paint(shapely.box(0, 0, 100, 60), "thick_cloud")
    held.add(shapely.box(50, 20, 500, 500), "haze", kind="polygon", status="suggested")
    held.add(shapely.box(300, 300, 330, 330), "thin_cloud", kind="polygon")
    held.add(shapely.box(0, 400, 40, 440), "thin_cloud", kind="polygon", status="rejected")
    held.add(shapely.box(0, 450, 40, 500), "trail", kind="polygon")
    return held


def test_masks_of_chips_are_the_mask_of_the_scene_to_the_pixel(clouds, tmp_path):
    plan = ChipPlan(size_px=128, block_chips=1, negatives=99, split=(1, 0, 0))
    work = prepare_chips(clouds, tmp_path / "set", plan=plan, labels_as="mask")
    expected = rasterize(clouds).array
    clouds.paint(shapely.box(0, 0, 512, 512), None)
    made = work(Watch())
    assert np.array_equal(whole_mask(tmp_path / "set"), expected)
    assert made.labels == {"haze": 16, "thin_cloud": 1}, "whatever share of it a chip shows"
    assert made.notes == [
        "1 suggestion that nobody has accepted among the labels",
        "1 annotations of trail are left out, which has no mask_value in the ontology",
    ]
    mask = next((tmp_path / "set" / "masks").rglob("*.tif"))
    assert read_mask(mask, None).ontology_stamp == clouds.ontology.stamp


def test_what_is_painted_alone_is_a_label_of_masks_and_of_nothing_else(scene, tmp_path):
    held = open_labels(scene=scene, ontology="clouds")
    held.paint(shapely.box(0, 0, 200, 60), "thick_cloud")
    with pytest.raises(FormatError, match="no chip would have a label"):
        make_chips(held, tmp_path / "coco", plan=PLAN)
    made = make_chips(held, tmp_path / "set", plan=replace(PLAN, negatives=0), labels_as="mask")
    assert (sum(made.chips.values()), made.labels) == (2, {})
    assert sorted(made.chips.values()) == [0, 1, 1], "blocks with paint are dealt like those with labels"
    assert np.array_equal(whole_mask(tmp_path / "set"), held.canvas.array)


def test_a_set_of_objects_says_that_paint_is_left_out(clouds, tmp_path):
    made = make_chips(clouds, tmp_path / "set", plan=PLAN)
    assert "what is painted does not go into COCO; make a set of masks too (--labels mask)" in made.notes


def test_the_ontology_of_the_chips_is_in_the_set_and_takes_their_labels(labels, tmp_path):
    folder = tmp_path / "set"
    make_chips(labels, folder, plan=replace(PLAN, split=(1, 0, 0)))
    index = json.loads((folder / "chips.json").read_text("utf-8"))
    ontology = load_ontology(folder / index["labels_ontology"].pop("file"))
    assert index["labels_ontology"] == ontology.stamp
    assert (ontology.id, ontology.version) == (MARITIME.id, f"{MARITIME.version}+chips")
    entry = next(each for each in index["chips"] if each["annotations"])
    with open_scene(folder / entry["image"]) as chip:
        held = open_labels(scene=chip, ontology=ontology)
        report = held.import_from(folder / entry["labels"])
    assert (report.imported, report.skipped) == (len(entry["annotations"]), [])
    assert [a.attributes["visible_fraction"] for a in held.store.values()] == [
        each["visible_fraction"] for each in entry["annotations"]
    ]


@pytest.mark.parametrize("labels_as", ["yolo-seg", "yolo-obb", "dota"])
def test_other_formats_have_a_file_for_each_chip(labels, tmp_path, labels_as):
    made = make_chips(labels, tmp_path / "set", plan=PLAN, labels_as=labels_as)
    index = json.loads((tmp_path / "set" / "chips.json").read_text("utf-8"))
    assert all((tmp_path / "set" / entry["labels"]).is_file() for entry in index["chips"])
    assert any("attributes" in note for note in made.notes)


def test_the_index_says_how_much_of_each_label_is_visible(labels, tmp_path):
    make_chips(labels, tmp_path / "set", plan=PLAN)
    index = json.loads((tmp_path / "set" / "chips.json").read_text("utf-8"))
    shown = [a["visible_fraction"] for entry in index["chips"] for a in entry["annotations"]]
    assert sorted(shown) == [0.44, 0.56, 1, 1, 1, 1, 1]
    assert index["ontology"] == MARITIME.stamp
    assert index["plan"]["size_px"] == 128


def test_the_same_seed_gives_the_same_bytes(labels, tmp_path):
    for name in ("one", "two"):
        make_chips(labels, tmp_path / name / "set", plan=PLAN, labels_as="yolo")
    assert tree(tmp_path / "one") == tree(tmp_path / "two")


def catalogued(folder: Path, valid_stac) -> dict[str, dict]:
    """Return the items of a catalogue by where they stand, each held against the schemas."""
    catalogue = json.loads((folder / "catalog.json").read_text("utf-8"))
    valid_stac(catalogue)
    items = {link["href"]: json.loads((folder / link["href"]).read_text("utf-8"))
             for link in catalogue["links"] if link["rel"] == "item"}  # fmt: skip
    for href, item in items.items():
        valid_stac(item)
        for each in [*item["assets"].values(), *item["links"]]:
            assert ((folder / href).parent / each["href"]).resolve().is_file()
    return items


def test_the_catalogue_leads_to_every_picture_and_its_place(labels, tmp_path, valid_stac):
    made = make_chips(labels, tmp_path / "set", plan=PLAN)
    items = catalogued(tmp_path / "set", valid_stac)
    of_scene = items.pop("./scenes/scene.json")
    assert len(items) == sum(made.chips.values())
    for href, item in items.items():
        assert item["properties"]["ml-aoi:split"] in {"train", "validate", "test"}
        assert item["properties"]["datetime"] == of_scene["properties"]["datetime"]
        footprint = shapely.geometry.shape(item["geometry"])
        assert footprint.exterior.is_ccw
        assert item["bbox"] == list(footprint.bounds)
        path = tmp_path / "set" / href
        with open_scene(path.parent / item["assets"]["image"]["href"]) as chip:
            corner = chip.grid.pixel_to_lonlat([[0, 0]])[0]
        assert min(np.hypot(*(np.array(footprint.exterior.coords) - corner).T)) < 1e-9


def test_each_chip_is_a_label_item_with_its_labels_as_geojson(labels, tmp_path, valid_stac):
    made = make_chips(labels, tmp_path / "set", plan=PLAN, labels_as="yolo", images="png")
    items = catalogued(tmp_path / "set", valid_stac)
    counts = dict.fromkeys(made.labels, 0)
    for href, item in items.items():
        if href.startswith("./scenes/"):
            continue
        (overview,) = item["properties"]["label:overviews"]
        told = {each["name"]: each["count"] for each in overview["counts"]}
        features = json.loads((tmp_path / "set" / "items" / f"{item['id']}.geojson").read_text("utf-8"))["features"]
        assert sum(told.values()) == len(features) == item["properties"]["geolabel:labels"]
        assert all(0 < each["properties"]["attr_visible_fraction"] <= 1 for each in features)
        for name, count in told.items():
            counts[name] += count
    assert counts == made.labels


def test_masks_are_raster_labels_with_a_legend(labels, tmp_path, valid_stac):
    make_chips(labels, tmp_path / "set", plan=PLAN, labels_as="mask")
    items = catalogued(tmp_path / "set", valid_stac)
    chips = [item for href, item in items.items() if href.startswith("./items/")]
    assert {item["properties"]["label:type"] for item in chips} == {"raster"}
    legend = {each["value"]: each["name"] for each in chips[0]["assets"]["labels"]["classification:classes"]}
    assert legend == {c.mask_value: c.id for c in MARITIME.classes if c.mask_value is not None}


def test_the_picture_has_a_row_for_each_class(labels, tmp_path):
    make_chips(labels, tmp_path / "set", plan=PLAN)
    with Image.open(tmp_path / "set" / "statistics.png") as picture:
        pixels = np.asarray(picture.convert("RGB")).reshape(-1, 3)
    for class_id in ("ship", "dock"):
        color = [int(MARITIME[class_id].color[i : i + 2], 16) for i in (1, 3, 5)]
        assert (pixels == color).all(axis=1).any(), class_id
    assert not (pixels == [0, 0x9E, 0x73]).all(axis=1).any(), "no buoys"


def test_sizes_are_roots_of_areas_or_lengths(labels):
    assert size_px(labels.add(shapely.box(0, 0, 16, 4), "ship", kind="box")) == 8
    assert size_px(labels.add(shapely.LineString([(0, 0), (30, 40)]), "wake")) == 50
    assert size_px(labels.add(shapely.Point(5, 5), "buoy", kind=Kind.KEYPOINT)) == 1


def test_scenes_without_a_place_have_no_geometry(write_scene, tmp_path, valid_stac):
    from affine import Affine

    from napari_geolabel.geo import GeoGrid

    path = write_scene(GeoGrid(shape=(256, 256), transform=Affine.identity()), name="plain.tif")
    with open_scene(path) as scene:
        held = open_labels(scene=scene, ontology=MARITIME)
        held.add(shapely.box(10, 10, 40, 20), "ship", kind="box")
        make_chips(held, tmp_path / "set", plan=PLAN)
    for item in catalogued(tmp_path / "set", valid_stac).values():
        assert item["geometry"] is None
        assert "bbox" not in item
        assert not any(key.startswith("label:") for key in item["properties"]), "labels of an item are GeoJSON"


def test_the_work_can_be_ended(labels, tmp_path):
    with pytest.raises(CancelledError):
        make_chips(labels, tmp_path / "other", plan=PLAN, watch=Watch(cancelled=lambda: True))


def test_what_cannot_be_made_is_one_sentence(labels, scene, tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").touch()
    with pytest.raises(WriteError, match="is not an empty folder"):
        make_chips(labels, tmp_path / "full", plan=PLAN)
    with pytest.raises(FormatError, match="'word' is no format of a training set; choose coco"):
        make_chips(labels, tmp_path / "set", labels_as="word")
    with pytest.raises(FormatError, match="'jpg' is no format of chips; choose tif or png"):
        make_chips(labels, tmp_path / "set", images="jpg")
    with pytest.raises(FormatError, match="two scenes have the same name"):
        make_chips([labels, labels], tmp_path / "set")
    with pytest.raises(FormatError, match="needs labels; name a label file"):
        make_chips([], tmp_path / "set")
    empty = open_labels(scene=scene, ontology=MARITIME)
    with pytest.raises(FormatError, match="no chip would have a label"):
        make_chips(empty, tmp_path / "set")
    assert set(LABEL_FORMATS) == {"coco", "yolo", "yolo-seg", "yolo-obb", "dota", "mask"}


def test_a_set_that_is_prepared_has_the_labels_of_that_moment(labels, tmp_path):
    work = prepare_chips(labels, tmp_path / "set", plan=PLAN)
    before = len(labels)
    for annotation_id in list(labels)[1:]:
        labels.remove(annotation_id)
    made = work(Watch())
    assert sum(made.labels.values()) >= before
    assert set(made.labels) == {"ship", "dock"}


def test_what_cannot_be_is_refused_when_it_is_prepared(labels, tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "a").write_text("mine")
    with pytest.raises(WriteError, match="not an empty folder"):
        prepare_chips(labels, tmp_path / "full")
    with pytest.raises(FormatError, match="no format of a training set"):
        prepare_chips(labels, tmp_path / "set", labels_as="kml")
    assert not (tmp_path / "set").exists()


def test_a_set_of_nothing_is_refused_by_the_work(labels, tmp_path):
    for annotation_id in list(labels):
        labels.remove(annotation_id)
    work = prepare_chips(labels, tmp_path / "set")
    with pytest.raises(FormatError, match="no chip would have a label"):
        work(Watch())


def test_the_catalogue_is_the_last_part_of_the_work_and_can_be_ended_too(labels, tmp_path):
    shares: list[float] = []
    made = make_chips(labels, tmp_path / "set", plan=PLAN, watch=Watch(progress=shares.append))
    assert len(shares) == 2 * sum(made.chips.values()) + 1
    assert shares == sorted(shares)
    assert shares[-1] == 1
    late: list[float] = []
    watch = Watch(progress=late.append, cancelled=lambda: len(late) > sum(made.chips.values()) + 1)
    with pytest.raises(CancelledError):
        make_chips(labels, tmp_path / "other", plan=PLAN, watch=watch)
    assert late[-1] > 0.6
    assert not (tmp_path / "other" / "catalog.json").exists()
