"""Which file names the classes of a YOLO data set, and that the numbers of other labels stay."""

from __future__ import annotations

import pytest
import yaml
from affine import Affine
from shapely import box

from napari_geolabel.annotations import Annotation
from napari_geolabel.errors import FormatError
from napari_geolabel.formats import FORMATS
from napari_geolabel.formats.label_set import Image, LabelSet
from napari_geolabel.formats.yolo_names import names_file, names_path
from napari_geolabel.geo import GeoGrid
from napari_geolabel.ontology import LabelClass, Ontology

GRID = GeoGrid(shape=(100, 100), transform=Affine.identity())
CLASSES = Ontology(
    id="o",
    name="O",
    version="1",
    classes=tuple(LabelClass(id=name, name=name, color="#ff0000", kinds=("box",)) for name in ("tug", "ship")),
)
YOLO = FORMATS["yolo"]
LINE = "0 0.5 0.5 0.2 0.2\n"
LAYOUTS = {
    "a list": ("classes.txt", "old.txt", "new.txt"),
    "a list of Darknet": ("obj.names", "obj_train_data/old.txt", "obj_train_data/new.txt"),
    "a list above labels": ("classes.txt", "labels/old.txt", "labels/new.txt"),
    "a list within labels": ("labels/classes.txt", "labels/old.txt", "labels/new.txt"),
    "dataset.yaml": ("dataset.yaml", "labels/old.txt", "labels/new.txt"),
    "data.yml": ("data.yml", "labels/old.txt", "labels/new.txt"),
    "splits outside": ("data.yaml", "train/labels/old.txt", "train/labels/new.txt"),
    "another split": ("data.yaml", "valid/labels/old.txt", "train/labels/new.txt"),
    "deep": ("data.yaml", "labels/2024/train/old.txt", "labels/2024/train/new.txt"),
    "places": ("data.yaml", "harbour/labels/old.txt", "harbour/labels/new.txt"),
}


def write(path) -> None:
    drawn = Annotation(class_id="ship", kind="box", geometry=box(10, 10, 20, 20))
    labels = LabelSet(annotations=[drawn], grid=GRID, ontology=CLASSES, scene_name="new", image_name="new.tif")
    YOLO.write(path, labels)


def words(path) -> list[str | None]:
    return YOLO.read(path, Image(name=f"{path.stem}.tif", shape=GRID.shape)).class_ids


@pytest.mark.parametrize(("names", "old", "new"), LAYOUTS.values(), ids=LAYOUTS)
def test_an_export_leaves_the_classes_of_other_labels(tmp_path, names, old, new):
    for each in (names, old, new):
        (tmp_path / each).parent.mkdir(parents=True, exist_ok=True)
    listed = "ship\n\nwreck\n" if names.endswith(("txt", "names")) else "names: {0: ship, 2: wreck}\n"
    (tmp_path / names).write_text(listed)
    (tmp_path / old).write_text(LINE)
    write(tmp_path / new)
    assert (words(tmp_path / old), words(tmp_path / new)) == (["ship"], ["ship"])
    (document,) = (yaml.safe_load(each.read_text()) for each in tmp_path.rglob("*.y*ml"))
    assert document["names"] == {0: "ship", 2: "wreck", 3: "tug"}


@pytest.mark.parametrize("new", ["labels/train/new.txt", "labels/new.txt"])
def test_a_new_data_set_has_names_of_its_own_below_another_one(tmp_path, new):
    (tmp_path / "data.yaml").write_text("names: [ship, wreck]\n")
    (tmp_path / "set" / new).parent.mkdir(parents=True)
    write(tmp_path / "set" / new)
    assert yaml.safe_load((tmp_path / "set" / "data.yaml").read_text())["names"] == {0: "tug", 1: "ship"}
    assert (tmp_path / "data.yaml").read_text() == "names: [ship, wreck]\n"


@pytest.mark.parametrize("text", ["author: me\n", "names: [", "- a\n"])
def test_a_file_above_that_is_called_so_by_chance_is_left_alone(tmp_path, text):
    (tmp_path / "data.yaml").write_text(text)
    (tmp_path / "out").mkdir()
    write(tmp_path / "out" / "new.txt")
    assert (tmp_path / "data.yaml").read_text() == text
    assert words(tmp_path / "out" / "new.txt") == ["ship"]


def test_the_nearest_file_names_the_classes(tmp_path):
    path = tmp_path / "a" / "labels" / "train" / "scene.txt"
    path.parent.mkdir(parents=True)
    assert names_file(path) is None
    assert names_path(path) == tmp_path / "a" / "data.yaml"
    (tmp_path / "classes.txt").write_text("ship\n")
    assert names_file(path) == tmp_path / "classes.txt"
    (tmp_path / "a" / "data.yml").write_text("names: [ship]\n")
    assert names_file(path) == names_path(path) == tmp_path / "a" / "data.yml"


def test_a_list_that_is_too_long_is_refused_before_anything_is_written(tmp_path):
    (tmp_path / "classes.txt").write_text("ship\n" * 1002)
    with pytest.raises(FormatError, match="a class whose number is none from 0 to 1000"):
        write(tmp_path / "new.txt")
    assert [each.name for each in tmp_path.iterdir()] == ["classes.txt"]
