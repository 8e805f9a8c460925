"""The annotator's bench with 100 to 100,000 annotations in a real window: ``python -m benchmarks.bench_bench``.

Every number of annotations has windows of its own, which take their turns, so
that a busy machine is busy for all of them; medians over all turns are
compared.  The table goes to ``docs/performance.md``.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from benchmarks.bench_imagery import HERE, timed
from benchmarks.bench_label_file import make_scene
from benchmarks.bench_window import drawn, window
from benchmarks.page import PAGE, renew
from benchmarks.window import Heartbeat, Look, look_at

if TYPE_CHECKING:
    from napari.viewer import Viewer

    from napari_geolabel.imagery.scene import Scene
    from napari_geolabel.viewer.session import Session

COUNTS = (100, 1_000, 10_000, 100_000)
ROUNDS, PANS, EDITS, ADDS = 2, 12, 8, 1_000
ZOOMS = {"whole scene": 0.08, "middle": 0.4, "close": 2.0}
"""Screen pixels per scene pixel."""
REST_S = 0.6
"""How long a person looks after moving the map."""

Times = dict[str, list[float]]
"""What was done → milliseconds of each time."""


def main() -> None:
    """Run the benchmark and write what came out."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--counts", type=int, nargs="+", default=COUNTS, help="numbers of annotations")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--report", type=Path, default=PAGE, help="page whose table is renewed")
    parser.add_argument("--worker", type=int, help="time this number alone and print JSON")
    options = parser.parse_args()
    if options.worker is not None:
        print(json.dumps(times_of(options.worker)))
        sys.stdout.flush()
        os._exit(0)  # without waiting for napari to take a hundred thousand things apart
    table = report(options.counts, options.rounds)
    print(table)
    renew(options.report, "bench", table)


def report(counts: list[int], rounds: int) -> str:
    """Return the figures as Markdown."""
    load = os.getloadavg()[0]
    found: dict[int, Times] = {count: {} for count in counts}
    for _ in range(rounds):
        for count in counts:
            for what, times in in_a_process(count).items():
                found[count].setdefault(what, []).extend(times)
    medians = {n: {what: statistics.median(times) for what, times in each.items()} for n, each in found.items()}
    lines = [
        f"1600 x 1000 window, software OpenGL, {os.cpu_count()} cores, load at the start {load:.1f}; polygons of 20 "
        "corners on 10980 x 10980 pixels; medians in ms, each with its drawing; in brackets how many times that with "
        f"{counts[0]:,}.",
        "",
        "| | " + " | ".join(f"{count:,}" for count in counts) + " |",
        "|---|" + "---:|" * len(counts),
    ]
    first = medians[counts[0]]
    for what in first:
        cells = [f"{medians[n][what]:,.0f} ({medians[n][what] / max(first[what], 1e-9):.2g}x)" for n in counts[1:]]
        lines.append(f"| {what} | {first[what]:,.0f} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def in_a_process(count: int) -> Times:
    """Return what a fresh process measures with so many annotations."""
    command = [sys.executable, "-m", "benchmarks.bench_bench", "--worker", str(count)]
    done = subprocess.run(command, cwd=HERE.parent, capture_output=True, text=True, check=True)
    times: Times = json.loads(done.stdout.splitlines()[-1])
    return times


def times_of(count: int) -> Times:
    """Time all that is done with so many annotations, in this process."""
    data = HERE / "data"  # a folder for temporary files may lie in memory, where a sync costs nothing
    data.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=data) as folder:
        os.environ["XDG_STATE_HOME"] = folder
        return dict(measured(count, Path(folder)))


