"""The targets of speed and memory, each beside what the last run measured: ``python -m benchmarks.targets``.

The table "Targets" of ``docs/performance.md`` is made of the figures in ``docs/performance`` alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from benchmarks.page import PAGE, Figures, NotMeasuredError, show

OURS, REQUEST, WHOLE = "napari-geolabel", "rasterio per request", "napari, whole array"
FILE_READERS = (REQUEST, "rio-tiler", "QGIS renderer")
COG, STRIPS = "COG", "strips, no overviews"


@dataclass(frozen=True, kw_only=True)
class Target:
    """What was promised, and how it is measured."""

    room: str
    what: str
    sense: Literal["at least", "at most", "under"]
    limit: float
    unit: str
    """What stands behind the number: ``x``, `` s``, `` ms``, `` MiB``."""
    measure: Callable[[Figures], float]
    part: str
    """Whose figures it needs; ``make bench-<part>`` measures them alone."""
    why: str
    """Why it is not met, should it not be."""

    def is_met(self, measured: float) -> bool:
        """Return whether a measured number keeps the promise."""
        if self.sense == "at least":
            return measured >= self.limit
        return measured <= self.limit if self.sense == "at most" else measured < self.limit


def peer(row: str, file: str, other: str) -> Callable[[Figures], float]:
    """Return how many times as long as ours a peer takes for something in the imagery benchmark."""

    def measure(figures: Figures) -> float:
        numbers = figures.row("imagery", file, row)
        return numbers[other] / max(numbers[OURS], 1e-3)

    return measure


def fastest_reader(file: str) -> Callable[[Figures], float]:
    """Return how many times as long as ours the fastest peer takes that reads a cold viewport from the file."""

    def measure(figures: Figures) -> float:
        numbers = figures.row("imagery", file, "viewport, cold")
        return min(numbers[name] for name in FILE_READERS if name in numbers) / numbers[OURS]

    return measure


def late_growth(figures: Figures) -> float:
    """Return by how many MiB a process grows over the last half of its pans, once its small cache is full."""
    told = list(figures.row("imagery", "MiB resident", "budget of 128").values())
    return told[-1] - told[len(told) // 2]


def number(part: str, table: str, row: str, column: str) -> Callable[[Figures], float]:
    """Return one number of a table as it stands."""
    return lambda figures: figures.number(part, table, row, column)


def inverse(part: str, table: str, row: str, column: str) -> Callable[[Figures], float]:
    """Return 1 by one number of a table: times faster, of the share of a peer's time."""
    return lambda figures: 1 / max(figures.number(part, table, row, column), 1e-9)


def seconds(part: str, table: str, row: str, column: str) -> Callable[[Figures], float]:
    """Return a number of milliseconds in seconds."""
    return lambda figures: figures.number(part, table, row, column) / 1000


def with_many(row: str, few: str) -> Callable[[Figures], float]:
    """Return how many times as long something takes with 100,000 annotations as with fewer."""

    def measure(figures: Figures) -> float:
        numbers = figures.row("bench", "", row)
        return numbers["100,000"] / max(numbers[few], 1.0)

    return measure


def traced_memory(figures: Figures) -> float:
    """Return which share of rasterio's peak memory polygonize takes without compiled code."""
    row = "100,000 polygons"
    ours = figures.number("masks", row, "`polygonize` without it", "peak MB more")
    return ours / figures.number("masks", row, "`rasterio.features.shapes`", "peak MB more")


def large_stroke(figures: Figures) -> float:
    """Return how many times as long a stroke of 200 pixels takes on the large scene."""
    numbers = figures.row("stroke", "", "stroke of 200 px, drawn")
    return numbers["10,980 x 10,980"] / numbers["2,000 x 2,000"]


def _imagery(what: str, row: str, other: str, least: float, why: str) -> list[Target]:
    return [
        Target(
            room="Reading", what=f"{what}, {name}", sense="at least", limit=least, unit="x", part="imagery",
            measure=peer(row, file, other), why=why,
        )
        for name, file in (("COG", COG), ("strips without overviews", STRIPS))
    ]  # fmt: skip


