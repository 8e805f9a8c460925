"""What happens before anything is done: ``python -m benchmarks.bench_start``.

Python alone, the package, the command line, napari's look at our manifest, and beside them the imports of what
scripts use otherwise.  Each start is a process of its own, in turn; what Python itself takes is told apart.
The table goes to ``docs/performance.md``.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.page import PAGE, renew

PLUGIN = "napari-geolabel"
ROUNDS = 7
IMPORTS = {
    "import napari_geolabel": "napari_geolabel",
    "import rasterio": "rasterio",
    "import geopandas": "geopandas",
    "import napari": "napari",
}


def main() -> None:
    """Run the benchmark and renew the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--report", type=Path, default=PAGE, help="page whose table is renewed")
    options = parser.parse_args()
    text = report(measured(options.rounds))
    print(text)
    renew(options.report, "start", text)


def measured(rounds: int) -> dict[str, float]:
    """Return the median milliseconds of each start, all in turn."""
    work: dict[str, Callable[[], object]] = {"Python alone": process("pass")}
    work |= {title: process(f"import {name}") for title, name in IMPORTS.items()}
    geolabel = str(Path(sys.executable).parent / "geolabel")
    work["geolabel --help"] = lambda: subprocess.run([geolabel, "--help"], capture_output=True, check=True)
    times: dict[str, list[float]] = {title: [] for title in work}
    for _ in range(rounds):
        for title, action in work.items():
            begin = time.perf_counter()
            action()
            times[title].append(1000 * (time.perf_counter() - begin))
    medians = {title: statistics.median(each) for title, each in times.items()}
    return {**medians, "napari finds and reads our manifest": discovery(rounds)}


def process(code: str) -> Callable[[], object]:
    """Return what runs some code in a fresh interpreter."""
    return lambda: subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)


def discovery(rounds: int) -> float:
    """Return the median milliseconds, each in a fresh process, in which npe2 finds and reads our manifest."""
    code = (
        "import time; from npe2 import PluginManifest; begin = time.perf_counter(); "
        f"PluginManifest.from_distribution({PLUGIN!r}); print(1000 * (time.perf_counter() - begin))"
    )
    command = [sys.executable, "-c", code]
    told = [subprocess.run(command, capture_output=True, text=True, check=True).stdout for _ in range(rounds)]
    return statistics.median(float(words) for words in told)


def report(medians: dict[str, float]) -> str:
    """Return the figures as Markdown."""
    alone = medians["Python alone"]
    lines = [
        f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, load at the end "
        f"{os.getloadavg()[0]:.1f}; medians in ms, each start in a process of its own, in turn.",
        "",
        "| start | ms | beyond Python's own start |",
        "|---|---:|---:|",
    ]
    for title, value in medians.items():
        is_process = title not in ("Python alone", "napari finds and reads our manifest")
        lines.append(f"| {title} | {value:.0f} | {f'{max(0.0, value - alone):.0f}' if is_process else ''} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
