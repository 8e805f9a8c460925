"""The error tree: one base, builtin parents, one sentence."""

from __future__ import annotations

import inspect

import pytest

from napari_geolabel import errors
from napari_geolabel.errors import GeoLabelError

LEAVES = [
    cls
    for _, cls in inspect.getmembers(errors, inspect.isclass)
    if issubclass(cls, GeoLabelError) and cls is not GeoLabelError
]


@pytest.mark.parametrize("leaf", LEAVES)
def test_every_leaf_is_also_the_builtin_error_that_a_caller_expects(leaf):
    assert issubclass(leaf, ValueError | KeyError | OSError | RuntimeError)
    with pytest.raises(GeoLabelError):
        raise leaf("x is wrong; use y")


@pytest.mark.parametrize("leaf", [GeoLabelError, *LEAVES])
def test_the_text_of_an_error_is_its_sentence_alone(leaf):
    assert str(leaf('no band named "nir"; use red')) == 'no band named "nir"; use red'


@pytest.mark.parametrize("leaf", [GeoLabelError, *LEAVES])
def test_an_error_without_a_sentence_still_has_a_text(leaf):
    assert str(leaf()) == leaf.__name__


@pytest.mark.parametrize("leaf", [GeoLabelError, *LEAVES])
def test_every_error_says_when_it_is_raised(leaf):
    assert leaf.__doc__
    assert leaf.__doc__.splitlines()[0].endswith(".")


def test_there_are_as_many_as_the_documentation_counts():
    assert {leaf.__name__ for leaf in LEAVES} >= {
        "MissingFileError",
        "UnsafeFileError",
        "WriteError",
        "SceneError",
        "NotGeoreferencedError",
        "BandNotFoundError",
        "CompositeError",
        "ExpressionError",
        "OntologyError",
        "UnknownClassError",
        "ForbiddenKindError",
        "AttributeValueError",
        "GeometryError",
        "UnknownAnnotationError",
        "FormatError",
        "MaskValueError",
    }
