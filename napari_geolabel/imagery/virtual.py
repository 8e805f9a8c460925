"""What a virtual raster (VRT) refers to.

A VRT is a recipe: it names files, and GDAL opens whatever is named, by any of
its drivers, at any place, the network included.  So the recipe is read here
first.  It may use only words that are known to be harmless, and only two of
them may name files, each of which must lie in the scene's own folder or below
and is then looked at in its turn.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from napari_geolabel.errors import SceneError, UnsafeFileError
from napari_geolabel.imagery.xml_text import parse_xml, read_xml

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_REFERENCES = {"sourcefilename", "sourcedataset"}

_WORDS = frozenset(
    [
        "vrtdataset",
        "srs",
        "geotransform",
        "gcplist",
        "gcp",
        "metadata",
        "mdi",
        "vrtrasterband",
        "nodatavalue",
        "hidenodatavalue",
        "colorinterp",
        "colortable",
        "entry",
        "categorynames",
        "category",
        "description",
        "unittype",
        "offset",
        "scale",
        "blockxsize",
        "blockysize",
        "gdalrasterattributetable",
        "fielddefn",
        "row",
        "f",
        "name",
        "type",
        "usage",
        "histograms",
        "histitem",
        "histmin",
        "histmax",
        "bucketcount",
        "includeoutofrange",
        "approximate",
        "histcounts",
        "maskband",
        "overview",
        "overviewlist",
        "simplesource",
        "complexsource",
        "averagedsource",
        "kernelfilteredsource",
        "nodatafrommasksource",
        "sourcefilename",
        "sourceband",
        "sourceproperties",
        "srcrect",
        "dstrect",
        "nodata",
        "scaleoffset",
        "scaleratio",
        "lut",
        "colortablecomponent",
        "exponent",
        "srcmin",
        "srcmax",
        "dstmin",
        "dstmax",
        "clamp",
        "usemaskband",
        "maskvaluethreshold",
        "remappedvalue",
        "kernel",
        "size",
        "coefs",
        "openoptions",
        "ooi",
        "pixelfunctiontype",
        "pixelfunctionarguments",
        "pixelfunctionlanguage",
        "sourcetransfertype",
        "bufferradius",
        "gdalwarpoptions",
        "warpmemorylimit",
        "resamplealg",
        "workingdatatype",
        "option",
        "sourcedataset",
        "transformer",
        "approxtransformer",
        "maxerror",
        "basetransformer",
        "genimgprojtransformer",
        "srcgeotransform",
        "srcinvgeotransform",
        "dstgeotransform",
        "dstinvgeotransform",
        "reprojecttransformer",
        "reprojectiontransformer",
        "sourcesrs",
        "targetsrs",
        "options",
        "bandlist",
        "bandmapping",
        "srcnodatareal",
        "srcnodataimag",
        "dstnodatareal",
        "dstnodataimag",
        "srcalphaband",
        "dstalphaband",
        "srcalphamax",
        "dstalphamax",
        "cutline",
        "cutlineblenddist",
        "srcgcptransformer",
        "gcptransformer",
        "srctpstransformer",
        "tpstransformer",
        "order",
        "reversed",
        "inverse",
        "usetps",
        "pansharpeningoptions",
        "algorithm",
        "algorithmoptions",
        "weights",
        "resampling",
        "numthreads",
        "bitdepth",
        "spatialextentadjustment",
        "panchroband",
        "spectralband",
    ]
)
"""Elements without which few VRTs do; none of them makes GDAL run code or open a file, save ``_REFERENCES``."""

_ATTRIBUTES = frozenset(
    [
        "rasterxsize",
        "rasterysize",
        "subclass",
        "band",
        "datatype",
        "blockxsize",
        "blockysize",
        "relativetovrt",
        "shared",
        "xoff",
        "yoff",
        "xsize",
        "ysize",
        "resampling",
        "key",
        "name",
        "domain",
        "format",
        "id",
        "pixel",
        "line",
        "x",
        "y",
        "z",
        "info",
        "projection",
        "dataaxistosrsaxismapping",
        "coordinateepoch",
        "c1",
        "c2",
        "c3",
        "c4",
        "src",
        "dst",
        "dstband",
        "tabletype",
        "row0min",
        "binsize",
        "index",
        "normalized",
    ]
)
"""GDAL takes an attribute for an element of that name, so that these too must be known."""

_SOURCE_OPTIONS = {"overview_level", "num_threads", "georef_sources", "1bit_alpha_promotion"}
"""Options for opening a source; others, ``ROOT_PATH`` above all, change what is opened."""

_DATASETS = {"", "vrtdataset", "vrtwarpeddataset", "vrtpansharpeneddataset"}
_BANDS = {"", "vrtsourcedrasterband", "vrtderivedrasterband", "vrtwarpedrasterband", "vrtpansharpenedrasterband"}
_REFUSED = {
    "pixelfunctioncode": "runs code of its own",
    "srcgeoloctransformer": "is warped by arrays in other files",
    "geoloctransformer": "is warped by arrays in other files",
    "dempath": "is warped by a terrain model in another file",
}
_LEADING_OPTIONS = {"overview_file", "rpc_dem", "coordinate_operation", "geoloc_array", "src_geoloc_array"}
_ELSEWHERE = re.compile(r"\s*[a-z][a-z0-9+.-]*://|.*/vsi", re.IGNORECASE | re.DOTALL)
_PREFIX = re.compile(r"[A-Za-z][A-Za-z0-9_]+:")  # NETCDF:, GTIFF_DIR:, not the C: of Windows
MAX_DEPTH = 8
"""How deep virtual rasters may stand in one another."""


def sources_of(path: Path, root: Path) -> Iterator[Path]:
    """Yield the files that a virtual raster reads, after making sure that it does nothing else.

    Parameters
    ----------
    path
        The virtual raster.
    root
        The folder, resolved, that its sources must lie in, at any depth.

    Raises
    ------
    UnsafeFileError
        If it refers to the network or to files elsewhere, runs code, or holds what is not known to be safe.
    SceneError
        If a source does not exist.
    """
    yield from _walk(read_xml(path), path, root, depth=0)


def _walk(recipe: Element, path: Path, root: Path, *, depth: int) -> Iterator[Path]:
    """Yield the sources of a recipe, also of those written inside it."""
    if depth > MAX_DEPTH:
        raise UnsafeFileError(f"{path} nests virtual rasters more than {MAX_DEPTH} deep; build it from its files again")
    if recipe.tag.casefold() != "vrtdataset":
        raise UnsafeFileError(f"{path} begins with <{recipe.tag[:40]}> and not as a virtual raster; do not trust it")
    for element in recipe.iter():
        _check_element(element, path)
        if element.tag.casefold() in _REFERENCES:
            text = (element.text or "").strip()
            if text.startswith("<"):
                yield from _walk(_inner(text, path), path, root, depth=depth + 1)
            else:
                yield _source(text, element, path, root)


def _check_element(element: Element, path: Path) -> None:
    """Refuse an element that is unknown, runs code, or refers to other places."""
    tag = element.tag.casefold()
    attributes = {key.casefold(): value for key, value in element.attrib.items()}
    kind, text = attributes.get("subclass", "").casefold(), (element.text or "").strip()
    if tag in _REFUSED:
        raise UnsafeFileError(f"{path} {_REFUSED[tag]}; make a GeoTIFF of it with gdalwarp or gdal_translate")
    unknown = [] if tag == "pixelfunctionarguments" else sorted(set(attributes) - _ATTRIBUTES)
    if tag not in _WORDS or unknown or len(attributes) < len(element.attrib):
        name = " ".join([element.tag, *unknown])[:60]
        raise UnsafeFileError(f"{path} holds <{name}>, which is not known to be safe; make a GeoTIFF of it first")
    if (tag == "vrtdataset" and kind not in _DATASETS) or (tag != "vrtdataset" and kind not in _BANDS):
        raise UnsafeFileError(f"{path} is made of {kind[:40]}, which may read any file; make a GeoTIFF of it first")
    if (tag == "pixelfunctionlanguage" and text.casefold() not in ("", "c")) or (
        tag == "pixelfunctiontype" and text.casefold() == "expression"
    ):
        raise UnsafeFileError(f"{path} runs code of its own; make a GeoTIFF of it with gdal_translate")
    values = list(attributes.values())
    texts = values if tag == "mdi" else [text, *values]  # a link in metadata is only text
    if tag not in _REFERENCES and any(_ELSEWHERE.match(each) for each in texts):
        raise UnsafeFileError(f"{path} refers to other places in <{element.tag[:40]}>; make a GeoTIFF of it first")
    _check_option(tag, attributes, path)


def _check_option(tag: str, attributes: Mapping[str, str], path: Path) -> None:
    """Refuse options and metadata that make GDAL open further files."""
    key = attributes.get("key", attributes.get("name", "")).casefold()
    if (tag == "ooi" and key not in _SOURCE_OPTIONS) or (tag in ("option", "mdi") and key in _LEADING_OPTIONS):
        raise UnsafeFileError(f"{path} sets {key[:40]}, which may lead to other files; make a GeoTIFF of it first")


def _inner(text: str, path: Path) -> Element:
    """Return a recipe that stands inside another as text."""
    try:
        return parse_xml(text)
    except ValueError as error:
        raise UnsafeFileError(
            f"{path} holds a virtual raster that is not sound XML ({error}); do not trust it"
        ) from error


def _source(text: str, element: Element, path: Path, root: Path) -> Path:
    """Return the file that GDAL will open for a reference."""
    relative = {key.casefold(): value for key, value in element.attrib.items()}.get("relativetovrt", "0")
    plain = bool(text) and not (_ELSEWHERE.match(text) or _PREFIX.match(text) or len(element))
    if not plain or relative not in ("0", "1"):
        raise UnsafeFileError(f"{path} refers to {text[:120]!r}, which is no file in {root}; copy the file there first")
    # GDAL looks beside the file itself where the virtual raster is a link
    where = path.resolve().parent / text if relative == "1" else Path(text)
    if not where.resolve().is_relative_to(root):
        raise UnsafeFileError(
            f"{path} reads {text[:120]}, which lies outside {root}; copy the files into one folder and rebuild it there"
        )
    if not where.is_file():
        raise SceneError(f"{path} reads {text[:120]}, which cannot be found; copy that file beside it")
    return where.parent.resolve() / where.name
