"""What reshaping tools act on, and why they cannot: on a session without a window, tools driven by clicks in pixels."""

from __future__ import annotations

import pytest
import shapely

from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.viewer.reshaper import COMMANDS
from napari_geolabel.viewer.sketches import RESHAPING_TOOLS

SQUARE = shapely.box(100, 100, 200, 200)
INSIDE = [(120, 120), (150, 120), (150, 150), (120, 150)]
ACROSS = [(150, 80), (150, 220)]


@pytest.fixture
def cloud(session):
    return session.labels.add(SQUARE, "cloud").id


def draw(session, tool, points):
    """Take a tool and click its points."""
    session.tool = tool
    for point in points:
        session.toolbox._click(point)
    assert session.toolbox.finish()


def area(session, name):
    return session.labels[name].geometry.area


def test_each_tool_does_its_work_on_what_is_selected(session, cloud, told):
    session.selection.select([cloud])
    draw(session, "hole", INSIDE)
    assert area(session, cloud) == 10_000 - 900
    draw(session, "cut", [(180, 90), (220, 90), (220, 210), (180, 210)])
    assert area(session, cloud) == 8_000 - 900
    draw(session, "part", [(300, 300), (310, 300), (310, 310), (300, 310)])
    assert area(session, cloud) == 8_100 - 900
    draw(session, "reshape", [(150, 190), (150, 230), (170, 230), (170, 190)])
    assert area(session, cloud) == 8_700 - 900
    draw(session, "split", [(160, 80), (160, 250)])
    assert len(session.labels) == 2
    assert told == []
    assert session.labels.store.undo_titles == [
        "split cloud",
        "reshape cloud",
        "add a part to cloud",
        "cut cloud",
        "make a hole in cloud",
        "add cloud",
    ]
    while session.labels.store.can_undo:
        session.undo()
    assert len(session.labels) == 0


def test_the_selection_stays_when_a_tool_is_taken_and_after_it_has_worked(session, cloud):
    session.selection.select([cloud])
    session.use_tool("hole")
    assert session.selected_ids == [cloud]
    draw(session, "hole", INSIDE)
    assert session.selected_ids == [cloud]


def test_with_nothing_selected_the_topmost_under_the_first_click_is_meant(session, cloud):
    above = session.labels.add(shapely.box(110, 110, 190, 190), "cloud").id
    draw(session, "hole", INSIDE)
    assert area(session, above) == 6_400 - 900
    assert area(session, cloud) == 10_000


def test_a_line_from_outside_splits_the_topmost_that_it_crosses_and_only_that(session, cloud):
    above = session.labels.add(shapely.box(110, 110, 190, 190), "cloud").id
    draw(session, "split", ACROSS)
    assert area(session, above) == 3_200
    assert area(session, cloud) == 10_000


def test_what_is_selected_is_meant_though_another_lies_above(session, cloud):
    above = session.labels.add(shapely.box(110, 110, 190, 190), "cloud").id
    session.selection.select([cloud])
    draw(session, "hole", INSIDE)
    assert (area(session, cloud), area(session, above)) == (9_100, 6_400)


def test_split_and_cut_take_all_that_is_selected(session, cloud):
    beside = session.labels.add(shapely.box(100, 200, 200, 300), "cloud").id
    session.selection.select([cloud, beside])
    draw(session, "split", [(150, 80), (150, 320)])
    assert len(session.labels) == 4
    assert session.labels.store.undo_titles[0] == "split 2 annotations"


def test_of_several_that_are_selected_a_hole_goes_into_the_one_under_the_click(session, cloud):
    beside = session.labels.add(shapely.box(100, 200, 200, 300), "cloud").id
    session.selection.select([cloud, beside])
    draw(session, "hole", INSIDE)
    assert (area(session, cloud), area(session, beside)) == (9_100, 10_000)


def test_wakes_are_split_and_no_holes_are_made_in_them(session, told):
    wake = session.labels.add(shapely.LineString([(100, 150), (200, 150)]), "wake").id
    draw(session, "hole", INSIDE)
    assert told == ["nothing was hit that can be changed so; select it first, or draw over it"]
    draw(session, "split", ACROSS)
    assert len(session.labels) == 2
    assert session.labels[wake].kind is Kind.POLYLINE


def test_a_refusal_is_told_and_nothing_changes(session, cloud, told):
    session.selection.select([cloud])
    draw(session, "split", [(150, 80), (150, 120)])
    draw(session, "hole", [(150, 150), (250, 150), (250, 180)])
    assert [len(session.labels), area(session, cloud)] == [1, 10_000]
    assert "does not go right through" in told[0]
    assert "does not lie inside" in told[1]
    assert session.tool == "hole"


