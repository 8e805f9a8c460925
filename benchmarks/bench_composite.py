"""Compositing alone, against plain numpy in float64: ``python -m benchmarks.bench_composite``.

Both make the same RGBA picture of three uint16 bands, nodata transparent, from
arrays in memory and known limits.  They take turns, so that a busy machine is
busy for both; medians and their ratio are printed and kept in
``benchmarks/results``.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_geolabel.imagery import Composite, Picture, Stretch, open_scene

RESULTS = Path(__file__).parent / "results"
SHAPE = (1000, 1500)
NODATA = 0
SCALE, OFFSET = 1e-4, -0.1
STRETCHES = {
    "fixed": Stretch.fixed(0.0, 0.3),
    "fixed, gamma 1.4": Stretch.fixed(0.0, 0.3, gamma=1.4),
    "equalised": Stretch.equalize(),
}

Bands = list[NDArray[np.uint16]]


def main() -> None:
    """Run the benchmark and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    results = run(SHAPE, options.rounds)
    for name, figures in results.items():
        print(
            f"{name:18} ours {figures['ours_ms']:7.1f} ms   numpy {figures['numpy_ms']:7.1f} ms   "
            f"{figures['ratio']:.1f}x"
        )
    RESULTS.mkdir(exist_ok=True)
    now = datetime.now(UTC)
    path = RESULTS / f"composite-{now:%Y%m%d-%H%M%S}.json"
    path.write_text(json.dumps({"time": now.isoformat(), "shape": SHAPE, "results": results}, indent=1), "utf-8")
    print(f"kept in {path}")


def run(shape: tuple[int, int], rounds: int) -> dict[str, dict[str, float]]:
    """Return medians in milliseconds and their ratio, for each stretch."""
    bands = make_bands(shape)
    results = {}
    for name, stretch in STRETCHES.items():
        ours, plain = painters(bands, stretch)
        ours(), plain()  # caches and tables
        times: list[list[float]] = [[], []]
        for _ in range(rounds):
            for work, took in zip((ours, plain), times, strict=True):
                begin = time.perf_counter()
                work()
                took.append(1000 * (time.perf_counter() - begin))
        medians = [statistics.median(took) for took in times]
        results[name] = {"ours_ms": medians[0], "numpy_ms": medians[1], "ratio": medians[1] / medians[0]}
    return results


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

    def plain() -> NDArray[np.uint8]:
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

    return ours, plain


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
