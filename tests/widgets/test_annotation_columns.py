"""What the columns of the table show, sort by and change."""

from __future__ import annotations

import pytest
import shapely

from napari_geolabel.annotations import Problem
from napari_geolabel.annotations.sizes import SizeBook
from napari_geolabel.errors import AttributeValueError, ForbiddenKindError
from napari_geolabel.ontology.editing import archive_attribute, archive_class
from napari_geolabel.widgets.annotation_columns import (
    AttributeColumn,
    AttributesColumn,
    ConfidenceColumn,
    FieldColumn,
    ProblemColumn,
    SizeColumn,
    attribute_names,
    size_text,
)


@pytest.fixture
def ships(labels):
    """A merchant, a fishing boat and a wake, as the labels have them."""
    boxes = [shapely.box(10, 10, 50, 20), shapely.box(60, 10, 70, 12)]
    made = [
        labels.add(boxes[0], "ship", kind="box", attributes={"category": "merchant", "type": "tanker"}, confidence=0.4),
        labels.add(boxes[1], "ship", kind="box", attributes={"category": "fishing", "length_m": 20}, status="accepted"),
        labels.add(shapely.LineString([(0, 0), (9, 9)]), "wake"),
    ]
    return [each.id for each in made]


@pytest.fixture
def rows(labels, ships):
    """Returns the annotations as they are now."""
    return lambda: [labels[each] for each in ships]


class TestFields:
    def test_a_class_is_shown_by_its_name_and_edited_by_its_id(self, labels, rows):
        column = FieldColumn("class", labels, "class_id")
        assert [column.text(each) for each in rows()] == ["Ship", "Ship", "Wake"]
        assert [column.value(each) for each in rows()] == ["ship", "ship", "wake"]
        assert not column.why_not(rows()[0])

    def test_a_status_is_changed_in_all_at_once(self, labels, ships, rows):
        column = FieldColumn("status", labels, "status")
        assert column.change(ships, "submitted") == 0
        assert [column.text(each) for each in rows()] == ["submitted"] * 3
        assert labels.store.undo_titles[0] == "change status of 3 annotations"
        labels.undo()
        assert [column.text(each) for each in rows()] == ["draft", "accepted", "draft"]

    def test_a_class_that_one_of_them_cannot_have_changes_none(self, labels, ships, rows):
        column = FieldColumn("class", labels, "class_id")
        with pytest.raises(ForbiddenKindError):
            column.change(ships, "bow")
        assert [each.class_id for each in rows()] == ["ship", "ship", "wake"]


class TestSizes:
    def test_sizes_are_texts_sorted_by_length_with_points_first(self, labels, rows):
        point = labels.add(shapely.Point(5, 5), "bow")
        column = SizeColumn("size", labels, SizeBook(labels.scene.grid))
        texts = [column.text(each) for each in [*rows(), point]]
        assert [text.count(" x ") for text in texts] == [1, 1, 0, 0]
        assert texts[3] == ""
        everything = [*rows(), point]
        keys = column.keys(everything)
        assert keys[3] == -1
        assert sorted(range(4), key=keys.__getitem__)[0] == 3
        assert keys[0] > keys[2] > keys[3]

    @pytest.mark.parametrize(
        ("length", "width", "text"),
        [
            (120, 19.04, "120 x 19 m"),
            (99.96, 2.345, "100 x 2.35 m"),
            (1234.5, float("nan"), "1,234 m"),
            (float("nan"), 3, ""),
        ],
    )
    def test_a_size_is_as_exact_as_people_say_it(self, length, width, text):
        assert size_text(length, width, "m") == text

    def test_sizes_and_problems_follow_from_the_rest(self, labels, rows):
        sizes = SizeColumn("size", labels, SizeBook(labels.scene.grid))
        assert sizes.why_not(rows()[0]) == "size follows from the rest"
        assert ProblemColumn("problem").why_not(rows()[0]) == "problem follows from the rest"
        assert sizes.value(rows()[0]) is None


class TestOthers:
    def test_confidences_are_sorted_as_numbers_and_none_comes_first(self, rows):
        column = ConfidenceColumn("confidence")
        assert [column.text(each) for each in rows()] == ["0.40", "", ""]
        assert column.keys(rows()) == [0.4, -1.0, -1.0]

    def test_problems_are_told_one_after_the_other(self, ships, rows):
        column = ProblemColumn("problem")
        found = [Problem(annotation_id=ships[0], rule=rule, message=rule) for rule in ("tiny", "size")]
        column.problems = {ships[0]: found}
        assert [column.text(each) for each in rows()] == ["tiny; size", "", ""]

    def test_all_answers_stand_in_a_line_and_are_edited_elsewhere(self, rows):
        column = AttributesColumn("attributes")
        assert column.text(rows()[0]) == "category merchant, type tanker"
        assert "column of its own" in column.why_not(rows()[0])


class TestAttributes:
    def test_an_option_is_shown_by_its_name_as_its_class_asks_it(self, labels, rows):
        assert [AttributeColumn("category", labels).text(each) for each in rows()] == ["Merchant", "Fishing", ""]
        assert [AttributeColumn("type", labels).text(each) for each in rows()] == ["Tanker", "", ""]

    def test_it_knows_which_class_asks_it(self, labels, rows):
        merchant, fishing, wake = (AttributeColumn("type", labels).attribute(each) for each in rows())
        assert "tanker" in {option.id for option in merchant.options}
        assert "trawler" in {option.id for option in fishing.options}
        assert wake is None

    def test_an_answer_that_hangs_on_another_goes_with_it(self, labels, ships, rows):
        assert AttributeColumn("category", labels).change(ships[:1], "passenger") == 0
        assert rows()[0].attributes == {"category": "passenger"}

    def test_those_that_are_not_asked_stay_and_are_counted(self, labels, ships, rows):
        assert AttributeColumn("length_m", labels).change(ships, 42) == 1
        assert [each.attributes.get("length_m") for each in rows()] == [42, 42, None]
        assert labels.store.undo_titles[0] == "set length_m of 2 annotations"

    def test_a_refused_answer_changes_none(self, labels, ships, rows):
        with pytest.raises(AttributeValueError, match="less than 1 m"):
            AttributeColumn("length_m", labels).change(ships, 0)
        assert [each.attributes.get("length_m") for each in rows()] == [None, 20, None]

    def test_only_yes_or_no_has_a_box(self, labels, rows):
        assert [AttributeColumn("wake", labels).is_check(each) for each in rows()] == [True, True, False]
        assert not AttributeColumn("name", labels).is_check(rows()[0])

    def test_what_is_archived_has_no_column_to_choose(self, labels):
        known = attribute_names(labels.ontology)
        without = attribute_names(archive_attribute(labels.ontology, "ship", ("length_m",)))
        assert known.keys() - without.keys() == {"length_m"}
        assert attribute_names(archive_class(labels.ontology, "ship")).keys() < known.keys()
