"""The panel of suggestions: counts, a threshold, a filter, and buttons that do what the keys do."""

from __future__ import annotations

import pytest
import shapely

from napari_geolabel.widgets.review_panel import ReviewPanel


@pytest.fixture
def panel(session, qtbot):
    made = ReviewPanel(session)
    qtbot.addWidget(made)
    return made


@pytest.fixture
def ids(session):
    """Three suggested ships and a suggested buoy, the surest last."""
    labels = session.labels
    found = [
        labels.add(shapely.box(i * 60, 0, i * 60 + 30, 20), "ship", kind="box", status="suggested", confidence=i / 10)
        for i in (3, 5, 7)
    ]
    buoy = labels.add(shapely.box(0, 100, 4, 104), "buoy", kind="box", status="suggested", confidence=0.9)
    return [a.id for a in (*found, buoy)]


def test_an_empty_panel_offers_nothing(panel):
    assert panel.state.text() == "no suggestions"
    assert not any(b.isEnabled() for b in (panel.begin, panel.accept, panel.accept_above, panel.reject_below))


def test_counts_follow_threshold_and_filter(panel, session, ids):
    assert panel.state.text() == "4 suggestions"
    assert panel.accept_above.text() == "Accept 3 of 50 % and more"
    panel.threshold.setValue(80)
    assert session.review.threshold == 0.8
    assert panel.share.text() == "80 %"
    assert panel.reject_below.text() == "Reject 3 of less than 80 %"
    panel.classes.setCurrentIndex(panel.classes.findData("buoy"))
    panel.classes.activated.emit(panel.classes.currentIndex())
    assert session.review.queue == [ids[3]]
    assert panel.state.text().startswith("4 suggestions (1 of them here")
    assert not panel.reject_below.isEnabled()


def test_buttons_accept_reject_and_step(panel, session, ids):
    panel.begin.click()
    assert panel.begin.text() == "End the review"
    assert panel.current.text() == "Buoy, 90 %, suggested, by script"
    panel.accept.click()
    panel.next.click()
    panel.previous.click()
    assert session.review.current == ids[2]
    panel.reject.click()
    assert [str(session.labels[i].status) for i in ids] == ["suggested", "suggested", "rejected", "accepted"]
    panel.begin.click()
    assert not session.review.is_active
    assert not panel.accept.isEnabled()
    session.undo()
    session.undo()
    assert panel.state.text() == "4 suggestions"


def test_all_above_and_below_are_two_changes(panel, session, ids):
    panel.accept_above.click()
    panel.reject_below.click()
    assert [str(session.labels[i].status) for i in ids] == ["rejected", "accepted", "accepted", "accepted"]
    assert session.labels.store.undo_titles[:2] == ["reject ship", "accept 3 annotations"]


def test_what_was_rejected_is_shown_when_it_is_wanted(panel, session, ids):
    session.labels.review.reject(ids)
    assert len(session.shapes_layer.data) == 0
    panel.rejected.setChecked(True)
    assert len(session.shapes_layer.data) == 4
    panel.rejected.setChecked(False)
    assert len(session.shapes_layer.data) == 0
