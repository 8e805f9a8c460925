"""The export dialog: what it writes, and what it lists before."""

from __future__ import annotations

import threading
import time

import pytest
import shapely
from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QApplication, QFileDialog

from napari_geolabel.formats.mask_geotiff import read_mask
from napari_geolabel.formats.registry import all_formats
from napari_geolabel.labels.exporting import PreparedExport
from napari_geolabel.widgets.export_dialog import ExportChoice, ExportDialog, ask_export
from napari_geolabel.widgets.labels_panel import LabelsPanel, export_to

BOX = shapely.box(10, 10, 40, 30)


@pytest.fixture
def dialog(session, qtbot):
    session.labels.add(BOX, "ship", kind="box", attributes={"name": "Ada"})
    session.labels.add(shapely.LineString([(0, 0), (50, 50)]), "wake")
    made = ExportDialog(session)
    qtbot.addWidget(made)
    settle(made)
    return made


def settle(dialog):
    """Wait until the dialog knows what would be lost."""
    end = time.monotonic() + 120
    while dialog.is_busy and time.monotonic() < end:
        QApplication.processEvents()
        time.sleep(0.002)
    assert not dialog.is_busy


def choose_format(dialog, format_id):
    index = [dialog.format.itemData(i).id for i in range(dialog.format.count())].index(format_id)
    dialog.format.setCurrentIndex(index)
    dialog.format.activated.emit(index)
    settle(dialog)


def listed(dialog):
    return [dialog.losses.item(i).text() for i in range(dialog.losses.count())]


def test_all_that_is_written_is_offered(dialog):
    offered = [dialog.format.itemData(i).id for i in range(dialog.format.count())]
    assert offered == [form.id for form in all_formats().values() if form.writes]


def test_a_format_that_holds_everything_says_so(dialog, session):
    assert dialog.form.id == "geojson"
    assert dialog.path.text() == str(session.scene.path.with_suffix(".geojson"))
    assert (dialog.told.text(), listed(dialog), dialog.ok.isEnabled()) == ("The file holds everything.", [], True)


def test_what_a_format_cannot_hold_is_listed_before_it_is_written(dialog, session, tmp_path):
    choose_format(dialog, "coco")
    assert dialog.told.text() == "The file will not hold, as a file beside it (.losses.json) will say:"
    assert listed(dialog) == session.labels.export(tmp_path / "x.json", format="coco", dry_run=True)
    assert any("line" in sentence for sentence in listed(dialog))


def test_the_file_gets_the_ending_of_the_format(dialog):
    for format_id, ending in (("coco", "scene.coco.json"), ("voc", "scene.xml"), ("mask", "scene_mask.tif")):
        choose_format(dialog, format_id)
        assert dialog.path.text().endswith(f"/{ending}")
    choose_format(dialog, "yolo")
    assert dialog.path.text().endswith("/scene/data.yaml")


def test_a_mask_has_options_and_other_formats_have_not(dialog):
    assert dialog.flavour.isHidden()
    choose_format(dialog, "mask")
    assert not dialog.flavour.isHidden()
    dialog.flavour.setCurrentIndex(1)
    dialog.all_touched.click()
    assert dialog.choice.order == {"format": "mask", "all_touched": True, "order": "class", "flavour": "instance"}
    choose_format(dialog, "geojson")
    assert dialog.overlaps.isHidden()
    assert dialog.width.isHidden()
    assert dialog.choice.order == {"format": "geojson"}


def test_lines_of_a_mask_are_as_wide_as_asked_and_the_later_drawn_may_win(dialog, session, tmp_path):
    session.labels.add(BOX, "ship", kind="box", attributes={"name": "Over all"})
    choose_format(dialog, "mask")
    assert dialog.width.text() == "the pixels that they run through"
    plain = dialog.choice
    session.labels.export(tmp_path / "plain.tif", **plain.order)
    dialog.width.setValue(30)
    dialog.overlaps.setCurrentIndex(dialog.overlaps.findData("drawn"))
    assert dialog.choice.order == {**plain.order, "order": "drawn", "width_m": 30.0}
    session.labels.export(tmp_path / "wide.tif", flavour="instance", order="drawn", width_m=30)
    session.labels.export(tmp_path / "thin.tif", flavour="instance")
    wide, thin = (read_mask(tmp_path / f"{name}.tif") for name in ("wide", "thin"))
    assert (wide.rule, thin.rule) == (
        "later drawn wins; pixel centres; lines and points 30 m wide",
        "later class wins, then later drawn; pixel centres",
    )
    assert (wide.array == 2).sum() > 2 * (thin.array == 2).sum() > 0


def test_without_metres_lines_have_no_width(qtbot, dialog, session, monkeypatch):
    monkeypatch.setitem(vars(session.scene.grid), "is_georeferenced", False)  # a cached property
    bare = ExportDialog(session)
    qtbot.addWidget(bare)
    assert not bare.width.isEnabled()
    assert dialog.width.isEnabled()


def test_the_scene_itself_is_never_offered_nor_taken(dialog, session):
    choose_format(dialog, "mask")
    assert dialog.path.text() == str(session.scene.path.with_name("scene_mask.tif"))
    dialog.path.setText(str(session.scene.path))
    dialog.path.editingFinished.emit()
    assert dialog.told.text() == "scene.tif is the scene itself, which an export would destroy; choose another name"
    assert not dialog.ok.isEnabled()


