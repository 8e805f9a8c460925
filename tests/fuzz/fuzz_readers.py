"""Throw mutated files at one reader: ``python tests/fuzz/fuzz_readers.py cvat --seconds 60``.

atheris guides the mutations by what our own code does with them; GDAL and
SQLite are fuzzed by others.  A reader may return what it has read or raise a
`GeoLabelError` of one sentence; anything else is a find, whose bytes atheris
leaves in the folder that it is told to.  GeoJSON that is read line by line
must besides be what it is when it is read as a whole.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import numpy as np
import shapely
from affine import Affine
from pyproj import CRS

from napari_geolabel.annotations import Annotation
from napari_geolabel.errors import GeoLabelError
from napari_geolabel.formats import FORMATS
from napari_geolabel.formats.label_set import Image, LabelSet
from napari_geolabel.geo import GeoGrid
from napari_geolabel.masks import Mask, MaskEntry
from napari_geolabel.ontology import Attribute, LabelClass, Ontology, Option

SHAPE = (64, 80)
SCENE = Image(name="scene.tif", shape=SHAPE)
GRID = GeoGrid(shape=SHAPE, transform=Affine(10, 0, 499980, 0, -10, 5400000), crs=CRS.from_epsg(32633))
OPTIONS = (Option(id="a", name="A"), Option(id="b", name="B"))
ONTOLOGY = Ontology(
    id="fuzz",
    name="Fuzz",
    version="1",
    classes=(
        LabelClass(
            id="ship",
            name="Ship",
            color="#ff0000",
            mask_value=1,
            kinds=("box", "rotated_box", "polygon", "polyline", "keypoint"),
            attributes=(
                Attribute(id="word", name="Word", type="text"),
                Attribute(id="some", name="Some", type="checklist", options=OPTIONS),
            ),
        ),
    ),
    scene_attributes=(Attribute(id="haze", name="Haze", type="boolean"),),
)
LONGEST = 500
OURS = ("napari_geolabel.formats.", "napari_geolabel.ontology.")
"""What atheris looks into."""


class FindError(AssertionError):
    """A reader did what it must not."""


def shapes() -> list[tuple[str, shapely.Geometry]]:
    """Return a small geometry of every kind."""
    pierced = shapely.box(5, 5, 20.5, 20).difference(shapely.box(8, 8, 10, 11))
    return [
        ("box", shapely.box(1.25, 2.5, 9.75, 8)),
        ("rotated_box", shapely.Polygon([(30, 20), (40, 30), (35, 35), (25, 25)])),
        ("polygon", pierced),
        ("polygon", shapely.MultiPolygon([shapely.box(30, 30, 33, 35), shapely.box(40, 40, 41, 42)])),
        ("polyline", shapely.LineString([(1, 1), (2, 3)])),
        ("keypoint", shapely.Point(4, 5)),
    ]


def seeds(form_id: str) -> list[bytes]:
    """Return good files to begin with: one of all kinds, one of each, one of none."""
    drawn = [
        Annotation(class_id="ship", kind=kind, geometry=geometry, attributes={"word": "a", "some": ("a",)})
        for kind, geometry in shapes()
    ]
    form, found = FORMATS[form_id], []
    for chosen in (drawn, [], *([each] for each in drawn)):
        labels = LabelSet(
            annotations=chosen,
            grid=GRID,
            ontology=ONTOLOGY,
            scene_name="scene",
            image_name="scene.tif",
            scene_attributes={"haze": True},
        )
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"scene{form.suffixes[-1]}"
            form.write(path, labels)
            found.append(path.read_bytes())
    return found


def lay_beside(form_id: str, path: Path) -> None:
    """Write a good file where mutated ones will stand, so that what belongs to it lies beside them."""
    drawn = [Annotation(class_id="ship", kind=kind, geometry=geometry) for kind, geometry in shapes()]
    FORMATS[form_id].write(path, LabelSet(annotations=drawn, grid=GRID, ontology=ONTOLOGY, scene_name="scene"))


def read_labels(form_id: str, path: Path) -> list[str]:
    """Read a file of labels as a format, and return what is said of it."""
    with path.open("rb") as file:
        FORMATS[form_id].recognises(file.read(2**16))
    columns = FORMATS[form_id].read(path, SCENE)
    class_map = dict.fromkeys([None, *columns.class_ids], "ship")
    _, report = columns.to_annotations(GRID, ONTOLOGY, class_map=class_map)
    return [reason for _, reason in report.skipped] + report.notes


def read_both_ways(path: Path) -> list[str]:
    """Read GeoJSON line by line, where that goes, and as a whole.

    Raises
    ------
    FindError
        If that makes a difference.
    """
    from napari_geolabel.formats.geojson_read import columns_of, read_geojson
    from napari_geolabel.formats.texts import read_json

    by_line, whole = (
        _outcome(read) for read in (lambda: read_geojson(path), lambda: columns_of(read_json(path), path.name))
    )
    if by_line != whole and not isinstance(by_line, str):
        raise FindError(f"line by line {str(by_line)[:LONGEST]}, and as a whole {str(whole)[:LONGEST]}")
    return [by_line] if isinstance(by_line, str) else []


def _outcome(read: Callable[[], Any]) -> Any:
    """Return all that columns hold, or what is said instead."""
    try:
        found = read()
    except (GeoLabelError, AttributeError) as error:  # a list of JSON has no members
        return str(error)
    pixels = None if found.pixels is None else [shapely.to_wkb(g) for g in found.pixels.geometries]
    return (
        [shapely.to_wkb(g) for g in found.geometries],
        *(found.where, found.skipped, found.ids, found.class_ids, found.properties, found.crs.to_wkt()),
        *(pixels, found.scene_attributes),
    )


def panoptic_mask() -> Mask:
    """Return a mask of two ships on nothing."""
    array = np.zeros(SHAPE, np.uint32)
    array[5:20, 5:20], array[30:40, 30:60] = 1001, 1002
    table = {
        value: MaskEntry(value=value, class_id="ship", name="Ship", color="#ff0000", annotation_id=str(value))
        for value in (1001, 1002)
    }
    return Mask(array=array, grid=GRID, flavour="panoptic", table=table, divisor=1000)


def panoptic_seeds() -> list[bytes]:
    """Return the JSON that goes with a panoptic PNG."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "scene.panoptic.json"
        lay_png(path)
        return [path.read_bytes()]


