"""Everything that a file says of itself, gathered once when it is opened."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from affine import Affine
from pyproj import CRS
from pyproj.exceptions import CRSError

from napari_geolabel.errors import SceneError
from napari_geolabel.imagery.drivers import TIFF
from napari_geolabel.imagery.gcps import ControlPoints
from napari_geolabel.imagery.naming import BandFacts
from napari_geolabel.imagery.pages import Page

if TYPE_CHECKING:
    from rasterio.io import DatasetReader

MAX_BANDS = 4096
MAX_BLOCK_BYTES = 256 * 1024 * 1024
MAX_PIXELS_WITHOUT_OVERVIEWS = 2**34

_COMPLEX = {"complex_int16": "complex64", "complex_int32": "complex64"}
_SHOWN_NAMESPACES = ("IMAGE_STRUCTURE", "DERIVED_SUBDATASETS", "TIFF", "COLOR_PROFILE")


@dataclass(frozen=True, kw_only=True)
class FileFacts:
    """What a file holds, or several that make one scene, and how."""

    path: Path
    """The file, or the folder of several."""

    shape: tuple[int, int]
    dtype: np.dtype[Any]
    """Data type in the file; complex data is read as its magnitude."""

    bands: tuple[BandFacts, ...]
    transform: Affine
    crs: CRS | None
    georeference: Literal["transform", "gcps", "rpcs", "none"]
    """What places the file on Earth; only a transform lets pixels be placed exactly."""

    overviews: tuple[tuple[int, int], ...]
    blocks: tuple[tuple[int, int], ...]
    """Block shapes of the full resolution and of each overview."""

    tiled: bool
    compression: str | None
    interleaving: str
    tags: Mapping[str, str]
    mask: Literal["none", "dataset", "band"]
    """Whether the file holds a mask besides its bands, for all bands or for each."""

    alpha: int | None
    """Index of the alpha band, which is validity and not a band to see."""

    palette: Mapping[int, tuple[int, int, int, int]] | None
    """Value → RGBA of a file of colour indices."""

    driver: str = TIFF
    """GDAL's name of the format."""

    files: tuple[Path, ...] = ()
    """All files that bands are read from."""

    page: Page | None = None
    """Which of several pages is read, None of a file that has but one."""

    pages: tuple[Page, ...] = ()
    """All pages of a file that has several."""

    control_points: ControlPoints | None = None
    """Ground control points, which place the file roughly."""

    url: str | None = None
    """Where the file is read from over the network; None of files of this machine."""

    told_by: tuple[Path, ...] = ()
    """The supplier's files beside it that tags come from."""

    borrows_overviews: bool = False
    """Whether smaller levels of a virtual raster come from overviews of its sources, made by whatever rule."""

    notes: tuple[str, ...] = ()
    """What a person should know of how the scene was put together, one sentence each."""

    @property
    def read_dtype(self) -> np.dtype[Any]:
        """Data type that pixels have once read."""
        if self.dtype.kind == "c":
            return np.dtype("float32" if self.dtype.itemsize == 8 else "float64")
        return self.dtype


def check_budget(dataset: DatasetReader, path: Path) -> None:
    """Refuse a file whose header claims more than any scene needs.

    Raises
    ------
    SceneError
        If it has too many bands, gigantic blocks, or is huge and without overviews.
    """
    name = path
    if dataset.count == 0 or min(dataset.shape) < 1:
        raise SceneError(f"{name} holds no pixels; open the raster that its index or container refers to")
    if dataset.count > MAX_BANDS:
        raise SceneError(
            f"{name} claims {dataset.count} bands and at most {MAX_BANDS} can be opened; extract the ones needed"
        )
    rows, cols = dataset.block_shapes[0]
    together = dataset.count if str(_interleaving(dataset)) == "pixel" else 1
    size = rows * cols * together * _dtype(dataset).itemsize
    if size > MAX_BLOCK_BYTES:
        raise SceneError(
            f"{name} is stored in blocks of {size / 2**20:,.0f} MiB; "
            "rewrite it with tiles (gdal_translate -co TILED=YES)"
        )


def check_pixel_budget(dataset: DatasetReader, path: Path) -> None:
    """Refuse a raster that is so large that it cannot be looked at without overviews."""
    pixels = math.prod(dataset.shape)
    if pixels > MAX_PIXELS_WITHOUT_OVERVIEWS and not dataset.overviews(1):
        raise SceneError(
            f"{path} has {pixels / 1e9:,.0f} thousand million pixels and no overviews; "
            "build them with gdaladdo before opening it"
        )


