"""What a person should know of a file besides its pixels."""

from __future__ import annotations

from typing import Any

from napari_geolabel.geo import GeoGrid
from napari_geolabel.imagery.facts import FileFacts

_PLACED_BY = {
    "gcps": "the file has ground control points only, so it opens in pixels; scene.fit_gcps() tells which transform "
    "fits them and how well, gdalwarp makes a grid of its own",
    "rpcs": "the file has rational polynomials only, so it opens in pixels; orthorectify it first (gdalwarp -rpc)",
    "none": "the file has no georeference, so it opens in pixels",
}


def describe(facts: FileFacts, grid: GeoGrid, alpha: int | None) -> dict[str, Any]:
    """Return a scene's metadata: plain values under plain names.

    ``georeference`` is what places the file on Earth (``transform``,
    ``gcps``, ``rpcs`` or ``none``); ``notes`` are sentences for the user.
    """
    return {
        "driver": facts.driver,
        "files": facts.files,
        "page": None if facts.page is None else facts.page.number,
        "pages": tuple(page.title for page in facts.pages),
        "dtype": str(facts.dtype),
        "interleaving": facts.interleaving,
        "compression": facts.compression,
        "tiled": facts.tiled,
        "block_shape": facts.blocks[0],
        "overviews": facts.overviews,
        "mask": "alpha" if alpha is not None else facts.mask,
        "palette": facts.palette is not None,
        "georeference": facts.georeference,
        "area_or_point": facts.tags.get("AREA_OR_POINT"),
        "tags": dict(facts.tags),
        "notes": _notes(facts, grid, alpha),
    }


def _notes(facts: FileFacts, grid: GeoGrid, alpha: int | None) -> tuple[str, ...]:
    """Return what is unusual about the file, one sentence each."""
    notes = list(facts.notes)
    if facts.page is not None:
        notes.append(
            f"the file has {len(facts.pages)} pages and this is page {facts.page.title}; "
            "choose another with its number or name (page=, --page)"
        )
    if not grid.is_georeferenced:
        notes.append(_PLACED_BY.get(facts.georeference, _PLACED_BY["none"]))
    if any(band.dtype.startswith("complex") for band in facts.bands):
        notes.append("the data is complex and is read as its magnitude")
    if facts.alpha is not None and alpha is None:
        notes.append(f"band {facts.alpha + 1} is tagged as alpha but is shown as a band, since its values vary")
    if not facts.overviews and max(facts.shape) > 4096:
        notes.append(
            "the file has no overviews, so zoomed-out views are slow until they are built: napari does that in the "
            "background, the command geolabel overviews at once"
        )
    return tuple(notes)
