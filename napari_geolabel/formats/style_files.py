"""Styles beside a file of labels, in the colours of the ontology: QML for QGIS, SLD for GeoServer and others.

QGIS takes ``<name>.qml`` beside a file by itself, and passes over a style
that is meant for another type of geometry.  So the file of that name is for
the type that most labels have, and those of the others are called after
their type, to be loaded by hand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Literal

import numpy as np
import shapely
from numpy.typing import NDArray

from napari_geolabel.errors import FormatError
from napari_geolabel.files import atomic_write
from napari_geolabel.formats.format import Format
from napari_geolabel.formats.qml import GeometryType, vector_qml, vector_sld
from napari_geolabel.ontology import Ontology

Style = Literal["qml", "sld"]
STYLES: tuple[Style, ...] = ("qml", "sld")
"""The styles that can stand beside a file."""
_TYPES: tuple[GeometryType, ...] = ("Point", "LineString", "Polygon")  # by their dimension
_NAMES: Mapping[GeometryType, str] = {"Polygon": "areas", "LineString": "lines", "Point": "points"}
_MAKERS: Mapping[str, Callable[[Ontology, GeometryType, str], str]] = {
    "qml": lambda ontology, kind, _: vector_qml(ontology, kind),
    "sld": lambda ontology, kind, name: vector_sld(ontology, kind, name=name),
}


def check_styles(form: Format, styles: Iterable[str]) -> None:
    """Refuse styles that there are not, or that nothing beside a file of the format would follow.

    Raises
    ------
    FormatError
        If so.
    """
    unknown = [style for style in styles if style not in STYLES]
    if unknown:
        raise FormatError(f"{str(unknown[0])[:40]!r} is no style; choose {' or '.join(STYLES)}")
    if list(styles) and form.id == "gpkg":
        raise FormatError("a GeoPackage has its styles inside, for QGIS and as SLD; leave them out")
    if list(styles) and not form.is_styled:
        raise FormatError(f"no style goes with {form.title}; write GeoJSON, FlatGeobuf or a Shapefile")


def write_styles(path: Path, ontology: Ontology, geometries: NDArray[np.object_], styles: Iterable[str]) -> list[Path]:
    """Write styles beside a file of labels, and return where they are.

    Parameters
    ----------
    path
        The file of labels.
    ontology
        Its classes and their colours.
    geometries
        What is in the file, shape (n,).
    styles
        Which are wanted.

    Raises
    ------
    WriteError
        If one cannot be written.
    """
    counts = Counter(_TYPES[dimension] for dimension in shapely.get_dimensions(geometries).tolist())
    types = [kind for kind, _ in counts.most_common()] or ["Polygon"]
    stem = path.name.removesuffix(".zip").rpartition(".")[0]
    written = []
    for style in styles:
        for kind in types:
            middle = "" if kind == types[0] else f".{_NAMES[kind]}"
            target = path.with_name(f"{stem}{middle}.{style}")
            with atomic_write(target) as temporary:
                temporary.write_text(_MAKERS[style](ontology, kind, stem), encoding="utf-8")
            written.append(target)
    return written
