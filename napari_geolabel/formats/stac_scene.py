"""The STAC item of a scene, which label items say they were made of."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_geolabel.formats.stac_parts import (
    PROJECTION,
    STAC_VERSION,
    footprint,
    media_type,
    projection,
    reference,
    time_text,
)
from napari_geolabel.imagery.bands import COMMON_NAMES

if TYPE_CHECKING:
    from napari_geolabel.imagery.bands import Band
    from napari_geolabel.imagery.scene import Scene

EO = "https://stac-extensions.github.io/eo/v2.0.0/schema.json"
RASTER = "https://stac-extensions.github.io/raster/v2.0.0/schema.json"


def scene_item(scene: Scene, folder: Path) -> dict[str, Any]:
    """Return the item of a scene, without links.

    Parameters
    ----------
    scene
        The scene.
    folder
        Where the item will stand; the scene's file is named from there.
    """
    projected = projection(scene.grid)
    about = scene.metadata
    properties = {"datetime": scene_time(scene), **projected}
    properties |= {"platform": about.platform} if about.platform else {}
    properties |= {} if about.cloud_cover_percent is None else {"eo:cloud_cover": about.cloud_cover_percent}
    return {
        "type": "Feature",
        "stac_version": STAC_VERSION,
        "stac_extensions": [EO, RASTER, *([PROJECTION] if projected else [])],
        "id": scene.name,
        **footprint(scene.grid),
        "properties": properties,
        "links": [],
        "assets": {
            "image": {
                "href": href_from(folder, scene.path),
                "type": media_type(scene.path.name),
                "roles": ["data"],
                "bands": [_band(band) for band in scene.bands],
            }
        },
    }


def scene_time(scene: Scene) -> str:
    """Return when a scene was taken; where nobody knows, when its file was written."""
    written = scene.path.stat().st_mtime if scene.path.exists() else datetime.now(UTC).timestamp()
    return time_text(scene.metadata.acquired, datetime.fromtimestamp(written, UTC))


def href_from(folder: Path, path: Path) -> str:
    """Return how a file is named from a folder; whole where they share no drive."""
    try:
        relative = Path(os.path.relpath(path.absolute(), folder.absolute())).as_posix()
    except ValueError:
        return path.absolute().as_uri()
    return reference(relative if relative.startswith("../") else f"./{relative}")


def _band(band: Band) -> dict[str, Any]:
    """Return a band with what is known of it."""
    known = {
        "description": band.description,
        "data_type": band.dtype,
        "nodata": band.nodata if band.nodata is None or band.nodata == band.nodata else "nan",
        "unit": band.unit,
        "eo:common_name": band.common_name if band.common_name in COMMON_NAMES else None,
        "eo:center_wavelength": band.wavelength_um,
        "eo:full_width_half_max": band.fwhm_um,
        **({"raster:scale": band.scale, "raster:offset": band.offset} if band.is_scaled else {}),
    }
    return {"name": band.name, **{key: value for key, value in known.items() if value is not None}}