def gather_facts(
    path: Path, dataset: DatasetReader, overviews: list[DatasetReader], pages: tuple[Page, ...], page: Page | None
) -> FileFacts:
    """Return the facts of an open dataset, of its overviews and of the pages beside it."""
    crs = _crs(dataset)
    colors = [color.name.lower() for color in dataset.colorinterp]
    return FileFacts(
        path=path,
        shape=(dataset.height, dataset.width),
        dtype=_dtype(dataset),
        bands=tuple(_band_facts(dataset, i, colors[i]) for i in range(dataset.count)),
        transform=dataset.transform,
        crs=crs,
        georeference=_georeference(dataset, crs),
        overviews=tuple((overview.height, overview.width) for overview in overviews),
        blocks=tuple(each.block_shapes[0] for each in (dataset, *overviews)),
        tiled=bool(dataset.profile.get("tiled")),
        compression=dataset.tags(ns="IMAGE_STRUCTURE").get("COMPRESSION"),
        interleaving=_interleaving(dataset),
        tags={**_lists(dataset), **dataset.tags()},
        mask=_mask_kind(dataset),
        alpha=_alpha_index(dataset, colors),
        palette=_palette(dataset),
        driver=dataset.driver,
        files=(path,),
        page=page,
        pages=pages,
        control_points=_control_points(dataset),
    )


def _dtype(dataset: DatasetReader) -> np.dtype[Any]:
    """Return the one data type that holds the values of all bands, which need not be of one type."""
    return np.result_type(*(np.dtype(str(_COMPLEX.get(name, name))) for name in dataset.dtypes))


def _interleaving(dataset: DatasetReader) -> str:
    return str(dataset.tags(ns="IMAGE_STRUCTURE").get("INTERLEAVE", "BAND")).lower()


def _band_facts(dataset: DatasetReader, index: int, color: str) -> BandFacts:
    """Return what the file says of one band."""
    number = index + 1
    tags = {
        key.lower(): value for ns in (None, "ENVI", "IMAGERY") for key, value in dataset.tags(number, ns=ns).items()
    }
    return BandFacts(
        dtype=dataset.dtypes[index],
        description=(dataset.descriptions[index] or "").strip(),
        color=color,
        tags=tags,
        scale=dataset.scales[index],
        offset=dataset.offsets[index],
        nodata=dataset.nodatavals[index],
        unit=dataset.units[index],
    )


def _lists(dataset: DatasetReader) -> dict[str, str]:
    """Return the tags of ENVI's namespace, which list one value per band, and what tells of the sensor."""
    there = dataset.tag_namespaces()
    return {key: text for ns in ("IMAGERY", "IMD", "ENVI") if ns in there for key, text in dataset.tags(ns=ns).items()}


def _crs(dataset: DatasetReader) -> CRS | None:
    """Return the dataset's CRS, None where there is none or it has no place on Earth (a local one)."""
    if not dataset.crs:
        return None
    code = dataset.crs.to_epsg()
    try:
        crs = CRS.from_epsg(code) if code else CRS.from_wkt(dataset.crs.to_wkt())
    except CRSError:
        return None
    return None if crs.is_engineering else crs


def _georeference(dataset: DatasetReader, crs: CRS | None) -> Literal["transform", "gcps", "rpcs", "none"]:
    """Return what places the file on Earth."""
    if crs is not None and not dataset.transform.is_identity:
        return "transform"
    if dataset.gcps[0]:
        return "gcps"
    return "rpcs" if dataset.rpcs else "none"


def _control_points(dataset: DatasetReader) -> ControlPoints | None:
    """Return a file's ground control points, None where it has none or they have no CRS."""
    points, crs = dataset.gcps
    if not points or not crs:
        return None
    return ControlPoints(
        pixels=np.array([(point.col, point.row) for point in points], np.float64),
        ground=np.array([(point.x, point.y) for point in points], np.float64),
        crs=CRS.from_wkt(crs.to_wkt()),
    )


def _alpha_index(dataset: DatasetReader, colors: list[str]) -> int | None:
    """Return the index of the band that is tagged alpha, if it is the last and of a type that alpha can have."""
    last = dataset.count - 1
    whole = dataset.dtypes[last] in ("uint8", "uint16")
    return last if last > 0 and whole and colors[last] == "alpha" else None


def _mask_kind(dataset: DatasetReader) -> Literal["none", "dataset", "band"]:
    """Return whether the file has masks apart from nodata and alpha.

    GDAL marks a mask of one band by the absence of every flag.
    """
    flags = [{flag.name for flag in each} for each in dataset.mask_flag_enums]
    if any(each == {"per_dataset"} for each in flags):
        return "dataset"
    return "band" if any(not each for each in flags) else "none"


def _palette(dataset: DatasetReader) -> dict[int, tuple[int, int, int, int]] | None:
    """Return the colour table of a single-band file, None where it has none."""
    if dataset.count != 1 or dataset.colorinterp[0].name != "palette":
        return None
    try:
        return dict(dataset.colormap(1))
    except ValueError:
        return None
