"""Which formats there are, which one a path means, and where each is read and written.

A format is one module and one entry here.  Other packages add theirs by an
entry point of the group ``napari_geolabel.formats`` that names a `Format`.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Literal

from napari_geolabel.errors import FormatError
from napari_geolabel.formats.label_set import Image, LabelSet

ENTRY_POINTS = "napari_geolabel.formats"
"""The group of entry points by which other packages add formats."""

Content = Literal["vector", "mask"]
Work = Callable[..., Any] | str | None
"""A function, or ``module:name`` of one that is imported when it is first needed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Format:
    """One file format.

    The functions of a mask differ in what they take and give: its ``reader``
    is ``(path, ontology) -> Mask`` and its ``writer`` is ``(path, mask)``.
    """

    id: str
    """What ``format=`` and ``--format`` take."""
    title: str
    """What people call it."""
    suffixes: tuple[str, ...]
    """What file names end in, lower case, the usual one first."""
    content: Content = "vector"
    """Annotations, or pixels."""
    reader: Work = None
    """``(path, image) -> LabelColumns``; ``image`` is the `Image` whose labels are wanted, or None."""
    writer: Work = None
    """``(path, labels) -> None`` for a `LabelSet`; the file appears whole or not at all."""
    losses: Work = None
    """``(labels) -> iterable of str``: what the file will not hold, one sentence each."""
    counter: Work = None
    """``(path) -> int``: how many labels a file holds, told without reading it as labels."""
    recogniser: Work = None
    """``(first bytes of a file) -> bool``: tells formats apart that share a suffix."""
    beside: Work = None
    """``(path) -> iterable of Path``: files that belong to an export, there or not."""
    place: Work = None
    """``(path, stem of the image) -> Path``: the file that is meant where a path names a whole data set."""

    whole: bool = False
    """Whether it holds every annotation whole, so that an export to it counts as saving."""
    only_by_name: bool = False
    """Whether exports must name it, since its suffix says too little."""

    @property
    def reads(self) -> bool:
        """Whether labels can be imported from it."""
        return self.reader is not None

    @property
    def writes(self) -> bool:
        """Whether labels can be exported to it."""
        return self.writer is not None

    def read(self, path: Path, image: Image | None = None) -> Any:  # noqa: ANN401  (LabelColumns, which imports much)
        """Return the labels of a vector file as columns."""
        return _function(self.reader)(path, image)

    def write(self, path: Path, labels: LabelSet) -> None:
        """Write labels to a vector file."""
        _function(self.writer)(path, labels)

    def lost(self, labels: LabelSet) -> list[str]:
        """Return what a file of this format will not hold."""
        return [] if self.losses is None else list(_function(self.losses)(labels))

    def count(self, path: Path) -> int | None:
        """Return how many labels a file holds, None where the format cannot tell."""
        return None if self.counter is None else int(_function(self.counter)(path))

    def recognises(self, head: bytes) -> bool:
        """Return whether a file that begins so is of this format."""
        return self.recogniser is not None and bool(_function(self.recogniser)(head))

    def files_beside(self, path: Path) -> tuple[Path, ...]:
        """Return the files that belong to an export, there or not."""
        return () if self.beside is None else tuple(_function(self.beside)(path))

    def placed(self, path: Path, stem: str) -> Path:
        """Return the file of an image's labels that a path means."""
        return path if self.place is None else Path(_function(self.place)(path, stem))


_HERE = "napari_geolabel.formats"
FORMATS: Mapping[str, Format] = {
    each.id: each
    for each in (
        Format(
            id="geojson",
            title="GeoJSON",
            suffixes=(".geojson", ".json"),
            reader=f"{_HERE}.geojson:read",
            writer=f"{_HERE}.geojson:write",
            losses=f"{_HERE}.geojson:losses",
            counter=f"{_HERE}.counting:count_features",
            recogniser=f"{_HERE}.geojson:recognises",
            whole=True,
        ),
        Format(
            id="gpkg",
            title="GeoPackage",
            suffixes=(".gpkg",),
            writer=f"{_HERE}.geopackage:write",
            losses=f"{_HERE}.geopackage:losses",
            counter=f"{_HERE}.counting:count_rows",
            whole=True,
        ),
        Format(
            id="mask",
            title="mask GeoTIFF",
            suffixes=(".tif", ".tiff"),
            content="mask",
            reader=f"{_HERE}.mask_geotiff:read_mask",
            writer=f"{_HERE}.mask_geotiff:write_mask",
            counter=f"{_HERE}.counting:count_pixels",
            beside=f"{_HERE}.mask_geotiff:mask_files",
        ),
        Format(
            id="coco",
            title="COCO",
            suffixes=(".coco.json", ".json"),
            reader=f"{_HERE}.coco_read:read",
            writer=f"{_HERE}.coco_write:write",
            losses=f"{_HERE}.coco_write:losses",
            counter=f"{_HERE}.coco_read:count",
            recogniser=f"{_HERE}.coco_read:recognises",
        ),
        *(
            Format(
                id=f"yolo{task}",
                title=f"YOLO {title}",
                suffixes=("data.yaml", ".txt"),
                reader=f"{_HERE}.yolo:read{task.replace('-', '_')}",
                writer=f"{_HERE}.yolo:write{task.replace('-', '_')}",
                losses=f"{_HERE}.yolo:losses{task.replace('-', '_')}",
                counter=f"{_HERE}.yolo:count",
                recogniser=f"{_HERE}.yolo:recognises",
                beside=f"{_HERE}.yolo:files_beside",
                place=f"{_HERE}.yolo:place",
                only_by_name=True,
            )
            for task, title in (("", "detection"), ("-seg", "segmentation"), ("-obb", "rotated boxes"))
        ),
        Format(
            id="dota",
            title="DOTA",
            suffixes=(".txt",),
            reader=f"{_HERE}.dota:read",
            writer=f"{_HERE}.dota:write",
            losses=f"{_HERE}.dota:losses",
            counter=f"{_HERE}.dota:count",
            recogniser=f"{_HERE}.dota:recognises",
            only_by_name=True,
        ),
        Format(
            id="voc",
            title="Pascal VOC",
            suffixes=(".xml",),
            reader=f"{_HERE}.voc:read",
            writer=f"{_HERE}.voc:write",
            losses=f"{_HERE}.voc:losses",
            counter=f"{_HERE}.voc:count",
            recogniser=f"{_HERE}.voc:recognises",
            only_by_name=True,
        ),
    )
}
"""The formats of this package by their id."""


