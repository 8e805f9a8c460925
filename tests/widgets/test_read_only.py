"""A session that only shows the labels: nothing can be changed, and the window says so and why."""

from __future__ import annotations

import pytest
import shapely
from qtpy.QtCore import Qt

from napari_geolabel.errors import GeoLabelError, MissingFileError
from napari_geolabel.labels.opening import open_labels, own_label_path
from napari_geolabel.viewer.scene_layer import add_scene_layer
from napari_geolabel.viewer.session import find_session
from napari_geolabel.widgets.annotate import annotate
from napari_geolabel.widgets.annotation_dock import AnnotationDock
from napari_geolabel.widgets.attribute_panel import AttributePanel, SceneAttributePanel
from napari_geolabel.widgets.labels_panel import LabelsPanel
from napari_geolabel.widgets.start_panel import StartPanel
from napari_geolabel.widgets.tool_panel import ToolPanel

BOX = shapely.box(10, 10, 40, 30)


@pytest.fixture
def label_file(scene):
    """The label file of the scene, with a ship."""
    labels = open_labels(own_label_path(scene), scene=scene, ontology="maritime", annotator="Ann")
    labels.add(BOX, "ship", kind="box")
    labels.close()
    return labels.path


@pytest.fixture
def reading(viewer, scene, label_file, qtbot):
    """A session that reads only."""
    session = annotate(viewer, scene, "maritime", mode="r")
    yield session
    session.close()


def test_the_labels_are_there_and_the_file_stays_as_it_is(reading, label_file):
    before = label_file.read_bytes()
    assert len(reading.shapes_layer.data) == 1
    reading.undo()
    reading.close()
    assert label_file.read_bytes() == before
    assert not label_file.with_name(label_file.name + "-wal").exists()


def test_it_is_told_on_opening(viewer, scene, label_file, told, qtbot):
    annotate(viewer, scene, "maritime", mode="r").close()
    assert any("shown read only" in sentence and "mode='rw'" in sentence for sentence in told)


def test_tools_are_greyed_with_the_reason(reading, qtbot):
    panel = ToolPanel(reading)
    qtbot.addWidget(panel)
    for name, button in panel.buttons.items():
        assert button.isEnabled() == (not name), name
    assert "was opened for reading" in panel.buttons["box"].toolTip()
    with pytest.raises(GeoLabelError, match="was opened for reading"):
        reading.tool = "box"
    reading.use_tool("polygon")
    assert reading.tool is None


def test_attributes_are_greyed_with_the_reason(reading, qtbot):
    panel, of_scene = AttributePanel(reading), SceneAttributePanel(reading)
    reading.selection.select(list(reading.labels))
    for asked in (panel, of_scene):
        qtbot.addWidget(asked)
        asked.show()
        assert asked.form.fields
        assert not any(field.isEnabled() for field in asked.form.fields.values())
        assert "was opened for reading" in asked.form.refusal.text()
        assert asked.form.refusal.isVisible()
    assert not panel.remembers.isVisible()


def test_the_table_can_be_looked_at_but_not_edited(reading, qtbot):
    dock = AnnotationDock(reading)
    qtbot.addWidget(dock)
    assert dock.model.rowCount() == 1
    assert not any(dock.model.flags(dock.model.index(0, c)) & Qt.ItemFlag.ItemIsEditable for c in range(6))
    assert not dock.fix.isEnabled()
    assert "was opened for reading" in dock.fix.toolTip()


def test_what_naparis_own_modes_do_is_put_back_with_the_reason(reading, told, qtbot):
    reading.shapes_layer.add_rectangles([[(100, 100), (130, 150)]])
    qtbot.waitUntil(lambda: len(reading.shapes_layer.data) == 1, timeout=30000)
    assert "opened for reading" in told[-1]
    assert len(reading.labels) == 1


def test_paint_is_refused_and_taken_back(reading, told, qtbot):
    layer = reading.mask_layer
    assert not layer.editable
    layer.paint((100, 100), next(iter(reading.labels.ontology.by_mask_value)))
    qtbot.waitUntil(lambda: not reading.labels.canvas.array.any(), timeout=30000)
    assert "opened for reading" in told[-1]


def test_the_panel_says_so_and_offers_only_what_reads(reading, qtbot):
    panel = LabelsPanel(reading)
    qtbot.addWidget(panel)
    assert panel.state.text() == "READ ONLY: 1 annotation"
    assert "opened for reading" in panel.state.toolTip()
    assert [b.isEnabled() for b in (panel.undo, panel.redo, panel.import_, panel.export, panel.history)] == [
        False,
        False,
        False,
        True,
        True,
    ]
    assert "opened for reading" in panel.import_.toolTip()


def test_the_history_can_be_looked_at_but_not_restored(reading, qtbot):
    from napari_geolabel.viewer.outlines import Outlines
    from napari_geolabel.widgets.history_dock import HistoryDock
    from napari_geolabel.widgets.journal_watch import JournalWatch

    dock = HistoryDock(reading, JournalWatch(reading), Outlines(reading.viewer, reading.scene))
    qtbot.addWidget(dock)
    dock.show()
    qtbot.waitUntil(lambda: len(dock.model.rows) == 1, timeout=10000)
    dock.table.selectRow(0)
    assert not dock.restore_all.isEnabled()
    assert "opened for reading" in dock.restore_all.toolTip()


def test_without_a_label_file_there_is_nothing_to_read(viewer, scene, qtbot):
    with pytest.raises(MissingFileError, match=r"scene\.labels\.gpkg"):
        annotate(viewer, scene, "maritime", mode="r")
    assert not own_label_path(scene).exists()
    assert find_session(viewer) is None


def test_the_start_panel_asks_for_it(viewer, scene, label_file, qtbot):
    add_scene_layer(viewer, scene)
    panel = StartPanel(viewer)
    qtbot.addWidget(panel)
    panel.read_only.setChecked(True)
    panel.start.click()
    session = find_session(viewer)
    assert session is not None
    assert session.labels.refusal
    session.close()


class TestPaintAlone:
    def test_a_mask_is_work_too(self, session, qtbot):
        panel = LabelsPanel(session)
        qtbot.addWidget(panel)
        painted = next(c for c in session.labels.ontology.classes if "mask" in c.kinds)
        session.labels.paint(BOX, painted.id)
        assert panel.state.text() == "a painted mask, not saved"
        session.labels.add(BOX, "ship", kind="box")
        assert panel.state.text() == "1 annotation and a painted mask, not saved"
        session.undo()
        session.undo()
        assert panel.state.text() == "0 annotations, not saved"