def test_only_what_is_selected_can_be_exported(session, qtbot):
    ship = session.labels.add(BOX, "ship", kind="box")
    session.labels.add(shapely.LineString([(0, 0), (50, 50)]), "wake")
    session.selection.select([ship.id])
    dialog = ExportDialog(session)
    qtbot.addWidget(dialog)
    choose_format(dialog, "coco")
    before = listed(dialog)
    dialog.only_selected.click()
    settle(dialog)
    assert dialog.choice.order["ids"] == [ship.id]
    assert len(listed(dialog)) < len(before)


def test_without_a_selection_all_is_exported(dialog):
    assert not dialog.only_selected.isEnabled()


def test_a_file_is_chosen_by_browsing(dialog, monkeypatch, tmp_path):
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *args: (str(tmp_path / "a.geojson"), ""))
    dialog.browse.click()
    assert dialog.choice == ExportChoice(path=str(tmp_path / "a.geojson"), order={"format": "geojson"})
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *args: ("", ""))
    dialog.browse.click()
    assert dialog.choice.path == str(tmp_path / "a.geojson")


@pytest.mark.parametrize("is_accepted", [True, False])
def test_the_panel_writes_what_the_dialog_says(session, qtbot, told, tmp_path, is_accepted):
    session.labels.add(BOX, "ship", kind="box")
    panel = LabelsPanel(session)
    qtbot.addWidget(panel)

    def press():
        dialog = panel.findChild(ExportDialog)
        choose_format(dialog, "voc")
        dialog.path.setText(str(tmp_path / "out.xml"))
        (dialog.accept if is_accepted else dialog.reject)()

    QTimer.singleShot(0, press)
    panel.export.click()
    assert (tmp_path / "out.xml").exists() == is_accepted


def test_giving_up_is_no_choice(session):
    def press():
        (dialog,) = [w for w in QApplication.topLevelWidgets() if isinstance(w, ExportDialog) and w.isVisible()]
        dialog.reject()

    QTimer.singleShot(0, press)
    assert ask_export(session) is None


def test_geojson_may_be_in_the_crs_of_the_scene_and_have_styles_beside_it(dialog, session, tmp_path):
    dialog.show()
    assert (dialog.crs.isVisible(), dialog.styles["qml"].isVisible()) == (True, True)
    assert "crs" not in dialog.choice.order
    dialog.crs.setCurrentIndex(1)
    dialog.crs.activated.emit(1)
    settle(dialog)
    dialog.styles["qml"].setChecked(True)
    assert listed(dialog) == [sentence for sentence in listed(dialog) if "web maps" in sentence] != []
    assert dialog.choice.order == {"format": "geojson", "crs": "scene", "styles": ["qml"]}
    session.labels.export(tmp_path / "x.geojson", **dialog.choice.order)
    assert sorted(each.name for each in tmp_path.glob("x.*")) == [
        "x.geojson", "x.geojson.losses.json", "x.lines.qml", "x.qml",
    ]  # fmt: skip
    for format_id in ("coco", "mask"):
        choose_format(dialog, format_id)
        assert not dialog.crs.isVisible()
        assert not dialog.styles["qml"].isVisible()
        assert not {"crs", "styles"} & set(dialog.choice.order)


def test_what_would_be_lost_is_looked_for_beside_the_window_and_export_need_not_wait(dialog, monkeypatch):
    goes_on, threads = threading.Event(), []

    def slow(self):
        threads.append(threading.current_thread())
        assert goes_on.wait(60)
        return ["much"]

    monkeypatch.setattr(PreparedExport, "losses", slow)
    dialog.show()
    dialog.format.activated.emit(dialog.format.currentIndex())
    assert (dialog.is_busy, dialog.ok.isEnabled(), listed(dialog)) == (True, True, [])
    assert dialog.told.text() == "looking what the file would not hold…"
    end = time.monotonic() + 60
    while not dialog.progress.isVisible() and time.monotonic() < end:  # the window beats meanwhile
        QApplication.processEvents()
    assert dialog.progress.isVisible()
    goes_on.set()
    settle(dialog)
    assert threads[0] is not threading.main_thread()
    assert (listed(dialog), dialog.progress.isVisible()) == (["much"], False)


def test_a_format_that_needs_a_place_says_so_and_another_one_goes(dialog, session, monkeypatch):
    monkeypatch.setitem(vars(session.scene.grid), "is_georeferenced", False)  # a cached property
    choose_format(dialog, "kml")
    assert "not georeferenced" in dialog.told.text()
    assert not dialog.ok.isEnabled()
    choose_format(dialog, "coco")
    assert dialog.ok.isEnabled()


def test_the_file_is_written_beside_the_window_and_the_labels_count_as_saved(session, told, tmp_path, monkeypatch):
    threads = []
    write = PreparedExport.write

    def watched(self, *given):
        threads.append(threading.current_thread())
        write(self, *given)

    monkeypatch.setattr(PreparedExport, "write", watched)
    session.labels.add(BOX, "ship", kind="box")
    assert session.labels.unsaved
    assert export_to(session, str(tmp_path / "a.geojson"), format=None)
    assert threads[0] is not threading.main_thread()
    assert not session.labels.unsaved
    assert not export_to(session, str(session.scene.path), format="mask")
    assert "is the scene itself" in told[-1]
