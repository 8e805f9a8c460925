"""How long the label file takes, as ratios within one run: times alone say more about the machine than about us.

Run: ``python benchmarks/bench_label_file.py [count]``, by default with 100,000 annotations.
"""

from __future__ import annotations

import os
import sqlite3
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import shapely
from affine import Affine
from pyproj import CRS

from napari_geolabel.annotations import Annotation, Change, Edit, TileEdit
from napari_geolabel.geo import GeoGrid
from napari_geolabel.labelfile import LabelFile
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


def timed(action: Callable[[], object]) -> float:
    """Return the seconds that an action takes."""
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def main(count: int) -> None:
    """Print what each operation takes in units of the cheapest durable thing there is."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["XDG_STATE_HOME"] = name
        path = folder / "bench.labels.gpkg"
        annotations = make_annotations(count)
        file = LabelFile.open(path, grid=GRID, ontology=ONTOLOGY)
        file.record(Change(title="import", edits=tuple(Edit(after=a) for a in annotations)))
        print(f"{count} annotations")
        print(f"  import as one change   {timed(file.flush):8.2f} s")
        print(f"  close                  {timed(file.close):8.2f} s, {path.stat().st_size / 1e6:.0f} MB")
        print(f"  GDAL reads the polygons{timed(lambda: read_with_gdal(path)):8.2f} s")
        started = time.perf_counter()
        file = LabelFile.open(path, grid=GRID)
        print(f"  open                   {time.perf_counter() - started:8.2f} s")
        assert not file.notes, file.notes
        compare_with_bare_transaction(file, folder, annotations)
        file.close()


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


def compare_with_bare_transaction(file: LabelFile, folder: Path, annotations: list[Annotation]) -> None:
    """Time single edits and strokes, turn by turn with one-row transactions of plain SQLite (WAL, FULL)."""
    bare = sqlite3.connect(folder / "bare.db", isolation_level=None)
    bare.execute("PRAGMA journal_mode = WAL")
    bare.execute("PRAGMA synchronous = FULL")
    bare.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, x BLOB)")
    bare.executemany("INSERT INTO t VALUES (?, ?)", ((n, bytes(200)) for n in range(1000)))
    stroke, times = bytes(65536), {"bare": [], "edit": [], "add": [], "stroke of 1 tile": []}
    beat = Heartbeat()
    for n in range(200):
        old = annotations[n * 37 % len(annotations)]
        new = old.edited(confidence=n / 200)
        added = make_annotations(1)[0]
        painted = bytes([1 + n % 5]) * 20_000 + bytes(45536)
        tile = TileEdit(row=3, col=4, before=stroke, after=painted)
        times["bare"].append(timed(lambda n=n: bare.execute("UPDATE t SET x = ? WHERE id = ?", (bytes(199), n))))
        for what, change in {
            "edit": Change(title="edit", edits=(Edit(before=old, after=new),)),
            "add": Change(title="add", edits=(Edit(after=added),)),
            "stroke of 1 tile": Change(title="paint", tiles=(tile,)),
        }.items():
            times[what].append(timed(lambda change=change: (file.record(change), file.flush())))
        annotations[n * 37 % len(annotations)] = new
        stroke = painted
    gap = beat.stop()
    unit = statistics.median(times["bare"])
    for what, each in times.items():
        high = statistics.quantiles(each, n=100)[98]
        print(f"  {what:23}{statistics.median(each) / unit:8.2f} of a bare transaction (99 %: {high / unit:.1f})")
    print(f"  another thread waited at most {gap * 1000:.0f} ms meanwhile")


class Heartbeat:
    """A thread that wants to run every 5 ms, as a GUI does."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._longest = 0.0
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def stop(self) -> float:
        """Return the longest time that the thread had to wait beyond its 5 ms, in seconds."""
        self._stopping.set()
        self._thread.join()
        return self._longest

    def _run(self) -> None:
        while True:
            started = time.perf_counter()
            if self._stopping.wait(0.005):
                return
            self._longest = max(self._longest, time.perf_counter() - started - 0.005)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
