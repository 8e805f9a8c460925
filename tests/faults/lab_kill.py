"""Rounds of kill -9: a child edits, paints, undoes and exports until it is killed; then all must be there.

The child tells its parent through a pipe: ``try <hash>`` before the label file
hears of a change, ``ack <hash>`` when the file called it durable, ``export
<name> <hash>`` before an export and ``exported`` after it.
"""

# ruff: noqa: S311  (dice for tests)
from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from lab_world import (
    GRID,
    LAYERS,
    ONTOLOGY,
    check_soundness,
    digest_of_contents,
    digest_of_labels,
    open_desk,
    work,
)

from napari_geolabel.labelfile import LabelFile
from napari_geolabel.labels import Labels

EXPORTS = ("out.geojson", "out.gpkg", "out.tif")
_QGIS_PYTHON = Path("/usr/bin/python3")
_QGIS = """
import sys
from qgis.core import QgsApplication, QgsVectorLayer
app = QgsApplication([], False)
app.initQgis()
for layer in sys.argv[2:]:
    found = QgsVectorLayer(f"{sys.argv[1]}|layername={layer}", layer, "ogr")
    assert found.isValid(), layer
    print(layer, sum(1 for _ in found.getFeatures()))
"""


def work_until_killed(path: Path, seed: int, tell: Callable[[str], None]) -> None:
    """Edit without end; tell what will be before each change, and that it is durable after."""
    dice = random.Random(seed)
    labels = open_desk(path, before_record=lambda labels: tell(f"try {digest_of_labels(labels)}"))
    tell(f"open {digest_of_labels(labels)}")
    number = 0
    while True:
        number += 1
        if number % 6 == 0:
            export(labels, path.with_name(dice.choice(EXPORTS)), tell)
        work(labels, dice, number)
        if dice.random() < 0.7:
            labels.flush()
            tell(f"ack {digest_of_labels(labels)}")


def export(labels: Labels, target: Path, tell: Callable[[str], None]) -> None:
    """Write an export and tell what it must hold."""
    if target.suffix == ".tif":
        tell(f"export {target.name} {_of_pixels(labels.canvas.array)}")
        labels.export_painted(target, overwrite="always")
    else:
        tell(f"export {target.name} {_of_ids(labels)}")
        labels.export(target, overwrite="always")
    tell("exported")


def kill_round(path: Path, seed: int) -> str:
    """Let a child work, kill it at any moment, and check what it left; return what was found."""
    before = {name: content_of(path.with_name(name)) for name in EXPORTS}
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            work_until_killed(path, seed, lambda line: os.write(writing, f"{line}\n".encode()) and None)
        except BaseException:
            traceback.print_exc()
            raise
        finally:
            os._exit(3)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        told = pipe.readline()  # it is open
        time.sleep(random.Random(seed).uniform(0, 1.2))  # anything may be going on by now
        os.kill(child, signal.SIGKILL)
        told += pipe.read()
    os.waitpid(child, 0)
    lines = told.decode().splitlines()
    return f"{check_after_kill(path, lines)}, {check_exports(path, lines, before)}"


def check_after_kill(path: Path, told: list[str]) -> str:
    """Check that every acknowledged edit is in the file, each change whole, and that other programs open it."""
    lines = [line.split(" ") for line in told if line.split(" ")[0] in {"open", "try", "ack"}]
    lines = [line for line in lines if len(line) == 2]
    if not lines or lines[0][0] != "open":
        raise AssertionError(f"the child did not open the file: {told[:5]}")
    acked = max(index for index, (what, _) in enumerate(lines) if what in {"open", "ack"})
    allowed = {lines[acked][1], *(state for what, state in lines[acked:] if what == "try")}
    has_log = path.with_name(path.name + "-wal").exists()
    with LabelFile.open(path, grid=GRID, mode="r") as file:
        contents = file.load()
        state = digest_of_contents(contents)
    if state not in allowed:
        raise AssertionError(f"the file holds {state}, acknowledged was {lines[acked][1]}, told was {told[-9:]}")
    check_soundness(path, contents)
    return f"{sum(what == 'ack' for what, _ in lines)} acknowledged{', log left' if has_log else ''}"


