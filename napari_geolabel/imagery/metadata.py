"""What a person should know of a scene besides its pixels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

from napari_geolabel.geo import GeoGrid
from napari_geolabel.imagery.acquisition import acquisition_of
from napari_geolabel.imagery.facts import FileFacts
from napari_geolabel.imagery.recognition import SensorMatch

_PLACED_BY = {
    "gcps": "the file has ground control points only, so it opens in pixels; scene.fit_gcps() tells which transform "
    "fits them and how well, gdalwarp makes a grid of its own",
    "rpcs": "the file has rational polynomials only, so it opens in pixels; orthorectify it first (gdalwarp -rpc)",
    "none": "the file has no georeference, so it opens in pixels",
}
_SLOW = "the file has no overviews, so zoomed-out views are slow until they are built: "


@dataclass(frozen=True, kw_only=True)
class SceneMetadata(Mapping[str, Any]):
    """What a scene's files say of it; None is unknown.

    It is a mapping of its fields as well, for scripts that go through them.
    """

    acquired: datetime | date | None
    """When it was taken, in UTC; a date where only the day is known."""

    platform: str | None
    """The satellite, as the supplier writes it."""

    sensor: str | None
    """Id of the sensor that the scene is taken for (``Scene.sensor``)."""

    product: str | None
    """The supplier's name of the product."""

    level: str | None
    """How far it is processed, in the supplier's words."""

    sun_azimuth_deg: float | None
    """Clockwise from north."""

    sun_elevation_deg: float | None
    """Above the horizon."""

    off_nadir_deg: float | None
    """Angle between the line of sight and straight down."""

    cloud_cover_percent: float | None
    ground_sample_distance_m: float | None
    """As the supplier states it; the size of a pixel is another matter."""

    told_by: tuple[Path, ...]
    """The supplier's files beside the scene that were read."""

    driver: str
    """GDAL's name of the format."""

    files: tuple[Path, ...]
    """All files that bands are read from."""

    url: str | None
    """Where it is read from over the network."""

    page: int | None
    """Number of the page that is shown, of a file that has several."""

    pages: tuple[str, ...]
    """Number, name and size of all pages."""

    dtype: str
    interleaving: str
    compression: str | None
    tiled: bool
    block_shape: tuple[int, int]
    overviews: tuple[tuple[int, int], ...]
    mask: Literal["alpha", "none", "dataset", "band"]
    """What tells valid pixels besides a nodata value."""

    palette: bool
    """Whether the values are indices of colours."""

    georeference: Literal["transform", "gcps", "rpcs", "none"]
    """What places the file on Earth."""

    area_or_point: str | None
    tags: Mapping[str, str]
    """Everything else that stands in the file or in those beside it, as text."""

    notes: tuple[str, ...]
    """Sentences for the user: what is unusual or uncertain."""

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401  (each field has a type of its own)
        if name not in set(self):
            raise KeyError(name)
        return getattr(self, name)

    def __iter__(self) -> Iterator[str]:
        return (each.name for each in fields(self))

    def __len__(self) -> int:
        return len(fields(self))


def describe(
    facts: FileFacts, grid: GeoGrid, alpha: int | None, sensor: SensorMatch | None = None, name: str = ""
) -> SceneMetadata:
    """Return a scene's metadata.

    Parameters
    ----------
    facts
        What the files say.
    grid
        Where the scene lies.
    alpha
        Index of the band that is taken for alpha.
    sensor
        What the scene is taken for.
    name
        The scene's name, which may tell when it was taken; by default the file's.
    """
    tags = {key.lower(): value for key, value in facts.tags.items()}
    taken = acquisition_of(tags, name or facts.path.name)
    return SceneMetadata(
        **vars(taken),
        sensor=None if sensor is None else sensor.id,
        told_by=facts.told_by,
        driver=facts.driver,
        files=facts.files,
        url=facts.url,
        page=None if facts.page is None else facts.page.number,
        pages=tuple(page.title for page in facts.pages),
        dtype=str(facts.dtype),
        interleaving=facts.interleaving,
        compression=facts.compression,
        tiled=facts.tiled,
        block_shape=facts.blocks[0],
        overviews=facts.overviews,
        mask="alpha" if alpha is not None else facts.mask,
        palette=facts.palette is not None,
        georeference=facts.georeference,
        area_or_point=facts.tags.get("AREA_OR_POINT"),
        tags=dict(facts.tags),
        notes=(*_notes(facts, grid, alpha), *(() if sensor is None else (sensor.note,))),
    )


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
            "the file has no overviews, so zoomed-out views are slow; download it, and they can be built"
            if facts.url is not None
            else f"{_SLOW}napari does that in the background, the command geolabel overviews at once"
        )
    return tuple(notes)
