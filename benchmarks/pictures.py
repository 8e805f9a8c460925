"""Bars of the figures, as SVG: ``python -m benchmarks.pictures``.

Bars are logarithmic, since a thousandth of a second and four seconds stand beside each other; each says its number.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from html import escape
from pathlib import Path

from benchmarks.page import PAGE, Figures, NotMeasuredError, figures_path

WIDTH, LABELS, ROW, GAP, HEAD = 860, 220, 18, 10, 44
OURS_COLOR, OTHER_COLORS = "#0b6e99", ("#b0b7bd", "#c9b79c", "#a7bfa3", "#c3a9bd", "#9fb3c8", "#d0c38f")
INK, PAPER = "#1f2933", "#ffffff"

Groups = dict[str, dict[str, float]]
"""What was done → who did it → the number."""


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """One picture: which numbers of which part it shows."""

    name: str
    title: str
    unit: str
    groups: Callable[[Figures], Groups]


def rows_of(part: str, table: str, *rows: str) -> Callable[[Figures], Groups]:
    """Return the rows of a table, each with all its columns."""
    return lambda figures: {row: figures.row(part, table, row) for row in rows}


def columns_of(part: str, table: str, column: str, whats: dict[str, dict[str, str]]) -> Callable[[Figures], Groups]:
    """Return one column of a table, its rows gathered in groups: what → who → how the row begins."""

    def groups(figures: Figures) -> Groups:
        found: Groups = {what: {} for what in whats}
        for what, rows in whats.items():
            for who, row in rows.items():
                with suppress(NotMeasuredError):  # a peer that is not installed has no bar
                    found[what][who] = figures.number(part, table, row, column)
        return found

    return groups


_READING = ("open to first picture", "viewport, cold", "60 pans, warm", "composite switch, warm")
DRAWINGS = (
    Drawing(
        name="imagery-cog", title="A COG of 10,980 x 10,980 pixels", unit="ms",
        groups=rows_of("imagery", "COG", *_READING),
    ),
    Drawing(
        name="imagery-strips", title="The same in strips, without overviews", unit="ms",
        groups=rows_of("imagery", "strips, no overviews", *_READING),
    ),
    Drawing(
        name="masks", title="100,000 polygons, 10,980 x 10,980 pixels: seconds of the processor", unit="s",
        groups=columns_of("masks", "100,000 polygons", "CPU s", {
            "polygons to a mask": {
                "napari-geolabel": "`rasterize`", "rasterio": "`rasterio.features.rasterize`",
                "gdal_rasterize": "`gdal_rasterize`", "geocube": "geocube",
            },
            "a mask to polygons": {
                "napari-geolabel": "`polygonize` with the extra", "rasterio and shapely": "`rasterio.features.shapes`",
                "gdal_polygonize.py": "`gdal_polygonize.py`",
            },
        }),
    ),
    Drawing(
        name="formats", title="100,000 polygons of 24 corners: seconds of the processor", unit="s",
        groups=lambda figures: {
            row: {"napari-geolabel": cells["ours, s"], "geopandas, pyogrio": cells["theirs, s"]}
            for row in figures.table("formats", "100,000 polygons")["rows"]
            for cells in [figures.row("formats", "100,000 polygons", row)]
        },
    ),
    Drawing(
        name="limits", title="Beside the least that the machine needs", unit="ms",
        groups=lambda figures: {
            row: {"napari-geolabel": cells["ours"], "the least": cells["ms"]}
            for row in figures.table("limits", "piece of work")["rows"]
            for cells in [figures.row("limits", "piece of work", row)]
        },
    ),
)  # fmt: skip


def draw_all(page: Path) -> list[Path]:
    """Draw the pictures of all parts that have been measured beside a page, and return where they lie."""
    figures, drawn = Figures(page), []
    for drawing in DRAWINGS:
        try:
            groups = drawing.groups(figures)
        except (NotMeasuredError, KeyError):
            groups = {}
        if not any(groups.values()):
            print(f"no picture {drawing.name}: not measured yet")
            continue
        path = figures_path(page, drawing.name).with_suffix(".svg")
        path.write_text(svg(drawing.title, drawing.unit, groups), "utf-8")
        drawn.append(path)
    return drawn


def svg(title: str, unit: str, groups: Groups) -> str:
    """Return horizontal bars in groups, ours in a colour of its own, on a logarithmic scale."""
    numbers = [value for group in groups.values() for value in group.values() if value > 0]
    low = 10 ** math.floor(math.log10(min(numbers, default=1)))
    span = max(1.0, math.log10(max(numbers, default=1) / low))
    others = sorted({who for group in groups.values() for who in group if not who.startswith("napari-geolabel")})
    colors = {who: OTHER_COLORS[n % len(OTHER_COLORS)] for n, who in enumerate(others)}
    lines, y = [], HEAD
    for what, group in groups.items():
        lines.append(_text(16, y + 13, what, "start", weight="bold"))
        y += ROW
        for who, value in group.items():
            length = (WIDTH - LABELS - 90) * max(0.0, math.log10(max(value, low) / low)) / span
            color = colors.get(who, OURS_COLOR)
            lines.append(_text(LABELS - 6, y + 13, who, "end"))
            lines.append(
                f'<rect x="{LABELS}" y="{y + 2}" width="{max(length, 1):.1f}" height="{ROW - 4}" fill="{color}"/>'
            )
            lines.append(_text(LABELS + length + 5, y + 13, f"{value:,.4g} {unit}", "start"))
            y += ROW
        y += GAP
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{y}" viewBox="0 0 {WIDTH} {y}" '
        f'font-family="sans-serif" font-size="12" role="img"><title>{escape(title)}</title>'
        f'<rect width="100%" height="100%" fill="{PAPER}"/>'
    )
    words = _text(16, 26, f"{title} (logarithmic; shorter is better)", "start", weight="bold")
    return "\n".join([head, words, *lines, "</svg>"]) + "\n"


def _text(x: float, y: float, words: str, anchor: str, *, weight: str = "normal") -> str:
    attributes = f'x="{x:.1f}" y="{y}" text-anchor="{anchor}" font-weight="{weight}" fill="{INK}"'
    return f"<text {attributes}>{escape(words)}</text>"


if __name__ == "__main__":
    for path in draw_all(PAGE):
        print(path)
