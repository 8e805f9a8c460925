"""Composites survive being written and read; what is wrong in a file is told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_geolabel.errors import CompositeError, ExpressionError, GeoLabelError, MissingFileError
from napari_geolabel.imagery import Composite, Stretch
from napari_geolabel.imagery.composite_files import (
    composite_from,
    composite_to,
    composites_from,
    read_composites,
    stretch_from,
    stretch_to,
    write_composites,
)
from napari_geolabel.imagery.composites import composites, index_composite
from napari_geolabel.imagery.indices import indices

numbers = st.floats(-1e6, 1e6, allow_nan=False)
gammas = st.one_of(st.just("auto"), st.floats(0.1, 5))
pairs = st.tuples(numbers, st.floats(1e-3, 1e5)).map(lambda pair: (pair[0], pair[0] + 1 + pair[1]))
stretches = st.one_of(
    st.builds(Stretch.percentile, st.floats(0, 49), st.floats(51, 100), gamma=gammas),
    st.builds(Stretch.deviations, st.floats(0.1, 9), channels=st.sampled_from(["apart", "together"])),
    st.builds(Stretch.equalize),
    pairs.flatmap(lambda pair: st.builds(Stretch.fixed, st.just(pair[0]), st.just(pair[1]), gamma=gammas)),
    st.lists(pairs, min_size=3, max_size=3).map(lambda limits: Stretch.each(*limits)),
)
texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)


@given(stretches)
def test_a_stretch_is_the_same_after_being_written(stretch):
    assert stretch_from(stretch_to(stretch)) == stretch


@given(stretches, texts, texts)
def test_a_composite_is_the_same_after_being_written(tmp_path_factory, stretch, id_, description):
    written = Composite(
        id=id_, title=id_, channels=("nir", "red / green", "ndvi"), stretch=stretch, description=description
    )
    path = tmp_path_factory.mktemp("composites") / "shared.toml"
    write_composites(path, [written], favourites=[id_, "ndvi"])
    found = read_composites(path)
    assert dict(found.composites) == {id_: written}
    assert found.favourites == (id_, "ndvi")


def test_all_that_come_with_the_package_are_the_same_after_being_written(tmp_path):
    known = {**composites(), **{id_: index_composite(index) for id_, index in indices().items()}}
    write_composites(tmp_path / "all.toml", known.values())
    assert dict(read_composites(tmp_path / "all.toml").composites) == known


def test_the_view_of_a_stretch_belongs_to_one_scene_and_is_not_shared():
    composite = Composite(id="x", title="x", channels=("red",), stretch=Stretch.percentile().within((0, 1, 0, 1)))
    assert composite_from(composite_to(composite)).stretch == Stretch.percentile()


def test_a_title_is_the_id_where_there_is_none():
    assert composite_from({"id": "x", "channels": ["red"]}).title == "x"


@pytest.mark.parametrize(
    ("plain", "words"),
    [
        ({"composites": []}, "composites means nothing here"),
        ({"composite": {}}, "not a list of tables"),
        ({"composite": [5]}, "not a list of tables"),
        ({"favourites": "ndvi"}, "not a list of texts"),
        ({"favourites": [1]}, "not a list of texts"),
        ({"composite": [{"channels": ["red"]}]}, "has no id"),
        ({"composite": [{"id": 5, "channels": ["red"]}]}, "which is not text"),
        ({"composite": [{"id": "x", "channels": "red"}]}, "not a list of texts"),
        ({"composite": [{"id": "x", "channels": ["red", "green"]}]}, "has 2 channels"),
        ({"composite": [{"id": "x", "channels": ["red"], "color": "blue"}]}, "color means nothing in a composite"),
        ({"composite": [{"id": "x", "channels": ["red"]}] * 2}, "two composites have the id 'x'"),
        ({"composite": [{"id": "x", "channels": ["red"], "stretch": 5}]}, "stretch 5 cannot be read"),
        ({"composite": [{"id": "x", "channels": ["red"], "stretch": {"method": "magic"}}]}, "its method is one of"),
        ({"composite": [{"id": "x", "channels": ["red"], "stretch": {"low": 1}}]}, "high of a stretch is None"),
        ({"composite": [{"id": "x", "channels": ["red"], "stretch": {"low": True, "high": 2}}]}, "not a number"),
        ({"composite": [{"id": "x", "channels": ["red"], "stretch": {"limits": [1, 2]}}]}, "not pairs of numbers"),
        ({"composite": [{"id": "x", "channels": ["red"], "stretch": {"low": 1, "high": 0}}]}, "swap them"),
        ({"composite": [{"id": "x", "channels": ["red"], "stretch": {"low": 1, "high": 2, "gamma": 0}}]}, "gamma 0"),
        ({"composite": [{"id": "x", "channels": ["red"], "stretch": {"low": 0, "high": 10**401}}]}, "too many digits"),
    ],
)
def test_what_is_wrong_is_told(plain, words):
    with pytest.raises(CompositeError, match=words):
        composites_from(plain)


@pytest.mark.parametrize("channel", ["__import__('os')", "red;", "", "red green"])
def test_a_channel_that_is_no_expression_is_refused_when_the_file_is_read(channel):
    with pytest.raises(ExpressionError):
        composite_from({"id": "x", "channels": [channel]})


@pytest.mark.parametrize(
    "text", [b"favourites = ", b"\xff\xfe", b"[composite]\nid = 5", b"a = " + b"[" * 5000, b"a = 1" + b"0" * 5000]
)
def test_a_damaged_file_is_named(tmp_path, text):
    path = tmp_path / "shared.toml"
    path.write_bytes(text)
    with pytest.raises(CompositeError, match=r"shared\.toml"):
        read_composites(path)


def test_a_file_that_is_missing_or_far_too_large_is_refused(tmp_path):
    with pytest.raises(MissingFileError):
        read_composites(tmp_path / "none.toml")
    large = tmp_path / "large.toml"
    large.write_bytes(b"#" * 1_000_001)
    with pytest.raises(CompositeError, match="larger than"):
        read_composites(large)


@given(
    st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5)),
        lambda part: (
            st.lists(part, max_size=3)
            | st.dictionaries(
                st.sampled_from(["id", "channels", "stretch", "method", "low", "high", "limits", "x"]), part, max_size=4
            )
        ),
        max_leaves=12,
    )
)
def test_any_values_are_either_understood_or_refused_in_a_sentence(values):
    try:
        found = composites_from({"composite": values})
    except GeoLabelError:
        return  # any other error would fail the test
    assert len(found.composites) == len(values)
