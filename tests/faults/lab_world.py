"""What the fault tests share: a small world, random work in it, and what must be true of a label file after a fault."""

from __future__ import annotations

import hashlib
import json
import random
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from affine import Affine
from pyproj import CRS

from napari_geolabel import open_labels, open_scene
from napari_geolabel.annotations import Annotation
from napari_geolabel.geo import GeoGrid
from napari_geolabel.labelfile import Contents
from napari_geolabel.labelfile.rows import encode
from napari_geolabel.labels import Labels
from napari_geolabel.ontology import Attribute, Kind, LabelClass, Ontology

GRID = GeoGrid(shape=(700, 900), transform=Affine(10, 0, 399_960, 0, -10, 5_300_040), crs=CRS.from_epsg(32633))
LAYERS = ("labels_polygon", "labels_line", "labels_point")
ONTOLOGY = Ontology(
    id="faults",
    name="Faults",
    version="1",
    classes=(
        LabelClass(
            id="ship",
            name="Ship",
            color="#ff0000",
            mask_value=1,
            kinds=(Kind.BOX, Kind.POLYGON, Kind.MASK),
            attributes=(Attribute(id="name", name="Name", type="text"),),
        ),
        LabelClass(id="buoy", name="Buoy", color="#0000ff", mask_value=2, kinds=(Kind.KEYPOINT, Kind.MASK)),
        LabelClass(id="wake", name="Wake", color="#00ffff", mask_value=3, kinds=(Kind.POLYLINE, Kind.MASK)),
    ),
    scene_attributes=(Attribute(id="note", name="Note", type="text"),),
)


def open_desk(path: Path, annotator: str = "Ann", before_record: Callable[[Labels], None] | None = None) -> Labels:
    """Open a label file to work in, as a script would; its scene lies beside it.

    Parameters
    ----------
    path
        The label file.
    annotator
        Who works.
    before_record
        Called when store and mask are new and the file does not know of it yet.
    """
    labels = open_labels(path, scene=open_scene(_scene_beside(path)), ontology=ONTOLOGY, annotator=annotator)
    if before_record is not None:
        file = labels._file
        record = file.record

        def tell_and_record(change: Any) -> int:
            before_record(labels)
            return record(change)

        file.record = tell_and_record
    return labels


def digest_of_labels(labels: Labels) -> str:
    """Return a hash of all that a session holds."""
    return digest(list(labels.store.values()), labels.canvas.array, labels.scene_attributes)


def digest_of_contents(contents: Contents) -> str:
    """Return the hash of what a label file holds."""
    array = np.zeros(GRID.shape, np.uint8)
    for (row, col), pixels in contents.tiles.items():
        part = array[row * 256 : row * 256 + 256, col * 256 : col * 256 + 256]
        part[...] = np.frombuffer(pixels, np.uint8).reshape(part.shape)
    return digest(contents.annotations, array, contents.scene_attributes)


def digest(annotations: list[Annotation], array: np.ndarray, scene_attributes: Mapping[str, Any]) -> str:
    """Return a hash of annotations, mask and scene attributes.

    Draw order is left out: a store that was opened after a removal does not
    know the place of what undo brings back, the file does.
    """
    found = hashlib.blake2b(digest_size=12)
    for annotation in sorted(annotations, key=lambda annotation: annotation.id):
        found.update(encode(annotation))
    found.update(np.ascontiguousarray(array).tobytes())
    found.update(json.dumps(dict(scene_attributes), sort_keys=True).encode())
    return found.hexdigest()


def work(labels: Labels, dice: random.Random, number: int) -> None:
    """Do something that a user might do next."""
    ids = list(labels)
    what = dice.choice(["add", "add", "add", "many", "edit", "edit", "remove", "paint", "paint", "answer", "undo"])
    x, y = dice.uniform(0, 800), dice.uniform(0, 600)
    if what == "undo":
        labels.undo()
        if dice.random() < 0.3:
            labels.redo()
    elif what == "add" or (what in {"edit", "remove"} and not ids):
        add_one(labels, dice, x, y, number)
    elif what == "many":
        ships = [shapely.box(x + n, y, x + n + 10, y + 5) for n in range(dice.randint(2, 40))]
        labels.add_many(ships, "ship", kind=Kind.BOX, attributes={"name": f"fleet {number}"})
    elif what == "edit":
        old = labels[dice.choice(ids)]
        moved = shapely.transform(old.geometry, lambda xy: xy + dice.randint(-3, 3))
        labels.update(old.id, geometry=moved, confidence=dice.random())
    elif what == "remove":
        labels.remove(dice.sample(ids, min(3, len(ids))))
    elif what == "paint":
        brush = shapely.Point(x, y).buffer(dice.uniform(5, 120))
        labels.paint(brush, dice.choice(["ship", "buoy", "wake", None]))
    else:
        labels.classify_scene(note=f"note {number}")


def add_one(labels: Labels, dice: random.Random, x: float, y: float, number: int) -> None:
    """Add an annotation of any kind."""
    kind = dice.choice([Kind.BOX, Kind.POLYGON, Kind.KEYPOINT, Kind.POLYLINE])
    if kind is Kind.KEYPOINT:
        labels.add(shapely.Point(x, y), "buoy", kind=kind)
    elif kind is Kind.POLYLINE:
        labels.add(shapely.LineString([(x, y), (x + 9, y + dice.random())]), "wake", kind=kind)
    else:
        labels.add(shapely.box(x, y, x + 10, y + 5), "ship", kind=kind, attributes={"name": f"ship {number}"})


def check_soundness(path: Path, contents: Contents) -> None:
    """Check what SQLite, GDAL and the journal say of a file."""
    import pyogrio

    with closing(sqlite3.connect(path)) as db:
        if db.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
            raise AssertionError("integrity check failed")
        for layer in LAYERS:
            verdict = db.execute(f"SELECT rtreecheck('rtree_{layer}_geom')").fetchone()[0]
            if verdict != "ok":
                raise AssertionError(f"the index of {layer} is wrong: {verdict}")
        torn = db.execute(
            "SELECT count(*) FROM change c WHERE edits != (SELECT count(*) FROM journal j WHERE j.seq = c.seq) "
            "OR tiles != (SELECT count(*) FROM journal_tile t WHERE t.seq = c.seq)"
        ).fetchone()[0]
        if torn:
            raise AssertionError(f"{torn} changes are not whole")
    ids: list[str] = []
    for layer in LAYERS:
        ids += list(pyogrio.read_dataframe(path, layer=layer)["id"])
    if sorted(ids) != sorted(annotation.id for annotation in contents.annotations):
        raise AssertionError("GDAL sees other features than there are annotations")


def _scene_beside(path: Path) -> Path:
    """Return the scene of a label file, made where there is none yet."""
    import rasterio

    scene = path.with_name("scene.tif")
    if not scene.exists():
        profile = {"driver": "GTiff", "count": 1, "dtype": "uint8", "height": GRID.shape[0], "width": GRID.shape[1]}
        with rasterio.open(scene, "w", **profile, crs=GRID.crs.to_wkt(), transform=GRID.transform) as file:
            file.write(np.random.default_rng(1).integers(1, 255, (1, *GRID.shape), dtype=np.uint8))
    return scene
