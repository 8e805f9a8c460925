"""Masks as GeoTIFF, both ways.

What the values mean stands in three places: in the file's tags for us, in a
``.aux.xml`` sidecar for GDAL and QGIS, and in a ``.qml`` sidecar for QGIS
again, which would otherwise list every unused value between two classes.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from napari_geolabel.errors import FormatError, MaskValueError, WriteError
from napari_geolabel.files import atomic_write, digest_of, require_written
from napari_geolabel.formats.pam import pam_xml, read_pam, rgb, sidecar_path
from napari_geolabel.formats.qml import raster_qml
from napari_geolabel.imagery import open_scene
from napari_geolabel.masks import Flavour, Mask, MaskEntry, semantic_table, smallest_dtype
from napari_geolabel.ontology import Ontology

_TILE = 512
_COG_FROM_PX = 1024
_MAX_LEGEND = 4096  # more entries than this help nobody in a legend, and slow QGIS down
_GREY = "#808080"


Layout = Literal["auto", "tiled", "cog"]
"""How a GeoTIFF is laid out: in tiles, or as a COG (tiles in order, overviews); auto makes a COG of large masks."""
Compression = Literal["deflate", "zstd"]
"""DEFLATE is read everywhere; ZSTD is smaller by a fifth, and read by GDAL, QGIS and rasterio."""


def write_mask(path: str | Path, mask: Mask, *, layout: Layout = "auto", compression: Compression = "deflate") -> None:
    """Write a mask as a tiled GeoTIFF on its own grid, with ``.aux.xml`` and ``.qml`` beside it.

    The file has 0 as nodata, so that unlabelled pixels are transparent, a
    colour map where the values are classes, and tags with the value table,
    the ontology's stamp, the flavour and the rule.  A mask without a
    georeference is written without one.

    Parameters
    ----------
    path
        The file (``.tif``); it appears whole or not at all.
    mask
        What to write.
    layout
        ``cog`` adds overviews, each pixel the most frequent value below it;
        ``auto`` does so for masks of more than 1,024 pixels a side.
    compression
        Without a predictor, which makes masks larger.

    Raises
    ------
    MaskValueError
        If a value of the array is not in the table.
    FormatError
        If there is no such layout or compression.
    WriteError
        If a file cannot be written.
    """
    target = Path(path)
    if layout not in get_args(Layout) or compression not in get_args(Compression):
        raise FormatError(
            f"{target.name} cannot be laid out as {layout} with {compression}; choose tiled or cog, deflate or zstd"
        )
    unknown = mask.unknown_values()
    if unknown:
        listed = ", ".join(map(str, unknown[:10]))
        raise MaskValueError(f"{target.name}: values {listed} have no entry in the mask's table; add them first")
    is_cog = layout == "cog" or (layout == "auto" and max(mask.array.shape) > _COG_FROM_PX)
    legend = list(mask.table.values()) if len(mask.table) <= _MAX_LEGEND else []
    with atomic_write(target) as temporary:
        (_write_cog if is_cog else _write_tiff)(temporary, mask, target.name, compression)
        digest = digest_of(temporary)
        _require_pixels(temporary, mask, target.name)
        require_written(temporary, digest, target.name)
    _forget_rasters(target)
    description = "class" if mask.flavour == "semantic" else "instance"
    pam, qml = sidecar_path(target), target.with_suffix(".qml")
    with atomic_write(pam) as temporary:
        palette = legend if mask.flavour == "semantic" else []
        temporary.write_text(pam_xml(palette, description), encoding="utf-8")
    with atomic_write(qml) as temporary:
        temporary.write_text(raster_qml(sorted(legend, key=lambda entry: entry.value)), encoding="utf-8")


def read_mask(path: str | Path, ontology: Ontology | None = None) -> Mask:
    """Read a raster of one band of whole numbers as a mask.

    The table comes from our own tags, else from the names in the file's
    ``.aux.xml``, else from the mask values of the ontology; values without an
    entry stay in the array (see :meth:`Mask.unknown_values`).  Pixels that
    the file calls nodata become 0.

    Parameters
    ----------
    path
        A GeoTIFF.
    ontology
        Ties names and values to classes, where the file was not written by us.

    Raises
    ------
    MissingFileError, UnsafeFileError, SceneError
        If it cannot be opened.
    FormatError
        If it has several bands.
    MaskValueError
        If its values are not whole numbers from 0 up.
    """
    found = Path(path).expanduser()
    with open_scene(path) as scene:
        if len(scene.bands) != 1:
            raise FormatError(f"{found.name} has {len(scene.bands)} bands; a mask has one, so extract it first")
        values = scene.read([0])[0]
        grid, tags = scene.grid, scene.metadata["tags"]
    array = _unsigned(values, found.name)
    flavour = tags.get("GEOLABEL_FLAVOUR", "semantic")
    return Mask(
        array=array,
        grid=grid,
        flavour=flavour if flavour in get_args(Flavour) else "semantic",
        table=_own_table(tags) or _foreign_table(found, ontology),
        ontology_stamp=_json_object(tags.get("GEOLABEL_ONTOLOGY")) or None,
        rule=tags.get("GEOLABEL_RULE", ""),
        divisor=int(divisor) if (divisor := tags.get("GEOLABEL_DIVISOR", "")).isdecimal() else 0,
    )


def mask_files(path: Path) -> tuple[Path, ...]:
    """Return the files beside a mask that belong to it, there or not."""
    return sidecar_path(path), path.with_suffix(".qml"), *_rasters_beside(path)


def _rasters_beside(path: Path) -> list[Path]:
    """Return where GDAL keeps overviews and a mask of validity beside a raster."""
    return [path.with_name(path.name + suffix) for suffix in (".ovr", ".msk")]


def _forget_rasters(path: Path) -> None:
    """Remove what GDAL made of an older mask at this place: it would be shown instead of the new one."""
    for each in _rasters_beside(path):
        try:
            each.unlink(missing_ok=True)
        except OSError as error:
            raise WriteError(
                f"{each.name} shows an older mask and cannot be removed ({error.strerror}); remove it"
            ) from error


def _write_cog(path: Path, mask: Mask, name: str, compression: Compression) -> None:
    """Write the raster as a COG, which GDAL can only make of a raster that is there."""
    from rasterio.errors import NotGeoreferencedWarning, RasterioError
    from rasterio.io import MemoryFile
    from rasterio.shutil import copy

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            with MemoryFile(ext=".tif") as memory:
                _write_tiff(memory.name, mask, name, compression)
                copy(
                    memory.name,
                    path,
                    driver="COG",
                    compress=compression,
                    predictor="NO",
                    blocksize=_TILE,
                    overview_resampling="MODE",  # the default would mix the values of neighbours
                    bigtiff="IF_SAFER",
                    statistics="NO",
                )
    except RasterioError as error:
        raise WriteError(f"{name} was not written ({error}); the old file is untouched") from error


def _write_tiff(path: str | Path, mask: Mask, name: str, compression: Compression) -> None:
    """Write the raster itself."""
    import rasterio
    from rasterio.errors import NotGeoreferencedWarning, RasterioError

    rows, cols = mask.array.shape
    tile = min(_TILE, -(-max(rows, cols) // 16) * 16)  # TIFF tiles are multiples of 16
    crs = None if mask.grid.crs is None else mask.grid.crs.to_wkt()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)  # told where it matters: on opening
            with rasterio.open(
                path,
                "w",
                driver="GTiff",
                height=rows,
                width=cols,
                count=1,
                dtype=mask.array.dtype,
                crs=crs,
                transform=mask.grid.transform,
                nodata=0,
                tiled=True,
                blockxsize=tile,
                blockysize=tile,
                compress=compression,
                bigtiff="IF_SAFER",
            ) as dataset:
                if mask.flavour == "semantic" and mask.array.dtype.itemsize <= 2 and mask.table:
                    # before the pixels: GDAL cannot change a TIFF's photometric tag afterwards
                    dataset.write_colormap(1, {value: (*rgb(e.color), 255) for value, e in mask.table.items()})
                dataset.set_band_description(1, "class" if mask.flavour == "semantic" else "instance")
                dataset.update_tags(**_tags(mask))
                dataset.write(mask.array, 1)
    except RasterioError as error:
        raise WriteError(f"{name} was not written ({error}); the old file is untouched") from error


def _require_pixels(path: Path, mask: Mask, name: str) -> None:
    """Read a mask back, strip by strip, and compare it with what was to be written."""
    import rasterio
    from rasterio.errors import NotGeoreferencedWarning, RasterioError
    from rasterio.windows import Window

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            with rasterio.open(path) as dataset:
                rows, cols = mask.array.shape
                for top in range(0, rows, _TILE):
                    strip = mask.array[top : top + _TILE]
                    if not np.array_equal(dataset.read(1, window=Window(0, top, cols, len(strip))), strip):
                        raise WriteError(f"{name} reads otherwise than it was written; the old file is untouched")
    except RasterioError as error:
        raise WriteError(f"{name} cannot be read back ({error}); the old file is untouched") from error


def _tags(mask: Mask) -> dict[str, str]:
    """Return what the file's tags say of the mask."""
    entries = [{key: value for key, value in asdict(e).items() if value is not None} for e in mask.table.values()]
    return {
        "GEOLABEL_FLAVOUR": mask.flavour,
        "GEOLABEL_RULE": mask.rule,
        "GEOLABEL_TABLE": json.dumps(entries, ensure_ascii=False),
        "GEOLABEL_ONTOLOGY": json.dumps(dict(mask.ontology_stamp or {})),
        **({"GEOLABEL_DIVISOR": str(mask.divisor)} if mask.divisor else {}),
    }


