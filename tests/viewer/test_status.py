from __future__ import annotations

import threading

import numpy as np
import pytest
import shapely

from napari_geolabel.errors import SceneError
from napari_geolabel.imagery.opening import open_scene
from napari_geolabel.labels.opening import open_labels
from napari_geolabel.samples import sample_path
from napari_geolabel.viewer.scene_layer import PICTURE_KEY
from napari_geolabel.viewer.session import Session
from napari_geolabel.viewer.status import MOST_BANDS, PlaceText, StatusReader, band_text


def test_the_status_tells_cell_map_lonlat_and_every_bands_true_value(scene):
    text = StatusReader(scene).text((1234.0, 567.0))
    values = scene.read()[:, 123, 56]
    assert text.startswith("row 123 col 56 · EPSG:32633 400527")
    assert "5298806" in text
    assert "°N " in text
    assert text.endswith("  ".join(f"{n} {v}" for n, v in zip(scene.bands.names, values, strict=True)))


def test_values_are_those_of_full_resolution_at_any_pixel(scene):
    pixels, reader = scene.read(), StatusReader(scene)
    rng = np.random.default_rng(3)
    for row, col in rng.integers(0, 512, (40, 2)):
        text = reader.text(((row + 0.9) * 10, (col + 0.1) * 10))
        assert f"row {row} col {col} " in text
        assert f"nir {pixels[3, row, col]}" in text


def test_outside_the_scene_there_is_a_place_and_no_value(scene):
    text = StatusReader(scene).text((-5.0, -5.0))
    assert text.startswith("row -1 col -1 · EPSG:32633")
    assert "nir" not in text


def test_classes_stand_before_the_bands(scene):
    text = StatusReader(scene, lambda x, y: "Ship").text((10.0, 10.0))
    assert " · Ship · blue" in text


def test_a_scene_without_a_place_tells_row_and_column_alone(write_scene):
    from affine import Affine

    from napari_geolabel.geo.grid import GeoGrid

    bare = GeoGrid(shape=(20, 30), transform=Affine.identity(), crs=None)
    with open_scene(write_scene(bare)) as scene:
        assert StatusReader(scene).text((3.2, 4.9)).startswith("row 3 col 4 · red")


def test_a_file_that_fails_leaves_the_place(scene, monkeypatch):
    def fail(x: float, y: float) -> dict[str, float | None]:
        raise SceneError("torn")

    monkeypatch.setattr(scene, "sample", fail)
    assert StatusReader(scene).text((1234.0, 567.0)).endswith("bands cannot be read")


def test_digits_tell_a_tenth_of_a_pixel_apart(grid):
    here, there = (PlaceText(grid).parts(x, 256.0) for x in (256.0, 256.2))
    assert here[1] != there[1]
    assert here[2] != there[2]


def test_band_values_are_written_as_they_are():
    assert band_text({"red": 1234.0, "nir": 0.125}) == "red 1234  nir 0.125"
    assert band_text({"red": 1234.0, "nir": None}) == "red 1234  nir nodata"
    assert band_text({"red": None, "nir": None}) == "no data"
    assert band_text({}) == ""


def test_of_many_bands_those_on_screen_come_first_and_the_rest_is_counted():
    values = {f"B{number:02}": number / 10 for number in range(1, 14)}
    told = band_text(values, ["B12", "B08", "B99"])
    assert told == "B12 1.2  B08 0.8  B01 0.1  B02 0.2  B03 0.3  B04 0.4  +7 bands"
    assert band_text(values) == "B01 0.1  B02 0.2  B03 0.3  B04 0.4  B05 0.5  B06 0.6  +7 bands"
    few = dict(list(values.items())[:MOST_BANDS])
    assert band_text(few, ["B03"]) == "  ".join(f"{name} {value}" for name, value in few.items())  # all, as in the file
    assert band_text(dict.fromkeys(values), ["B12"]) == "no data"


def test_the_status_of_a_session_follows_its_composite(viewer):
    scene = open_scene(sample_path("coast.tif"))
    session = Session(viewer, open_labels(scene=scene, ontology="maritime"), defer=lambda action, _: action())
    for composite in ("true_color", "false_color", "ndvi"):
        session.composite = composite
        shown = session.scene_layer.metadata[PICTURE_KEY].band_names
        text = session._status.text((4000.0, 4000.0))
        assert text.endswith("  +7 bands")
        told = text.rpartition(" · ")[2].split("  ")[: len(shown)]
        assert [each.split()[0] for each in told] == list(shown)
        assert len(text) < 160
    assert shown == ("B08", "B04")
    session.close()


@pytest.mark.parametrize("name", ["scene_layer", "shapes_layer", "points_layer", "mask_layer", "preview_layer"])
def test_every_layer_of_a_session_answers_alike(session, name):
    session.labels.add(shapely.box(50, 100, 60, 130), "ship")
    layer = getattr(session, name)
    status = layer.get_status((1234.0, 567.0), view_direction=None, dims_displayed=[0, 1], world=True)
    assert status["coordinates"] == session._status.text((1234.0, 567.0))
    assert "Ship" in status["coordinates"]
    assert {"layer_name", "layer_base", "source_type", "plugin", "coords", "value"} < set(status)


def test_data_coordinates_are_understood_too(session):
    in_data = session.shapes_layer.get_status((123.0, 56.0))["coordinates"]
    assert in_data.startswith("row 123 col 56 ")


def test_nothing_is_told_of_no_position(session):
    assert session.shapes_layer.get_status()["coordinates"] == ""


def test_the_layers_name_cannot_be_html(session):
    session.shapes_layer.name = "<img src=x>"
    assert session.shapes_layer.get_status((0, 0), world=True)["layer_base"] == "\u2039img src=x>"


def test_any_thread_may_ask(scene):
    reader, texts, failures = StatusReader(scene), [], []

    def ask(row: int) -> None:
        try:
            texts.extend(reader.text((row * 10 + 5.0, col * 10 + 5.0)) for col in range(0, 512, 40))
        except Exception as error:  # noqa: BLE001  (whatever it is, it is what the test looks for)
            failures.append(error)

    threads = [threading.Thread(target=ask, args=(row,)) for row in range(0, 512, 64)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(texts) == 8 * 13