_CPYTHON = (
    "the exact bytes, flat columns and signals of one edit are 0.4 to 0.9 ms of Python; where a sync of the disk takes "
    "some milliseconds they are lost in it"
)
_ROWS = "of a frame; every file of ours is read back from the disk and compared, which is a fifth of its time"
_VALUES = "of a frame; SQLite reads GeoPackages, never GDAL, which would run what a stranger's file holds"
_OPENGL = "all is drawn by software here, and each number has one turn"
_WAITING = "a disk or a window that others keep busy shows here"


def _masks(what: str, row: str, least: float, why: str) -> Target:
    return Target(
        room="Masks", what=what, sense="at least", limit=least, unit="x", part="masks", why=why,
        measure=inverse("masks", "100,000 polygons", row, "of rasterio's"),
    )  # fmt: skip


def _format(what: str, row: str, least: float) -> Target:
    return Target(
        room="Formats", what=f"{what}, 100,000 polygons", sense="at least", limit=least, unit="x", part="formats",
        measure=number("formats", "100,000 polygons", row, "theirs / ours"), why=_VALUES if "read" in what else _ROWS,
    )  # fmt: skip


def _edit(what: str, row: str) -> Target:
    return Target(
        room="Label file", what=f"{what} among 100,000, until it is durable, of the bare transaction", sense="at most",
        limit=1.5, unit="x", part="labelfile", why=_CPYTHON,
        measure=number("labelfile", "one gesture", row, "times the bare transaction"),
    )  # fmt: skip


def _many(what: str, row: str, few: str, limit: float) -> Target:
    return Target(
        room="Bench", what=f"{what} with 100,000 annotations, of the same with {few}", sense="under", limit=limit,
        unit="x", part="bench", measure=with_many(row, few), why=_OPENGL,
    )  # fmt: skip


def _bulk(what: str, limit: float, measure: Callable[[Figures], float], part: str) -> Target:
    return Target(
        room="Bench", what=what, sense="under", limit=limit, unit=" s", part=part, measure=measure, why=_WAITING
    )


def _start(what: str, row: str, column: str, limit: float) -> Target:
    return Target(
        room="Start-up", what=what, sense="under", limit=limit, unit=" ms", part="start", why=_WAITING,
        measure=number("start", "start", row, column),
    )  # fmt: skip