def _unsigned(values: np.ma.MaskedArray[Any, Any], name: str) -> NDArray[Any]:
    """Return values as the smallest unsigned type that holds them, 0 where masked."""
    array = np.ma.filled(values, 0)
    if array.dtype in (np.uint8, np.uint16, np.uint32):
        return array
    if array.dtype.kind == "f" and not bool(np.all(np.isfinite(array) & (np.floor(array) == array))):
        raise MaskValueError(f"{name} holds fractions, so it is no mask; write classes as whole numbers")
    if array.dtype.kind not in "iuf" or (array.size and array.min() < 0):
        raise MaskValueError(f"{name} holds {array.dtype} values below 0 or of no number; a mask counts from 0 up")
    return array.astype(smallest_dtype(int(array.max(initial=0))))


def _own_table(tags: Mapping[str, str]) -> dict[int, MaskEntry]:
    """Return the table that our writer left in the tags; empty where there is none that can be understood."""
    try:
        entries = [MaskEntry(**{"class_id": None, **entry}) for entry in json.loads(tags.get("GEOLABEL_TABLE", "[]"))]
    except (ValueError, TypeError, RecursionError):
        return {}
    return {entry.value: entry for entry in entries if isinstance(entry.value, int)}


def _foreign_table(path: Path, ontology: Ontology | None) -> dict[int, MaskEntry]:
    """Return the table of another program's mask: its own names, tied to the ontology's classes, else the ontology."""
    named = read_pam(path)
    known = {} if ontology is None else semantic_table(ontology)
    if not named:
        return known
    by_name = {entry.name.casefold(): entry for entry in known.values()}
    by_name |= {str(entry.class_id): entry for entry in known.values()}
    table = {}
    for value, (name, color) in named.items():
        ours = by_name.get(name.casefold())
        table[value] = MaskEntry(
            value=value,
            class_id=None if ours is None else ours.class_id,
            name=name,
            color=color or (ours.color if ours is not None else _GREY),
        )
    return table


def _json_object(text: str | None) -> dict[str, Any]:
    try:
        found = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
