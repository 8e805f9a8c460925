"""What the fields above the table ask for."""

from __future__ import annotations

import pytest

from napari_geolabel.annotations.annotation import Status
from napari_geolabel.annotations.filters import AnnotationFilter, AttributeTest
from napari_geolabel.errors import AttributeValueError
from napari_geolabel.ontology import load_ontology
from napari_geolabel.widgets.filter_bar import FilterBar


@pytest.fixture
def bar(labels, qtbot):
    made = FilterBar(labels)
    qtbot.addWidget(made)
    return made


def test_at_first_all_are_wanted(bar):
    assert bar.wanted == AnnotationFilter()


def test_the_first_row_asks_for_class_status_text_and_problems(bar):
    bar.search.setText(" maru ")
    bar.classes.setCurrentText("Wake")
    bar.statuses.setCurrentText("accepted")
    bar.only_problems.setChecked(True)
    expected = AnnotationFilter(text="maru", class_ids=("wake",), statuses=(Status.ACCEPTED,), only_problems=True)
    assert bar.wanted == expected


def test_the_second_row_asks_for_size_and_an_attribute_while_it_is_seen(bar):
    bar.more.setChecked(True)
    bar.least.setText("12,5")
    bar.most.setText("100")
    bar.attributes.setCurrentText("Category")
    bar.value.setCurrentText("Fishing")
    test = AttributeTest(attribute="category", value="Fishing")
    assert bar.wanted == AnnotationFilter(min_length=12.5, max_length=100, where=[test])
    bar.measure.setCurrentIndex(1)
    bar.how.setCurrentText("is missing")
    missing = AttributeTest(attribute="category", how="missing", value="Fishing")
    assert bar.wanted == AnnotationFilter(min_area=12.5, max_area=100, where=[missing])
    assert not bar.value.isEnabled()
    bar.more.setChecked(False)
    assert bar.wanted == AnnotationFilter()
    assert bar.details.isHidden()


def test_an_attribute_without_a_value_asks_nothing_yet(bar):
    bar.more.setChecked(True)
    bar.attributes.setCurrentText("Name")
    assert bar.wanted == AnnotationFilter(where=[])


def test_values_are_offered_where_they_are_known(bar):
    def offered():
        return [bar.value.itemText(place) for place in range(bar.value.count())]

    bar.attributes.setCurrentIndex(bar.attributes.findData("category"))
    assert "Merchant" in offered()
    bar.attributes.setCurrentIndex(bar.attributes.findData("wake"))
    assert offered() == ["", "yes", "no"]
    bar.attributes.setCurrentIndex(bar.attributes.findData("name"))
    assert offered() == [""]


def test_a_size_that_is_no_number_is_refused_in_a_sentence(bar):
    bar.more.setChecked(True)
    bar.least.setText("long")
    with pytest.raises(AttributeValueError, match="'long' is not a size; write a number"):
        assert bar.wanted


def test_every_field_tells_that_it_has_changed(bar):
    told = []
    bar.changed.connect(lambda: told.append(True))
    steps = [
        lambda: bar.search.setText("a"),
        lambda: bar.classes.setCurrentIndex(1),
        lambda: bar.statuses.setCurrentIndex(1),
        lambda: bar.only_problems.toggle(),
        lambda: bar.more.toggle(),
        lambda: bar.measure.setCurrentIndex(1),
        lambda: bar.least.setText("1"),
        lambda: bar.most.setText("2"),
        lambda: bar.attributes.setCurrentIndex(1),
        lambda: bar.how.setCurrentIndex(1),
        lambda: bar.value.setCurrentText("x"),
    ]
    for number, step in enumerate(steps, start=1):
        step()
        assert len(told) == number


def test_another_ontology_offers_its_own_and_keeps_what_it_has_too(bar, labels):
    bar.classes.setCurrentText("Wake")
    bar.attributes.setCurrentText("Category")
    bar.offer()
    assert (bar.classes.currentText(), bar.attributes.currentText()) == ("Wake", "Category")
    labels.use_ontology(load_ontology("clouds"))
    bar.offer()
    assert bar.classes.currentData() is bar.attributes.currentData() is None
    assert bar.classes.count() == len(labels.ontology.classes) + 1
