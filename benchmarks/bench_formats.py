"""Time GeoJSON, GeoPackage and FlatGeobuf of ours beside geopandas and pyogrio, and keep the table in the docs.

Each piece of work runs in a process of its own, ours and theirs in turn, so
that neither warms the other's caches and peak memory is told apart.  It is
done once with a few polygons before the clock starts, so that nobody's
imports are timed.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from affine import Affine
from pyproj import CRS

from benchmarks.page import PAGE, renew
from napari_geolabel.annotations import Annotation
from napari_geolabel.formats import FORMATS
from napari_geolabel.formats.frames import frame_of_columns
from napari_geolabel.formats.label_set import LabelSet
from napari_geolabel.geo import GeoGrid
from napari_geolabel.labels.conversion import convert
from napari_geolabel.ontology import Attribute, LabelClass, Ontology

CORNERS = 24
_REHEARSED = 3
SIDE = 20_000
DEGREES = GeoGrid(shape=(SIDE, SIDE), transform=Affine(1e-5, 0, 15, 0, -1e-5, 48.8), crs=CRS.from_epsg(4326))
METRES = GeoGrid(shape=(SIDE, SIDE), transform=Affine(1, 0, 499980, 0, -1, 5400000), crs=CRS.from_epsg(32633))
ASKED = ("word", "number", "yes", "day")
TYPES = ("text", "number", "boolean", "date")
ONTOLOGY = Ontology(
    id="bench",
    name="Bench",
    version="1",
    classes=(
        LabelClass(
            id="ship",
            name="Ship",
            color="#ff0000",
            kinds=("polygon",),
            attributes=tuple(Attribute(id=i, name=i, type=t) for i, t in zip(ASKED, TYPES, strict=True)),
        ),
    ),
)
TABLES = {
    "GeoJSON from EPSG:4326, written": ("rows_geojson_degrees", "theirs_geojson_degrees"),
    "GeoJSON from EPSG:32633, written": ("rows_geojson_metres", "theirs_geojson_metres"),
    "GeoJSON, read": ("read_geojson", "theirs_read_geojson"),
    "GeoPackage, written": ("rows_gpkg", "theirs_gpkg"),
    "GeoPackage, read": ("read_gpkg", "theirs_read_gpkg"),
    "FlatGeobuf, written": ("rows_flatgeobuf", "theirs_flatgeobuf"),
    "FlatGeobuf, read": ("read_flatgeobuf", "theirs_read_flatgeobuf"),
}
"""A frame by `convert` and by geopandas, or by pyogrio with Arrow; both read the file of theirs."""
LABELS = {
    "GeoJSON from EPSG:4326, written": ("labels_geojson_degrees", "theirs_geojson_degrees"),
    "GeoJSON from EPSG:32633, written": ("labels_geojson_metres", "theirs_geojson_metres"),
    "GeoJSON, read": ("readlabels_geojson", "theirs_readlabels_geojson"),
    "GeoPackage, written": ("labels_gpkg", "theirs_gpkg"),
    "GeoPackage, read": ("readlabels_gpkg", "theirs_readlabels_gpkg"),
    "FlatGeobuf, written": ("labels_flatgeobuf", "theirs_flatgeobuf"),
    "FlatGeobuf, read": ("readlabels_flatgeobuf", "theirs_readlabels_flatgeobuf"),
}
"""Labels by `Labels.export` with all that they carry, beside the bare frame of theirs; both read the file of ours."""
SUFFIXES = {"geojson": ".geojson", "gpkg": ".gpkg", "flatgeobuf": ".fgb"}
_LAYER = {"gpkg": {"layer": "labels_polygon"}}
DRIVERS = {"geojson": "GeoJSON", "gpkg": "GPKG", "flatgeobuf": "FlatGeobuf"}


def outlines(count: int) -> np.ndarray:
    """Return polygons of 24 corners all over the scene, in pixel coordinates."""
    dice = np.random.default_rng(1)
    centres = dice.uniform(50, SIDE - 50, (count, 1, 2))
    turns = np.linspace(0, 2 * np.pi, CORNERS, endpoint=False)
    radii = dice.uniform(5, 30, (count, CORNERS, 1))
    return shapely.polygons(centres + radii * np.stack([np.cos(turns), np.sin(turns)], axis=1))


def answers(number: int) -> dict[str, Any]:
    """Return the four attributes of a polygon."""
    return {"word": f"ship {number % 50}", "number": number / 7, "yes": number % 2 == 0, "day": "2024-05-01"}


def labels_of(count: int, grid: GeoGrid) -> LabelSet:
    """Return annotations as a format takes them."""
    drawn = [
        Annotation(class_id="ship", kind="polygon", geometry=outline, attributes=answers(number))
        for number, outline in enumerate(outlines(count))
    ]
    return LabelSet(annotations=drawn, grid=grid, ontology=ONTOLOGY, scene_name="scene")


def frame_of(count: int, grid: GeoGrid) -> Any:  # noqa: ANN401
    """Return the same as a frame: an id, the class and four attributes."""
    import geopandas as gpd

    rows = [{"id": str(n), "class_id": "ship", **answers(n)} for n in range(count)]
    return gpd.GeoDataFrame(rows, geometry=shapely.transform(outlines(count), grid.pixel_to_map), crs=grid.crs)


def work_of(name: str, count: int, folder: Path) -> Callable[[], object]:
    """Return one piece of work, with all that it needs made beforehand.

    Its name says who does what with which format: ``rows_gpkg``, ``theirs_read_gpkg``, ``labels_geojson_metres``.
    """
    whose, *words = name.split("_")
    form = next(word for word in words if word in SUFFIXES)
    grid = DEGREES if "degrees" in words else METRES
    files = {each: (folder / each).with_suffix(SUFFIXES[form]) for each in ("rows", "labels", "theirs")}
    if whose == "theirs":
        return _theirs(form, words, count, grid, files)
    if whose == "rows":
        frame = frame_of(count, grid)
        return lambda: convert(frame, files["rows"])
    if whose == "labels":
        labels = labels_of(count, grid)
        return lambda: FORMATS[form].write(files["labels"], labels)
    read = files["theirs" if whose == "read" else "labels"]
    return lambda: frame_of_columns(FORMATS[form].read(read, None))


def _theirs(form: str, words: list[str], count: int, grid: GeoGrid, files: dict[str, Path]) -> Callable[[], object]:
    """Return what geopandas does with GeoJSON, and pyogrio with Arrow with the others."""
    import pyogrio

    arrow = form != "geojson"  # which makes it slower
    if "read" in words:
        return lambda: pyogrio.read_dataframe(files["theirs"], use_arrow=arrow)
    if "readlabels" in words:
        return lambda: pyogrio.read_dataframe(files["labels"], use_arrow=arrow, **_LAYER.get(form, {}))
    frame = frame_of(count, grid)
    if arrow:
        return lambda: pyogrio.write_dataframe(frame, files["theirs"], driver=DRIVERS[form], use_arrow=True)
    options = {"RFC7946": "YES"} if "metres" in words else {}
    return lambda: frame.to_file(files["theirs"], driver="GeoJSON", **options)


def child(name: str, count: int, folder: Path) -> None:
    """Do one piece of work and print seconds of the clock and of the processor, and the memory that it took more."""
    work = work_of(name, count, folder)
    _rehearse(name)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started, spent = time.perf_counter(), time.process_time()
    work()
    times = time.perf_counter() - started, time.process_time() - spent
    more = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(json.dumps([*times, more / 1024]))


def _rehearse(name: str) -> None:
    """Do a piece of work with a few polygons, with the files that it reads."""
    form = next(word for word in name.split("_") if word in SUFFIXES)
    place = "_metres" if form == "geojson" else ""
    with tempfile.TemporaryDirectory() as folder:
        for each in (f"theirs_{form}{place}", f"labels_{form}{place}", name):
            work_of(each, _REHEARSED, Path(folder))()


def measured(name: str, count: int, folder: Path, limit: float | None = None) -> tuple[float, float, float] | None:
    """Return what a child measures, None where it has not ended after some seconds of the clock."""
    command = [
        sys.executable,
        "-m",
        "benchmarks.bench_formats",
        "--child",
        name,
        "--count",
        str(count),
        "--folder",
        str(folder),
    ]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=limit)
    except subprocess.TimeoutExpired:
        return None
    clock, processor, memory = json.loads(done.stdout.splitlines()[-1])
    return clock, processor, memory


def table(
    title: str,
    work: Mapping[str, tuple[str, str]],
    count: int,
    folder: Path,
    rounds: int,
    limit: float | None = None,
) -> list[str]:
    """Return the table of one size; the best of some rounds counts, ours and theirs in turn."""
    lines = [
        f"**{count:,} polygons of {CORNERS} corners with four attributes, {title}**",
        "",
        "| | ours, s | theirs, s | theirs / ours | ours, MiB | theirs, MiB |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for what, pair in work.items():
        best: list[tuple[float, float, float] | None] = [None, None]
        for _ in range(rounds):
            for side, name in enumerate(pair):
                found = measured(name, count, folder, limit)
                best[side] = min((each for each in (best[side], found) if each), key=lambda m: m[1], default=None)
        lines.append(_row(what, *best, limit))
        print(lines[-1], flush=True)
    return [*lines, ""]


def _row(
    what: str,
    ours: tuple[float, float, float] | None,
    theirs: tuple[float, float, float] | None,
    limit: float | None,
) -> str:
    """Return a row of a table; what did not end in time has taken longer than the limit."""
    seconds = [f"over {limit:.0f}" if each is None else f"{each[1]:.2f}" for each in (ours, theirs)]
    ratio = f"{theirs[1] / ours[1]:.1f}" if ours and theirs else ""
    memory = ["" if each is None else f"{each[2]:.0f}" for each in (ours, theirs)]
    return "| " + " | ".join([what, *seconds, ratio, *memory]) + " |"


def _chosen(work: Mapping[str, tuple[str, str]], beginning: str) -> dict[str, tuple[str, str]]:
    return {what: pair for what, pair in work.items() if what.startswith(beginning)}


def main() -> None:
    """Print the tables, and keep them in the documentation."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--child")
    parser.add_argument("--count", type=int, nargs="*", default=[100_000, 1_000_000])
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--limit", type=float, help="seconds of the clock after which a piece of work is given up")
    parser.add_argument("--only", default="", help="rows that begin so, such as GeoPackage")
    parser.add_argument("--keep", action="store_true", help="put the tables into docs/performance.md")
    wanted = parser.parse_args()
    if wanted.child:
        child(wanted.child, wanted.count[0], wanted.folder)
        return
    with tempfile.TemporaryDirectory() as folder:
        lines = [
            line
            for count in wanted.count
            for title, work in (("as a frame", TABLES), ("as labels", LABELS))
            for line in table(title, _chosen(work, wanted.only), count, Path(folder), wanted.rounds, wanted.limit)
        ]
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, "
    machine += f"load at the end {os.getloadavg()[0]:.1f}; seconds of the processor, and memory in MiB "
    machine += "beyond what the labels or the frame take."
    if wanted.keep:
        renew(PAGE, "formats", f"{machine}\n\n" + "\n".join(lines))


if __name__ == "__main__":
    main()