def test_escape_and_another_tool_give_up_what_was_drawn_to_reshape(session, cloud, told):
    session.tool = "cut"
    for point in INSIDE:
        session.toolbox._click(point)
    assert not session.toolbox.is_complete
    assert session.toolbox.cancel()
    for point in INSIDE:
        session.toolbox._click(point)
    session.tool = "split"
    assert not session.toolbox.is_drawing
    assert area(session, cloud) == 10_000
    assert told == []


def test_what_is_drawn_to_reshape_is_no_draft_of_a_label(session, cloud):
    session.tool = "cut"
    for point in INSIDE:
        session.toolbox._click(point)
    assert session.labels.draft is None
    session.close()
    assert area(session, cloud) == 10_000


class TestWhyNot:
    def test_without_an_annotation_there_is_nothing_to_reshape(self, session, told):
        for name in (*RESHAPING_TOOLS, *COMMANDS):
            assert "draw something first" in session.reshaper.why_not(name)
        session.use_tool("hole")
        assert session.tool is None
        assert "draw something first" in told[0]

    def test_tools_need_nothing_selected_and_commands_do(self, session, cloud):
        assert [session.tools[name] for name in RESHAPING_TOOLS] == [""] * 5
        assert session.reshaper.why_not("buffer") == "select what to buffer first"

    def test_what_is_selected_must_fit(self, session):
        session.labels.add(shapely.Point(50, 50), "bow")
        wake = session.labels.add(shapely.LineString([(0, 0), (50, 50)]), "wake").id
        session.selection.select([wake])
        assert "select a box or polygon" in session.tools["hole"]
        assert session.tools["split"] == ""
        session.selection.select(session.labels)
        assert session.tools["cut"] == ""

    def test_read_only_labels_say_so(self, session, cloud):
        session.labels.store.refusal = ValueError("opened for reading")
        assert session.reshaper.why_not("hole") == "opened for reading"
        assert session.reshaper.why_not("merge") == "opened for reading"

    def test_merging_takes_two_of_one_class_and_simplifying_something_with_vertices(self, session, cloud):
        ship = session.labels.add(shapely.box(10, 10, 20, 20), "ship", kind="box").id
        session.selection.select([ship])
        assert "two annotations or more" in session.reshaper.why_not("merge")
        assert "only polygons and lines" in session.reshaper.why_not("simplify")
        session.selection.select([ship, cloud])
        assert "several classes" in session.reshaper.why_not("merge")
        assert session.reshaper.why_not("simplify") == ""

    def test_choosing_a_class_leaves_a_reshaping_tool_in_hand(self, session, cloud):
        session.tool = "split"
        session.current_class = "bow"
        assert session.tool == "split"


class TestCommands:
    def test_merge(self, session, cloud):
        other = session.labels.add(shapely.box(200, 100, 300, 200), "cloud").id
        session.selection.select([cloud, other])
        session.reshaper.run("merge")
        assert [a.geometry.area for a in session.labels.store.values()] == [20_000]

    def test_buffer_goes_as_far_as_is_set_in_metres(self, session, cloud):
        session.selection.select([cloud])
        assert session.reshaper.unit == "m"
        session.reshaper.distance = -50
        session.reshaper.run("buffer")
        assert session.labels[cloud].geometry.bounds == pytest.approx((105, 105, 195, 195), abs=0.05)

    def test_simplify_by_its_tolerance(self, session):
        rough = session.labels.add(SQUARE.segmentize(7), "cloud").id
        session.selection.select([rough])
        session.reshaper.run("simplify")
        assert shapely.get_num_coordinates(session.labels[rough].geometry) == 5

    def test_a_duplicate_is_selected_instead(self, session, cloud):
        session.selection.select([cloud])
        session.reshaper.run("duplicate")
        (selected,) = session.selected_ids
        assert selected != cloud
        assert len(session.labels) == 2

    def test_a_command_that_cannot_be_is_told(self, session, cloud, told):
        wake = session.labels.add(shapely.LineString([(0, 0), (50, 50)]), "wake").id
        session.reshaper.run("merge")
        session.selection.select([wake])
        session.reshaper.run("buffer")
        assert "two annotations or more" in told[0]
        assert "Wake is only drawn as polyline" in told[1]
        assert len(session.labels) == 2
