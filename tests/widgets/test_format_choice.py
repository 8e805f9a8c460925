"""Which formats the file dialogs offer, and what is asked where a suffix says too little."""

from __future__ import annotations

import pytest
import shapely
from qtpy.QtWidgets import QInputDialog

from napari_geolabel.formats.registry import all_formats
from napari_geolabel.widgets.format_choice import choose_format, export_filters, format_for, import_filters


def never(parent, formats):
    pytest.fail("nothing is to be asked")


def test_every_format_that_is_written_is_offered_once_with_its_suffix():
    filters = export_filters().split(";;")
    assert filters[:3] == ["GeoJSON (*.geojson)", "GeoPackage (*.gpkg)", "mask GeoTIFF (*.tif)"]
    assert "COCO (*.coco.json)" in filters
    assert "Pascal VOC (*.xml)" in filters
    assert "CVAT for images (*.cvat.xml)" in filters
    for form in all_formats().values():
        titles = [title for each in filters for title in each.partition(" (")[0].split(", ")]
        assert titles.count(form.title) == form.writes


def test_every_suffix_that_is_read_can_be_chosen():
    offered = import_filters().split(";;")[0]
    for form in all_formats().values():
        assert all(f"*{suffix}" in offered for suffix in form.suffixes) or not form.reads


@pytest.mark.parametrize(
    "path", ["/a/b.geojson", "/a/b.json", "/a/b.coco.json", "/a/b.tif", "/a/b.cvat.xml", "/a/b.unknown", "/a/b"]
)
def test_nothing_is_asked_where_the_suffix_tells(path):
    assert format_for(path, None, never) == (True, None)


def test_the_only_format_of_a_suffix_is_taken():
    assert format_for("/a/b.csv", None, never) == (True, "xview3")


def test_the_user_says_which_format_a_text_is_to_be_or_gives_up():
    asked = []

    def choose(parent, formats):
        asked.append([each.id for each in formats])
        return formats[-1]

    assert format_for("/a/b.txt", None, choose) == (True, "dota")
    assert asked == [["yolo", "yolo-seg", "yolo-obb", "dota"]]
    assert format_for("/a/b.txt", None, lambda parent, formats: None) == (False, None)


@pytest.mark.parametrize("is_chosen", [True, False])
def test_the_dialog_lists_the_titles(monkeypatch, is_chosen):
    formats = list(all_formats().values())[-2:]
    titles = []

    def get_item(parent, title, label, items, current, editable):
        titles.extend(items)
        return items[1], is_chosen

    monkeypatch.setattr(QInputDialog, "getItem", get_item)
    assert choose_format(None, formats) == (formats[1] if is_chosen else None)
    assert titles == [each.title for each in formats]


def test_an_export_takes_the_format_that_was_chosen_and_none_if_the_user_gives_up(session, tmp_path, monkeypatch):
    from napari_geolabel.widgets import labels_panel

    told: list[str] = []
    monkeypatch.setattr(labels_panel, "tell", told.append)
    session.labels.add(shapely.box(2, 3, 12, 9), "ship", kind="box")
    session.labels.add(shapely.LineString([(1, 1), (9, 9)]), "wake")
    path, other = tmp_path / "b.txt", tmp_path / "c.txt"
    assert labels_panel.export_to(session, str(path), choose=lambda parent, formats: formats[-1])
    (written,) = [line.split() for line in path.read_text().splitlines() if line.endswith(" 0")]
    corners = [float(number) for number in written[:8]]
    assert {*zip(corners[::2], corners[1::2], strict=True)} == {(2, 3), (12, 3), (12, 9), (2, 9)}
    assert told[0].startswith(f"saved {path}; 1 ")
    assert told[0].endswith("this is named beside the file too (.losses.json)")
    assert not labels_panel.export_to(session, str(other), choose=lambda parent, formats: None)
    assert not other.exists()
