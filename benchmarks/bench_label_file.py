"""How long the label file takes, as ratios within one run: times alone say more about the machine than about us.

Run: ``python -m benchmarks.bench_label_file [count]``, by default with 100,000 annotations; ``make bench-labelfile``
does that and renews the table in ``docs/performance.md``.
"""

from __future__ import annotations

import os
import platform
import shutil
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import shapely
from affine import Affine
from pyproj import CRS

from benchmarks.page import PAGE, renew
from napari_geolabel import open_labels, open_scene
from napari_geolabel.annotations import Annotation
from napari_geolabel.geo import GeoGrid
from napari_geolabel.imagery.scene import Scene
from napari_geolabel.labelfile.connection import CACHE_KIB, LOG_PAGES
from napari_geolabel.ontology import Attribute, Kind, LabelClass, Ontology

GRID = GeoGrid(shape=(10980, 10980), transform=Affine(10, 0, 399960, 0, -10, 5300040), crs=CRS.from_epsg(32633))
SHIP = LabelClass(
    id="ship",
    name="Ship",
    color="#ff0000",
    mask_value=1,
    kinds=(Kind.BOX, Kind.POLYGON, Kind.MASK),
    attributes=(Attribute(id="name", name="Name", type="text"),),
)
ONTOLOGY = Ontology(id="bench", name="Bench", version="1", classes=(SHIP,))
ROUNDS = 300
COUNT = 100_000
NAME = {"name": "ship"}
Times = dict[str, list[tuple[float, float]]]
"""What was done to the seconds of each round, and how many of them the processor worked."""


def timed(action: Callable[[], object]) -> float:
    """Return the seconds that an action takes."""
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def clocked(action: Callable[[], object]) -> tuple[float, float]:
    """Return the seconds that an action takes, and how many of them the processor works, in all threads."""
    worked = time.process_time()
    return timed(action), time.process_time() - worked


def main(count: int) -> None:
    """Print what each operation takes, and keep it in the documentation."""
    data = Path(__file__).parent / "data"  # a folder for temporary files may lie in memory, where a sync costs nothing
    data.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=data) as name:
        os.environ["XDG_STATE_HOME"] = name
        lines = [*bulk(count, Path(name)), "", *edits(Path(name))]
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, "
    machine += f"SQLite {sqlite3.sqlite_version}, load at the end {os.getloadavg()[0]:.1f}"
    text = "\n".join([f"{count:,} boxes with one attribute. {machine}.", "", *lines])
    print(text)
    if count == COUNT:
        renew(PAGE, "labelfile", text)


def bulk(count: int, folder: Path) -> list[str]:
    """Time what is done to all annotations; leave a label file of ``count`` in the folder."""
    rows = ["| with all of them | s |", "|---|---:|"]
    shapes = [annotation.geometry for annotation in make_annotations(count)]
    scene = make_scene(folder)

    def note(what: str, action: Callable[[], object]) -> None:
        rows.append(f"| {what} | {timed(action):.1f} |")

    with closing(open_labels(folder / "single.labels.gpkg", scene=scene, ontology=ONTOLOGY)) as labels:
        note("single `add` of each", lambda: [labels.add(s, "ship", kind="box", attributes=NAME) for s in shapes])
        note("until the last one is durable", labels.flush)
    with closing(open_labels(folder / "bench.labels.gpkg", scene=scene, ontology=ONTOLOGY)) as labels:
        note("one `add_many`", lambda: labels.add_many(shapes, "ship", kind="box", attributes=NAME))
        note("until it is durable", labels.flush)
    path = folder / "bench.labels.gpkg"
    note("open", lambda: open_labels(path, scene=scene).close())
    note("GDAL reads the polygons", lambda: read_with_gdal(path))
    sizes = [(folder / f"{name}.labels.gpkg").stat().st_size / 1e6 for name in ("bench", "single")]
    return [*rows, "", f"The file: {sizes[0]:.0f} MB; added one by one {sizes[1]:.0f} MB."]


def edits(folder: Path) -> list[str]:
    """Time single gestures, turn by turn with the same rows written by hand, and return a table."""
    path, copy = folder / "bench.labels.gpkg", folder / "bare.gpkg"
    shutil.copy(path, copy)
    bare = BareFile(copy)
    labels = open_labels(path, scene=make_scene(folder))
    ids = list(labels)
    times: Times = {name: [] for name in ("sync", "one row", "bare", "attribute", "move", "add", "stroke")}
    log = os.open(folder / "sync", os.O_CREAT | os.O_WRONLY)
    tiles = [shapely.box(0, 0, 200, 100 + n % 100) for n in range(ROUNDS)]
    for n in range(ROUNDS):
        old = labels[ids[n * 37 % len(ids)]]
        moved = shapely.transform(old.geometry, lambda xy: xy + 1)
        times["sync"].append(clocked(lambda n=n: (os.pwrite(log, bytes(4096), 4096 * n), os.fdatasync(log))))
        times["one row"].append(clocked(bare.touch))
        times["bare"].append(clocked(lambda n=n: bare.edit(1 + n * 37 % len(ids))))
        for name, action in {
            "attribute": lambda old=old, n=n: labels.update(old.id, attributes={"name": f"ship {n}"}),
            "move": lambda old=old, moved=moved: labels.update(old.id, geometry=moved),
            "add": lambda moved=moved: labels.add(moved, "ship", kind="box", attributes=NAME),
            "stroke": lambda n=n: labels.paint(tiles[n], "ship" if n % 2 else None),
        }.items():
            times[name].append(clocked(lambda action=action: (action(), labels.flush())))
    labels.close()
    bare.close()
    os.close(log)
    return table(times)


