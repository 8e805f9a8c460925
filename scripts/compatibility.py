"""Open every raster of a folder and say what became of it, as Markdown or JSON.

``python scripts/compatibility.py ../shared/data docs/compatibility.md`` writes
the page of the documentation.  Files are opened in processes of their own with
a limit on memory, so that one that crashes or eats all there is ends its own
row alone; a file that takes too long is stopped.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

SUFFIXES = {".tif", ".tiff", ".vrt", ".jp2"}
LIMIT_BYTES = 1_500_000_000
LIMIT_S = 20
WORKERS = 2


def main() -> None:
    """Walk a folder and write the outcome."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path, nargs="?", help="where the rasters are")
    parser.add_argument("out", type=Path, nargs="?", help="a .md or .json file; by default JSON is printed")
    parser.add_argument("--work", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.work:
        work()
        return
    if arguments.folder is None or not arguments.folder.is_dir():
        parser.error("name a folder with rasters")
    outcomes = walk(arguments.folder)
    if arguments.out is None:
        print(json.dumps(outcomes, indent=1))
    else:
        text = as_markdown(outcomes) if arguments.out.suffix == ".md" else json.dumps(outcomes, indent=1)
        arguments.out.write_text(text + "\n", encoding="utf-8")


def files_of(folder: Path) -> list[Path]:
    """Return the rasters of a folder, at any depth, by name."""
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())


def walk(folder: Path) -> list[dict[str, object]]:
    """Return what becomes of each raster of a folder, in the order of their names."""
    names = [str(path.relative_to(folder)) for path in files_of(folder)]
    with ThreadPoolExecutor(WORKERS) as pool:
        parts = pool.map(lambda start: _open_all(folder, names[start::WORKERS]), range(WORKERS))
        return sorted((outcome for part in parts for outcome in part), key=lambda outcome: str(outcome["file"]))


def _open_all(folder: Path, names: list[str]) -> list[dict[str, object]]:
    opener = Opener(folder)
    found = [opener.open(name) for name in names]
    opener.close()
    return found


class Opener:
    """Opens rasters in a process of its own, and in a new one after each that dies."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self._process: subprocess.Popen[str] | None = None

    def open(self, name: str) -> dict[str, object]:
        """Return what becomes of a raster in the folder."""
        if self._process is None or self._process.poll() is not None:
            self._process = _start()
        process = self._process
        assert process.stdin is not None  # noqa: S101  (it was started with pipes)
        assert process.stdout is not None  # noqa: S101
        process.stdin.write(json.dumps([str(self.folder), name]) + "\n")
        process.stdin.flush()
        stop = threading.Timer(LIMIT_S + 10, process.kill)
        stop.start()
        started = time.perf_counter()
        line = process.stdout.readline()
        stop.cancel()
        if line:
            found: dict[str, object] = json.loads(line)
            return found
        seconds = time.perf_counter() - started
        return {"file": name, "opens": False, "crash": process.wait(), "seconds": seconds, "peak_bytes": 0}

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.communicate()


def _start() -> subprocess.Popen[str]:
    few_threads = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}
    return subprocess.Popen(
        [sys.executable, __file__, "--work"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, **few_threads},
    )


def work() -> None:
    """Open what is named on standard input, one JSON list a line, and answer with one JSON object a line."""
    import resource

    import numpy as np  # noqa: F401  (what is loaded counts before the limit)
    import rasterio  # noqa: F401

    from napari_geolabel.imagery import open_scene  # noqa: F401

    before = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize() if _is_linux() else 0
    if before:
        resource.setrlimit(resource.RLIMIT_AS, (before + LIMIT_BYTES, before + LIMIT_BYTES))
    for line in sys.stdin:
        folder, name = json.loads(line)
        _reset_peak()
        started = time.perf_counter()
        outcome = look(Path(folder), name)
        outcome |= {"seconds": round(time.perf_counter() - started, 3), "peak_bytes": _peak_bytes()}
        print(json.dumps(outcome), flush=True)


def look(folder: Path, name: str) -> dict[str, object]:
    """Open a raster, read its coarsest level, and return what it is or why it is refused."""
    from napari_geolabel.errors import GeoLabelError
    from napari_geolabel.imagery import open_scene

    try:
        with open_scene(folder / name) as scene:
            scene.read(level=len(scene.levels) - 1)
            rows, cols = scene.grid.shape
            placed = scene.metadata["georeference"] if scene.grid.is_georeferenced else "none"
            return {
                "file": name,
                "opens": True,
                "format": scene.metadata["driver"],
                "size": f"{cols} x {rows}",
                "bands": len(scene.bands),
                "dtype": scene.metadata["dtype"],
                "mask": scene.metadata["mask"],
                "place": placed if placed != "none" else f"pixels ({scene.metadata['georeference']})",
                "levels": len(scene.levels),
            }
    except GeoLabelError as error:
        return {"file": name, "opens": False, "sentence": str(error).replace(f"{folder}{os.sep}", "")}
    except BaseException as error:  # noqa: BLE001  (anything else is a bug, and that is what is looked for)
        return {"file": name, "opens": False, "bug": f"{type(error).__name__}: {error}"}


def as_markdown(outcomes: list[dict[str, object]]) -> str:
    """Return outcomes as a page of the documentation."""
    opened = [outcome for outcome in outcomes if outcome["opens"]]
    refused = [outcome for outcome in outcomes if not outcome["opens"]]
    formats = Counter(str(outcome["format"]) for outcome in opened)
    counted = ", ".join(f"{number} {name}" for name, number in sorted(formats.items()))
    folders = len({str(outcome["file"]).partition("/")[0] for outcome in outcomes})
    lines = [
        "# What opens",
        "",
        f"{len(outcomes)} rasters from {folders} projects (test data of GDAL, rasterio and others) are opened",
        "as scenes, and their coarsest level is read. `scripts/compatibility.py` makes this page; a test repeats it,",
        "compares pixels, no data and place with what rasterio gives, and holds each file to 20 seconds and 1.5 GB.",
        "",
        f"**{len(opened)} open** ({counted}), **{len(refused)} are refused** with one sentence that says why.",
        "",
        "## Refused",
        "",
        "| file | what is said |",
        "|---|---|",
        *(f"| {o['file']} | {_cell(o.get('sentence') or o.get('bug') or 'crash')} |" for o in refused),
        "",
        "## Opened",
        "",
        "*place*: `transform` where the file is georeferenced; else the scene shows in pixels, and what the file has.",
        "",
        "| file | format | columns x rows | bands | type | mask | place | levels |",
        "|---|---|---|---|---|---|---|---|",
        *(
            f"| {o['file']} | {o['format']} | {o['size']} | {o['bands']} | {o['dtype']} | {o['mask']} | {o['place']} "
            f"| {o['levels']} |"
            for o in opened
        ),
    ]
    return "\n".join(lines)


def _cell(text: object) -> str:
    return str(text).replace("|", "\\|").replace("<", "&lt;")


def _is_linux() -> bool:
    return sys.platform.startswith("linux")


def _reset_peak() -> None:
    """Let the system count the peak of memory from now on."""
    if _is_linux():
        Path("/proc/self/clear_refs").write_text("5")


def _peak_bytes() -> int:
    """Return the largest resident size since the last reset, 0 where the system does not tell."""
    if not _is_linux():
        return 0
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM"))


if __name__ == "__main__":
    main()
