"""Polygons to masks and masks to polygons beside rasterio, GDAL and geocube, as ratios within one run.

Run: ``python -m benchmarks.bench_masks``, by default on 10,980 x 10,980 pixels; ``make bench-masks`` does that
and renews the table in ``docs/performance.md``.  Each way has a process of its own, one after another, so that the
peak memory is its own; loading the data counts only for the programs, which read and write files.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from benchmarks.masks_rivals import WAYS, Work
from benchmarks.page import PAGE, renew

SIDE = 10_980
COUNTS = (1_000, 10_000, 100_000)
ROUNDS = 2
TITLES = {
    "burn fast": "**`rasterize` with the extra `fast`**",
    "burn plain": "**`rasterize` without it**",
    "burn rasterio": "`rasterio.features.rasterize`",
    "burn gdal": "`gdal_rasterize`, file to file",
    "burn geocube": "geocube",
    "trace fast": "**`polygonize` with the extra `fast`**",
    "trace plain": "**`polygonize` without it**",
    "trace rasterio": "`rasterio.features.shapes` and shapely",
    "trace gdal": "`gdal_polygonize.py`, file to file",
}
Told = dict[str, Any]


def main() -> None:
    """Print what each way takes, and keep it in the documentation."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--side", type=int, default=SIDE, help="pixels a side; others than the default are not kept")
    parser.add_argument("--counts", type=int, nargs="+", default=COUNTS, help="numbers of polygons")
    options = parser.parse_args()
    side = options.side
    folder = Path(__file__).parent / "data" / f"masks-{side}"
    lines = []
    for count in options.counts:
        work = make(folder, side, count)
        told = {way: best([run(way, work) for _ in range(rounds(way))]) for way in WAYS}
        lines += [*table(count, told), ""]
        print("\n".join(lines[-len(told) - 4 :]), flush=True)
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, "
    machine += f"load at the end {os.getloadavg()[0]:.1f}"
    text = "\n".join([f"{side:,} x {side:,} pixels, polygons of 24 corners. {machine}.", "", *lines]).rstrip()
    if side == SIDE:
        renew(PAGE, "masks", text)


def rounds(way: str) -> int:
    """Return how often a way is run: programs and geocube, which are slow, once."""
    return 1 if "gdal" in way or "geocube" in way else ROUNDS


def make(folder: Path, side: int, count: int) -> Work:
    """Make polygons that cover two thirds of a square, as an array, a GeoPackage and a mask; once."""
    folder.mkdir(parents=True, exist_ok=True)
    work = Work(folder, side, count)
    if work.mask_path.exists():
        return work
    rng = np.random.default_rng(5)
    angles = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    radii = rng.uniform(0.6, 1, (count, 24)) * side / np.sqrt(count) / 2.2
    corners = rng.uniform(0, side, (count, 1, 2)) + np.stack([np.cos(angles) * radii, np.sin(angles) * radii], -1)
    np.save(folder / f"{count}.npy", corners)
    write_vectors(work)
    write_mask(work)
    return work


def write_vectors(work: Work) -> None:
    """Write the polygons as a GeoPackage with their numbers."""
    import geopandas as gpd

    shapes = shapely.transform(work.polygons, work.grid.pixel_to_map)
    frame = gpd.GeoDataFrame({"value": np.arange(1, work.count + 1)}, geometry=shapes, crs=work.grid.crs)
    frame.to_file(work.vector_path)


def write_mask(work: Work) -> None:
    """Write the mask that rasterio makes of the polygons."""
    import rasterio

    from benchmarks.masks_rivals import burn_rasterio

    options = {"tiled": True, "compress": "deflate", "nodata": 0}
    with rasterio.open(
        work.mask_path, "w", driver="GTiff", width=work.side, height=work.side, count=1, dtype="uint32",
        crs=work.grid.crs.to_wkt(), transform=work.grid.transform, **options,
    ) as target:  # fmt: skip
        target.write(burn_rasterio(work)(), 1)


def run(way: str, work: Work) -> Told:
    """Return what one run of a way in a process of its own says."""
    words = [way, str(work.folder), str(work.side), str(work.count)]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.masks_rivals", *words], capture_output=True, text=True, check=False
    )
    if done.returncode:
        print(f"{way}: {done.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
        return {}
    told: Told = json.loads(done.stdout.splitlines()[-1])
    return told


def best(runs: list[Told]) -> Told:
    """Return the run that kept the processor least busy."""
    return min((told for told in runs if told), key=lambda told: told["cpu"], default={})


def table(count: int, told: dict[str, Told]) -> list[str]:
    """Return what the ways took, each beside rasterio in the same run."""
    rows = [
        f"| {count:,} polygons | CPU s | of rasterio's | wall s | of rasterio's | peak MB more | pixels that differ |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for way, found in told.items():
        if not found:
            rows.append(f"| {TITLES[way]} | did not run | | | | | |")
            continue
        rival = told[f"{way.split()[0]} rasterio"] or found
        differing = "not told" if found["differing"] is None else f"{found['differing']:,}"
        cpu, wall = found["cpu"] / rival["cpu"], found["wall"] / rival["wall"]
        rows.append(
            f"| {TITLES[way]} | {found['cpu']:.2f} | {cpu:.2f} | {found['wall']:.2f} | {wall:.2f} "
            f"| {found['mb']:,.0f} | {differing} |"
        )
    return rows


if __name__ == "__main__":
    main()
