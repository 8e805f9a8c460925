"""The band table: what is typed, applied and taken back, and what the values come to."""

from __future__ import annotations

import pytest
from qtpy.QtCore import Qt

from napari_geolabel.errors import GeoLabelError, SceneError
from napari_geolabel.imagery.statistics import band_statistics
from napari_geolabel.viewer.rereading import read_scene_as
from napari_geolabel.widgets.band_dock import BandDock
from napari_geolabel.widgets.band_model import HEADERS, BandModel, Column, with_edits


@pytest.fixture
def model(scene, qapp):
    made = BandModel(scene)
    made.said = []
    made.refused.connect(made.said.append)
    return made


@pytest.fixture
def dock(session, qtbot):
    made = BandDock(session)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitUntil(lambda: text(made.model, 0, Column.MEAN) != "")
    return made


def text(model, row, column):
    return model.index(row, column).data()


def put(model, row, column, value):
    return model.setData(model.index(row, column), value)


def test_every_band_has_a_row_with_what_is_known(model, scene):
    assert model.rowCount() == len(scene.bands)
    assert model.columnCount() == len(HEADERS) == len(Column)
    assert [text(model, row, Column.NAME) for row in range(4)] == list(scene.bands.names)
    assert text(model, 2, Column.COMMON_NAME) == "red"
    assert text(model, 0, Column.SCALE) == f"{scene.bands[0].scale:.6g}"
    assert model.headerData(0, Qt.Orientation.Horizontal) == "name"
    assert model.headerData(0, Qt.Orientation.Vertical) == 1


def test_only_what_is_known_of_a_band_may_be_edited_and_its_values_not(model):
    editable = Qt.ItemFlag.ItemIsEditable
    assert [bool(model.flags(model.index(0, column)) & editable) for column in Column] == [True] * 6 + [False] * 5


@pytest.mark.parametrize(
    ("column", "typed", "field", "value"),
    [
        (Column.NAME, " turbidity ", "name", "turbidity"),
        (Column.COMMON_NAME, "NIR08", "common_name", "nir08"),
        (Column.COMMON_NAME, "", "common_name", None),
        (Column.WAVELENGTH, "0,83", "wavelength_um", 0.83),
        (Column.SCALE, "2e-5", "scale", 2e-5),
        (Column.OFFSET, "-0.1", "offset", -0.1),
        (Column.NODATA, "255", "nodata", 255.0),
    ],
)
def test_what_is_typed_is_kept_until_it_is_applied(model, scene, column, typed, field, value):
    assert put(model, 0, column, typed)
    assert model.edits == {0: {field: value}}
    assert model.index(0, column).data(Qt.ItemDataRole.FontRole).bold()
    assert getattr(with_edits(scene, model.edits).bands[0], field) == value
    assert put(model, 0, column, model_text(scene, column))
    assert model.edits == {}


def model_text(scene, column):
    """Return what the table shows of the first band where nothing is typed."""
    return text(BandModel(scene), 0, column)


