"""The panel of relations and groups: what is selected can be linked, and the panel says to what it is."""

from __future__ import annotations

import pytest
import shapely

from napari_geolabel.widgets.link_panel import LinkPanel


@pytest.fixture
def panel(session, qtbot):
    made = LinkPanel(session)
    qtbot.addWidget(made)
    return made


@pytest.fixture
def ids(session):
    boxes = (shapely.box(10 + 60 * i, 10, 50 + 60 * i, 30) for i in range(3))
    return [session.labels.add(box, "ship", kind="box").id for box in boxes]


def test_buttons_wait_for_a_selection_and_say_why(panel, session, ids):
    assert not any(button.isEnabled() for button in panel.buttons.values())
    assert "select the two annotations" in panel.buttons["link"].toolTip()
    session.selection.select(ids[:2])
    assert [name for name, button in panel.buttons.items() if button.isEnabled()] == ["link", "group"]
    assert panel.about.isHidden()


def test_a_relation_is_chosen_linked_told_and_unlinked(panel, session, ids):
    panel.relations.setCurrentIndex(panel.relations.findData("moored_at"))
    panel.relations.activated.emit(panel.relations.currentIndex())
    assert panel.relations.currentText() == "moored at"
    assert panel.relations.toolTip() == "moored at: ship → dock or buoy or ship"
    session.selection.select(ids[:2])
    panel.buttons["link"].click()
    assert panel.about.text() == "Ship 1 moored at Ship 2"
    panel.buttons["unlink"].click()
    assert panel.about.text() == ""
    assert session.labels.store.undo_titles[:2] == ["unlink ship", "link ship: moored at ship"]


def test_a_group_is_made_and_told(panel, session, ids):
    session.selection.select(ids)
    panel.buttons["group"].click()
    assert panel.about.text() == "group of 3"
    session.selection.select(ids[:1])
    panel.buttons["ungroup"].click()
    assert len(session.labels.members(session.labels[ids[1]].group)) == 2


def test_many_links_are_counted(panel, session, ids):
    for other in ids[1:]:
        for relation in ("towed_by", "moored_at"):
            session.labels.relate(ids[0], other, relation)
            session.labels.relate(other, ids[0], relation)
    session.selection.select([ids[0]])
    assert panel.about.text().splitlines()[-1] == "and 3 more"


def test_relations_of_another_ontology_are_offered(panel, session):
    plain = session.labels.ontology.model_copy(update={"relations": (), "version": "9"})
    session.labels.use_ontology(plain)
    assert panel.relations.count() == 0
    assert panel.relations.isHidden()