TARGETS = (
    *_imagery(
        "first picture, of napari with the whole array", "open to first picture", WHOLE, 20,
        "without overviews the whole file has to be decoded for a picture of the whole",
    ),
    *_imagery("60 warm pans, of rasterio per request", "60 pans, warm", REQUEST, 15, "few tiles fit in the cache"),
    *_imagery("warm composite switch, of rasterio per request", "composite switch, warm", REQUEST, 15, _WAITING),
    *(
        Target(
            room="Reading", what=f"cold viewport, of the fastest peer that reads from the file, {name}",
            sense="at least", limit=0.9, unit="x", part="imagery", measure=fastest_reader(file), why=_WAITING,
        )
        for name, file in (("COG", COG), ("strips without overviews", STRIPS))
    ),
    *_imagery("cold viewport, of a whole array that lies in memory", "viewport, cold", WHOLE, 0.9,
              "who has paid seconds and gigabytes for the whole array decodes nothing any more; we decode the tiles"),
    Target(
        room="Reading", what="memory while panning, growth once a cache of 128 MiB is full", sense="under", limit=32,
        unit=" MiB", part="imagery", measure=late_growth, why="the allocator keeps what it was given back",
    ),
    Target(
        room="Reading", what="longest stop of the window in 200 pans and zooms, COG", sense="under", limit=500,
        unit=" ms", part="window", why=_OPENGL,
        measure=number("window", "longest gap", "COG, as napari reads by default", "first"),
    ),
    *(
        Target(
            room="Spectral", what=f"compositing alone, {name} stretch, of numpy in float64", sense="at least", limit=4,
            unit="x", part="composite", why="both cores share the work, and others had one of them",
            measure=number("composite", "picture of three bands", name, "times"),
        )
        for name in ("fixed", "equalised")
    ),
    _many("pan", "pan, middle", "100", 1.5),
    _many("zoom", "zoom", "100", 1.5),
    _many("selecting", "select one in view", "1,000", 2),
    _many("moving", "move one in view", "1,000", 2),
    _bulk("opening 100,000 annotations in a window", 10,
          seconds("bench", "", "open the label file and see it in a window", "100,000"), "bench"),
    _bulk("100,000 single `add`", 60,
          number("labelfile", "with all of them", "single `add` of each", "s"), "labelfile"),
    _bulk("one `add_many` of 100,000", 5, number("labelfile", "with all of them", "one `add_many`", "s"), "labelfile"),
    _edit("an attribute changed", "`update` of an attribute"),
    _edit("a geometry changed", "`update` of a geometry"),
    _edit("a box added", "`add` of a box"),
    _masks("`rasterize` of 100,000 polygons with `fast`, of rasterio, same pixels", "`rasterize` with the extra", 4,
           "half of what is left is the memory of the mask, which rasterio needs as well"),
    _masks("`polygonize` of 100,000 areas with `fast`, of rasterio", "`polygonize` with the extra", 2, _WAITING),
    Target(
        room="Masks", what="memory of `polygonize` without `fast`, of rasterio's", sense="at most", limit=0.5, unit="x",
        part="masks", measure=traced_memory, why="the polygons themselves are most of it",
    ),
    Target(
        room="Masks", what="a stroke of 200 px on 10,980 x 10,980, of the same on 2,000 x 2,000", sense="at most",
        limit=1.5, unit="x", part="stroke", measure=large_stroke, why=_OPENGL,
    ),
    _format("GeoJSON written, of geopandas", "GeoJSON from EPSG:4326", 8),
    _format("GeoJSON written with reprojection, of geopandas", "GeoJSON from EPSG:32633", 4),
    _format("GeoJSON read, of geopandas", "GeoJSON, read", 0.8),
    _format("GeoPackage written, of pyogrio with Arrow", "GeoPackage, written", 1),
    _format("GeoPackage read, of pyogrio with Arrow", "GeoPackage, read", 1),
    _format("FlatGeobuf written, of pyogrio with Arrow", "FlatGeobuf, written", 1),
    _format("FlatGeobuf read, of pyogrio with Arrow", "FlatGeobuf, read", 1),
    _start("`import napari_geolabel`, beyond Python's own start", "import napari_geolabel",
           "beyond Python's own start", 100),
    _start("`geolabel --help`, Python's own start included", "geolabel --help", "ms", 300),
    _start("what napari's look at our manifest adds to its start", "napari finds", "ms", 50),
)  # fmt: skip


def renew_targets(page: Path) -> None:
    """Make the table of targets anew from the figures beside a page."""
    show(page, "targets", report(Figures(page)))


def report(figures: Figures) -> str:
    """Return the table as Markdown."""
    rows, met = [], 0
    for target in TARGETS:
        wanted = f"{target.sense} {target.limit:g}{target.unit}"
        try:
            measured = target.measure(figures)
        except (NotMeasuredError, KeyError, ValueError):
            rows.append(f"| {target.room} | {target.what} | {wanted} | | not measured: `make bench-{target.part}` |")
            continue
        is_met = target.is_met(measured)
        met += is_met
        outcome = "met" if is_met else f"**missed**: {target.why}"
        rows.append(f"| {target.room} | {target.what} | {wanted} | {told(measured)}{target.unit} | {outcome} |")
    heads = [
        f"{met} of {len(TARGETS)} targets are met. *x* is how many times: where the word is *at least*, how many "
        "times as long as ours the other takes.",
        "",
        "| | | target | measured | |",
        "|---|---|---:|---:|---|",
    ]
    return "\n".join([*heads, *rows]) + "\n"


def told(measured: float) -> str:
    """Return a number with two or three figures that count."""
    return f"{measured:,.0f}" if abs(measured) >= 100 else f"{measured:.3g}"


if __name__ == "__main__":
    renew_targets(PAGE)
    print(f"{PAGE}: the table of targets is made anew")