def measured(count: int, folder: Path) -> Iterator[tuple[str, list[float]]]:
    """Yield what was done and how many milliseconds each time took."""
    from napari_geolabel import open_labels
    from napari_geolabel.widgets.annotate import annotate

    scene, path = make_scene(folder), folder / "bench.labels.gpkg"
    shapes = polygons(count, scene.grid.shape)
    with closing(open_labels(path, scene=scene, ontology="clouds")) as labels:
        yield "`add_many`, all of them", [timed(lambda: labels.add_many(shapes, "thick_cloud"))]
        labels.flush()
    with window() as viewer:
        begin = time.perf_counter()
        labels = open_labels(path, scene=scene)
        session = annotate(viewer, scene, labels.ontology, labels=labels)
        viewer.reset_view()
        drawn(viewer)
        yield "open the label file and see it in a window", [1000 * (time.perf_counter() - begin)]
        rest()
        for name, zoom in ZOOMS.items():
            yield f"pan, {name}", pans(viewer, scene, zoom)
            yield f"longest stop when the map comes to rest, {name}", [stop_of_rest()]
        yield "zoom", zooms(viewer, scene)
        yield from edits(viewer, session)
        yield "what is under the mouse", hovers(session)
        yield "open the table", [timed(lambda: (session.asked.emit("table"), drawn(viewer)))]
        yield "find all problems", [timed(labels.problems)]
        more = polygons(ADDS, scene.grid.shape)
        yield f"{ADDS:,} single `add` in a row", [timed(lambda: [labels.add(s, "thick_cloud") for s in more])]


def pans(viewer: Viewer, scene: Scene, zoom: float) -> list[float]:
    """Return the times of steps of 40 screen pixels, as a hand that drags makes."""
    side, found = scene.grid.shape[0], []
    look_at(viewer, scene, Look(0.4 * side, 0.4 * side, zoom))
    drawn(viewer)
    rest()
    for step in range(PANS):
        look = Look(0.4 * side + 40 * step / zoom, 0.4 * side, zoom)
        found.append(timed(lambda look=look: (look_at(viewer, scene, look), drawn(viewer))))
    return found


def zooms(viewer: Viewer, scene: Scene) -> list[float]:
    """Return the times of steps of a wheel, from the whole scene to its pixels and back."""
    side, steps = scene.grid.shape[0], [0.08 * 1.3**n for n in range(12)]
    looks = [Look(0.6 * side, 0.6 * side, zoom) for zoom in (*steps, *steps[::-1])]
    return [timed(lambda look=look: (look_at(viewer, scene, look), drawn(viewer))) for look in looks]


def edits(viewer: Viewer, session: Session) -> Iterator[tuple[str, list[float]]]:
    """Yield the times of selecting, moving and undoing annotations that are in view, each until it is drawn."""
    labels, scene = session.labels, session.scene
    found: Times = {"select one in view": [], "move one in view": [], "undo that": []}
    ids = list(labels)
    for n in range(EDITS):
        name = ids[(n * 7919) % len(ids)]
        place = labels[name].geometry.centroid
        look_at(viewer, scene, Look(place.x, place.y, ZOOMS["close"]))
        rest()
        moved = shapely.transform(labels[name].geometry, lambda xy: xy + 2)
        for what, action in {
            "select one in view": lambda name=name: session.selection.select([name]),
            "move one in view": lambda name=name, moved=moved: labels.update(name, geometry=moved),
            "undo that": session.undo,
        }.items():
            found[what].append(timed(lambda action=action: (action(), drawn(viewer))))
        session.selection.select([])
    yield from found.items()


def hovers(session: Session) -> list[float]:
    """Return the times of asking what lies under the mouse, as the status bar does."""
    places = np.random.default_rng(3).uniform(0, session.scene.grid.shape[0], (50, 2))
    return [timed(lambda place=place: session._hover(*place)) for place in places]  # noqa: SLF001  (no public name)


def rest(seconds: float = REST_S) -> None:
    """Let the window work for a while."""
    from qtpy.QtWidgets import QApplication

    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        QApplication.instance().processEvents()
        time.sleep(0.002)


def stop_of_rest() -> float:
    """Return the longest time in which the window stands still while what has come into view becomes shapes."""
    with Heartbeat() as heart:
        rest()
    return heart.longest_ms


def polygons(count: int, shape: tuple[int, int]) -> list[BaseGeometry]:
    """Return ragged polygons of twenty corners all over a scene."""
    dice = np.random.default_rng(5)
    rows, cols = shape
    angles = np.linspace(0, 2 * np.pi, 20, endpoint=False)
    centres = dice.uniform((12, 12), (cols - 12, rows - 12), (count, 2))
    radii = dice.uniform(3, 9, (count, 20))
    rings = centres[:, None] + radii[..., None] * np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    return list(shapely.polygons(rings))


if __name__ == "__main__":
    main()
