"""The menu of library curves: what it lists, shows, keeps and loads."""

from __future__ import annotations

import pytest

from napari_geolabel.imagery import open_scene, spectral_library
from napari_geolabel.imagery.spectral_library import (
    LibraryCurve,
    built_in_curves,
    keep_curves,
    own_curves,
)
from napari_geolabel.imagery.spectrum import pixel_spectrum, write_spectra
from napari_geolabel.samples import sample_path
from napari_geolabel.widgets import library_menu
from napari_geolabel.widgets.library_menu import LibraryMenu

STORED = LibraryCurve(id="raw", title="Raw", wavelengths_um=(0.5, 0.8), values=(300, 900), quantity="Stored value")


@pytest.fixture
def pixel():
    with open_scene(sample_path("coast.tif")) as scene:
        yield pixel_spectrum(scene, 300, 200, "river")


@pytest.fixture
def said(monkeypatch):
    found = []
    for name in ("tell", "warn"):
        monkeypatch.setattr(library_menu, name, found.append)
    return found


@pytest.fixture
def menu(qtbot, pixel):
    made = LibraryMenu(spectra=lambda: made.plotted, quantity=lambda: "Reflectance", choose_file=lambda _: made.path)
    made.plotted, made.path, made.events = [pixel], "", []
    made.chosen.connect(lambda curve, wanted: made.events.append((curve.id, wanted)))
    qtbot.addWidget(made)
    return made


def titles(menu):
    menu.fill()
    return [action.text() for action in menu.entries.actions() if action.isCheckable()]


def action(menu, title):
    menu.fill()
    (found,) = [each for each in menu.entries.actions() if each.text() == title]
    return found


def test_all_curves_are_listed_with_their_sources_and_ticked_while_shown(menu):
    assert titles(menu) == [curve.title for curve in built_in_curves().values()]
    assert "doi:10.1109/36.581987" in action(menu, "Lake water").toolTip()
    action(menu, "Lake water").trigger()
    assert action(menu, "Lake water").isChecked()
    action(menu, "Lake water").trigger()
    assert menu.events == [("lake_water", True), ("lake_water", False)]
    assert not action(menu, "Lake water").isChecked()


def test_what_is_plotted_is_kept_and_removed_again(menu, said):
    menu.keep()
    assert said == ["kept in your library: river"]
    assert titles(menu)[-1] == "river"
    assert action(menu, "river").toolTip() == "spectra.csv"
    action(menu, "river").trigger()
    (remove,) = [each.menu() for each in menu.entries.actions() if each.text() == "Remove"]
    remove.actions()[0].trigger()
    assert menu.events == [("river", True), ("river", False)]
    assert own_curves() == {}
    menu.plotted = []
    menu.keep()
    assert said[-1].startswith("there is nothing to keep yet; pin a pixel")


def test_a_file_is_loaded_and_shown(menu, said, pixel, tmp_path):
    menu.load()  # nothing was chosen
    menu.path = str(tmp_path / "theirs.csv")
    write_spectra(menu.path, [pixel])
    menu.load()
    assert menu.events == [("river", True)]
    assert said == ["taken into your library: river"]
    menu.path = str(tmp_path / "gone.csv")
    menu.load()
    assert "cannot be found" in said[-1]


def test_curves_of_another_quantity_are_greyed_and_say_why(menu):
    keep_curves([STORED])
    assert not action(menu, "Raw").isEnabled()
    assert action(menu, "Raw").toolTip().startswith("It holds stored value, this scene reflectance")
    assert action(menu, "Lake water").isEnabled()


def test_a_damaged_library_is_told_and_the_package_s_own_stay(menu, said):
    spectral_library.own_library_path().parent.mkdir(parents=True, exist_ok=True)
    spectral_library.own_library_path().write_text("nonsense\n")
    assert titles(menu) == [curve.title for curve in built_in_curves().values()]
    assert "needs the columns" in said[0]
    menu.keep()
    assert "needs the columns" in said[-1]
    assert spectral_library.own_library_path().read_text() == "nonsense\n"
