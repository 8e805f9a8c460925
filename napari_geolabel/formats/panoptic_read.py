"""COCO's panoptic PNG and its JSON as a mask: the other way round of `panoptic.write_coco`."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from affine import Affine
from numpy.typing import NDArray

from napari_geolabel.errors import FormatError
from napari_geolabel.formats.format import function_of
from napari_geolabel.formats.mask_geotiff import read_mask
from napari_geolabel.formats.panoptic import coco_json_path
from napari_geolabel.formats.registry import importer_for
from napari_geolabel.formats.texts import read_json
from napari_geolabel.geo import GeoGrid, parse_crs
from napari_geolabel.imagery.opening import open_scene
from napari_geolabel.masks import Mask, MaskEntry, smallest_dtype
from napari_geolabel.ontology.colors import spread_color
from napari_geolabel.ontology.model import Ontology

_TERMS = 6


def read_mask_file(path: Path, ontology: Ontology | None = None, format_id: str | None = None) -> Mask:
    """Return the mask of a file: COCO's where its JSON lies beside a PNG, else that of a raster of one band.

    See `read_mask` and `read_coco` for the errors.
    """
    if format_id is None and described_by(path) is None:
        return read_mask(path, ontology)
    mask: Mask = function_of(importer_for(path, format_id).reader)(path, ontology)
    return mask


def described_by(png: Path) -> Path | None:
    """Return the file that says what the segments of a panoptic PNG are, None where there is none.

    That is ``<name>.panoptic.json``, or as COCO has it ``<folder>.json`` beside the folder of the PNG.
    """
    if png.suffix.lower() != ".png":
        return None
    places = (coco_json_path(png), png.absolute().parent.with_suffix(".json"))
    return next((place for place in places if place.is_file()), None)


def read_coco(path: Path, ontology: Ontology | None = None) -> Mask:
    """Return a panoptic PNG as a panoptic mask.

    The class of a value is the id of its category; things are numbered from 1
    within it in the order of their segments, stuff and what we wrote of
    painted pixels has number 0.  Without the place that our own files hold
    the pixels have none.

    Parameters
    ----------
    path
        The PNG; see `described_by` for its JSON.
    ontology
        Ties the names of categories to classes.

    Raises
    ------
    FormatError
        If there is no JSON, it does not know the PNG, or a pixel has a segment that it lacks.
    MaskValueError
        If class and number do not fit into 32 bits.
    """
    described = described_by(path)
    if described is None:
        raise FormatError(f"{path.name} has no {coco_json_path(path).name} beside it to say what its colours mean")
    told = read_json(described)
    try:
        segments, categories = _segments_of(told, path.name), {int(c["id"]): c for c in told["categories"]}
        values, divisor = _values(segments, categories)
        table = {
            value: _entry(value, segment, categories[segment["category_id"]], ontology)
            for value, segment in zip(values, segments, strict=True)
        }
        numbers, found = _numbers(path), np.array([int(segment["id"]) for segment in segments], np.int64)
        image: dict[str, Any] = next((i for i in told.get("images", []) if i.get("file_name") == path.name), {})
        place: dict[str, Any] = image.get("geolabel") or {}
        grid = _grid(numbers.shape, place)
    except (LookupError, TypeError, ValueError, ArithmeticError, AttributeError) as error:
        raise FormatError(f"{described.name} is no COCO panoptic file ({type(error).__name__}: {error})") from error
    return Mask(
        array=_translated(numbers, found, np.array(values, np.int64), path.name),
        grid=grid,
        flavour="panoptic",
        table=table,
        ontology_stamp=place.get("ontology") or None,
        rule=str(place.get("rule", "")),
        divisor=divisor,
    )


def _segments_of(told: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """Return the segments of one PNG, by their numbers."""
    annotations = [each for each in told["annotations"] if each.get("file_name") == name]
    if not annotations:
        raise FormatError(f"the JSON of {name} has no annotation of that file_name")
    return sorted(annotations[0]["segments_info"], key=lambda segment: int(segment["id"]))


def _values(segments: list[dict[str, Any]], categories: dict[int, Any]) -> tuple[list[int], int]:
    """Return the value of each segment in a panoptic mask, and the mask's divisor."""
    counts: Counter[int] = Counter()
    pairs = []
    for segment in segments:
        category = int(segment["category_id"])
        own = segment.get("geolabel")
        is_thing = bool(categories[category].get("isthing", 1)) and (own is None or own.get("id") is not None)
        counts[category] += is_thing
        pairs.append((category, counts[category] if is_thing else 0))
    divisor = max(1000, 10 ** len(str(max(counts.values(), default=0))))
    values = [category * divisor + number for category, number in pairs]
    smallest_dtype(max(values, default=0))
    return values, divisor


def _entry(value: int, segment: dict[str, Any], category: dict[str, Any], ontology: Ontology | None) -> MaskEntry:
    name, color = str(category["name"]), category.get("color")
    known = None if ontology is None else next((c for c in ontology.classes if c.id == name), None)
    shown = spread_color(int(category["id"])) if color is None else "#{:02x}{:02x}{:02x}".format(*map(int, color))
    return MaskEntry(
        value=value,
        class_id=None if known is None else known.id,
        name=name if known is None else known.name,
        color=shown,
        annotation_id=(segment.get("geolabel") or {}).get("id"),
    )


def _numbers(path: Path) -> NDArray[np.int64]:
    """Return the number of the segment of each pixel: red + 256 green + 65536 blue."""
    with open_scene(path) as scene:
        if len(scene.bands) < 3:
            raise FormatError(f"{path.name} has {len(scene.bands)} bands; a panoptic PNG has red, green and blue")
        red, green, blue = (band.astype(np.int64) for band in scene.read([0, 1, 2]).data)
    return np.asarray(red + 256 * green + 65536 * blue)


def _grid(shape: tuple[int, ...], place: dict[str, Any]) -> GeoGrid:
    terms, crs = place.get("transform"), place.get("crs")
    transform = Affine.identity() if terms is None else Affine(*[float(term) for term in terms[:_TERMS]])
    return GeoGrid(shape=(shape[0], shape[1]), transform=transform, crs=None if crs is None else parse_crs(crs))


def _translated(
    numbers: NDArray[np.int64], found: NDArray[np.int64], values: NDArray[np.int64], name: str
) -> NDArray[np.uint32]:
    """Return the values of the segments in place of their numbers, 0 where there is none."""
    keys, meant = np.append(0, found), np.append(0, values)
    places = np.minimum(np.searchsorted(keys, numbers), len(keys) - 1)
    is_unknown = keys[places] != numbers
    if is_unknown.any():
        raise FormatError(f"{name} has pixels of segment {int(numbers[is_unknown][0])}, which its JSON lacks")
    return meant[places].astype(np.uint32)
