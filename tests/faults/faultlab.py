"""What the fault tests share: a small world, random work in it, and what must be true of a label file after a fault.

Run as a program it does the long rounds of ``make faults``::

    python tests/faults/faultlab.py kill --rounds 200
    python tests/faults/faultlab.py flip --rounds 1000
    python tests/faults/faultlab.py pair --rounds 2000

Each prints how many rounds went well and ends with 1 if one did not.
"""

# ruff: noqa: S311, S608  (dice for tests, and names that are our own)
from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import shutil
import signal
import sqlite3
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from affine import Affine
from pyproj import CRS

from napari_geolabel.annotations import Annotation, AnnotationStore, Change, Edit
from napari_geolabel.errors import GeoLabelError
from napari_geolabel.formats.geojson import write_geojson
from napari_geolabel.geo import GeoGrid
from napari_geolabel.labelfile import Contents, LabelFile
from napari_geolabel.labelfile.rows import encode
from napari_geolabel.masks import MaskCanvas
from napari_geolabel.ontology import Attribute, Kind, LabelClass, Ontology

GRID = GeoGrid(shape=(700, 900), transform=Affine(10, 0, 399_960, 0, -10, 5_300_040), crs=CRS.from_epsg(32633))
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


@dataclass
class Desk:
    """A session as a program holds it: store and mask, each change recorded."""

    file: LabelFile
    store: AnnotationStore = field(init=False)
    canvas: MaskCanvas = field(init=False)
    past: list[Change] = field(init=False)
    before_record: Callable[[], object] = lambda: None
    """Called when store and mask are new and the file does not know of it yet."""

    def __post_init__(self) -> None:
        contents = self.file.load()
        self.store = AnnotationStore(self.file.ontology, contents.annotations, contents.scene_attributes)
        self.canvas = MaskCanvas(GRID.shape, self.file.ontology)
        for (row, col), pixels in contents.tiles.items():
            tile = self.canvas.tile((row, col))
            height, width = tile.shape
            window = (slice(row * 256, row * 256 + height), slice(col * 256, col * 256 + width))
            self.canvas.array[window] = np.frombuffer(pixels, tile.dtype).reshape(tile.shape)
        self.past = list(contents.history)
        self.store.changed.connect(self._take)

    def _take(self, change: Change) -> None:
        self.canvas.apply(change.tiles)
        self.before_record()
        self.file.record(change)

    def digest(self) -> str:
        """Return a hash of all that the session holds."""
        return digest(list(self.store.values()), self.canvas.array, self.store.scene_attributes)


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


def digest_of(contents: Contents) -> str:
    """Return the hash of what a label file holds."""
    array = np.zeros(GRID.shape, np.uint8)
    for (row, col), pixels in contents.tiles.items():
        part = array[row * 256 : row * 256 + 256, col * 256 : col * 256 + 256]
        part[...] = np.frombuffer(pixels, np.uint8).reshape(part.shape)
    return digest(contents.annotations, array, contents.scene_attributes)


def open_desk(path: Path, annotator: str = "Ann") -> Desk:
    """Open a label file to work in."""
    return Desk(LabelFile.open(path, grid=GRID, ontology=ONTOLOGY, annotator=annotator))


def random_change(desk: Desk, dice: random.Random, number: int) -> Change | None:
    """Return something that a user might do next."""
    ids = list(desk.store)
    what = dice.choice(["add", "add", "add", "many", "edit", "edit", "remove", "paint", "paint", "answer"])
    x, y = dice.uniform(0, 800), dice.uniform(0, 600)
    if what == "add" or (what in {"edit", "remove"} and not ids):
        return Change(title="add", edits=(Edit(after=random_annotation(dice, x, y, number)),))
    if what == "many":
        made = tuple(Edit(after=random_annotation(dice, x + n, y, number)) for n in range(dice.randint(2, 40)))
        return Change(title="add many", edits=made)
    if what == "edit":
        old = desk.store[dice.choice(ids)]
        moved = shapely.transform(old.geometry, lambda xy: xy + dice.randint(-3, 3))
        return Change(
            title="edit", edits=(Edit(before=old, after=old.edited(geometry=moved, confidence=dice.random())),)
        )
    if what == "remove":
        return Change(
            title="remove", edits=tuple(Edit(before=desk.store[i]) for i in dice.sample(ids, min(3, len(ids))))
        )
    if what == "paint":
        brush = shapely.Point(x, y).buffer(dice.uniform(5, 120))
        return Change(title="paint", tiles=desk.canvas.paint(brush, dice.randint(0, 3)))
    answer = {"note": f"note {number}"}
    return Change(title="answer", scene_attributes=(desk.store.scene_attributes, answer))


