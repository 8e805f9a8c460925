"""Opening, panning and switching over a large scene, side by side with peers: ``python -m benchmarks.bench_imagery``.

Two files of the same pixels, 10980 x 10980 in four bands: a COG, and strips
without overviews.  All rivals take their turns in every round, so that a busy
machine is busy for all of them; medians of the rounds are compared.  The
files' bytes are in the system's cache: what is timed is everything but the
disk.  The table goes to ``docs/performance.md``, the figures to
``benchmarks/results``.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.imagery_data import SIDE, make_scenes
from benchmarks.imagery_rivals import FALSE_COLOR, TRUE_COLOR, Ours, Qgis, Rival, Window, rivals
from benchmarks.page import PAGE, renew

HERE = Path(__file__).parent
VIEW = (1000, 1500)
PANS, STEP_PX = 60, 256
PASSES = 4
SMALL_BUDGET_MIB, SMALL_PASSES = 128, 8
"""A cache that is full before the end."""

MEASURES = {
    "first": "open to first picture",
    "cold": "viewport, cold",
    "warm": "viewport again, after a look elsewhere",
    "pan": "60 pans, first time",
    "pan_worst": "of these the slowest",
    "pan_warm": "60 pans, warm",
    "switch": "composite switch, warm",
    "to_and_fro": "composite switch to and fro",
}

Times = dict[str, dict[str, list[float]]]
"""Rival → measure → milliseconds of each round."""


def main() -> None:
    """Run the benchmark and write what came out."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--side", type=int, default=SIDE, help="pixels a side")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--data", type=Path, default=HERE / "data", help="folder of the two files, which are made once")
    parser.add_argument("--out", type=Path, default=HERE / "results", help="folder of the figures")
    parser.add_argument("--report", type=Path, default=PAGE, help="page whose table is renewed")
    options = parser.parse_args()
    results = run(options.data, options.side, options.rounds)
    options.out.mkdir(exist_ok=True)
    path = options.out / f"imagery-{datetime.now(UTC):%Y%m%d-%H%M%S}.json"
    path.write_text(json.dumps(results, indent=1), "utf-8")
    table = report(results)
    print(table)
    renew(options.report, "imagery", table)
    print(f"kept in {path} and {options.report}")


def run(folder: Path, side: int, rounds: int) -> dict[str, Any]:
    """Return the figures of both files."""
    cog, strips = make_scenes(folder, side)
    shown = rivals()
    results: dict[str, Any] = {"time": datetime.now(UTC).isoformat(), "machine": machine(), "side": side, "files": {}}
    try:
        results["memory_mib"] = memory_of(cog, side)
        results["small_memory_mib"] = memory_of(cog, side, SMALL_BUDGET_MIB, SMALL_PASSES)
        results["files"]["COG"] = measure_file(cog, shown, side, rounds)
        results["files"]["strips, no overviews"] = measure_file(strips, shown, side, rounds)
        built = build_levels_of(strips)
        ours = measure_file(strips, [Ours("napari-geolabel, levels built")], side, rounds)
        merged = results["files"]["strips, no overviews"]
        merged["build_s"] = built
        for key in ("times", "counts"):
            merged[key].update(ours[key])
    finally:
        for rival in shown:
            if isinstance(rival, Qgis):
                rival.quit()
    return results


def measure_file(path: Path, shown: list[Rival], side: int, rounds: int) -> dict[str, Any]:
    """Return times, reads and memory of every rival on one file."""
    forget_levels(path, keep=len(shown) == 1)
    random = np.random.default_rng(7)
    times: Times = {rival.name: {measure: [] for measure in MEASURES} for rival in shown}
    counts: dict[str, list[dict[str, int]]] = {rival.name: [] for rival in shown}
    for rival in shown:  # imports, and the system's cache of the file
        rival.first(path)
        rival.close()
    for number in range(rounds):
        start = random_start(random, side)
        for rival in shown:
            took, counted = one_round(rival, path, start, side)
            for measure, milliseconds in took.items():
                times[rival.name][measure].append(milliseconds)
            counts[rival.name].append(counted)
            print(f"{path.name}, {number + 1} of {rounds}, {rival.name}: {_listing(took)}", flush=True)
    return {"times": times, "counts": counts}


