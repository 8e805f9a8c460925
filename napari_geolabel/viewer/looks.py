"""How annotations look in napari's layers, and what their rows are called there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_geolabel.annotations.annotation import Annotation, Status
from napari_geolabel.geo import FloatArray
from napari_geolabel.ontology.model import Ontology
from napari_geolabel.viewer.geometry_display import Drawing

FACE_ALPHA = 0.25
"""Opacity of the inside of shapes, so that the scene stays readable."""
SUGGESTED_ALPHA = 0.08
"""Opacity of the inside of suggestions."""

NO_FEATURES = {"class": "", "id": "", "part": 0}
"""Features of a row that is no annotation yet."""


def shape_colors(annotations: Sequence[Annotation], ontology: Ontology) -> tuple[FloatArray, FloatArray]:
    """Return edge and face colours of shapes, RGBA from 0 to 1, shape (n, 4); the dashes of suggestions come apart."""
    edge, face = class_colors([annotation.class_id for annotation in annotations], ontology)
    suggested = are_suggested(annotations)
    edge[suggested, 3] = 0.0
    face[suggested, 3] = SUGGESTED_ALPHA
    return edge, face


def point_colors(annotations: Sequence[Annotation], ontology: Ontology) -> tuple[FloatArray, FloatArray]:
    """Return border and face colours of points: a disc with a white rim, a ring for suggestions."""
    border, face = class_colors([annotation.class_id for annotation in annotations], ontology)
    suggested = are_suggested(annotations)
    border[~suggested] = 1.0
    face[:, 3] = ~suggested
    return border, face


def class_colors(class_ids: Sequence[str], ontology: Ontology) -> tuple[FloatArray, FloatArray]:
    """Return edge and face colours of classes, RGBA from 0 to 1, shape (n, 4)."""
    colors = [ontology[class_id].color for class_id in class_ids]
    edge = np.array([[int(c[i : i + 2], 16) / 255 for i in (1, 3, 5)] + [1.0] for c in colors]).reshape(-1, 4)
    return edge, edge * (1, 1, 1, FACE_ALPHA)


def are_suggested(annotations: Sequence[Annotation]) -> NDArray[np.bool_]:
    """Return which annotations are suggestions, shape (n,)."""
    return np.array([annotation.status is Status.SUGGESTED for annotation in annotations], bool)


def features_of(annotations: Sequence[Annotation], parts: Sequence[Sequence[Drawing]]) -> dict[str, NDArray[Any]]:
    """Return the feature columns of what is shown, one value per row."""
    rows = [(a.class_id, a.id, part) for a, drawn in zip(annotations, parts, strict=True) for part in range(len(drawn))]
    return {
        "class": np.array([row[0] for row in rows], object),
        "id": np.array([row[1] for row in rows], object),
        "part": np.array([row[2] for row in rows], np.int64),
    }