@pytest.mark.parametrize(
    ("column", "typed", "said"),
    [
        (Column.SCALE, "much", "'much' is no scale of band blue"),
        (Column.SCALE, "", "'' is no scale of band blue"),
        (Column.SCALE, "0", "the scale not 0"),
        (Column.OFFSET, "inf", "must be finite"),
        (Column.NODATA, "1e9", "no pixel of band blue can be 1000000000.0"),
        (Column.WAVELENGTH, "-3", "is no wavelength of band blue"),
        (Column.COMMON_NAME, "ultraviolet", "is not a common name"),
        (Column.NAME, "two words", "cannot name band 1"),
        (Column.NAME, "", "cannot name band 1"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(model, column, typed, said):
    assert not put(model, 0, column, typed)
    assert len(model.said) == 1
    assert said in model.said[0]
    assert model.edits == {}


def test_two_bands_may_exchange_their_names_and_not_share_one(model, scene):
    put(model, 0, Column.NAME, "red")
    put(model, 2, Column.NAME, "blue")
    assert not model.said
    with with_edits(scene, model.edits) as exchanged:
        assert exchanged.bands.names == ("red", "green", "blue", "nir")
    with pytest.raises(SceneError, match="share a name"):
        with_edits(scene, {0: {"name": "red"}})
    scene.require_open()


def test_two_bands_may_exchange_their_common_names_again_and_again_and_not_share_one(scene):
    now = scene
    for first, second in (("red", "blue"), ("blue", "red"), ("red", "blue")):
        model = BandModel(now)
        model.refused.connect(pytest.fail)
        assert put(model, 0, Column.COMMON_NAME, first)
        assert put(model, 2, Column.COMMON_NAME, second)
        before, now = now, with_edits(now, model.edits)
        assert (now.bands[0].common_name, now.bands[2].common_name) == (first, second)
        if before is not scene:
            before.close()
    with now, pytest.raises(SceneError, match="two bands are said to be 'red'"):
        with_edits(now, {1: {"common_name": "red"}})


def test_scenes_on_the_way_are_closed_and_the_last_is_open(scene):
    with with_edits(scene, {0: {"name": "a", "scale": 2.0}, 1: {"offset": 1.0}}) as made:
        assert made.read(0).shape[0] == 1
        assert (made.bands[0].scale, made.bands[1].offset) == (2.0, 1.0)
    with pytest.raises(GeoLabelError):
        with_edits(scene, {0: {"name": "ok"}, 1: {"scale": 0.0}})
    assert scene.read(0).shape[0] == 1


def test_statistics_are_shown_in_the_unit_of_the_band(model, scene):
    model.show_statistics(band_statistics(scene, level=0))
    exact = band_statistics(scene, level=0)[1]
    assert float(text(model, 1, Column.MEAN)) == pytest.approx(exact.mean, rel=1e-4)
    assert float(text(model, 1, Column.STD)) == pytest.approx(exact.std, rel=1e-4)
    model.show_scene(scene)
    assert text(model, 1, Column.MEAN) == ""


def test_apply_reads_the_scene_as_typed_and_undo_brings_it_back(dock, session, qtbot):
    before = session.scene
    assert not dock.apply.isEnabled()
    assert not dock.undo.isEnabled()
    put(dock.model, 3, Column.COMMON_NAME, "nir08")
    put(dock.model, 3, Column.SCALE, "0.5")
    dock.apply.click()
    first = session.scene
    assert (first.bands[3].common_name, first.bands[3].scale) == ("nir08", 0.5)
    assert not dock.model.edits
    put(dock.model, 3, Column.NAME, "infrared")
    dock.apply.click()
    assert session.scene.bands[3].name == "infrared"
    dock.undo.click()
    assert session.scene is first
    dock.undo.click()
    assert session.scene is before
    assert not dock.undo.isEnabled()
    qtbot.waitUntil(lambda: text(dock.model, 3, Column.MEAN) != "")


def test_composites_follow_what_is_applied(dock, session):
    assert "false_color" in session.composites
    put(dock.model, 3, Column.COMMON_NAME, "")
    put(dock.model, 3, Column.NAME, "unknown")
    dock.apply.click()
    assert "false_color" not in session.composites
    dock.undo.click()
    assert "false_color" in session.composites


def test_names_that_clash_are_told_and_stay_typed(dock, session, told):
    before = session.scene
    put(dock.model, 0, Column.NAME, "red")
    dock.apply.click()
    assert "share a name" in told[-1]
    assert session.scene is before
    assert dock.model.edits == {0: {"name": "red"}}
    dock.discard.click()
    assert not dock.model.edits
    assert text(dock.model, 0, Column.NAME) == "blue"


def test_a_refusal_is_told_and_stands_below_the_table(dock, told):
    put(dock.model, 0, Column.SCALE, "much")
    assert told == [dock.hint.text()]


def test_exact_values_come_on_demand(dock, session, qtbot):
    dock.exact.click()
    qtbot.waitUntil(lambda: dock.hint.text().startswith("min to std from all"))
    exact = band_statistics(session.scene, level=0)
    assert float(text(dock.model, 0, Column.MEAN)) == pytest.approx(exact[0].mean, rel=1e-4)
    assert not dock.exact.isEnabled()


def test_another_panel_that_reads_the_scene_otherwise_ends_what_can_be_undone(dock, session, qtbot):
    put(dock.model, 0, Column.SCALE, "2")
    dock.apply.click()
    assert dock.undo.isEnabled()
    read_scene_as(session, session.scene.with_sensor("none"))
    assert not dock.undo.isEnabled()
    assert dock.model.rowCount() == len(session.scene.bands)
    qtbot.waitUntil(lambda: text(dock.model, 0, Column.MEAN) != "")


def test_the_end_of_the_session_ends_the_work(dock, session, qapp):
    scene = session.scene
    session.close()
    dock.exact.click()
    qapp.processEvents()
    scene.require_open()
