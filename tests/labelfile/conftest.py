"""Label files to test with: a grid, an ontology, annotations of each kind, and a state folder of their own."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import shapely
from affine import Affine
from pyproj import CRS

from napari_geolabel.annotations import Annotation, Change, Edit, Provenance, TileEdit
from napari_geolabel.geo import GeoGrid
from napari_geolabel.labelfile import LabelFile
from napari_geolabel.labelfile.birth import Content, create_file
from napari_geolabel.labelfile.connection import connect, trust
from napari_geolabel.labelfile.features import FeatureForm
from napari_geolabel.labelfile.gpkg_geometry import register_functions
from napari_geolabel.ontology import Attribute, Kind, LabelClass, Ontology, Option

TIME = datetime(2024, 5, 31, 12, 30, 15, 123456, tzinfo=UTC)


@pytest.fixture(autouse=True)
def state_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's state folder that is empty."""
    folder = tmp_path_factory.mktemp("state")
    monkeypatch.setenv("XDG_STATE_HOME", str(folder))
    return folder / "napari-geolabel"


@pytest.fixture(scope="session")
def utm() -> GeoGrid:
    """A grid of 600 x 500 pixels of 10 m in UTM zone 33."""
    return GeoGrid(shape=(500, 600), transform=Affine(10, 0, 399_960, 0, -10, 5_300_040), crs=CRS.from_epsg(32633))


@pytest.fixture(scope="session")
def ontology() -> Ontology:
    """Ships with questions of every type, roads and buoys."""
    return Ontology(
        id="harbour",
        name="Harbour",
        version="1",
        classes=(
            LabelClass(
                id="ship",
                name="Ship <of any kind>",
                color="#ff0000",
                mask_value=1,
                kinds=(Kind.BOX, Kind.ROTATED_BOX, Kind.POLYGON, Kind.MASK),
                attributes=(
                    Attribute(
                        id="category",
                        name="Category",
                        type="radio",
                        options=(Option(id="merchant", name="Merchant"), Option(id="naval", name="Naval")),
                    ),
                    Attribute(
                        id="cargo",
                        name="Cargo",
                        type="checklist",
                        options=(Option(id="ore", name="Ore"), Option(id="oil", name="Oil")),
                    ),
                    Attribute(id="name", name="Name", type="text"),
                    Attribute(id="draught", name="Draught", type="number", minimum=0, maximum=30),
                    Attribute(id="moored", name="Moored", type="boolean"),
                    Attribute(id="seen", name="Seen", type="date"),
                ),
            ),
            LabelClass(id="road", name="Road", color="#00ff00", mask_value=2, kinds=(Kind.POLYLINE,)),
            LabelClass(id="buoy", name="Buoy", color="#0000ff", mask_value=3, kinds=(Kind.KEYPOINT,)),
        ),
        scene_attributes=(
            Attribute(id="haze", name="Haze", type="number"),
            Attribute(id="note", name="Note", type="text"),
        ),
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the label file of a test lies."""
    return tmp_path / "scene.labels.gpkg"


@pytest.fixture
def open_file(path: Path, utm: GeoGrid, ontology: Ontology) -> Iterator[Callable[..., LabelFile]]:
    """Open the test's label file; whatever is left open is closed without writing at the end."""
    opened: list[LabelFile] = []

    def open_one(where: Path | None = None, **options: Any) -> LabelFile:
        options = {"grid": utm, "ontology": ontology, "annotator": "Ann", **options}
        file = LabelFile.open(where or path, **options)
        opened.append(file)
        return file

    yield open_one
    for file in opened:
        file.discard()


@pytest.fixture(scope="session")
def form(utm: GeoGrid, ontology: Ontology) -> FeatureForm:
    """How features of the test's label file are written."""
    return FeatureForm(grid=utm, ontology=ontology, srs_id=32633, image="scene.tif")


@pytest.fixture
def db(path: Path, utm: GeoGrid, ontology: Ontology) -> Iterator[sqlite3.Connection]:
    """A connection to the test's label file, which is new and empty."""
    create_file(path, utm, ontology, Content())
    with closing(connect(path)) as connection:
        connection.execute("PRAGMA synchronous = OFF")  # no test cuts the power
        trust(connection, path)
        yield connection


@pytest.fixture(scope="session")
def make_ship() -> Callable[..., Annotation]:
    """Make a ship of 10 x 5 pixels at a pixel."""

    def make(x: float = 100, y: float = 100, **fields: Any) -> Annotation:
        fields = {
            "class_id": "ship",
            "kind": Kind.BOX,
            "geometry": shapely.box(x, y, x + 10, y + 5),
            "provenance": Provenance(annotator="Ann", created=TIME, updated=TIME, tool="box tool"),
            **fields,
        }
        return Annotation(**fields)

    return make


@pytest.fixture(scope="session")
def add() -> Callable[..., Change]:
    """Return the change that adds annotations."""

    def make(*annotations: Annotation, title: str = "draw") -> Change:
        return Change(title=title, edits=tuple(Edit(after=annotation) for annotation in annotations))

    return make


@pytest.fixture(scope="session")
def update() -> Callable[..., Change]:
    """Return the change that gives an annotation other fields."""

    def make(annotation: Annotation, **fields: Any) -> Change:
        return Change(title="edit", edits=(Edit(before=annotation, after=annotation.edited(**fields)),))

    return make


@pytest.fixture(scope="session")
def paint() -> Callable[..., Change]:
    """Return the change that paints the first pixels of a whole mask tile."""

    def make(value: int, row: int = 0, col: int = 0, before: bytes | None = None, pixels: int = 100) -> Change:
        was = bytes(256 * 256) if before is None else before
        tile = TileEdit(row=row, col=col, before=was, after=bytes([value]) * pixels + was[pixels:])
        return Change(title="paint", tiles=(tile,))

    return make


@pytest.fixture
def sqlite() -> Callable[..., Any]:
    """Run statements in a file as another program would, and return the rows of the last."""

    def run(where: Path, *statements: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(where, timeout=60)) as db, db:  # a session may be writing
            register_functions(db)
            rows: list[tuple[Any, ...]] = []
            for statement in statements:
                rows = db.execute(statement).fetchall()
        return rows

    return run
