"""Two processes edit one label file: each edit lands, or is shown as exactly one conflict; none is both or neither."""

# ruff: noqa: S311  (dice for tests)
from __future__ import annotations

import json
import os
import random
import sqlite3
import traceback
from collections import Counter
from contextlib import closing
from pathlib import Path

import shapely
from lab_world import GRID, ONTOLOGY, check_soundness, open_desk

from napari_geolabel.annotations import Annotation, Change, Edit
from napari_geolabel.labelfile import LabelFile
from napari_geolabel.ontology import Kind

WRITERS = ("Ann", "Ben")


def write_alongside(path: Path, name: str, edits: int, seed: int) -> list[str]:
    """Rename or move ships that another process renames or moves too; return the titles of all edits."""
    dice = random.Random(seed)
    labels = open_desk(path, name)
    given = []
    for number in range(edits):
        labels.pull()
        old = labels[dice.choice(list(labels))]
        given.append(f"{name} {number}")
        if dice.random() < 0.5:
            new = old.edited(attributes={"name": given[-1]})
        else:
            new = old.edited(geometry=_moved(old, dice))
        labels.store.apply(Change(title=given[-1], edits=(Edit(before=old, after=new),)))
        if dice.random() < 0.3:
            labels.flush()
    labels.close()
    return given


def pair_round(path: Path, edits: int) -> str:
    """Let two processes edit one file at once; return how many edits landed and how many are shown as conflicts."""
    labels = open_desk(path)
    labels.add_many([shapely.box(30 * n, 5, 30 * n + 20, 15) for n in range(25)], "ship", kind=Kind.BOX)
    labels.close()
    children = []
    for seed, name in enumerate(WRITERS):
        child = os.fork()
        if child == 0:
            try:
                given = write_alongside(path, name, edits, seed)
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
    given = [title for name in WRITERS for title in json.loads(path.with_name(f"{name}.json").read_text())]
    return check_pair(path, given)


def check_pair(path: Path, given: list[str]) -> str:
    """Check that the edits that landed and the conflicts together are all edits, each of them once."""
    with closing(sqlite3.connect(path)) as db:
        landed = Counter(t for (t,) in db.execute("SELECT c.title FROM change c JOIN journal j ON j.seq = c.seq"))
        shown = Counter(t for (t,) in db.execute("SELECT c.title FROM conflict x JOIN change c ON c.seq = x.seq"))
    wrong = [title for title in given if landed[title] + shown[title] != 1]
    lost = [title for title in wrong if not landed[title] and not shown[title]]
    if lost:
        raise AssertionError(f"{len(lost)} of {len(given)} edits are lost: {lost[:5]}")
    if wrong:
        raise AssertionError(f"{len(wrong)} edits are there more than once: {wrong[:5]}")
    strange = shown.keys() - set(given)
    if strange:
        raise AssertionError(f"conflicts of what nobody has edited: {sorted(strange)[:5]}")
    with LabelFile.open(path, grid=GRID, ontology=ONTOLOGY) as file:
        contents, conflicts = file.load(), len(file.conflicts())
    check_soundness(path, contents)  # once it is closed: GDAL has a SQLite of its own, which would drop our locks
    reached = sum(landed[title] for title in given)
    return f"{len(given)} edits = {reached} landed + {conflicts} shown as conflicts"


def _moved(old: Annotation, dice: random.Random) -> shapely.Geometry:
    return shapely.transform(old.geometry, lambda xy: xy + dice.uniform(0.1, 1))  # no two edits wish the same
