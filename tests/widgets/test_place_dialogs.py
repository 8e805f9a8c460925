"""Questions about places: what is offered, where they lead, and what is said where they do not."""

from __future__ import annotations

import pytest
from qtpy.QtWidgets import QInputDialog

from napari_geolabel.widgets import place_dialogs
from napari_geolabel.widgets.place_dialogs import ask_bookmark, ask_place


@pytest.fixture
def said(monkeypatch):
    found = []
    monkeypatch.setattr(place_dialogs, "tell", found.append)
    monkeypatch.setattr(place_dialogs, "warn", found.append)
    return found


@pytest.fixture
def answer(monkeypatch):
    """Answer the next questions with a text, or by Cancel; return what was asked."""
    asked = []

    def give(text: str, *, is_given: bool = True):
        monkeypatch.setattr(QInputDialog, "getItem", lambda *a, **_k: asked.append(a[2:4]) or (text, is_given))
        monkeypatch.setattr(QInputDialog, "getText", lambda *a, **k: asked.append((a[2], k)) or (text, is_given))
        return asked

    return give


def middle(session):
    x0, y0, x1, y1 = session.ways.view
    return pytest.approx(((x0 + x1) / 2, (y0 + y1) / 2))


def test_coordinates_lead_there_and_examples_are_shown(session, answer, said):
    asked = answer("row 40 col 60")
    ask_place(session)
    assert middle(session) == (60.5, 40.5)
    assert "for example" in asked[0][0]
    assert asked[0][1] == [""]
    assert said == []


def test_bookmarks_are_offered_by_name(session, answer, said):
    answer("lighthouse")
    ask_bookmark(session)
    assert list(session.labels.bookmarks) == ["lighthouse"]
    assert said == ["lighthouse is kept with the labels; Alt+J goes there"]
    kept = session.ways.view
    session.ways.go_to((5, 5))
    asked = answer("lighthouse")
    ask_place(session)
    assert session.ways.view == pytest.approx(kept)
    assert "or one of the bookmarks" in asked[-1][0]
    assert asked[-1][1] == ["", "lighthouse"]


@pytest.mark.parametrize(("text", "is_given"), [("row 1 col 1", False), ("  ", True)])
def test_no_answer_moves_nothing(session, answer, said, text, is_given):
    before = session.ways.view
    answer(text, is_given=is_given)
    ask_place(session)
    assert session.ways.view == before
    assert said == []


def test_what_names_no_place_and_no_name_are_said(session, answer, said):
    answer("Atlantis")
    ask_place(session)
    assert said[-1].startswith("'Atlantis' names no place")
    answer(" ")
    ask_bookmark(session)
    assert said[-1] == "a bookmark needs a name of 1 to 80 letters, not 0"
    answer("x", is_given=False)
    ask_bookmark(session)
    assert len(session.labels.bookmarks) == 0
