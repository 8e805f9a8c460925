"""FlatGeobuf, Shapefile and GeoParquet: tables of features in the scene's CRS, by GDAL and Arrow.

Each file is known by its first bytes before GDAL sees it, so that nothing
that only has the name of such a file is opened as something else.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from napari_geolabel.errors import FormatError, NotGeoreferencedError, WriteError
from napari_geolabel.files import atomic_write, digest_of, require_file, require_written
from napari_geolabel.formats import losing
from napari_geolabel.formats.arrow_writing import has_arrow, write_cells, write_frame
from napari_geolabel.formats.columns import LabelColumns
from napari_geolabel.formats.counting import require_count
from napari_geolabel.formats.frame_rows import FrameRows, row_dicts, storable
from napari_geolabel.formats.frames import to_geodataframe
from napari_geolabel.formats.geopackage import typed_frame
from napari_geolabel.formats.held_names import held_names
from napari_geolabel.formats.label_set import Image, LabelSet, number_of
from napari_geolabel.formats.shapefile_parts import publish, unzipped
from napari_geolabel.formats.table_rows import Numbered, SoundFeatures, TableRows, is_plain
from napari_geolabel.formats.texts import collector_paused, shown
from napari_geolabel.geo import on_earth, parse_crs
from napari_geolabel.ontology import Kind

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

_FLATGEOBUF, _SHAPEFILE, _PARQUET, _ZIP = b"fgb\x03fgb", b"\x00\x00\x27\x0a", b"PAR1", b"PK\x03\x04"
_IN_ORDER = {"SPATIAL_INDEX": "NO"}  # the index changes the order of features
_NO_NAME = "wkb_geometry"
"""What GDAL calls the geometries of a file that has no name for them."""
_BOX = "bbox"
"""The covering box of each feature."""
_NAME_BYTES = 10
_TEXT_BYTES = 254
_SHORT = ("id", "class_id", "class_name", "kind", "status", "confidence")
"""Columns of ours whose names a Shapefile can hold."""


def read_flatgeobuf(path: Path, image: Image | None) -> LabelColumns:  # noqa: ARG001
    """Read the features of a FlatGeobuf file; raises `FormatError` where it is none, or damaged."""
    found = _known(path, _FLATGEOBUF, "FlatGeobuf")
    with collector_paused():
        table = _arrow_table(found) if has_arrow() else None
        if table is not None:
            return _features(*table, path.name)
        return _columns(_opened(found, path.name, use_arrow=has_arrow()), path.name)


def read_geoparquet(path: Path, image: Image | None) -> LabelColumns:  # noqa: ARG001
    """Read the features of a GeoParquet file; raises `FormatError` where it is none, damaged, or pyarrow is missing."""
    found = _known(path, _PARQUET, "GeoParquet")
    with collector_paused():
        return _columns(_read_parquet(found), found.name)


def read_shapefile(path: Path, image: Image | None) -> LabelColumns:  # noqa: ARG001
    """Read the features of a Shapefile, zipped or not; raises `FormatError` where it is none, or damaged."""
    found = require_file(path)
    if not found.name.lower().endswith(".zip"):
        return _columns(_opened(_known(found, _SHAPEFILE, "Shapefile"), found.name), found.name)
    with tempfile.TemporaryDirectory() as folder:
        inside = unzipped(_known(found, _ZIP, "zipped Shapefile"), Path(folder))
        return _columns(_opened(_known(inside, _SHAPEFILE, "Shapefile"), found.name), found.name)


def write_flatgeobuf(path: Path, labels: LabelSet) -> None:
    """Write labels as FlatGeobuf, in draw order and without a spatial index, which would change it."""
    _write(path, labels, driver="FlatGeobuf", layer_options=_IN_ORDER)


def write_geoparquet(path: Path, labels: LabelSet) -> None:
    """Write labels as GeoParquet 1.1 with a covering box of each feature."""
    _require_place(labels, "GeoParquet")
    _require_arrow(path.name)
    frame = typed_frame(to_geodataframe(labels.annotations, labels.grid, labels.ontology), labels.ontology)
    _write_parquet(path, frame)


def write_flatgeobuf_rows(path: Path, rows: FrameRows) -> list[str]:
    """Write the rows of a frame as FlatGeobuf, every column as it is; return notes, raise as `write_flatgeobuf`."""
    frame, notes = held_names(rows.frame, "FlatGeobuf", (_NO_NAME,))
    _write_frame(path, storable(frame), driver="FlatGeobuf", geometry_type="Unknown", layer_options=_IN_ORDER)
    return notes


def write_geoparquet_rows(path: Path, rows: FrameRows) -> list[str]:
    """Write the rows of a frame as GeoParquet 1.1, every column as it is; return notes, raise as `write_geoparquet`."""
    _require_arrow(path.name)
    frame, notes = held_names(rows.frame, "GeoParquet", (_BOX,), by_case=True)
    _write_parquet(path, storable(frame, is_arrow=True))
    return notes


def _write_parquet(path: Path, frame: GeoDataFrame) -> None:
    with atomic_write(path) as temporary:
        frame.to_parquet(temporary, index=False, schema_version="1.1.0", write_covering_bbox=True, compression="zstd")
        _check(temporary, len(frame), path.name, _read_parquet)


def write_shapefile(path: Path, labels: LabelSet) -> None:
    """Write the areas of labels as a zipped Shapefile, with names of ten characters and texts of 254 bytes."""
    areas = [a for a in labels.annotations if a.kind not in (Kind.POLYLINE, Kind.KEYPOINT)]
    _require_place(labels, "Shapefile")
    frame = typed_frame(to_geodataframe(areas, labels.grid, labels.ontology), labels.ontology)
    answers = {name: name.removeprefix("attr_") for name in frame.columns if name.startswith("attr_")}
    held = {name: short for name, short in answers.items() if _is_short(short)}
    frame = frame[[*_SHORT, *held, "geometry"]].rename(columns=held)
    for name in frame.columns.drop("geometry"):
        if frame[name].dtype == "boolean":
            frame[name] = frame[name].astype("Int32")
        elif frame[name].dtype == object:
            frame[name] = [_cut(value) for value in frame[name]]
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "labels.shp"
        _make(made, frame, path.name, write_cells, driver="ESRI Shapefile", geometry_type="Polygon", encoding="UTF-8")
        require_count(len(_opened(made, path.name)), len(frame), path.name)
        publish(sorted(made.parent.iterdir(), key=lambda part: part.suffix == ".shp"), path)


def losses_table(labels: LabelSet) -> Iterator[str]:
    """Yield what a FlatGeobuf or GeoParquet file will not hold; raises where the scene has no place on Earth."""
    _require_place(labels, "this format")
    if labels.scene_attributes:
        yield "the attributes of the whole scene do not go into the file; GeoJSON keeps them"


def losses_shapefile(labels: LabelSet) -> Iterator[str]:
    """Yield what a Shapefile will not hold; raises where the scene has no place on Earth."""
    yield from losses_table(labels)
    others = sum(a.kind in (Kind.POLYLINE, Kind.KEYPOINT) for a in labels.annotations)
    if others:
        yield f"{number_of(others, 'line or point')} left out: a Shapefile has one type; GeoPackage keeps them"
    answered = {key for a in labels.annotations for key in a.attributes}
    long = sorted(key for key in answered if not _is_short(key))
    if long:
        yield f"attributes whose names are longer than ten characters or taken left out ({', '.join(long)[:80]})"
    if labels.annotations:
        yield "texts longer than 254 bytes are cut, empty texts are none, and who drew it and when is not held"
    yield from losing.unlinked(labels.annotations, "a Shapefile")


def recognises_flatgeobuf(head: bytes) -> bool:
    """Return whether a file begins like FlatGeobuf."""
    return head.startswith(_FLATGEOBUF)


def recognises_geoparquet(head: bytes) -> bool:
    """Return whether a file begins like Parquet."""
    return head.startswith(_PARQUET)


def recognises_shapefile(head: bytes) -> bool:
    """Return whether a file begins like a Shapefile, or like a zip that may hold one."""
    return head.startswith((_SHAPEFILE, _ZIP))


def count_flatgeobuf(path: Path) -> int:
    """Return how many features a FlatGeobuf file has."""
    return len(_fids(_known(path, _FLATGEOBUF, "FlatGeobuf"), path.name))


def count_geoparquet(path: Path) -> int:
    """Return how many features a GeoParquet file has."""
    return len(_read_parquet(_known(path, _PARQUET, "GeoParquet")))


def count_shapefile(path: Path) -> int:
    """Return how many features a Shapefile has that can be read."""
    return len(read_shapefile(path, None))


def _known(path: Path, magic: bytes, title: str) -> Path:
    """Return the path of a file that begins as a format does."""
    found = require_file(path)
    with found.open("rb") as file:
        if file.read(len(magic)) != magic:
            raise FormatError(f"{found.name} is no {title}: it does not begin like one")
    return found


def _opened(path: Path, name: str, *, use_arrow: bool = False) -> GeoDataFrame:
    """Return the only layer of a file that GDAL reads; with Arrow that takes a tenth of the time."""
    import pyogrio
    from pyogrio.errors import DataLayerError, DataSourceError

    try:
        frame: GeoDataFrame = pyogrio.read_dataframe(
            path, on_invalid="ignore", datetime_as_string=True, use_arrow=use_arrow
        )
    except (DataSourceError, DataLayerError, ValueError, IndexError, OverflowError, RuntimeError, OSError) as error:
        raise FormatError(f"{name} cannot be read ({shown(error, 80)})") from error
    if "geometry" not in frame:
        raise FormatError(f"{name} has no geometries")
    return frame


def _arrow_table(path: Path) -> tuple[NDArray[np.object_], TableRows, str | None] | None:
    """Return geometries, rows and CRS of the only layer of a file; None where it holds more than plain columns.

    What cannot be read is None, too, since `_opened` says what is wrong with it.
    """
    from pyarrow import ArrowException
    from pyogrio.errors import DataLayerError, DataSourceError
    from pyogrio.raw import read_arrow

    try:
        about, table = read_arrow(path, datetime_as_string=True)
        table.validate(full=True)
    except (DataSourceError, DataLayerError, ArrowException, ValueError, IndexError, RuntimeError, OSError):
        return None
    key = about["geometry_name"] or _NO_NAME
    if table.column_names.count(key) != 1:
        return None
    rest = table.drop_columns([key])
    if not all(is_plain(field.type) for field in rest.schema) or "OFSTJSON" in about["ogr_subtypes"]:
        return None
    binaries = table[key].to_numpy()
    geometries = np.asarray(shapely.from_wkb(binaries, on_invalid="ignore"), object)
    return geometries, TableRows(rest, len(table)), about["crs"]


def _fids(path: Path, name: str) -> NDArray[np.int64]:
    """Return the numbers of all features of the only layer of a file, each of which GDAL has to find."""
    from pyogrio.errors import DataLayerError, DataSourceError
    from pyogrio.raw import read

    try:
        _, fids, _, _ = read(path, columns=[], read_geometry=False, return_fids=True)
    except (DataSourceError, DataLayerError, ValueError, IndexError, OverflowError, RuntimeError, OSError) as error:
        raise FormatError(f"{name} cannot be read ({shown(error, 80)})") from error
    found: NDArray[np.int64] = fids
    return found


def _read_parquet(path: Path) -> GeoDataFrame:
    import geopandas as gpd

    _require_arrow(path.name)
    from pyarrow import ArrowException
    from pyproj.exceptions import CRSError

    try:
        frame = _whole_again(gpd.read_parquet(path), path)
    except (ArrowException, CRSError, ValueError, KeyError, TypeError, OSError, shapely.GEOSException) as error:
        raise FormatError(f"{path.name} cannot be read as GeoParquet ({shown(error, 80)})") from error
    return frame.drop(columns=[name for name in (_BOX,) if name in frame])


def _whole_again(frame: GeoDataFrame, path: Path) -> GeoDataFrame:
    """Return what was read of a file with its whole numbers, of which pandas makes fractions beside empty cells."""
    import pandas as pd
    import pyarrow as pa
    from pyarrow import parquet

    for field in parquet.read_schema(path):
        if pa.types.is_integer(field.type) and field.name in frame and frame[field.name].dtype == "float64":
            column = parquet.read_table(path, columns=[field.name])[field.name]
            dtype = "UInt64" if pa.types.is_unsigned_integer(field.type) else "Int64"
            frame[field.name] = pd.array(column.to_pylist(), dtype=dtype)
    return frame


def _columns(frame: GeoDataFrame, name: str) -> LabelColumns:
    """Return the rows of a frame as columns, those without geometry left out."""
    table = frame.drop(columns=frame.geometry.name)
    try:
        rows = row_dicts(table)
    except _arrow_errors() as error:
        raise FormatError(f"{name} has a text that is no UTF-8; save it again ({shown(error)})") from error
    return _features(np.asarray(frame.geometry.array, object), rows, frame.crs, name)


def _arrow_errors() -> tuple[type[Exception], ...]:
    """Return what Arrow raises of a table that it has taken unread; nothing where it is not installed."""
    if not has_arrow():
        return ()
    from pyarrow import ArrowException

    return (ArrowException,)


def _features(
    geometries: NDArray[np.object_],
    rows: Sequence[dict[str, Any]],
    found: CRS | str | None,
    name: str,
) -> LabelColumns:
    """Return the features of a file as columns, those without geometry left out."""
    sound = SoundFeatures.of(geometries, rows, Numbered("feature", range(1, len(rows) + 1)))
    try:
        crs = None if found is None else on_earth(parse_crs(found))
    except NotGeoreferencedError as error:
        raise FormatError(f"{name} is in a CRS that PROJ does not know; reproject it first") from error
    return LabelColumns.from_rows(
        sound.geometries,
        sound.rows,
        crs=crs,
        name=name,
        where=sound.where,
        skipped=sound.skipped,
        notes=[] if crs is not None else ["the file has no CRS, so its coordinates were taken for pixels"],
    )


def _write(path: Path, labels: LabelSet, *, driver: str, **options: Any) -> None:  # noqa: ANN401
    """Write labels as one layer of any types of geometry."""
    _require_place(labels, driver)
    frame = typed_frame(to_geodataframe(labels.annotations, labels.grid, labels.ontology), labels.ontology)
    _write_frame(path, frame, driver=driver, geometry_type="Unknown", **options)


def _write_frame(path: Path, frame: GeoDataFrame, *, driver: str, **options: Any) -> None:  # noqa: ANN401
    with atomic_write(path) as temporary:
        temporary.unlink()  # GDAL makes the file itself
        _make(temporary, frame, path.name, write_frame, driver=driver, **options)
        _check(temporary, len(frame), path.name, lambda file: _fids(file, path.name))


def _make(path: Path, frame: GeoDataFrame, name: str, writer: Callable[..., None], **options: Any) -> None:  # noqa: ANN401
    """Have GDAL make a file, by one of the writers that take a path and a frame."""
    from pyogrio.errors import DataLayerError, DataSourceError

    try:
        writer(path, frame, layer="labels", **options)
    except (DataSourceError, DataLayerError, ValueError) as error:
        raise WriteError(f"{name} was not written ({error}); the old file is untouched") from error


def _check(path: Path, wanted: int, name: str, reader: Any) -> None:  # noqa: ANN401  (path -> frame)
    """Check that a file holds as many rows as were written, and is on the disk."""
    digest = digest_of(path)
    require_count(len(reader(path)), wanted, name)
    require_written(path, digest, name)


def _is_short(name: str) -> bool:
    return len(name.encode()) <= _NAME_BYTES and name not in (*_SHORT, "geometry")


def _cut(value: Any) -> Any:  # noqa: ANN401  (a cell)
    """Return a text of as many bytes as a Shapefile holds."""
    return value.encode()[:_TEXT_BYTES].decode(errors="ignore") if isinstance(value, str) else value


def _require_place(labels: LabelSet, title: str) -> None:
    if not labels.grid.is_georeferenced:
        raise NotGeoreferencedError(
            f"{title} needs map coordinates, and the scene {labels.stem} is not georeferenced; "
            "give it a transform and a CRS (scene.with_transform), or export COCO or a GeoPackage in pixels"
        )


def _require_arrow(name: str) -> None:
    if not has_arrow():
        raise FormatError(f"{name} is GeoParquet, which needs pyarrow; install napari-geolabel[parquet]")
