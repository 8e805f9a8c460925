"""Taking an edited ontology into use: asked only where answers would be left out; files in and out of a draft."""

from __future__ import annotations

import pytest
import shapely
from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QApplication, QMessageBox

from napari_geolabel.errors import OntologyError
from napari_geolabel.labels.evolving import Clash, Evolution
from napari_geolabel.ontology import load_ontology, save_ontology
from napari_geolabel.ontology.draft import OntologyDraft
from napari_geolabel.ontology.editing import add_class, archive_class, change_attribute, change_class
from napari_geolabel.ontology.exchange import export_ontology
from napari_geolabel.widgets.ontology_applying import ask_misfits, misfit_text, take_into_use
from napari_geolabel.widgets.ontology_files import OntologyFiles

BOX = shapely.box(10, 10, 40, 20)


def never(parent, foreseen):
    pytest.fail("nothing was to be asked")


@pytest.fixture
def draft(labels):
    return OntologyDraft(labels.ontology)


def test_what_fits_is_taken_without_a_question(labels, draft):
    draft.do(add_class, "Reef", ["polygon"])
    take_into_use(labels, draft, never)
    assert "reef" in labels.ontology
    assert (draft.base, draft.changes, draft.can_undo) == (labels.ontology, [], False)


def test_what_does_not_fit_is_asked_about(labels, draft):
    ship = labels.add(BOX, "ship", kind="box", attributes={"length_m": 400, "name": "Ada"})
    draft.do(change_attribute, "ship", ("length_m",), maximum=300)
    take_into_use(labels, draft, lambda parent, foreseen: False)
    assert labels[ship.id].attributes["length_m"] == 400
    assert draft.changes
    take_into_use(labels, draft, lambda parent, foreseen: len(foreseen.clashes) == 1)
    assert dict(labels[ship.id].attributes) == {"name": "Ada"}
    assert not draft.changes


def test_what_cannot_be_left_out_is_refused_and_the_draft_stays(labels, draft):
    labels.add(BOX, "ship", kind="box")
    draft.do(change_class, "ship", kinds=("polygon",))
    with pytest.raises(OntologyError, match="ship cannot be a box"):
        take_into_use(labels, draft, lambda parent, foreseen: True)
    assert draft.changes == ["ship: kinds rotated_box, box, polygon becomes polygon"]


@pytest.mark.parametrize(("button", "answer"), [("Leave such answers out", True), ("Cancel", False)])
def test_the_question_is_answered_by_a_button(qtbot, button, answer):
    foreseen = Evolution(clashes=[Clash(annotation_id="a", reason="ship.length_m: <b>400</b> m is more than 300 m")])

    def press():
        (box,) = [w for w in QApplication.topLevelWidgets() if isinstance(w, QMessageBox) and w.isVisible()]
        assert "400" in box.text()
        next(b for b in box.buttons() if b.text().replace("&", "") == button).click()

    QTimer.singleShot(0, press)
    assert ask_misfits(None, foreseen) is answer


def test_only_the_first_of_many_are_written_out():
    foreseen = Evolution(clashes=[Clash(annotation_id=str(n), reason=f"reason {n}") for n in range(9)])
    lines = misfit_text(foreseen).splitlines()
    assert lines[0].startswith("9 of the annotations")
    assert lines[1:] == [*(f"reason {n}" for n in range(5)), "and 4 more"]


@pytest.fixture
def files(draft, labels, qtbot):
    made = OntologyFiles(draft, lambda: labels.ontology)
    for button in made.buttons:
        qtbot.addWidget(button)
    return made


def test_classes_of_our_own_files_and_of_others_come_into_the_draft(files, draft, tmp_path):
    save_ontology(load_ontology("clouds"), tmp_path / "clouds.yaml")
    export_ontology(load_ontology("landcover"), tmp_path / "cover.qml", format="qml-raster")
    for name in ("clouds.yaml", "cover.qml"):
        files.choose_import = lambda parent, name=name: (str(tmp_path / name), "")
        files.import_.click()
    known = {c.name for c in draft.current.classes}
    assert {c.name for c in load_ontology("clouds").classes} <= known
    assert len(draft.current.by_mask_value) == len({c.mask_value for c in draft.current.classes} - {None})


def test_the_draft_goes_out_as_the_filter_says(files, draft, tmp_path):
    draft.do(archive_class, "buoy")
    for chosen, name in (("Ontology (*.yaml *.json)", "a.yaml"), ("Labelbox ontology (*.json)", "a.json")):
        files.choose_export = lambda parent, chosen=chosen: (str(tmp_path / "a"), chosen)
        files.export.click()
        assert (tmp_path / name).is_file()
    assert load_ontology(tmp_path / "a.yaml") == draft.finished
    assert "buoy" not in load_ontology(tmp_path / "a.json")


def test_files_that_cannot_be_read_or_written_say_why(files, draft, tmp_path):
    told = []
    files.refused.connect(told.append)
    files.choose_import = lambda parent: (str(tmp_path / "none.yaml"), "")
    files.import_.click()
    files.choose_export = lambda parent: (str(tmp_path / "folder" / "x.yaml"), "Ontology (*.yaml *.json)")
    files.export.click()
    files.choose_import = files.choose_export = lambda parent: ("", "")
    files.import_.click()
    files.export.click()
    assert len(told) == 2
    assert "none.yaml" in told[0]
    assert draft.changes == []