@cache
def all_formats() -> Mapping[str, Format]:
    """Return the formats of this package, then those that other packages add, by their id.

    What cannot be loaded, is no `Format` or takes an id that is taken gives a
    warning and is left out.
    """
    found = dict(FORMATS)
    for entry in entry_points(group=ENTRY_POINTS):
        try:
            added = entry.load()
        except (ImportError, AttributeError) as error:
            warnings.warn(f"the label format {entry.name} cannot be loaded: {error}", stacklevel=2)
            continue
        if not isinstance(added, Format) or added.id in found:
            warnings.warn(f"the label format {entry.name} is left out: {entry.value} is no new format", stacklevel=2)
            continue
        found[added.id] = added
    return found


def exporter_for(path: str | Path, format: str | None = None) -> Format:  # noqa: A002  (the word of the public interface)
    """Return the format to write a file in, by its id or else by the file's suffix.

    Raises
    ------
    FormatError
        If there is none; the sentence lists those there are.
    """
    formats = {f.id: f for f in all_formats().values() if f.writes}
    plain = {f.id: f for f in formats.values() if not f.only_by_name}
    return _named(format, formats, "written") or _of_suffix(path, plain, "written")[0]


def importer_for(path: str | Path, format: str | None = None) -> Format:  # noqa: A002
    """Return the format to read a file in, by its id or else by the file's suffix and text.

    Raises
    ------
    FormatError
        If there is none; the sentence lists those there are.
    """
    formats = {f.id: f for f in all_formats().values() if f.reads}
    return _named(format, formats, "read") or recognised(path, _of_suffix(path, formats, "read"))


def recognised(path: str | Path, candidates: Iterable[Format]) -> Format:
    """Return the first of some formats that recognises a file's text, else the first."""
    from napari_geolabel.files import expanded
    from napari_geolabel.formats.texts import head_of

    offered = list(candidates)
    if len(offered) > 1:
        head = head_of(expanded(path))
        return next((each for each in offered if each.recognises(head)), offered[0])
    return offered[0]


def same_suffix(path: str | Path) -> list[Format]:
    """Return the formats that a file may be of by the end of its name, those of the longest suffix first."""
    name = Path(path).name.lower()
    lengths = {f.id: max((len(s) for s in f.suffixes if name.endswith(s)), default=0) for f in all_formats().values()}
    fitting = [f for f in all_formats().values() if lengths[f.id]]
    return sorted(fitting, key=lambda each: -lengths[each.id])


def _named(format_id: str | None, formats: Mapping[str, Format], verb: str) -> Format | None:
    """Return the format of an id, None without one."""
    if format_id is None:
        return None
    if format_id in formats:
        return formats[format_id]
    raise FormatError(f"labels cannot be {verb} as {format_id!r}; choose {', '.join(formats)}")


def _of_suffix(path: str | Path, formats: Mapping[str, Format], verb: str) -> list[Format]:
    """Return the formats of a file's suffix, or say which there are."""
    found = [each for each in same_suffix(path) if each.id in formats]
    if found:
        return found
    listed = ", ".join(f"{each.title} ({' '.join(each.suffixes)})" for each in formats.values())
    sharing = [each.id for each in same_suffix(path) if each.only_by_name]
    if sharing:
        raise FormatError(f"{Path(path).name} may be {', '.join(sharing)}; say which (format=, --format)")
    raise FormatError(f"{Path(path).name} is of no format that labels can be {verb} in; use {listed}")


def _function(work: Work) -> Callable[..., Any]:
    """Return a function, imported if it stands there by its name."""
    if isinstance(work, str):
        module, _, name = work.partition(":")
        found: Callable[..., Any] = getattr(import_module(module), name)
        return found
    if work is None:
        raise FormatError("this format can only be read, or only be written")
    return work
