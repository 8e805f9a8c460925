"""How far we are from what the machine can do at all: ``python -m benchmarks.bench_limits``.

Beside each piece of work stands the least that it needs: the tiles of a view decoded by one thread, a picture's
bytes copied once, a raster's memory written once, one sync of the disk, a file's bytes written once.  Both take turns;
medians are compared.  The table goes to ``docs/performance.md``.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import count as numbers
from itertools import cycle
from pathlib import Path

import numpy as np
import rasterio
import shapely
from rasterio.windows import Window as RasterWindow

from benchmarks.bench_bench import polygons
from benchmarks.bench_imagery import HERE, VIEW, timed, view_at
from benchmarks.bench_label_file import NAME, ONTOLOGY, make_annotations, make_scene
from benchmarks.imagery_data import SIDE, make_scenes
from benchmarks.imagery_rivals import FALSE_COLOR, TRUE_COLOR, Ours, Window
from benchmarks.page import PAGE, renew

ROUNDS, POLYGONS, LABELS = 7, 100_000, 5_000
TILE_PX = 512
Pair = tuple[Callable[[], object], Callable[[], object]]
"""Our work, and the least that it needs."""


def main() -> None:
    """Run the benchmark and renew the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--side", type=int, default=SIDE, help="pixels a side")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--polygons", type=int, default=POLYGONS)
    parser.add_argument("--data", type=Path, default=HERE / "data", help="folder of the scene, which is made once")
    parser.add_argument("--report", type=Path, default=PAGE, help="page whose table is renewed")
    options = parser.parse_args()
    options.data.mkdir(parents=True, exist_ok=True)  # temporary files may lie in memory, where a sync costs nothing
    with tempfile.TemporaryDirectory(dir=options.data) as folder:
        os.environ["XDG_STATE_HOME"] = folder
        found = measured(options.data, Path(folder), options.side, options.polygons, options.rounds)
    text = report(found)
    print(text)
    renew(options.report, "limits", text)


def measured(data: Path, folder: Path, side: int, count: int, rounds: int) -> dict[str, tuple[str, float, float]]:
    """Return for each piece of work what limits it, and the medians of both in milliseconds."""
    found = {}
    cog, _ = make_scenes(data, side)
    for title, limit, pairs in (
        ("viewport of a COG, cold", "its tiles decoded by one thread", views(cog, side)),
        ("composite switch, warm", "the bytes of three bands and of the picture copied", switches(cog, side)),
        (f"{count:,} polygons burnt", "the memory of the raster written", burns(count, side)),
        ("one attribute changed, until it is durable", "4 KB written and synced", edits(folder)),
        (f"{LABELS:,} polygons exported as GeoJSON", "its bytes written and synced", exports(folder)),
    ):
        with pairs as (ours, least):
            ours(), least()  # imports, compiled code, caches
            times = [(timed(ours), timed(least)) for _ in range(rounds)]
        mine, other = (statistics.median(each) for each in zip(*times, strict=True))
        found[title] = (limit, mine, other)
        print(f"{title}: {mine:.2f} ms, {limit}: {other:.2f} ms", flush=True)
    return found


