"""Rounds of single flipped bits: a label file is put right or rebuilt, and whatever is lost is told."""

# ruff: noqa: S311, S608  (dice for tests, and names that are our own)
from __future__ import annotations

import random
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

from lab_world import GRID, LAYERS, ONTOLOGY, digest_of_contents, digest_of_labels, open_desk, work

from napari_geolabel.errors import GeoLabelError
from napari_geolabel.labelfile import LabelFile, fingerprint_of


def make_worn_file(path: Path, seed: int = 1, changes: int = 60) -> str:
    """Make a label file of some changes, closed well, and return the hash of what it holds."""
    dice = random.Random(seed)
    labels = open_desk(path)
    for number in range(changes):
        work(labels, dice, number)
    state = digest_of_labels(labels)
    labels.close()
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
        scene = fingerprint_of(sound.with_name("scene.tif"))
        with LabelFile.open(path, grid=GRID, ontology=ONTOLOGY, fingerprint=scene) as file:
            found, notes = digest_of_contents(file.load()), file.notes
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
        for layer in LAYERS:
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