def random_annotation(dice: random.Random, x: float, y: float, number: int) -> Annotation:
    """Return an annotation of any kind."""
    kind = dice.choice([Kind.BOX, Kind.POLYGON, Kind.KEYPOINT, Kind.POLYLINE])
    if kind is Kind.KEYPOINT:
        return Annotation(class_id="buoy", kind=kind, geometry=shapely.Point(x, y))
    if kind is Kind.POLYLINE:
        return Annotation(class_id="wake", kind=kind, geometry=shapely.LineString([(x, y), (x + 9, y + dice.random())]))
    return Annotation(
        class_id="ship", kind=kind, geometry=shapely.box(x, y, x + 10, y + 5), attributes={"name": f"ship {number}"}
    )


# kill -9 -------------------------------------------------------------------------------------------------------------


def work_until_killed(path: Path, export: Path, seed: int, tell: Callable[[str], None]) -> None:
    """Edit without end; tell what will be before each change, and that it is durable after."""
    dice = random.Random(seed)
    desk = open_desk(path)
    tell(f"open {desk.digest()}")
    desk.before_record = lambda: tell(f"try {desk.digest()}")
    number = 0
    while True:
        number += 1
        if number % 15 == 0:
            write_geojson(export, list(desk.store.values()), GRID, ONTOLOGY)
        is_told = dice.random() < 0.7
        if dice.random() < 0.15 and (desk.store.can_undo or desk.past):
            if desk.store.can_undo:
                desk.store.undo()
            else:
                desk.store.apply(desk.past.pop().reversed())
        else:
            change = random_change(desk, dice, number)
            if change is not None:
                desk.store.apply(change)
        if is_told:
            desk.file.flush()
            tell(f"ack {desk.digest()}")


