"""What the list of composites says."""

from __future__ import annotations

from napari_geolabel.imagery.composite import Composite
from napari_geolabel.widgets.composite_rows import CompositeRow, Group, composite_rows


def by_id(session) -> dict[str, CompositeRow]:
    return {row.id: row for row in composite_rows(session.composites)}


def test_favourites_come_first_then_the_rest_indices_and_what_cannot_be(session):
    rows = composite_rows(session.composites)
    order = list(dict.fromkeys(row.group for row in rows))
    assert order == list(Group)
    assert [row.group for row in rows] == sorted((row.group for row in rows), key=order.index)
    numbered = [(row.number, row.id) for row in rows if row.group is Group.FAVOURITES]
    assert numbered == list(enumerate(session.composites.steps, start=1))


def test_everything_stands_in_the_list_once(session):
    composites = session.composites
    ids = [row.id for row in composite_rows(composites)]
    assert len(ids) == len(set(ids))
    assert set(ids) == {*composites, *composites.indices, *composites.unavailable}


def test_a_row_says_channels_and_what_shows_how(session):
    row = by_id(session)["false_color"]
    assert (row.title, row.detail) == ("False colour (near infrared)", "nir, red, green")
    assert row.tooltip.startswith("Vegetation red, water dark")


def test_notes_stand_in_the_tooltip(session):
    assert "without a scale" in by_id(session)["evi"].tooltip


def test_a_greyed_row_names_the_missing_band(session):
    row = by_id(session)["swir"]
    assert row.group is Group.MISSING
    assert row.detail == "needs swir22"
    assert row.title == "Short-wave infrared"
    assert row.tooltip.endswith("It needs swir22, which this scene does not have.")
    index = by_id(session)["nbr"]
    assert (index.group, index.title) == (Group.MISSING, "NBR")


def test_ones_own_are_listed_and_greyed_by_the_same_rules(session):
    session.composites.add(Composite(id="mine", title="Mine", channels=("nir", "ndvi", "blue")))
    session.composites.add(Composite(id="heat", title="Heat", channels=("lwir11", "red", "red")))
    rows = by_id(session)
    assert (rows["mine"].group, rows["mine"].detail) == (Group.COMPOSITES, "nir, ndvi, blue")
    assert (rows["heat"].group, rows["heat"].title, rows["heat"].detail) == (Group.MISSING, "Heat", "needs lwir11")


def test_an_index_may_be_a_favourite(session):
    session.composites.toggle_favourite("savi")
    rows = by_id(session)
    assert rows["savi"].group is Group.FAVOURITES
    assert rows["savi"].number == len(session.composites.steps)


def test_a_search_finds_all_its_words_anywhere_in_any_case(session):
    row = by_id(session)["false_color"]
    assert row.matches("")
    assert row.matches("VEGETATION nir")
    assert row.matches("false_color")
    assert not row.matches("vegetation swir16")