def one_round(rival: Rival, path: Path, start: tuple[int, int], side: int) -> tuple[dict[str, float], dict[str, int]]:
    """Return milliseconds of each measure, and reads of the pans."""
    took = {"first": timed(lambda: rival.first(path))}
    try:
        window = view_at(start, side)
        took["cold"] = timed(lambda: rival.view(window, TRUE_COLOR))
        elsewhere = beside(window, side)
        rival.view(elsewhere, TRUE_COLOR)
        took["warm"] = timed(lambda: rival.view(window, TRUE_COLOR))
        took["switch"], took["to_and_fro"] = switches(rival, window, elsewhere)
        rival.view(window, TRUE_COLOR)
        windows = pans(start, side)
        reads, size = rival.reads, rival.bytes_read
        steps = [timed(lambda each=each: rival.view(each, TRUE_COLOR)) for each in windows]
        counted = {"reads": rival.reads - reads, "bytes": rival.bytes_read - size} if reads >= 0 else {}
        took["pan"], took["pan_worst"] = sum(steps), max(steps)
        took["pan_warm"] = sum(timed(lambda each=each: rival.view(each, TRUE_COLOR)) for each in windows)
        return took, counted
    finally:
        rival.close()


def switches(rival: Rival, window: Window, elsewhere: Window) -> tuple[float, float]:
    """Return milliseconds of a switch where only the other composite was seen last, and of one to and fro."""
    for each in (window, elsewhere):
        rival.view(each, FALSE_COLOR)
    steps = [(elsewhere, TRUE_COLOR), (window, FALSE_COLOR), (window, TRUE_COLOR), (elsewhere, FALSE_COLOR)]
    fresh = [timed(lambda step=step: rival.view(*step)) for step in steps]
    for bands in (TRUE_COLOR, FALSE_COLOR):
        rival.view(window, bands)
    again = [timed(lambda bands=bands: rival.view(window, bands)) for bands in (TRUE_COLOR, FALSE_COLOR) * 2]
    return statistics.median(fresh), statistics.median(again)


def beside(window: Window, side: int) -> Window:
    """Return a viewport that shares no pixel with another."""
    row, _, col, col_stop = window
    step = (col_stop - col) * 5 // 4
    return view_at((row, col + step if col_stop + step <= side else col - step), side)


def pans(start: tuple[int, int], side: int) -> list[Window]:
    """Return 60 windows: 20 steps east, 20 south, 20 west, turned round at the edges."""
    row, col = start
    windows = []
    for number in range(PANS):
        if number % 60 < 20:
            col += STEP_PX
        elif number % 60 < 40:
            row += STEP_PX
        else:
            col -= STEP_PX
        windows.append(view_at((_reflected(row, side - VIEW[0]), _reflected(col, side - VIEW[1])), side))
    return windows


def view_at(start: tuple[int, int], side: int) -> Window:
    """Return the viewport that begins at a row and column, moved inside the scene."""
    rows, cols = min(VIEW[0], side), min(VIEW[1], side)
    row, col = min(max(start[0], 0), side - rows), min(max(start[1], 0), side - cols)
    return row, row + rows, col, col + cols


def random_start(random: np.random.Generator, side: int) -> tuple[int, int]:
    """Return where a round begins, in the part of the scene that has data."""
    low = min(side // 3, max(0, side - VIEW[0] - 1))
    return int(random.integers(low, max(low + 1, side - VIEW[0]))), int(random.integers(0, max(1, side - VIEW[1])))


def timed(work: Callable[[], object]) -> float:
    """Return how many milliseconds some work takes."""
    begin = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - begin)


def memory_of(path: Path, side: int, budget_mib: int | None = None, passes: int = PASSES) -> list[float]:
    """Return what a fresh process has resident, in MiB: with the scene open, and after each of some passes of pans."""
    code = f"from benchmarks.bench_imagery import *; print_memory(Path({str(path)!r}), {side}, {budget_mib}, {passes})"
    done = subprocess.run([sys.executable, "-c", code], cwd=HERE.parent, capture_output=True, text=True, check=True)
    return [float(word) for word in done.stdout.split()]


