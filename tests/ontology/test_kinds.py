"""Kinds of annotation."""

from __future__ import annotations

import shapely

from napari_geolabel.ontology import Kind


def test_kinds_are_their_words():
    assert [str(kind) for kind in Kind] == ["box", "rotated_box", "polygon", "polyline", "keypoint", "mask"]
    assert Kind("rotated_box") is Kind.ROTATED_BOX


def test_every_kind_but_the_mask_names_geometry_types_of_shapely():
    for kind in Kind:
        assert all(hasattr(shapely, name) for name in kind.geometry_types)
        assert bool(kind.geometry_types) == (kind is not Kind.MASK)
