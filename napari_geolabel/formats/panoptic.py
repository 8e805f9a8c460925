"""Panoptic masks for training: a pair of GeoTIFFs, or COCO's PNG with its JSON.

A pair is ``<name>_semantic.tif`` and ``<name>_instance.tif``, which agree in
every pixel.  COCO counts the segments of an image from 1, writes the number
of a pixel's segment in its colour (red + 256 green + 65536 blue, 0 where
nothing is labelled) and says in JSON what each segment is.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_geolabel.errors import FormatError, WriteError
from napari_geolabel.files import atomic_write
from napari_geolabel.formats.columns import crs_text
from napari_geolabel.formats.mask_geotiff import mask_files, write_mask
from napari_geolabel.formats.pam import rgb
from napari_geolabel.masks import Mask, MaskEntry, split_panoptic

_SEMANTIC, _INSTANCE = "_semantic", "_instance"
_MOST_SEGMENTS = 2**24 - 1
_IMAGE_ID = 1


def pair_place(path: Path, _stem: str) -> Path:
    """Return the semantic file of the pair that a path means."""
    stem = path.stem.removesuffix(_SEMANTIC).removesuffix(_INSTANCE)
    return path.with_name(f"{stem}{_SEMANTIC}{path.suffix}")


def instance_path(semantic: Path) -> Path:
    """Return the instance file that belongs to a semantic one."""
    return semantic.with_name(f"{semantic.stem.removesuffix(_SEMANTIC)}{_INSTANCE}{semantic.suffix}")


def pair_files(path: Path) -> tuple[Path, ...]:
    """Return the files beside the semantic mask that belong to a pair, there or not."""
    other = instance_path(path)
    return (*mask_files(path), other, *mask_files(other))


def write_pair(path: Path, mask: Mask) -> None:
    """Write a panoptic mask as two GeoTIFFs, ``path`` being the semantic one; see `write_mask`."""
    semantic, instances = split_panoptic(mask)
    write_mask(instance_path(path), instances)
    write_mask(path, semantic)


def coco_json_path(png: Path) -> Path:
    """Return the file that says what the segments of a panoptic PNG are."""
    return png.with_suffix(".panoptic.json")


def coco_files(png: Path) -> tuple[Path, ...]:
    """Return the file beside a panoptic PNG that belongs to it, there or not."""
    return (coco_json_path(png),)


def write_coco(path: Path, mask: Mask) -> None:
    """Write a panoptic mask as COCO has it: a PNG of segments, and ``<name>.panoptic.json`` beside it.

    Categories are the classes by their mask values; a class without any
    instance is "stuff" and one segment.

    Raises
    ------
    FormatError
        If there are more segments than 24 bits can number.
    MaskValueError
        If the mask is not panoptic.
    WriteError
        If a file cannot be written.
    """
    semantic, _ = split_panoptic(mask)
    values = mask.values()
    if len(values) > _MOST_SEGMENTS:
        raise FormatError(f"{path.name} cannot number {len(values)} segments; COCO has {_MOST_SEGMENTS}")
    segments, found = _segments(mask, values)
    pixels = _colored(segments)
    with atomic_write(path) as temporary:
        _write_png(temporary, pixels, path.name)
    described = {
        "info": {"description": f"Panoptic mask {path.stem} by napari-geolabel"},
        "images": [_image(path, mask)],
        "annotations": [{"image_id": _IMAGE_ID, "file_name": path.name, "segments_info": found}],
        "categories": list(_categories(semantic, list(mask.table.values()), mask.divisor)),
    }
    with atomic_write(coco_json_path(path)) as temporary:
        temporary.write_text(json.dumps(described, ensure_ascii=False), encoding="utf-8")


def _segments(mask: Mask, values: NDArray[np.int64]) -> tuple[NDArray[np.uint32], list[dict[str, Any]]]:
    """Return the mask with its values numbered from 1, and what each number is."""
    from scipy import ndimage

    numbers = np.searchsorted(np.append(0, values), mask.array).astype(np.uint32)
    areas = np.bincount(numbers.ravel(), minlength=len(values) + 1)
    boxes = ndimage.find_objects(numbers.astype(np.int32))
    found = [
        {
            "id": number,
            "category_id": value // mask.divisor,
            "area": int(areas[number]),
            "bbox": [cols.start, rows.start, cols.stop - cols.start, rows.stop - rows.start],
            "iscrowd": 0,
            "geolabel": {"id": mask.table[value].annotation_id},
        }
        for number, (value, (rows, cols)) in enumerate(zip(values.tolist(), boxes, strict=True), start=1)
    ]
    return numbers, found


def _colored(segments: NDArray[np.uint32]) -> NDArray[np.uint8]:
    """Return the numbers of segments as colours, shape (rows, cols, 3)."""
    pixels = np.empty((*segments.shape, 3), np.uint8)
    for channel in range(3):
        pixels[..., channel] = segments >> np.uint32(8 * channel) & np.uint32(255)
    return pixels


def _write_png(path: Path, pixels: NDArray[np.uint8], name: str) -> None:
    from PIL import Image

    try:
        Image.fromarray(pixels).save(path, "PNG")
    except (OSError, ValueError) as error:
        raise WriteError(f"{name} was not written ({error}); the old file is untouched") from error


def _image(path: Path, mask: Mask) -> dict[str, Any]:
    rows, cols = mask.array.shape
    place = {
        "crs": None if mask.grid.crs is None else crs_text(mask.grid.crs),
        "transform": list(mask.grid.transform)[:6],
        "ontology": dict(mask.ontology_stamp or {}),
        "rule": mask.rule,
    }
    return {"id": _IMAGE_ID, "file_name": path.name, "width": cols, "height": rows, "geolabel": place}


def _categories(semantic: Mask, entries: list[MaskEntry], divisor: int) -> Iterator[dict[str, Any]]:
    """Yield the classes of a mask; those of which there are instances are things."""
    things = {entry.value // divisor for entry in entries if entry.value % divisor}
    for value, entry in sorted(semantic.table.items()):
        yield {
            "id": value,
            "name": entry.class_id or entry.name,
            "supercategory": "",
            "isthing": int(value in things),
            "color": list(rgb(entry.color)),
        }
