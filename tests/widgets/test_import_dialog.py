"""The import dialog: what it shows of a file, and the order that comes of what is chosen."""

from __future__ import annotations

import json
import threading
import time

import numpy as np
import pytest
import rasterio
import shapely
from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QApplication

from napari_geolabel.annotations.annotation import Status
from napari_geolabel.errors import CancelledError
from napari_geolabel.labels import mask_import
from napari_geolabel.labels.file_classes import FileClass, classes_in
from napari_geolabel.labels.importing import finish_import, prepare_import
from napari_geolabel.labels.opening import open_labels
from napari_geolabel.widgets import import_dialog, labels_panel
from napari_geolabel.widgets.import_dialog import LEAVE_OUT, NEW, ImportDialog, ask_import
from napari_geolabel.widgets.labels_panel import LabelsPanel


@pytest.fixture
def path(tmp_path, scene):
    """Three vessels, a ship, a reef and something without a class."""
    words = ["vessel", "vessel", "vessel", "ship", "reef", None]
    features = [
        {
            "type": "Feature",
            "properties": {} if word is None else {"class": word},
            "geometry": shapely.geometry.mapping(
                shapely.transform(shapely.box(40 * n + 10, 50, 40 * n + 40, 60), scene.grid.pixel_to_lonlat)
            ),
        }
        for n, word in enumerate(words)
    ]
    file = tmp_path / "in.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    return str(file)


@pytest.fixture
def opened(labels, qtbot):
    """Return a function that opens the dialog on a file and waits until it has looked at it."""

    def opened_on(path):
        made = ImportDialog(labels, str(path))
        qtbot.addWidget(made)
        settle(made)
        return made

    return opened_on


@pytest.fixture
def dialog(opened, path):
    return opened(path)


def settle(dialog):
    """Wait until the dialog has done with the file."""
    end = time.monotonic() + 120
    while dialog.is_busy and time.monotonic() < end:
        QApplication.processEvents()
        time.sleep(0.002)
    assert not dialog.is_busy


def choose(box, data):
    index = [box.itemData(i) for i in range(box.count())].index(data)
    box.setCurrentIndex(index)
    box.activated.emit(index)
    settle(box.window())


def test_the_classes_of_a_file_are_told_with_what_they_are_taken_for(labels, path):
    assert classes_in(labels, path) == [
        FileClass(word="vessel", count=3, class_id=None),
        FileClass(word="ship", count=1, class_id="ship"),
        FileClass(word="reef", count=1, class_id=None),
        FileClass(word=None, count=1, class_id=None),
    ]


def test_the_values_of_a_mask_are_told_too(labels, scene, tmp_path):
    painted = open_labels(scene=scene, ontology="maritime")
    painted.paint(shapely.box(0, 0, 10, 10), "dock")
    painted.export(tmp_path / "mask.tif")
    assert classes_in(labels, tmp_path / "mask.tif") == [FileClass(word="dock", count=100, class_id="dock")]


def test_what_is_not_known_becomes_new_and_what_has_no_class_is_left_out(dialog):
    assert [box.currentData() for box in dialog.choices] == [NEW, "ship", NEW, LEAVE_OUT]
    assert dialog.order["class_map"] == {None: None}
    assert dialog.order["make_classes"]
    assert "5 annotations would come in" in dialog.told.text()
    assert dialog.table.item(0, 0).text() == "vessel"
    assert dialog.table.item(3, 0).text() == "(without a class)"


def test_only_what_is_not_known_can_become_a_new_class(dialog):
    offered = [NEW in [box.itemData(i) for i in range(box.count())] for box in dialog.choices]
    assert offered == [True, False, True, False]


def test_what_is_chosen_becomes_the_order(dialog, labels):
    choose(dialog.choices[0], "ship")
    choose(dialog.choices[2], LEAVE_OUT)
    choose(dialog.choices[3], "buoy")
    choose(dialog.status, Status.SUGGESTED)
    choose(dialog.duplicates, "skip")
    dialog.remember.click()
    order = dialog.order
    assert order == {
        "format": None,
        "class_map": {"vessel": "ship", "reef": None, None: "buoy"},
        "make_classes": False,
        "remember": True,
        "status": Status.SUGGESTED,
        "duplicates": "skip",
    }
    assert "5 annotations would come in" in dialog.told.text()
    assert "left out, first" in dialog.told.text()
    assert len(labels) == 0


def test_what_is_there_already_is_foreseen(dialog, labels):
    labels.import_from(dialog._path, class_map={"vessel": "ship", "reef": None, None: None})
    choose(dialog.duplicates, "skip")
    choose(dialog.choices[0], "ship")
    choose(dialog.choices[2], LEAVE_OUT)
    assert "0 annotations would come in" in dialog.told.text()


def test_a_file_that_cannot_be_read_says_why_and_cannot_be_taken(opened, tmp_path):
    broken = tmp_path / "in.geojson"
    broken.write_text("{", "utf-8")
    dialog = opened(broken)
    assert dialog.told.text().startswith("in.geojson is not JSON")
    assert not dialog.ok.isEnabled()
    assert dialog.choices == []


