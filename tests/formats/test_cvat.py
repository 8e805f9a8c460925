"""CVAT's conventions, and files that CVAT and others wrote."""

from __future__ import annotations

import pytest
import shapely
from affine import Affine

from napari_geolabel.annotations import Annotation
from napari_geolabel.errors import FormatError
from napari_geolabel.formats import FORMATS
from napari_geolabel.formats.cvat import read, recognises, write
from napari_geolabel.formats.label_set import Image, LabelSet
from napari_geolabel.geo import GeoGrid

PIXELS = GeoGrid(shape=(512, 640), transform=Affine.identity())


def file_of(shapes: str, *, size: str = 'width="640" height="512"', name: str = "scene.png") -> str:
    return f'<annotations><version>1.1</version><image id="0" name="{name}" {size}>{shapes}</image></annotations>'


SHAPES = {
    "box": ('<box label="ship" xtl="2.00" ytl="1.00" xbr="5.00" ybr="3.00"/>', "box", shapely.box(2, 1, 5, 3)),
    "turned box": (  # a quarter turn, clockwise on the screen, about the middle
        '<box label="ship" xtl="2" ytl="1" xbr="6" ybr="3" rotation="90"/>',
        "rotated_box",
        shapely.Polygon([(5, 0), (5, 4), (3, 4), (3, 0)]),
    ),
    "polygon": (
        '<polygon label="ship" points="2.00,1.00;5.00,1.00;5.00,3.00"/>',
        "polygon",
        shapely.Polygon([(2, 1), (5, 1), (5, 3)]),
    ),
    "polyline": ('<polyline label="ship" points="2,1;5,1.5"/>', "polyline", shapely.LineString([(2, 1), (5, 1.5)])),
    "point": ('<points label="ship" points="3.50,2.50"/>', "keypoint", shapely.Point(3.5, 2.5)),
    "mask": (  # the first row is empty but for the last pixel
        '<mask label="ship" rle="3, 5" left="2" top="1" width="4" height="2"/>',
        "polygon",
        shapely.Polygon([(5, 1), (6, 1), (6, 3), (2, 3), (2, 2), (5, 2)]),
    ),
}


@pytest.mark.parametrize(("text", "kind", "geometry"), SHAPES.values(), ids=SHAPES)
def test_shapes_lie_where_cvat_has_them(read_text_as, everything, text, kind, geometry):
    (found,), report = read_text_as("cvat", file_of(text)).to_annotations(PIXELS, everything)
    assert found.kind == kind
    assert shapely.equals(found.geometry, geometry)
    assert (report.skipped, report.notes) == ([], [])


def test_the_first_corner_of_a_turned_box_stays_the_first(read_text_as, everything):
    (found,), _ = read_text_as("cvat", file_of(SHAPES["turned box"][0])).to_annotations(PIXELS, everything)
    assert shapely.get_coordinates(found.geometry)[:2].tolist() == [[5, 0], [5, 4]]


@pytest.mark.parametrize(("turn", "bounds"), [("", (30, 50, 70, 70)), ('rotation="90.00"', (40, 40, 60, 80))])
def test_an_ellipse_becomes_a_polygon_of_its_size(read_text_as, turn, bounds):
    columns = read_text_as("cvat", file_of(f'<ellipse label="ship" cx="50" cy="60" rx="20" ry="10" {turn}/>'))
    assert columns.geometries[0].bounds == pytest.approx(bounds)
    assert columns.geometries[0].area == pytest.approx(3.1416 * 200, rel=0.01)


def test_an_ellipse_turns_clockwise_on_the_screen(read_text_as):
    columns = read_text_as("cvat", file_of('<ellipse label="ship" cx="50" cy="60" rx="20" ry="1" rotation="30"/>'))
    right = shapely.get_coordinates(columns.geometries[0])[0]
    assert right.tolist() == pytest.approx([50 + 20 * 3**0.5 / 2, 60 + 10])  # y runs down


def test_points_of_a_skeleton_say_which_they_are(read_text_as):
    points = '<points label="bow" points="1,2"/><points label="stern" points="3,4" outside="1"/>'
    columns = read_text_as("cvat", file_of(f'<skeleton label="ship">{points}</skeleton>'))
    assert columns.class_ids == ["ship"]
    assert columns.properties[0]["attr_point"] == "bow"


def test_attributes_are_read_as_the_ontology_wants_them(read_text_as, everything):
    values = {"word": "2020-01-01", "number": "12.50", "yes": "true", "one": "b", "some": "a;b", "unknown": "x"}
    inside = "".join(f'<attribute name="{key}">{value}</attribute>' for key, value in values.items())
    text = f'<box label="ship" xtl="2" ytl="1" xbr="5" ybr="3" occluded="1">{inside}</box>'
    (found,), _ = read_text_as("cvat", file_of(text)).to_annotations(PIXELS, everything)
    assert dict(found.attributes) == {
        "word": "2020-01-01",
        "number": 12.5,
        "yes": True,
        "one": "b",
        "some": ("a", "b"),
    }


def test_tags_and_other_images_are_told_of(read_text_as):
    text = file_of('<tag label="hazy"/>').replace(
        "</annotations>", '<image name="b.png" width="1" height="1"><box/></image></annotations>'
    )
    assert read_text_as("cvat", text).notes == [
        "the labels of scene.png were taken, by the name without its ending",
        "1 tag of the whole image left out (hazy)",
        "1 annotations of other images were left where they are (2 images)",
    ]


