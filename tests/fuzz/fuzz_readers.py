"""Throw mutated files at the reader of one format: ``python tests/fuzz/fuzz_readers.py cvat --seconds 60``.

atheris guides the mutations by what our own code does with them; GDAL and
SQLite are fuzzed by others.  A reader may return columns or raise a
`GeoLabelError` of one sentence; anything else is a find, whose bytes atheris
leaves in the folder that it is told to.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import warnings
from importlib import import_module
from pathlib import Path

import shapely
from affine import Affine
from pyproj import CRS

from napari_geolabel.annotations import Annotation
from napari_geolabel.errors import GeoLabelError
from napari_geolabel.formats import FORMATS
from napari_geolabel.formats.label_set import Image, LabelSet
from napari_geolabel.geo import GeoGrid
from napari_geolabel.ontology import Attribute, LabelClass, Ontology, Option

SHAPE = (64, 80)
SCENE = Image(name="scene.tif", shape=SHAPE)
GRID = GeoGrid(shape=SHAPE, transform=Affine(10, 0, 499980, 0, -10, 5400000), crs=CRS.from_epsg(32633))
READERS = sorted(form.id for form in FORMATS.values() if form.reads and form.writes and form.content == "vector")
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


def one_input(form_id: str, data: bytes, path: Path) -> str:
    """Read some bytes as a file of a format, and return what was said.

    Raises
    ------
    FindError
        If the reader says what is no sentence.
    """
    path.write_bytes(data)
    form = FORMATS[form_id]
    form.recognises(data[: 2**16])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            columns = form.read(path, SCENE)
            class_map = dict.fromkeys([None, *columns.class_ids], "ship")
            _, report = columns.to_annotations(GRID, ONTOLOGY, class_map=class_map)
            said = [reason for _, reason in report.skipped] + report.notes
        except GeoLabelError as error:
            said = [str(error)]
    for sentence in said:
        if not sentence or "\n" in sentence or len(sentence) > LONGEST:
            raise FindError(f"{form_id} says {sentence[:LONGEST]!r}")
    return "; ".join(said)


def main() -> None:
    """Fuzz one reader for a while."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("form_id", choices=READERS)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--finds", type=Path, default=Path("test-artefacts") / "fuzz")
    wanted = parser.parse_args()

    import atheris

    reader = FORMATS[wanted.form_id].reader
    with atheris.instrument_imports(include=["napari_geolabel.formats"]):
        import_module(str(reader).partition(":")[0])  # before anything else loads it
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder) / "corpus"
        corpus.mkdir()
        for number, seed in enumerate(seeds(wanted.form_id)):
            (corpus / str(number)).write_bytes(seed)
        wanted.finds.mkdir(parents=True, exist_ok=True)
        path = Path(folder) / f"scene{FORMATS[wanted.form_id].suffixes[-1]}"
        lay_beside(wanted.form_id, path)
        options = [f"-max_total_time={wanted.seconds}", f"-artifact_prefix={wanted.finds}/{wanted.form_id}-"]
        atheris.Setup(
            [sys.argv[0], *options, "-timeout=30", str(corpus)], lambda data: one_input(wanted.form_id, data, path)
        )
        atheris.Fuzz()


if __name__ == "__main__":
    main()
