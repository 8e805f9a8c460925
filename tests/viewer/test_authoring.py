from __future__ import annotations

from datetime import UTC, datetime

import pytest
import shapely

from napari_geolabel.errors import ForbiddenKindError
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.ontology.model import Attribute, LabelClass, Option
from napari_geolabel.viewer.authoring import Circumstances, author_annotation, ways_of

SHIP = LabelClass(
    id="ship",
    name="Ship",
    color="#ff0000",
    mask_value=1,
    kinds=("rotated_box", "polygon"),
    attributes=(
        Attribute(
            id="state", name="State", type="radio", default="moored", options=(Option(id="moored", name="Moored"),)
        ),
    ),
)
NOW = Circumstances(annotator="Ada", tool="polygon", composite="ndvi", ground_resolution_m=2.5)
TRIANGLE = shapely.Polygon([(0, 0), (4, 0), (0, 4)])


def test_provenance_tells_who_what_and_how_closely():
    before = datetime.now(UTC)
    made = author_annotation(TRIANGLE, Kind.POLYGON, SHIP, NOW)
    told = made.provenance
    assert (told.annotator, told.composite, told.ground_resolution_m, told.source) == ("Ada", "ndvi", 2.5, "manual")
    assert told.tool.startswith("napari-geolabel ")
    assert told.tool.endswith(", polygon")
    assert before <= told.created == told.updated <= datetime.now(UTC)


def test_naparis_own_modes_leave_the_tool_unnamed():
    made = author_annotation(TRIANGLE, Kind.POLYGON, SHIP, Circumstances(**{**vars(NOW), "tool": None}))
    assert "," not in made.provenance.tool


def test_attributes_start_with_the_classs_defaults():
    assert author_annotation(TRIANGLE, Kind.POLYGON, SHIP, NOW).attributes == {"state": "moored"}


def test_the_geometry_is_kept_as_it_is():
    assert author_annotation(TRIANGLE, Kind.POLYGON, SHIP, NOW).geometry is TRIANGLE


def test_a_kind_that_the_class_forbids_is_refused_with_the_way_out():
    with pytest.raises(ForbiddenKindError, match=r"Ship is not drawn as keypoint; draw it as rotated box or polygon"):
        author_annotation(shapely.Point(1, 1), Kind.KEYPOINT, SHIP, NOW)


def test_a_heading_of_classes_is_not_drawn_at_all():
    heading = LabelClass(id="vessels", name="Vessels", color="#000000", mask_value=None, kinds=())
    assert "only groups other classes" in ways_of(heading)