def test_what_is_written_stands_in_the_file_as_cvat_has_it(tmp_path, everything):
    turned = Annotation(
        class_id="ship", kind="rotated_box", geometry=shapely.Polygon([(5, 0), (5, 4), (3, 4), (3, 0)]), confidence=0.5
    )
    labels = LabelSet(annotations=[turned], grid=PIXELS, ontology=everything, image_name="scene.tif")
    write(tmp_path / "a.xml", labels)
    text = (tmp_path / "a.xml").read_text()
    assert (
        '<box label="ship" source="manual" occluded="0" xtl="2.0" ytl="1.0" xbr="6.0" ybr="3.0" rotation="90.0"' in text
    )
    assert "<input_type>select</input_type>" in text
    assert recognises(text.encode())


BAD = {
    "no numbers": '<box label="ship" xtl="a" ytl="1" xbr="5" ybr="3"/>',
    "NaN": '<box label="ship" xtl="nan" ytl="1" xbr="5" ybr="3"/>',
    "1e400": '<box label="ship" xtl="1e400" ytl="1" xbr="5" ybr="3"/>',
    "no area": '<box label="ship" xtl="1" ytl="1" xbr="1" ybr="3"/>',
    "flat ellipse": '<ellipse label="ship" cx="50" cy="60" rx="0" ry="10"/>',
    "ellipse turned by no number": '<ellipse label="ship" cx="50" cy="60" rx="5" ry="10" rotation="a"/>',
    "two points": '<polygon label="ship" points="1,2;3,4"/>',
    "three numbers": '<polyline label="ship" points="1,2,3;3,4,5"/>',
    "mask too short": '<mask label="ship" rle="3" left="2" top="1" width="4" height="2"/>',
    "mask beyond the edge": '<mask label="ship" rle="0,8" left="638" top="1" width="4" height="2"/>',
    "cuboid": '<cuboid label="ship"/>',
}


@pytest.mark.parametrize("text", BAD.values(), ids=BAD)
def test_a_bad_shape_is_left_out_with_its_reason(read_text_as, text):
    columns = read_text_as("cvat", file_of(text + SHAPES["box"][0]))
    assert len(columns) == 1
    assert len(columns.skipped) == 1


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("<annotations/>", "holds no images"),
        ("<annotations><track/></annotations>", "export it as CVAT for images"),
        (file_of("", size='width="x" height="1"'), "correct its size"),
        (file_of("", size='width="64" height="51"'), "take the scene that they were drawn on"),
        ("<html/>", "is no CVAT for images"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><annotations>&b;</annotations>', "no XML that can be read safely"),
    ],
)
def test_a_bad_file_is_one_sentence(read_text_as, text, sentence):
    with pytest.raises(FormatError, match=sentence):
        read_text_as("cvat", text)


def test_real_files_are_read_whole(shared_data):
    folder = shared_data / "labels_datumaro" / "cvat_dataset" / "for_images"
    path = folder / "export_task" / "train.xml"
    assert FORMATS["cvat"].recognises(path.read_bytes())
    first = read(path, Image(name="img0.jpg", shape=(8, 8)))
    assert [geometry.wkt for geometry in first.geometries] == [
        "POLYGON ((0 2, 0 4, 4 4, 4 2, 0 2))",
        "LINESTRING (1 2, 3 4, 5 6, 7 8)",
    ]
    assert first.properties[0]["attr_a4"] == "2.4"
    second = read(path, Image(name="img1.jpg", shape=(10, 10)))
    assert [geometry.geom_type for geometry in second.geometries] == ["Polygon", "MultiPoint"]
    assert first.skipped + second.skipped == []


def project_of(*images: tuple[str, str, str]) -> str:
    """Return a project with images of a subset, size and shapes each, all of one name."""
    nodes = [
        f'<image id="{number}" name="scene.png" subset="{subset}" {size}>{shapes}</image>'
        for number, (subset, size, shapes) in enumerate(images)
    ]
    return f"<annotations><version>1.1</version>{''.join(nodes)}</annotations>"


SAME, OTHER = 'width="640" height="512"', 'width="64" height="51"'
BOX, POINT = SHAPES["box"][0], SHAPES["point"][0]


@pytest.mark.parametrize(
    ("images", "folder", "kinds", "told"),
    [
        ([("Train", SAME, BOX), ("Validation", SAME, POINT)], None, ["box", "keypoint"], "2 images of that name"),
        ([("Train", SAME, BOX), ("Validation", SAME, POINT)], "validation", ["keypoint"], "by the folder validation"),
        ([("Train", OTHER, BOX), ("Validation", SAME, POINT)], None, ["keypoint"], "by the size"),
    ],
)
def test_one_name_in_two_subsets_is_told_apart_by_folder_and_size_else_taken_together(
    tmp_path, images, folder, kinds, told
):
    path = tmp_path / "project.xml"
    path.write_text(project_of(*images))
    columns = read(path, Image(name="scene.png", shape=(512, 640), folder=folder))
    assert [row["kind"] for row in columns.properties] == kinds
    assert any(told in note for note in columns.notes)
    assert any("other images were left" in note for note in columns.notes) == (len(kinds) == 1)