def test_another_format_is_read_when_it_is_chosen(dialog):
    choose(dialog.format, "coco")
    assert not dialog.ok.isEnabled()
    choose(dialog.format, None)
    assert dialog.ok.isEnabled()


@pytest.mark.parametrize("button", ["Import", "Cancel"])
def test_the_panel_imports_as_the_dialog_says(session, path, qtbot, told, button):
    panel = LabelsPanel(session, choose_import=lambda parent: path)
    qtbot.addWidget(panel)

    def press():
        dialog = panel.findChild(ImportDialog)
        settle(dialog)
        choose(dialog.choices[0], "ship")
        choose(dialog.choices[2], LEAVE_OUT)
        next(b for b in dialog.buttons.buttons() if b.text().replace("&", "") == button).click()

    QTimer.singleShot(0, press)
    panel.import_.click()
    assert len(session.labels) == (4 if button == "Import" else 0)
    assert session.labels.store.can_undo == (button == "Import")


def test_giving_up_is_no_order(session, path):
    def press():
        (dialog,) = [w for w in QApplication.topLevelWidgets() if isinstance(w, ImportDialog) and w.isVisible()]
        dialog.reject()

    QTimer.singleShot(0, press)
    assert ask_import(session, path) is None


def test_a_mask_of_other_pixels_comes_in_once_resampling_is_ticked(labels, scene, tmp_path, opened):
    half = scene.grid.level(tuple(side // 2 for side in scene.grid.shape))
    array = np.zeros(half.shape, np.uint8)
    array[5:10, 5:10] = 1
    with rasterio.open(
        tmp_path / "half.tif", "w", driver="GTiff", height=half.shape[0], width=half.shape[1], count=1, dtype="uint8",
        crs=half.crs.to_wkt(), transform=half.transform,
    ) as target:  # fmt: skip
        target.write(array, 1)
    dialog = opened(tmp_path / "half.tif")
    dialog.show()
    choose(dialog.choices[0], "ship")
    assert dialog.resample.isVisible()
    assert not dialog.ok.isEnabled()
    assert "resample" in dialog.told.text()
    dialog.resample.click()
    settle(dialog)
    assert dialog.ok.isEnabled()
    assert "nearest neighbour" in dialog.told.text()
    report = labels.import_from(tmp_path / "half.tif", **dialog.order)
    assert any("nearest neighbour" in note for note in report.notes)


def test_only_masks_can_be_resampled(dialog):
    dialog.show()
    assert not dialog.resample.isVisible()


def test_while_a_file_is_looked_at_nothing_can_be_taken_and_the_dialog_lives(opened, path, monkeypatch):
    goes_on = threading.Event()
    looked = []

    def slow(labels, order, watch):
        watch.tell(0.5)
        assert goes_on.wait(60)
        looked.append(order)
        return prepare_import(labels, order, watch)

    dialog = opened(path)
    dialog.show()
    monkeypatch.setattr(import_dialog, "prepare_import", slow)
    dialog.try_.click()
    assert dialog.is_busy
    assert not dialog.ok.isEnabled()
    assert dialog.told.text() == "looking what would come in…"
    end = time.monotonic() + 60
    while not dialog.progress.isVisible() and time.monotonic() < end:  # beats while the work goes on elsewhere
        QApplication.processEvents()
    assert dialog.progress.value() == 500
    goes_on.set()
    settle(dialog)
    assert len(looked) == 1
    assert not dialog.progress.isVisible()
    assert dialog.ok.isEnabled()


def test_what_is_asked_anew_gives_up_what_is_being_looked_at(opened, path, monkeypatch):
    goes_on, ended = threading.Event(), []

    def slow(labels, order, watch):
        assert goes_on.wait(60)
        try:
            watch.tell(0.5)
        except CancelledError:
            ended.append(order.status)
            raise
        return prepare_import(labels, order, watch)

    dialog = opened(path)
    monkeypatch.setattr(import_dialog, "prepare_import", slow)
    dialog.try_.click()
    dialog.status.setCurrentIndex(1)
    dialog.status.activated.emit(1)
    goes_on.set()
    settle(dialog)
    assert ended == [None]
    assert "5 annotations would come in" in dialog.told.text()


def test_closing_gives_up_what_is_being_looked_at(opened, path, endless, monkeypatch):
    dialog = opened(path)
    monkeypatch.setattr(import_dialog, "prepare_import", endless)
    dialog.try_.click()
    assert endless.begun.wait(60)
    dialog.reject()
    assert endless.ended.wait(60)


def test_what_lies_outside_comes_in_when_that_is_ticked(opened, labels, scene, tmp_path):
    shapes = [shapely.box(10, 10, 20, 20), shapely.box(-900, 10, -800, 20)]
    mapped = shapely.transform(np.array(shapes), scene.grid.pixel_to_lonlat)
    features = [
        {"type": "Feature", "properties": {"class": "ship"}, "geometry": shapely.geometry.mapping(each)}
        for each in mapped
    ]
    (tmp_path / "wide.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    dialog = opened(tmp_path / "wide.geojson")
    assert "1 annotations would come in" in dialog.told.text()
    assert "1 of 2 features lie outside" in dialog.told.text()
    dialog.outside.click()
    settle(dialog)
    assert "2 annotations would come in" in dialog.told.text()
    assert labels.import_from(tmp_path / "wide.geojson", **dialog.order).imported == 2


def test_what_was_prepared_is_what_is_imported_and_nothing_is_read_twice(session, path, told, qtbot, monkeypatch):
    prepared = []

    def counted(labels, order, watch):
        prepared.append(prepare_import(labels, order, watch))
        return prepared[-1]

    for module in (import_dialog, labels_panel):
        monkeypatch.setattr(module, "prepare_import", counted)
    panel = LabelsPanel(session, choose_import=lambda parent: path)
    qtbot.addWidget(panel)

    def press():
        dialog = panel.findChild(ImportDialog)
        settle(dialog)
        assert dialog.choice.prepared is prepared[-1]
        dialog.remember.setChecked(True)  # another order than was prepared
        assert dialog.choice.prepared is None
        dialog.remember.setChecked(False)
        dialog.accept()

    QTimer.singleShot(0, press)
    panel.import_.click()
    assert len(prepared) == 1
    assert set(session.labels) == {each.id for each in prepared[0].annotations}
    session.labels.undo()
    assert len(session.labels) == 0


def test_labels_that_change_meanwhile_are_looked_at_again(dialog, labels):
    choose(dialog.choices[0], "ship")
    first = dialog.prepared
    made = labels.add(shapely.box(300, 300, 310, 310), "ship", kind="box")
    assert dialog.prepared is None
    settle(dialog)
    assert dialog.prepared is not None
    assert dialog.prepared is not first
    assert dialog.choices[0].currentData() == "ship"  # what was chosen stays
    dialog.reject()
    labels.remove(made.id)
    assert not dialog.is_busy


def test_a_file_that_names_no_crs_is_given_one_in_the_dialog(opened, labels, scene, tmp_path):
    ring = scene.grid.pixel_to_map(np.array([[10.0, 10], [40, 10], [40, 30], [10, 10]])).tolist()
    feature = {
        "type": "Feature",
        "properties": {"class": "ship"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    (tmp_path / "metres.geojson").write_text(json.dumps(feature), "utf-8")
    dialog = opened(tmp_path / "metres.geojson")
    assert "name its CRS" in dialog.told.text()
    assert not dialog.ok.isEnabled()
    dialog.crs.setCurrentIndex(1)
    dialog.crs.activated.emit(1)
    settle(dialog)
    assert dialog.order["crs"] == "scene"
    assert "1 annotations would come in" in dialog.told.text()
    for typed, sentence in (("EPSG:0", "is not a CRS"), (f"EPSG:{scene.grid.crs.to_epsg()}", "1 annotations would")):
        dialog.crs.setEditText(typed)
        dialog.crs.lineEdit().editingFinished.emit()
        settle(dialog)
        assert dialog.order["crs"] == typed
        assert sentence in dialog.told.text()
    assert labels.import_from(tmp_path / "metres.geojson", **dialog.order).imported == 1


def test_a_mask_is_traced_and_painted_beside_the_window(opened, labels, scene, tmp_path, monkeypatch):
    made = open_labels(scene=scene, ontology="maritime")
    made.paint(shapely.box(0, 0, 10, 10), "dock")
    made.add(shapely.box(30, 30, 40, 45), "ship", kind="polygon")
    made.export(tmp_path / "mask.tif")
    threads = []
    prepare = mask_import.prepare_mask

    def watched(*given):
        threads.append(threading.current_thread())
        return prepare(*given)

    monkeypatch.setattr(mask_import, "prepare_mask", watched)
    dialog = opened(tmp_path / "mask.tif")
    assert threads
    assert threading.main_thread() not in threads
    assert "1 annotations would come in" in dialog.told.text()
    assert "100 pixels of dock are painted" in dialog.told.text()
    assert not dialog.crs.isEnabled()
    assert not labels.is_painted
    report = finish_import(labels, dialog.choice.prepared)
    assert (report.imported, labels.canvas.painted_pixels) == (1, 100)
    labels.undo()
    assert (len(labels), labels.is_painted) == (0, False)


def test_a_fault_in_reading_a_file_is_told_in_the_dialog_and_raised(opened, path, monkeypatch, qtbot):
    def run_out(*_args, **_order):
        raise MemoryError("unable to allocate 9 GiB")

    monkeypatch.setattr(import_dialog, "classes_in", run_out)
    with qtbot.captureExceptions() as faults:
        dialog = opened(path)
    assert faults[0][0] is MemoryError
    assert "unable to allocate 9 GiB" in dialog.told.text()
    assert not dialog.ok.isEnabled()
