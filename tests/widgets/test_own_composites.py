"""Composites of one's own, made and shared from a menu."""

from __future__ import annotations

import pytest
from qtpy.QtWidgets import QFileDialog

from napari_geolabel.imagery.composite import AUTOMATIC, Composite
from napari_geolabel.imagery.composite_files import read_composites
from napari_geolabel.widgets.own_composites import (
    CompositeDialog,
    OwnComposites,
    choose_shared_path,
    choose_target_path,
    free_id,
)


@pytest.fixture
def answers() -> dict[str, object]:
    """What the dialogs answer: the composite (a function of what it begins with), and paths."""
    return {"composite": None, "shared": "", "target": ""}


@pytest.fixture
def own(session, qtbot, answers):
    button = OwnComposites(
        session,
        ask=lambda parent, composites, start: answers["composite"](start) if answers["composite"] else None,
        choose_shared=lambda parent: answers["shared"],
        choose_target=lambda parent: answers["target"],
    )
    qtbot.addWidget(button)
    return button


@pytest.fixture
def dialog(session, qtbot):
    def ask(start: Composite) -> CompositeDialog:
        made = CompositeDialog(None, session.composites, start)
        qtbot.addWidget(made)
        return made

    return ask


def renamed(title: str, channels=("nir", "ndvi", "blue")):
    from dataclasses import replace

    return lambda start: replace(start, title=title, channels=channels)


class TestMenu:
    def test_a_new_one_begins_with_what_is_shown_and_is_shown_then(self, own, session, answers):
        starts = []
        answers["composite"] = lambda start: starts.append(start) or renamed("Turbid water!")(start)
        own.new.trigger()
        assert starts[0].channels == ("red", "green", "blue")
        assert session.composite == "turbid_water"
        assert session.composites.own["turbid_water"].channels == ("nir", "ndvi", "blue")

    def test_two_of_one_title_both_stay(self, own, session, answers):
        answers["composite"] = renamed("True color")
        own.new.trigger()
        own.new.trigger()
        assert list(session.composites.own) == ["true_color_2", "true_color_3"]

    def test_giving_up_changes_nothing(self, own, session):
        own.new.trigger()
        own.read.trigger()
        own.write.trigger()
        assert not session.composites.own
        assert session.composite == "true_color"

    def test_what_is_shown_is_renamed_and_keeps_its_id(self, own, session, answers):
        answers["composite"] = renamed("Mine")
        own.new.trigger()
        answers["composite"] = renamed("Ours", ("red", "red", "blue"))
        own.edit.trigger()
        assert session.composite == "mine"
        assert (session.composites.shown.title, session.composites.shown.channels) == ("Ours", ("red", "red", "blue"))
        assert "Ours" in session.scene_layer.name

    def test_only_ones_own_are_changed_or_removed(self, own, session, answers):
        own.refresh()
        assert [action.isEnabled() for action in (own.new, own.edit, own.remove, own.read, own.write)] == [
            *(True, False, False, True, False)
        ]
        answers["composite"] = renamed("Mine")
        own.new.trigger()
        own.refresh()
        assert own.edit.isEnabled()
        assert own.write.isEnabled()
        own.remove.trigger()
        assert not session.composites.own

    def test_a_file_goes_round(self, own, session, answers, told, tmp_path):
        answers["composite"] = renamed("Mine")
        own.new.trigger()
        answers["target"] = answers["shared"] = str(tmp_path / "ours.toml")
        own.write.trigger()
        assert list(read_composites(tmp_path / "ours.toml").composites) == ["mine"]
        own.remove.trigger()
        own.read.trigger()
        assert list(session.composites.own) == ["mine"]
        assert told == ["imported 1 composite: mine"]

    def test_a_damaged_file_is_told(self, own, session, answers, told, tmp_path):
        path = tmp_path / "bad.toml"
        path.write_text("[[composite")
        answers["shared"] = str(path)
        own.read.trigger()
        assert "bad.toml" in told[0]
        assert not session.composites.own


class TestDialog:
    def test_bands_and_indices_are_offered_and_expressions_taken(self, dialog, session):
        asked = dialog(session.composites.shown)
        offered = [asked.channels[0].itemText(i) for i in range(asked.channels[0].count())]
        assert {"nir", "ndvi"} <= set(offered)
        asked.name.setText("Mine")
        for box, text in zip(asked.channels, ("nir", " (nir - red) / (nir + red)", "savi"), strict=True):
            box.setCurrentText(text)
        asked.accept()
        assert asked.composite.title == "Mine"
        assert asked.composite.channels == ("nir", "(nir - red) / (nir + red)", "savi")
        assert asked.composite.stretch == AUTOMATIC

    def test_one_channel_alone_is_grey(self, dialog, session):
        asked = dialog(session.composites.shown)
        asked.channels[1].setCurrentText("")
        asked.channels[2].setCurrentText("")
        asked.accept()
        assert asked.composite.channels == ("red",)

    @pytest.mark.parametrize(
        ("texts", "said"),
        [(("nir", "swir16", "red"), "swir16"), (("nir", "", "red"), "2 channels"), (("nir", "red +", "red"), "red +")],
    )
    def test_what_cannot_be_shown_is_said_and_the_dialog_stays(self, dialog, session, texts, said):
        asked = dialog(session.composites.shown)
        for box, text in zip(asked.channels, texts, strict=True):
            box.setCurrentText(text)
        asked.accept()
        assert said in asked.refusal.text()
        assert asked.composite is None
        asked.channels[1].setCurrentText("green")
        asked.accept()
        assert asked.composite is not None

    def test_with_the_same_channels_the_stretch_stays(self, dialog, session):
        asked = dialog(session.composites["ndvi"])
        asked.name.setText("")
        asked.accept()
        assert asked.composite.colormap == session.composites["ndvi"].colormap
        assert asked.composite.title == "My composite"


def test_paths_come_from_dialogs_and_get_their_suffix(monkeypatch):
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *args: ("/d/ours.toml", ""))
    assert choose_shared_path(None) == "/d/ours.toml"
    for chosen, expected in (("/d/mine", "/d/mine.toml"), ("/d/mine.toml", "/d/mine.toml"), ("", "")):
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *args, chosen=chosen: (chosen, ""))
        assert choose_target_path(None) == expected


def test_an_id_is_made_of_any_title():
    assert free_id("Überfall 3!", []) == "uberfall_3"
    assert free_id("水", []) == "own"
    assert free_id("Mine", ["mine", "mine_2"]) == "mine_3"