def print_memory(path: Path, side: int, budget_mib: int | None, passes: int) -> None:
    """Print what this process has resident as it opens a scene and pans over new ground, in MiB."""
    from napari_geolabel.imagery.cache import shared_cache

    if budget_mib is not None:
        shared_cache().budget_bytes = budget_mib * 2**20
    ours = Ours("napari-geolabel")
    ours.first(path)
    print(resident_mib())
    for number in range(passes):
        for window in pans((side // 3 + number * side // 8, side // 8), side):
            ours.view(window, TRUE_COLOR)
        print(resident_mib())
    ours.close()


def build_levels_of(path: Path) -> float:
    """Build the levels of the file without overviews, and return how many seconds that takes."""
    from napari_geolabel.imagery import open_scene
    from napari_geolabel.imagery.overviews import build_levels

    with open_scene(path) as scene:
        return timed(lambda: build_levels(scene.source.store.reader)) / 1000


def forget_levels(path: Path, *, keep: bool) -> None:
    """Delete the levels that an earlier run has built of a file, unless they are what is measured."""
    from napari_geolabel.imagery import open_scene
    from napari_geolabel.imagery.reduced import cache_path

    with open_scene(path) as scene:
        built = cache_path(scene.source.facts)
    if not keep:
        built.unlink(missing_ok=True)


def machine() -> dict[str, Any]:
    """Return what tells machines apart: cores and kind, no more."""
    import rasterio

    return {
        "cores": os.cpu_count(),
        "machine": platform.machine(),
        "python": platform.python_version(),
        "gdal": rasterio.__gdal_version__,
        "load": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
    }


def resident_mib() -> float:
    """Return the memory that this process has, in MiB; NaN where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return float("nan")
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def report(results: dict[str, Any]) -> str:
    """Return the figures as Markdown: medians, and how many times as long as ours each peer takes."""
    facts = results["machine"]
    side = results["side"]
    lines = [
        f"{side} x {side} pixels, four bands, uint16, DEFLATE with predictor 2; viewport 1500 x 1000 at full "
        f"resolution, three bands to RGBA, drawing apart. {facts['cores']} cores, {facts['machine']}, Python "
        f"{facts['python']}, GDAL {facts['gdal']}, load at the start {facts['load']}; medians in ms, and in brackets "
        "how many times as long as ours (below 1: faster than ours).",
    ]
    for name, file in results["files"].items():
        names = list(file["times"])
        lines += ["", f"**{name}**", "", "| | " + " | ".join(names) + " |", "|---|" + "---:|" * len(names)]
        for measure, title in MEASURES.items():
            medians = [statistics.median(file["times"][rival][measure]) for rival in names]
            cells = [_cell(value, medians[0], i) for i, value in enumerate(medians)]
            lines.append(f"| {title} | " + " | ".join(cells) + " |")
        lines.append("| reads in 60 pans | " + " | ".join(str(_count(file, rival, "reads")) for rival in names) + " |")
        sizes = [_count(file, rival, "bytes") for rival in names]
        lines.append("| MiB decoded for them | " + " | ".join(_mib(size) for size in sizes) + " |")
        if "build_s" in file:
            lines += ["", f"Building the levels of this file, once and in the background: {file['build_s']:.1f} s."]
    return "\n".join([*lines, "", *_memory_table(results)]) + "\n"


def _memory_table(results: dict[str, Any]) -> list[str]:
    """Return what a fresh process has resident as it pans, by its budget for tiles."""
    rows = {
        "budget of its own": results["memory_mib"],
        f"budget of {SMALL_BUDGET_MIB} MiB": results["small_memory_mib"],
    }
    passes = max(len(row) for row in rows.values()) - 1
    heads = ["COG open", *(f"{60 * number} pans" for number in range(1, passes + 1))]
    lines = [f"| MiB resident in a fresh process | {' | '.join(heads)} |", "|---|" + "---:|" * len(heads)]
    for name, told in rows.items():
        cells = [f"{mib:.0f}" for mib in told] + [""] * (len(heads) - len(told))
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines


def _listing(took: dict[str, float]) -> str:
    return ", ".join(f"{measure} {milliseconds:.0f}" for measure, milliseconds in took.items())


def _cell(value: float, ours: float, place: int) -> str:
    text = f"{value:,.1f}" if value < 100 else f"{value:,.0f}"
    return text if place == 0 else f"{text} ({value / ours:.2g}x)"


def _count(file: dict[str, Any], rival: str, what: str) -> int | str:
    rounds = [each[what] for each in file["counts"].get(rival, []) if what in each]
    return statistics.median_low(rounds) if rounds else ""


def _mib(size: int | str) -> str:
    return f"{size / 2**20:,.0f}" if isinstance(size, int) else ""


def _reflected(place: int, limit: int) -> int:
    """Return a place that turns round at 0 and at a limit."""
    if limit <= 0:
        return 0
    place %= 2 * limit
    return 2 * limit - place if place > limit else place


if __name__ == "__main__":
    main()
