"""The row of linked views in the Scene tab."""

from __future__ import annotations

import pytest
from affine import Affine

from napari_geolabel.widgets.panels import Panels
from napari_geolabel.widgets.views_panel import ViewsPanel


@pytest.fixture
def later(write_scene, scene):
    """The path of a later scene of the same place, of two bands."""
    grid = scene.grid.with_transform(scene.grid.transform @ Affine.scale(2), scene.grid.crs)
    return write_scene(grid, "later.tif", bands=("vv", "vh"))


@pytest.fixture
def panel(session, qtbot):
    made = ViewsPanel(session)
    qtbot.addWidget(made)
    return made


def checked(panel):
    return [count for count, button in panel.counts.items() if button.isChecked()]


def open_boxes(panel):
    return [box for box in panel.choices if not box.isHidden()]


def choose(box, data):
    row = next(i for i in range(box.count()) if box.itemData(i) == data)
    box.setCurrentIndex(row)
    box.activated.emit(row)


def test_the_single_view_offers_no_choice(panel):
    assert checked(panel) == [1]
    assert open_boxes(panel) == []


def test_a_button_opens_so_many_panes_and_one_goes_back(panel, session):
    for count in (2, 4, 3, 1):
        panel.counts[count].click()
        assert max(len(session.views), 1) == count
        assert checked(panel) == [count]
        assert len(open_boxes(panel)) == (count if count > 1 else 0)


def test_the_key_moves_the_buttons_too(panel, session):
    session.views.step()
    assert checked(panel) == [2]
    assert len(open_boxes(panel)) == 2


def test_each_row_names_what_its_pane_shows(panel, session):
    session.views.show("true_color", "ndvi", "red")
    texts = [box.currentText() for box in open_boxes(panel)]
    assert texts[0] == "True colour"
    assert "NDVI" in texts[1]
    assert [box.currentData()[1] for box in open_boxes(panel)] == ["true_color", "ndvi", "red"]


def test_a_choice_switches_its_pane_alone(panel, session):
    panel.counts[2].click()
    choose(panel.choices[1], (session.scene.name, "ndvi"))
    assert [choice[1] for choice in session.views.choices] == ["true_color", "ndvi"]
    assert session.composite == "true_color"


def test_a_choice_may_be_of_another_scene(panel, session, later):
    panel.counts[2].click()
    session.add_scene(later)
    choose(panel.choices[0], ("later", "vv"))
    assert session.views.choices[0] == ("later", "vv")
    assert panel.choices[0].currentText().startswith("later · ")
    assert panel.choices[1].currentText().startswith("scene · ")


def test_the_pane_in_use_is_marked(panel, session):
    panel.counts[2].click()
    assert [word.text() for word in panel._words[:2]] == ["Pane 1 ◂", "Pane 2"]
    session.viewer.cursor.viewbox = (0, 1)
    session.views._on_press(None, None)
    assert [word.text() for word in panel._words[:2]] == ["Pane 1", "Pane 2 ◂"]


def test_a_switch_by_key_is_seen_in_the_row(panel, session):
    panel.counts[2].click()
    session.next_composite()
    assert panel.choices[0].currentData() == (session.scene.name, session.views[0].composite)
    assert session.views[0].composite != "true_color"


def test_the_panel_stands_in_the_scene_tab(session, qtbot):
    panels = Panels(session)
    qtbot.addWidget(panels)
    assert panels.views in panels.tabs.widget(panels.tabs.count() - 1).findChildren(ViewsPanel)