def kill_round(path: Path, export: Path, seed: int) -> str:
    """Let a child work, kill it at any moment, and check what it left; return what was found."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            work_until_killed(path, export, seed, lambda line: os.write(writing, f"{line}\n".encode()) and None)
        except BaseException:
            traceback.print_exc()
            raise
        finally:
            os._exit(3)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        told = pipe.readline()  # it is open
        time.sleep(random.Random(seed).uniform(0, 0.8))  # anything may be going on by now
        os.kill(child, signal.SIGKILL)
        told += pipe.read()
    os.waitpid(child, 0)
    return check_after_kill(path, export, told.decode())


def check_after_kill(path: Path, export: Path, told: str) -> str:
    """Check that every acknowledged edit is in the file, each change whole, and that other programs open it."""
    lines = [line.split(" ") for line in told.splitlines() if len(line.split(" ")) == 2]
    if not lines or lines[0][0] != "open":
        raise AssertionError(f"the child did not open the file: {told[:500]}")
    acked = max(index for index, (what, _) in enumerate(lines) if what in {"open", "ack"})
    allowed = {lines[acked][1], *(state for what, state in lines[acked:] if what == "try")}
    has_log = path.with_name(path.name + "-wal").exists()
    with LabelFile.open(path, grid=GRID, mode="r") as file:
        contents = file.load()
        state = digest_of(contents)
    if state not in allowed:
        raise AssertionError(f"the file holds {state}, acknowledged was {lines[acked][1]}, told was {told[-500:]}")
    check_soundness(path, contents)
    if export.exists():
        document = json.loads(export.read_bytes())
        if document["type"] != "FeatureCollection":
            raise AssertionError("the export is no feature collection")
    return f"{sum(what == 'ack' for what, _ in lines)} acknowledged{', log left' if has_log else ''}"


def check_soundness(path: Path, contents: Contents) -> None:
    """Check what SQLite, GDAL and the journal say of a file."""
    import pyogrio

    with closing(sqlite3.connect(path)) as db:
        if db.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
            raise AssertionError("integrity check failed")
        for layer in ("labels_polygon", "labels_line", "labels_point"):
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
    for layer in ("labels_polygon", "labels_line", "labels_point"):
        ids += list(pyogrio.read_dataframe(path, layer=layer)["id"])
    if sorted(ids) != sorted(annotation.id for annotation in contents.annotations):
        raise AssertionError("GDAL sees other features than there are annotations")


def kill_rounds(folder: Path, rounds: int, seed: int) -> list[str]:
    """Return one line for each round of killing; ten successive crashes of each file."""
    lines = []
    for number in range(rounds):
        path = folder / f"{number // 10}.labels.gpkg"
        lines.append(kill_round(path, folder / f"{number // 10}.geojson", seed + number))
    return lines


# flipped bits --------------------------------------------------------------------------------------------------------


def make_worn_file(path: Path, seed: int = 1, changes: int = 60) -> str:
    """Make a label file of some changes, closed well, and return the hash of what it holds."""
    dice = random.Random(seed)
    desk = open_desk(path)
    for number in range(changes):
        change = random_change(desk, dice, number)
        if change is not None:
            desk.store.apply(change)
    state = desk.digest()
    desk.file.close()
    return state


def flip_round(sound: Path, folder: Path, state: str, dice: random.Random) -> str:
    """Flip one bit of a copy, open it, and return what happened."""
    path = folder / "flipped.labels.gpkg"
    for left in folder.iterdir():
        left.unlink()
    data = bytearray(sound.read_bytes())
    at, bit = dice.randrange(len(data)), dice.randrange(8)
    data[at] ^= 1 << bit
    path.write_bytes(data)
    try:
        with LabelFile.open(path, grid=GRID, ontology=ONTOLOGY) as file:
            found, notes = digest_of(file.load()), file.notes
    except GeoLabelError as error:
        raise AssertionError(f"byte {at}, bit {bit}: refused: {error}") from error
    if found != state and not any("could not be read" in note for note in notes):
        raise AssertionError(f"byte {at}, bit {bit}: the file holds something else and says only {notes}")
    if features_of(path) != features_of(sound):
        raise AssertionError(f"byte {at}, bit {bit}: the features are others, the notes are {notes}")
    if any("was damaged" in note for note in notes):
        return "rebuilt whole" if found == state else "rebuilt with a loss that was told"
    return "put right" if notes else "unharmed"


def features_of(path: Path) -> list[tuple[Any, ...]]:
    """Return what a GIS sees of the features, by id."""
    rows: list[tuple[Any, ...]] = []
    with closing(sqlite3.connect(path)) as db:
        for layer in ("labels_polygon", "labels_line", "labels_point"):
            rows += [tuple(row[1:]) for row in db.execute(f"SELECT * FROM {layer}")]
    return sorted(rows, key=lambda row: str(row[1]))


def flip_rounds(folder: Path, rounds: int, seed: int) -> Counter[str]:
    """Return how often each outcome of a flipped bit came up."""
    sound = folder / "sound.labels.gpkg"
    state = make_worn_file(sound)
    bench = folder / "bench"
    bench.mkdir()
    dice = random.Random(seed)
    return Counter(flip_round(sound, bench, state, dice) for _ in range(rounds))


# two writers ---------------------------------------------------------------------------------------------------------


def write_alongside(path: Path, name: str, edits: int, seed: int) -> list[str]:
    """Rename ships that another process renames too; return every name that was given."""
    dice = random.Random(seed)
    desk = open_desk(path, name)
    given = []
    for number in range(edits):
        change = desk.file.pull(desk.store, scene_attributes=desk.store.scene_attributes)
        if change:
            desk.store.apply(change)
        old = desk.store[dice.choice(list(desk.store))]
        given.append(f"{name} {number}")
        field = {"attributes": {"name": given[-1]}} if dice.random() < 0.5 else {"geometry": _moved(old, dice)}
        if "geometry" in field:
            field["provenance"] = type(old.provenance)(tool=given[-1])
        desk.store.apply(Change(title=given[-1], edits=(Edit(before=old, after=old.edited(**field)),)))
        if dice.random() < 0.3:
            desk.file.flush()
    desk.file.close()
    return given


def _moved(old: Annotation, dice: random.Random) -> shapely.Geometry:
    return shapely.transform(old.geometry, lambda xy: xy + dice.uniform(0.1, 1))  # no two edits wish the same


def pair_round(path: Path, edits: int) -> str:
    """Let two processes edit one file at once; return how many edits landed and how many are shown as conflicts."""
    desk = open_desk(path)
    ships = tuple(
        Edit(after=Annotation(class_id="ship", kind=Kind.BOX, geometry=shapely.box(30 * n, 5, 30 * n + 20, 15)))
        for n in range(25)
    )
    desk.store.apply(Change(title="start", edits=ships))
    desk.file.close()
    children = []
    for name in ("Ann", "Ben"):
        child = os.fork()
        if child == 0:
            try:
                given = write_alongside(path, name, edits, hash(name) % 1000)
                path.with_name(f"{name}.json").write_text(json.dumps(given))
                os._exit(0)
            except BaseException:
                traceback.print_exc()
                raise
            finally:
                os._exit(3)
        children.append(child)
    codes = [os.waitpid(child, 0)[1] for child in children]
    if any(codes):
        raise AssertionError(f"a writer failed: {codes}")
    given = [name for who in ("Ann", "Ben") for name in json.loads(path.with_name(f"{who}.json").read_text())]
    return check_pair(path, given)


def check_pair(path: Path, given: list[str]) -> str:
    """Check that each of the edits is in the journal or among the conflicts."""
    with closing(sqlite3.connect(path)) as db:
        titles = Counter(title for (title,) in db.execute("SELECT title FROM change WHERE edits > 0"))
        in_conflict = {
            title for (title,) in db.execute("SELECT c.title FROM conflict x JOIN change c ON c.seq = x.seq")
        }
    lost = [name for name in given if name not in titles and name not in in_conflict]
    if lost:
        raise AssertionError(f"{len(lost)} of {len(given)} edits are lost: {lost[:5]}")
    with LabelFile.open(path, grid=GRID, ontology=ONTOLOGY) as file:
        check_soundness(path, file.load())
        conflicts = file.conflicts()
    return f"{len(given)} edits: {sum(titles[n] > 0 for n in given)} landed, {len(conflicts)} conflicts shown"


def main() -> int:
    """Run one sort of rounds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["kill", "flip", "pair"])
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="geolabel-faults-"))
    os.environ["XDG_STATE_HOME"] = str(folder / "state")
    print(f"{options.what}: {options.rounds} rounds, seed {options.seed}, in {folder}", flush=True)
    try:
        if options.what == "kill":
            lines = kill_rounds(folder, options.rounds, options.seed)
            print("\n".join(lines))
            print(f"{len(lines)} of {options.rounds} rounds: every acknowledged edit was there")
        elif options.what == "flip":
            found = flip_rounds(folder, options.rounds, options.seed)
            print(f"{found.total()} of {options.rounds} flipped bits: {dict(found)}")
        else:
            print(pair_round(folder / "pair.labels.gpkg", options.rounds))
    except AssertionError as error:
        print(f"FAILED: {error}; the files are kept in {folder}")
        return 1
    shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
