"""What a format is: its names, and where it is read and written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from napari_geolabel.errors import FormatError
from napari_geolabel.formats.label_set import Image, LabelSet
from napari_geolabel.geo.crs import LONLAT, same_crs
from napari_geolabel.masks import Flavour, Mask

if TYPE_CHECKING:
    from pyproj import CRS

    from napari_geolabel.formats.columns import LabelColumns
    from napari_geolabel.formats.frame_rows import FrameRows

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
    row_writer: Work = None
    """``(path, rows) -> list of str or None`` for `FrameRows`: a frame in bulk, every column as it is, and notes."""
    losses: Work = None
    """``(labels) -> iterable of str``: what the file will not hold, one sentence each."""
    crs_reader: Work = None
    """``(path, crs) -> LabelColumns``: reads map coordinates as those of a `CRS` that the file does not name."""
    counter: Work = None
    """``(path) -> int``: how many labels a file holds, told without reading it as labels."""
    recogniser: Work = None
    """``(first bytes of a file) -> bool``: tells formats apart that share a suffix."""
    beside: Work = None
    """``(path) -> iterable of Path``: files that belong to an export, there or not."""
    place: Work = None
    """``(path, stem of the image) -> Path``: the file that is meant where a path names a whole data set."""

    flavour: Flavour | None = None
    """The flavour of its masks; None takes what is asked for."""
    whole: bool = False
    """Whether it holds every annotation whole, so that an export to it counts as saving."""
    is_styled: bool = False
    """Whether QGIS and others colour it by a style beside it, by its column ``class_id``."""
    is_projectable: bool = False
    """Whether it can be written in a CRS that is asked for (`LabelSet.crs`)."""
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
        """Return the labels of a vector file as columns.

        Parameters
        ----------
        path
            The file.
        image
            The image whose labels are wanted, of the size that the file gives; None where the file has only one, or
            is of a map.

        Raises
        ------
        MissingFileError, UnsafeFileError
            If the path is no local file.
        FormatError
            If it is not of the format, is damaged, has no labels of the image, or is of an image of another size.
        """
        return function_of(self.reader)(path, image)

    def read_in(self, path: Path, crs: CRS) -> LabelColumns:
        """Return the labels of a vector file whose map coordinates are in a CRS, whatever the file says.

        Raises
        ------
        FormatError
            If the format leaves no choice: pixels, or longitude and latitude always.
        """
        if self.crs_reader is None:
            raise FormatError(f"{path.name} is {self.title}, which leaves no choice of a CRS; import it without crs")
        columns: LabelColumns = function_of(self.crs_reader)(path, LONLAT if same_crs(crs, LONLAT) else crs)
        return columns

    def write(self, path: Path, labels: LabelSet | Mask) -> None:
        """Write labels to a vector file, or a mask to one of pixels."""
        function_of(self.writer)(path, labels)

    def write_rows(self, path: Path, rows: FrameRows) -> list[str]:
        """Write the rows of a frame to a vector file, and return what the user should know of it, a sentence each."""
        return list(function_of(self.row_writer)(path, rows) or ())

    def lost(self, labels: LabelSet) -> list[str]:
        """Return what a file of this format will not hold."""
        return [] if self.losses is None else list(function_of(self.losses)(labels))

    def count(self, path: Path) -> int | None:
        """Return how many labels a file holds, None where the format cannot tell."""
        return None if self.counter is None else int(function_of(self.counter)(path))

    def recognises(self, head: bytes) -> bool:
        """Return whether a file that begins so is of this format."""
        return self.recogniser is not None and bool(function_of(self.recogniser)(head))

    def files_beside(self, path: Path) -> tuple[Path, ...]:
        """Return the files that belong to an export, there or not."""
        return () if self.beside is None else tuple(function_of(self.beside)(path))

    def placed(self, path: Path, stem: str) -> Path:
        """Return the file of an image's labels that a path means."""
        return path if self.place is None else Path(function_of(self.place)(path, stem))


def function_of(work: Work) -> Callable[..., Any]:
    """Return a function, imported if it stands there by its name."""
    if isinstance(work, str):
        module, _, name = work.partition(":")
        found: Callable[..., Any] = getattr(import_module(module), name)
        return found
    if work is None:
        raise FormatError("this format can only be read, or only be written")
    return work
