"""Files that hold several rasters: the pages of a TIFF.

GDAL gives each a number, the TIFF itself perhaps a name.  A scene is one of
them: by default the largest, the first of several that are equally large.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from napari_geolabel.errors import SceneError
from napari_geolabel.imagery.structure import page_labels

_NUMBER = re.compile(r"GTIFF_DIR:(\d+):")
_LISTED = 12


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """One raster of a file that has several."""

    number: int
    """From 1, as the pages stand in the file; overviews and masks are no pages."""

    directory: int
    """GDAL's number, which counts overviews and masks too."""

    shape: tuple[int, int]
    """Rows and columns, zeros where unknown."""

    name: str
    """What the file calls it, empty where it says nothing."""

    @property
    def title(self) -> str:
        """Number, name and size, for a message."""
        name = f" {self.name!r}" if self.name else ""
        return f"{self.number}{name}" + (f" ({self.shape[1]} x {self.shape[0]})" if any(self.shape) else "")


def find_pages(path: Path | None, subdatasets: Sequence[str]) -> tuple[Page, ...]:
    """Return the pages that GDAL lists for a TIFF, none where it has but one.

    Without a path, as for a file on the network, their shapes and names are unknown.
    """
    numbers = [int(match[1]) for text in subdatasets if (match := _NUMBER.match(text))]
    if len(numbers) < 2:
        return ()
    labels = {} if path is None else page_labels(path)
    unknown = ((0, 0), "")
    return tuple(
        Page(number=i, directory=n, shape=labels.get(n, unknown)[0], name=labels.get(n, unknown)[1])
        for i, n in enumerate(numbers, 1)
    )


def choose_page(path: Path, pages: Sequence[Page], wanted: int | str | None) -> Page | None:
    """Return the page to open, None for a file without pages.

    Parameters
    ----------
    path
        The file, for the message.
    pages
        What ``find_pages`` gives.
    wanted
        A number from 1, a name, or None for the largest.

    Raises
    ------
    SceneError
        If there is no such page.
    """
    if wanted is None:
        return max(pages, key=lambda page: page.shape[0] * page.shape[1]) if pages else None
    text = str(wanted).strip()
    named = [page for page in pages if text and page.name == text]
    numbered = [page for page in pages if str(page.number) == text]
    if named or numbered:
        return (named or numbered)[0]
    if not pages and text == "1":
        return None
    there = ", ".join(page.title for page in pages[:_LISTED]) + (" and others" if len(pages) > _LISTED else "")
    raise SceneError(f"{path} has no page {text[:80]!r}; it has {there or 'a single one, so leave the page out'}")