@contextmanager
def views(cog: Path, side: int) -> Iterator[Pair]:
    """Yield a viewport where nobody has looked yet, and the tiles that it touches decoded by one thread."""
    ours, places = Ours("ours"), fresh_places(side)
    ours.first(cog)
    seen = [next(places)]

    def show() -> None:
        seen.append(next(places))
        ours.view(seen[-1], TRUE_COLOR)

    def decode() -> None:
        row, row_stop, col, col_stop = seen[-1]
        row, col = row // TILE_PX * TILE_PX, col // TILE_PX * TILE_PX
        row_stop, col_stop = (min(-(-stop // TILE_PX) * TILE_PX, side) for stop in (row_stop, col_stop))
        with rasterio.open(cog, num_threads=1) as dataset:
            dataset.read(TRUE_COLOR, window=RasterWindow(col, row, col_stop - col, row_stop - row))

    try:
        yield show, decode
    finally:
        ours.close()


def fresh_places(side: int) -> Iterator[Window]:
    """Yield viewports that share no tile, again from the first when all were seen."""
    rows, cols = (size + 2 * TILE_PX for size in VIEW)
    starts = [(row, col) for row in range(0, max(1, side - rows), rows) for col in range(0, max(1, side - cols), cols)]
    for start in cycle(starts):
        yield view_at((start[0] + 100, start[1] + 100), side)


@contextmanager
def switches(cog: Path, side: int) -> Iterator[Pair]:
    """Yield a switch between two composites whose tiles are decoded, and a copy of what goes in and what comes out."""
    ours = Ours("ours")
    ours.first(cog)
    here, there = view_at((side // 2, 0), side), view_at((side // 2, 2 * VIEW[1]), side)
    for window in (here, there):
        for bands in (TRUE_COLOR, FALSE_COLOR):
            ours.view(window, bands)
    steps = [(there, TRUE_COLOR), (here, FALSE_COLOR), (here, TRUE_COLOR), (there, FALSE_COLOR)]
    bands, picture = np.ones((3, *VIEW), np.uint16), np.ones((*VIEW, 4), np.uint8)
    rooms = np.empty_like(bands), np.empty_like(picture)
    number = numbers()
    try:
        yield (
            lambda: ours.view(*steps[next(number) % 4]),
            lambda: (np.copyto(rooms[0], bands), np.copyto(rooms[1], picture)),
        )
    finally:
        ours.close()


@contextmanager
def burns(count: int, side: int) -> Iterator[Pair]:
    """Yield a burn of many polygons, and the same raster's memory written once."""
    from napari_geolabel.masks import burn

    random = np.random.default_rng(5)
    angles = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    radii = random.uniform(0.6, 1, (count, 24)) * side / np.sqrt(count) / 2.2
    corners = random.uniform(0, side, (count, 1, 2)) + np.stack([np.cos(angles) * radii, np.sin(angles) * radii], -1)
    shapes, values = shapely.polygons(corners), np.arange(1, count + 1)
    yield (
        lambda: burn(shapes, values, (side, side), dtype="uint32"),
        lambda: np.empty((side, side), np.uint32).fill(1),
    )


@contextmanager
def edits(folder: Path) -> Iterator[Pair]:
    """Yield one change of an attribute until it is durable, and 4 KB written and synced on the same disk."""
    from napari_geolabel import open_labels

    number = numbers()
    log = os.open(folder / "sync", os.O_CREAT | os.O_WRONLY)
    scene = make_scene(folder)
    with closing(open_labels(folder / "limits.labels.gpkg", scene=scene, ontology=ONTOLOGY)) as labels:
        labels.add_many([each.geometry for each in make_annotations(1000)], "ship", kind="box", attributes=NAME)
        labels.flush()
        name = next(iter(labels))
        yield (
            lambda: (labels.update(name, attributes={"name": f"ship {next(number)}"}), labels.flush()),
            lambda: (os.pwrite(log, bytes(4096), 4096 * next(number)), os.fdatasync(log)),
        )
    os.close(log)


@contextmanager
def exports(folder: Path) -> Iterator[Pair]:
    """Yield an export of many polygons, and the bytes of that file written and synced."""
    from napari_geolabel import open_labels

    scene, path, copy = make_scene(folder), folder / "out.geojson", folder / "copy.geojson"
    labels = open_labels(scene=scene, ontology="clouds")
    labels.add_many(polygons(LABELS, scene.grid.shape), "thick_cloud")

    def write() -> None:
        with copy.open("wb") as target:
            target.write(path.read_bytes())
            target.flush()
            os.fsync(target.fileno())

    yield lambda: labels.export(path), write


def report(found: dict[str, tuple[str, float, float]]) -> str:
    """Return the figures as Markdown."""
    lines = [
        f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, load at the end "
        f"{os.getloadavg()[0]:.1f}; medians in ms, in turn.",
        "",
        "| piece of work | ours | the least that it needs | ms | ours takes times as long |",
        "|---|---:|---|---:|---:|",
    ]
    for title, (limit, mine, other) in found.items():
        lines.append(f"| {title} | {mine:.2f} | {limit} | {other:.2f} | {mine / other:.1f} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