def lay_png(path: Path) -> None:
    """Write a panoptic PNG where the JSON of that name describes it."""
    FORMATS["coco-panoptic"].write(png_of(path), panoptic_mask())


def png_of(path: Path) -> Path:
    """Return the PNG whose segments a JSON describes."""
    return path.with_suffix("").with_suffix(".png")


def read_panoptic(path: Path) -> list[str]:
    """Read the panoptic PNG beside a JSON."""
    from napari_geolabel.formats.panoptic_read import read_coco

    read_coco(png_of(path), ONTOLOGY)
    return []


def ontology_seeds(format_id: str) -> list[bytes]:
    """Return the ontology of labels as another program has it."""
    from napari_geolabel.ontology.exchange import ONTOLOGY_FORMATS

    return [ONTOLOGY_FORMATS[format_id].writer(ONTOLOGY).encode()]


def read_classes(format_id: str, path: Path) -> list[str]:
    """Read an ontology of another program, and return what is said of it."""
    from napari_geolabel.ontology.exchange import read_ontology

    return read_ontology(path, format=format_id).notes


@dataclass(frozen=True, kw_only=True)
class Target:
    """A reader, and what is thrown at it."""

    suffix: str
    seeds: Callable[[], list[bytes]]
    """Good files to begin with."""
    read: Callable[[Path], list[str]]
    """Reads a file and returns what is said of it."""
    prepare: Callable[[Path], object] = lambda path: None
    """Lays beside a file what belongs to it."""


def targets() -> Mapping[str, Target]:
    """Return all readers by name: of labels, of masks that a text describes, of ontologies."""
    from napari_geolabel.ontology.exchange import ONTOLOGY_FORMATS

    found = {
        form.id: Target(
            suffix=form.suffixes[-1],
            seeds=partial(seeds, form.id),
            read=partial(read_labels, form.id),
            prepare=partial(lay_beside, form.id),
        )
        for form in FORMATS.values()
        if form.reads and form.writes and form.content == "vector"
    }
    found["geojson-by-line"] = Target(suffix=".geojson", seeds=partial(seeds, "geojson"), read=read_both_ways)
    found["coco-panoptic"] = Target(suffix=".panoptic.json", seeds=panoptic_seeds, read=read_panoptic, prepare=lay_png)
    for form in ONTOLOGY_FORMATS.values():
        found[f"ontology-{form.id}"] = Target(
            suffix=form.suffix,
            seeds=partial(ontology_seeds, form.id),
            read=partial(read_classes, form.id),
        )
    return dict(sorted(found.items()))


TARGETS = targets()
READERS = list(TARGETS)


def one_input(name: str, data: bytes, path: Path) -> str:
    """Give a reader some bytes as a file, and return what was said.

    Raises
    ------
    FindError
        If the reader says what is no sentence.
    """
    path.write_bytes(data)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            said = TARGETS[name].read(path)
        except GeoLabelError as error:
            said = [str(error)]
    for sentence in said:
        if not sentence or "\n" in sentence or len(sentence) > LONGEST:
            raise FindError(f"{name} says {sentence[:LONGEST]!r}")
    return "; ".join(said)


def functions_of(module: ModuleType) -> list[FunctionType]:
    """Return the functions and methods that a module defines."""
    places = [vars(module), *(vars(each) for each in vars(module).values() if isinstance(each, type))]
    found = [each for place in places for each in place.values() if isinstance(each, FunctionType)]
    return [each for each in found if each.__module__ == module.__name__]


def main() -> None:
    """Fuzz one reader for a while."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("reader", choices=READERS)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--finds", type=Path, default=Path("test-artefacts") / "fuzz")
    wanted = parser.parse_args()

    import atheris

    target = TARGETS[wanted.reader]
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder) / "corpus"
        corpus.mkdir()
        for number, seed in enumerate(target.seeds()):
            (corpus / str(number)).write_bytes(seed)
        wanted.finds.mkdir(parents=True, exist_ok=True)
        path = Path(folder) / f"scene{target.suffix}"
        target.prepare(path)
        for seed in target.seeds():
            one_input(wanted.reader, seed, path)  # so that all that reads it is loaded
        for module in [each for name, each in sys.modules.items() if name.startswith(OURS)]:
            for function in functions_of(module):
                atheris.instrument_func(function)
        options = [f"-max_total_time={wanted.seconds}", f"-artifact_prefix={wanted.finds}/{wanted.reader}-"]
        atheris.Setup(
            [sys.argv[0], *options, "-timeout=30", str(corpus)], lambda data: one_input(wanted.reader, data, path)
        )
        atheris.Fuzz()


if __name__ == "__main__":
    main()