def table(times: Times) -> list[str]:
    """Return medians, and their ratios to the bare transaction of the same run."""
    words = {
        "sync": "4 KB of a file, written and synced",
        "one row": "one row of one table, plain SQLite",
        "bare": "**the same rows by hand**: feature, exact row, change and journal row, no triggers",
        "attribute": "`update` of an attribute, until it is durable",
        "move": "`update` of a geometry, spatial index included",
        "add": "`add` of a box",
        "stroke": "`paint` of one mask tile",
    }
    unit = statistics.median(wall for wall, _ in times["bare"])
    heads = f"| one gesture, median of {ROUNDS} | ms | times the bare transaction | of it processor time, ms |"
    rows = [heads, "|---|---:|---:|---:|"]
    for name, each in times.items():
        wall, work = (statistics.median(part) for part in zip(*each, strict=True))
        rows.append(f"| {words[name]} | {wall * 1e3:.2f} | {wall / unit:.2f} | {work * 1e3:.2f} |")
    return rows


class BareFile:
    """A copy of a label file without triggers, written by plain SQLite with the same pragmas and prepared values."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        for name, on in self._db.execute("SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            self._db.execute(f"DROP TRIGGER {name}")
            assert on.startswith("labels_")
        self._db.execute("CREATE TABLE one (id INTEGER PRIMARY KEY, x BLOB)")
        self._db.execute("INSERT INTO one VALUES (1, NULL)")
        for pragma in (
            "journal_mode = WAL",
            "synchronous = FULL",
            f"wal_autocheckpoint = {LOG_PAGES}",
            f"cache_size = -{CACHE_KIB}",
        ):
            self._db.execute(f"PRAGMA {pragma}")
        self._feature = self._db.execute("SELECT * FROM labels_polygon WHERE fid = 1").fetchone()[1:]
        columns = [row[1] for row in self._db.execute("PRAGMA table_info(labels_polygon)")][1:]
        assignments = ", ".join(f'"{column}" = ?' for column in columns)
        self._update = f"UPDATE labels_polygon SET {assignments} WHERE fid = ?"  # noqa: S608
        self._exact = self._db.execute("SELECT exact FROM annotation WHERE entry = 1").fetchone()[0]
        self._ids = dict(self._db.execute("SELECT entry, id FROM annotation").fetchall())
        self._count = 0

    def touch(self) -> None:
        """Write one row of a table of its own."""
        self._count += 1  # SQLite writes nothing where a row stays as it is
        self._db.execute("UPDATE one SET x = ? WHERE id = 1", (self._count.to_bytes(200, "big"),))

    def edit(self, entry: int) -> None:
        """Write the rows that one edit writes."""
        self._count += 1
        count, db = self._count, self._db
        db.execute("BEGIN IMMEDIATE")
        db.execute(self._update, (*self._feature, entry))
        db.execute(
            "UPDATE annotation SET version = ?, exact = ?, seal = 1 WHERE entry = ?", (count, self._exact, entry)
        )
        change = db.execute(
            "INSERT INTO change (session, at, title, edits, tiles, seal) VALUES ('one', 'now', 'edit', 1, 0, 1)"
        )
        db.execute(
            "INSERT INTO journal (seq, op, id, place, version, before, after, seal) "
            "VALUES (?, 'update', ?, 1, 2, ?, ?, 1)",
            (change.lastrowid, self._ids[entry], self._exact, self._exact),
        )
        db.execute("COMMIT")

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()


def make_scene(folder: Path) -> Scene:
    """Return a scene of the benchmark's grid, without pixels of its own."""
    import rasterio

    path = folder / "scene.tif"
    if not path.exists():
        rows, cols = GRID.shape
        profile = {"driver": "GTiff", "count": 1, "dtype": "uint8", "height": rows, "width": cols, "tiled": True}
        with rasterio.open(path, "w", **profile, sparse_ok=True, crs="EPSG:32633", transform=GRID.transform):
            pass
    return open_scene(path)


def make_annotations(count: int) -> list[Annotation]:
    """Return boxes all over the scene."""
    dice = np.random.default_rng(1)
    corners = dice.uniform(0, 10900, (count, 2))
    boxes = shapely.box(corners[:, 0], corners[:, 1], corners[:, 0] + 12, corners[:, 1] + 5)
    return [
        Annotation(class_id="ship", kind=Kind.BOX, geometry=box, attributes={"name": f"ship {n % 50}"})
        for n, box in enumerate(boxes)
    ]


def read_with_gdal(path: Path) -> None:
    """Read the polygons as any other program would."""
    import pyogrio

    assert len(pyogrio.read_dataframe(path, layer="labels_polygon"))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else COUNT)
