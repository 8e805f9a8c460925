"""Labels to the formats of other tools and back: through labels, with and without a place on Earth."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import shapely
from affine import Affine
from shapely import Polygon, box

from napari_geolabel.errors import FewerLabelsError, FormatError
from napari_geolabel.file_backups import backups_of
from napari_geolabel.geo import GeoGrid
from napari_geolabel.imagery.opening import open_scene
from napari_geolabel.imagery.scene import Scene
from napari_geolabel.labels import Labels, open_labels
from napari_geolabel.labels.conversion import convert
from napari_geolabel.ontology.model import Ontology

TURNED = Polygon([(100, 90), (130, 120), (120, 130), (90, 100)])
NAMES = {
    "coco": "labels.json",
    "yolo": "labels/{stem}.txt",
    "yolo-seg": "labels/{stem}.txt",
    "yolo-obb": "labels/{stem}.txt",
    "dota": "{stem}.txt",
    "voc": "{stem}.xml",
}


@pytest.fixture(params=["on Earth", "nowhere"])
def place(request: pytest.FixtureRequest) -> Scene:
    """A scene with a georeference and one without."""
    found: Scene = request.getfixturevalue("scene" if request.param == "on Earth" else "pixel_scene")
    return found


@pytest.fixture
def drawn(place: Scene, ontology: Ontology) -> Labels:
    """A box, a rotated box, a polygon and a line."""
    labels = open_labels(scene=place, ontology=ontology)
    labels.add(box(3, 4, 20, 9), "ship", kind="box", attributes={"under_way": False})
    labels.add(TURNED, "ship", kind="rotated_box")
    labels.add(Polygon([(200, 10), (240, 10), (225, 30)]), "tug")
    labels.add(shapely.LineString([(9, 9), (80, 90)]), "wake")
    return labels


@pytest.fixture
def target(tmp_path: Path) -> Callable[[str, Scene], Path]:
    """Where labels of a scene go in some format."""

    def path_of(form: str, scene: Scene) -> Path:
        return tmp_path / NAMES[form].format(stem=scene.name)

    return path_of


@pytest.mark.parametrize("form", NAMES)
def test_every_format_goes_out_and_comes_back_as_one_change(
    drawn: Labels, place: Scene, ontology: Ontology, target: Callable[[str, Scene], Path], form: str
) -> None:
    path = target(form, place)
    told = drawn.export(path, format=form, dry_run=True)
    assert not path.exists()
    assert told == drawn.export(path, format=form)
    assert any("left out" in sentence for sentence in told)
    again = open_labels(scene=place, ontology=ontology)
    report = again.import_from(path, format=form)
    assert (report.imported, report.notes) == (3, [])
    assert [each.class_id for each in again.store.values()] == ["ship", "ship", "tug"]
    assert again.store.undo_titles == [f"import 3 from {path.name}"]
    first = next(iter(again.store.values()))
    assert np.allclose(first.geometry.bounds, (3, 4, 20, 9), atol=1e-6)
    again.undo()
    assert len(again) == 0


@pytest.mark.parametrize("form", NAMES)
def test_a_file_of_more_labels_is_not_replaced_by_mistake_and_is_kept_if_it_is(
    place: Scene, ontology: Ontology, target: Callable[[str, Scene], Path], form: str
) -> None:
    path = target(form, place)
    many, few = (open_labels(scene=place, ontology=ontology) for _ in range(2))
    many.add_many([box(16 * n, 10, 16 * n + 6, 16) for n in range(20)], "tug")
    few.add_many([box(1, 10, 6, 16)], "tug")
    many.export(path, format=form)
    before = path.read_bytes()
    with pytest.raises(FewerLabelsError, match="holds 20 annotations and would hold 1"):
        few.export(path, format=form)
    assert path.read_bytes() == before
    few.export(path, format=form, overwrite="always")
    assert backups_of(path)
    assert path.read_bytes() != before


def test_geojson_that_stands_under_a_name_is_counted_as_geojson(labels: Labels, tmp_path: Path) -> None:
    labels.add_many([box(16 * n, 10, 16 * n + 6, 16) for n in range(20)], "tug")
    labels.export(tmp_path / "a.json")
    with pytest.raises(FewerLabelsError, match="holds 20 annotations and would hold 0"):
        labels.export(tmp_path / "a.json", format="coco", ids=[])


def test_an_export_that_loses_something_does_not_count_as_saved(drawn: Labels, tmp_path: Path) -> None:
    assert drawn.unsaved
    drawn.export(tmp_path / "a.coco.json")
    assert drawn.unsaved


@pytest.mark.parametrize("form", NAMES)
@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[1, 2", b"a b c d e f g h i j\n", b"<annotation>"])
def test_a_bad_file_changes_nothing(
    drawn: Labels, place: Scene, target: Callable[[str, Scene], Path], form: str, content: bytes
) -> None:
    path = target(form, place)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    before = dict(drawn.store), drawn.store.undo_titles
    if content == b"" and form not in {"coco", "voc"}:
        assert drawn.import_from(path, format=form).imported == 0  # an image without labels
    else:
        with pytest.raises(FormatError, match=path.name):
            drawn.import_from(path, format=form)
    assert (dict(drawn.store), drawn.store.undo_titles[: len(before[1])]) == before


def test_the_data_set_can_be_named_instead_of_the_image(drawn: Labels, place: Scene, tmp_path: Path) -> None:
    drawn.export(tmp_path / "data.yaml", format="yolo-seg")
    assert (tmp_path / "labels" / f"{place.name}.txt").is_file()
    again = open_labels(scene=place, ontology=drawn.ontology)
    assert again.import_from(tmp_path / "data.yaml").imported == 3


def test_coco_knows_its_place_and_becomes_geojson_without_a_scene(labels: Labels, tmp_path: Path) -> None:
    labels.add(TURNED, "ship", kind="rotated_box")
    labels.export(tmp_path / "a.coco.json")
    convert(tmp_path / "a.coco.json", tmp_path / "a.geojson")
    again = open_labels(scene=labels.scene, ontology=labels.ontology)
    again.import_from(tmp_path / "a.geojson")
    (one,), (other,) = labels.store.values(), again.store.values()
    assert one.id == other.id
    assert shapely.equals_exact(one.geometry, other.geometry, 1e-6)


def test_a_mask_becomes_coco_and_says_what_it_does_not_hold(labels: Labels, tmp_path: Path) -> None:
    labels.add(box(10, 10, 40, 40).difference(box(20, 20, 30, 30)), "cloud")
    labels.export(tmp_path / "mask.tif")
    report = convert(tmp_path / "mask.tif", tmp_path / "a.txt", format="dota")
    assert report.imported == 1
    assert any("DOTA" in note for note in report.notes)
    assert len((tmp_path / "a.txt").read_text().splitlines()) == 1


def test_chips_of_another_size_are_refused(labels: Labels, write_scene: Callable[..., Path], tmp_path: Path) -> None:
    labels.add(box(3, 4, 20, 9), "tug")
    labels.export(tmp_path / "a.coco.json")
    with open_scene(write_scene(GeoGrid(shape=(64, 64), transform=Affine.identity()), "chip.tif")) as chip:
        other = open_labels(scene=chip, ontology=labels.ontology)
        with pytest.raises(FormatError, match="512 x 512 pixels"):
            other.import_from(tmp_path / "a.coco.json")


def test_classes_are_mapped_or_made_from_the_file(labels: Labels, tmp_path: Path) -> None:
    document = {
        "images": [{"id": 1, "file_name": "x.jpg", "width": 512, "height": 512}],
        "categories": [{"id": 1, "name": "Tanker"}, {"id": 2, "name": "Buoy"}],
        "annotations": [{"id": n, "image_id": 1, "category_id": n, "bbox": [n, n, 5, 5]} for n in (1, 2)],
    }
    (tmp_path / "a.json").write_text(json.dumps(document))
    with pytest.raises(FormatError, match='"Tanker", which the ontology harbour lacks'):
        labels.import_from(tmp_path / "a.json")
    labels.import_from(tmp_path / "a.json", class_map={"Tanker": "ship"}, make_classes=True)
    assert [each.class_id for each in labels.store.values()] == ["ship", "buoy"]
