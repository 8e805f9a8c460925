"""A scene in plain values, as a script would read it."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from napari_geolabel.geo import GeoGrid, pixel_size_m
from napari_geolabel.imagery.acquisition import Acquisition
from napari_geolabel.imagery.bands import Band
from napari_geolabel.imagery.metadata import SceneMetadata
from napari_geolabel.imagery.scene import Scene


def summary(scene: Scene) -> dict[str, Any]:
    """Return what a scene is, as values that JSON can hold.

    Returns
    -------
    dict
        ``path``, ``url``, ``files``, ``name``, ``rows``, ``cols``, ``dtype``, ``nodata``, ``grid`` (transform,
        CRS, georeferenced, pixel size in metres), ``bands``, ``sensor``, ``acquisition`` (time in ISO 8601,
        platform, sun, cloud cover), ``levels``, ``composites``, ``default_composite``, ``file``, ``told_by`` and
        ``notes``.
    """
    rows, cols = scene.grid.shape
    metadata = scene.metadata
    return {
        "path": str(scene.path),
        "url": scene.url,
        "files": [str(path) for path in scene.paths],
        "name": scene.name,
        "rows": rows,
        "cols": cols,
        "dtype": metadata["dtype"],
        "nodata": _plain(scene.nodata),
        "grid": _grid(scene.grid),
        "bands": [_band(band) for band in scene.bands],
        "sensor": _sensor(scene),
        "acquisition": _acquisition(metadata),
        "levels": [
            {"rows": level.shape[0], "cols": level.shape[1], "stored": not level.is_virtual} for level in scene.levels
        ],
        "composites": list(scene.composites()),
        "default_composite": scene.default_composite(),
        "file": {
            key: metadata[key]
            for key in (
                "driver",
                "page",
                "interleaving",
                "compression",
                "tiled",
                "mask",
                "georeference",
                "area_or_point",
            )
        }
        | {"block_shape": list(metadata["block_shape"]), "pages": list(metadata.pages)},
        "told_by": [str(path) for path in metadata.told_by],
        "notes": list(metadata["notes"]),
    }


def _grid(grid: GeoGrid) -> dict[str, Any]:
    size = pixel_size_m(grid)
    authority = grid.crs.to_authority() if grid.crs is not None else None
    return {
        "georeferenced": grid.is_georeferenced,
        "transform": list(grid.transform)[:6],
        "crs": ":".join(authority) if authority else (grid.crs.name if grid.crs is not None else None),
        "pixel_size_m": None if size is None else {"height": size[0], "width": size[1]},
    }


def _acquisition(metadata: SceneMetadata) -> dict[str, Any]:
    """Return when and how a scene was taken; None is unknown."""
    names = [each.name for each in fields(Acquisition)]
    told = {name: metadata[name] for name in names}
    return told | {"acquired": None if metadata.acquired is None else metadata.acquired.isoformat()}


def _sensor(scene: Scene) -> dict[str, Any] | None:
    match = scene.sensor
    return None if match is None else {"id": match.id, "title": match.title, "recognised_by": match.reason}


def _band(band: Band) -> dict[str, Any]:
    return {
        "index": band.index,
        "name": band.name,
        "common_name": band.common_name,
        "wavelength_um": band.wavelength_um,
        "fwhm_um": band.fwhm_um,
        "scale": band.scale,
        "offset": band.offset,
        "nodata": _plain(band.nodata),
        "unit": band.unit,
        "description": band.description,
    }


def _plain(value: float | None) -> float | str | None:
    """Return a number that JSON can hold; NaN and the infinities become words."""
    if value is None or abs(value) < float("inf"):
        return value
    return str(value)