def check_exports(path: Path, told: list[str], before: dict[str, str | None]) -> str:
    """Check that each export is whole: the last one that was finished, or one that was begun after."""
    allowed: dict[str, set[str | None]] = {name: {content} for name, content in before.items()}
    begun = None
    for line in told:
        what, *values = line.split(" ")
        if what == "export" and len(values) == 2:
            begun = values[0], values[1]
            allowed[begun[0]].add(begun[1])
        elif what == "exported" and begun is not None:
            allowed[begun[0]] = {begun[1]}
    found = {name: content_of(path.with_name(name)) for name in EXPORTS}
    for name, content in found.items():
        if content not in allowed[name]:
            raise AssertionError(f"{name} holds {content}, allowed were {allowed[name]}")
    return f"{sum(line == 'exported' for line in told)} exports whole"


def content_of(path: Path) -> str | None:
    """Return the hash of what an export holds, read by the programs of others, None where there is none.

    A file that is not whole raises.
    """
    if not path.exists():
        return None
    if path.suffix == ".tif":
        import rasterio

        with rasterio.open(path) as file:
            return _of_pixels(file.read(1))
    if path.suffix == ".geojson":
        return _of_ids(feature["properties"]["id"] for feature in json.loads(path.read_bytes())["features"])
    import pyogrio

    names = [name for name, geometry in pyogrio.list_layers(path) if geometry]
    return _of_ids(one for name in names for one in pyogrio.read_dataframe(path, layer=name)["id"])


def kill_rounds(folder: Path, rounds: int, seed: int) -> list[str]:
    """Return one line for each round of killing; ten successive crashes of each file, then QGIS looks at it."""
    lines = []
    for number in range(rounds):
        place = folder / str(number // 10)
        place.mkdir(exist_ok=True)
        path = place / "scene.labels.gpkg"
        lines.append(kill_round(path, seed + number))
        if number % 10 == 9 or number == rounds - 1:
            lines[-1] += f", {look_with_qgis(path)}"
    return lines


def look_with_qgis(path: Path) -> str:
    """Let QGIS count the features of a label file, if it is installed."""
    if (
        not _QGIS_PYTHON.exists()
        or subprocess.run([_QGIS_PYTHON, "-c", "import qgis.core"], capture_output=True).returncode
    ):
        return "QGIS is not installed"
    with LabelFile.open(path, grid=GRID, ontology=ONTOLOGY) as file:
        wanted = len(file.load().annotations)
    command = [_QGIS_PYTHON, "-c", _QGIS, str(path), *LAYERS]
    environment = {"PATH": os.environ.get("PATH", ""), "QT_QPA_PLATFORM": "offscreen", "HOME": str(path.parent)}
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=environment)
    counted = sum(int(line.split()[1]) for line in done.stdout.splitlines() if line.startswith("labels_"))
    if done.returncode or counted != wanted:
        raise AssertionError(f"QGIS sees {counted} features of {wanted}: {done.stderr[-300:]}")
    return f"QGIS opens it with {counted} features"


def _has_qgis() -> bool:
    probe = [str(_QGIS_PYTHON), "-c", "import qgis.core"]
    return _QGIS_PYTHON.exists() and subprocess.run(probe, capture_output=True).returncode == 0


def _of_ids(ids: Iterable[str]) -> str:
    return hashlib.blake2b("\n".join(sorted(ids)).encode(), digest_size=12).hexdigest()


def _of_pixels(array: np.ndarray) -> str:
    return hashlib.blake2b(np.ascontiguousarray(array, np.int64).tobytes(), digest_size=12).hexdigest()


assert sys.platform != "win32", "the laboratory forks"
