"""Compositing and indices against plain numpy in float64: ``python -m benchmarks.bench_composite``.

Both make the same RGBA picture of three uint16 bands, nodata transparent, from
arrays in memory and known limits; and the same index of bands in an open file.
They take turns, so that a busy machine is busy for both; medians and their
ratio go to ``docs/performance.md``.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.bench_imagery import timed
from benchmarks.page import PAGE, renew
from napari_geolabel.imagery import Composite, Picture, Stretch, evaluate, open_scene

SHAPE = (1000, 1500)
NODATA = 0
SCALE, OFFSET = 1e-4, -0.1
STRETCHES = {
    "fixed": Stretch.fixed(0.0, 0.3),
    "fixed, gamma 1.4": Stretch.fixed(0.0, 0.3, gamma=1.4),
    "equalised": Stretch.equalize(),
}

INDICES = {
    "(green - red) / (green + red)": lambda red, green, _: (green - red) / (green + red),
    "1.5 * (green - red) / (green + red - blue + 0.5)": lambda red, green, blue: (
        1.5 * (green - red) / (green + red - blue + 0.5)
    ),
}
Figures = dict[str, dict[str, float]]

Bands = list[NDArray[np.uint16]]


def main() -> None:
    """Run the benchmark and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--report", type=Path, default=PAGE, help="page whose table is renewed")
    options = parser.parse_args()
    text = report(run(SHAPE, options.rounds), run_indices(SHAPE, options.rounds))
    print(text)
    renew(options.report, "composite", text)


def run(shape: tuple[int, int], rounds: int) -> Figures:
    """Return medians in milliseconds and their ratio, for each stretch."""
    bands = make_bands(shape)
    return {name: in_turn(*painters(bands, stretch), rounds) for name, stretch in STRETCHES.items()}


def run_indices(shape: tuple[int, int], rounds: int) -> Figures:
    """Return medians in milliseconds and their ratio, for each index of bands in a file that is open."""
    import rasterio

    with tempfile.TemporaryDirectory() as folder:
        path = _write(make_bands(shape), Path(folder))
        with open_scene(path) as scene, rasterio.open(path) as dataset:
            return {
                words: in_turn(partial(evaluate, scene, words), partial(plain, dataset, rule), rounds)
                for words, rule in INDICES.items()
            }


def plain(dataset: Any, rule: Callable[..., NDArray[np.float64]]) -> NDArray[np.float64]:  # noqa: ANN401
    """Return an index as rasterio and numpy give it: bands read, scaled, reckoned in float64, NaN without data."""
    bands = dataset.read()
    red, green, blue = bands.astype(np.float64) * SCALE + OFFSET
    with np.errstate(divide="ignore", invalid="ignore"):
        found = rule(red, green, blue)
    found[(bands == NODATA).any(axis=0)] = np.nan
    return found


def in_turn(ours: Callable[[], object], theirs: Callable[[], object], rounds: int) -> dict[str, float]:
    """Return the median milliseconds of both, and how many times as long as ours theirs takes."""
    ours(), theirs()  # caches and tables
    times = [(timed(ours), timed(theirs)) for _ in range(rounds)]
    mine, other = (statistics.median(each) for each in zip(*times, strict=True))
    return {"ours_ms": mine, "numpy_ms": other, "ratio": other / mine}


def report(stretches: Figures, indices: Figures) -> str:
    """Return the figures as Markdown."""
    lines = [
        f"{SHAPE[1]:,} x {SHAPE[0]:,} pixels, one core for numpy and all for ours; {os.cpu_count()} cores, "
        f"{platform.machine()}, Python {platform.python_version()}, load at the end {os.getloadavg()[0]:.1f}; "
        "medians, in turn."
    ]
    for title, other, figures in (
        ("picture of three bands in memory", "numpy in float64, ms", stretches),
        ("index of bands in an open file", "rasterio and numpy, ms", indices),
    ):
        lines += ["", f"| {title} | ours, ms | {other} | times |", "|---|---:|---:|---:|"]
        for name, each in figures.items():
            lines.append(f"| {name} | {each['ours_ms']:.1f} | {each['numpy_ms']:.1f} | {each['ratio']:.1f} |")
    return "\n".join(lines) + "\n"


def make_bands(shape: tuple[int, int]) -> Bands:
    """Return three bands of land and cloud, with a strip without data."""
    random = np.random.default_rng(2)
    bands = [(random.gamma(2, 700, shape) + 1100).clip(1, 65535).astype(np.uint16) for _ in range(3)]
    for band in bands:
        band[: shape[0] // 20] = NODATA
    return bands


def painters(bands: Bands, stretch: Stretch) -> tuple[Callable[[], Any], Callable[[], Any]]:
    """Return what makes our picture, and what makes numpy's, each from the same arrays and limits."""
    composite = Composite(id="bench", title="", channels=("red", "green", "blue"), stretch=stretch)
    with tempfile.TemporaryDirectory() as folder, open_scene(_write(bands, Path(folder))) as scene:
        picture = Picture(scene, composite)
        shown = picture._shown  # noqa: SLF001  (the paint is what is timed)
    arrays = dict(enumerate(bands))
    tone = shown.tone

    def ours() -> NDArray[np.uint8]:
        out = np.empty(bands[0].shape, np.uint32)
        shown.words(arrays, None, out)
        return out.view(np.uint8).reshape(*out.shape, 4)

    def by_numpy() -> NDArray[np.uint8]:
        rgba = np.zeros((*bands[0].shape, 4), np.uint8)
        valid = np.ones(bands[0].shape, bool)
        for i, band in enumerate(bands):
            low, high = tone.limits[i]
            share = np.clip((band.astype(np.float64) * SCALE + OFFSET - low) / (high - low), 0, 1)
            curve = tone.curve(i)
            if curve:
                share = np.interp(share, np.linspace(0, 1, len(curve)), curve)
            rgba[..., i] = share ** (1 / tone.gamma) * 255 + 0.5 if tone.gamma != 1 else share * 255 + 0.5
            valid &= band != NODATA
        rgba[..., 3] = np.where(valid, 255, 0)
        rgba[~valid] = 0
        return rgba

    return ours, by_numpy


def _write(bands: Bands, folder: Path) -> Path:
    import rasterio

    path = folder / "bench.tif"
    rows, cols = bands[0].shape
    profile = {"driver": "GTiff", "height": rows, "width": cols, "count": 3, "dtype": "uint16", "nodata": NODATA}
    with rasterio.open(
        path, "w", **profile, transform=rasterio.Affine(10, 0, 0, 0, -10, 0), crs="EPSG:32633"
    ) as target:
        for i, (band, name) in enumerate(zip(bands, ("red", "green", "blue"), strict=True), 1):
            target.write(band, i)
            target.set_band_description(i, name)
        target.scales, target.offsets = (SCALE,) * 3, (OFFSET,) * 3
    return path


if __name__ == "__main__":
    main()
