"""Which classes a file names, and which of ours each is taken for, before anything is imported."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from napari_geolabel.formats.classes import find_class
from napari_geolabel.formats.registry import importer_for
from napari_geolabel.labels.exchange import image_of, named_crs, read_columns
from napari_geolabel.labels.label_files import is_label_file
from napari_geolabel.masks import UNWATCHED, Watch

if TYPE_CHECKING:
    from napari_geolabel.labels.labels import Labels


@dataclass(frozen=True, kw_only=True)
class FileClass:
    """One class of a file."""

    word: str | None
    """What the file calls it; None stands for labels without a class."""
    count: int
    """How many labels it has, or pixels in a mask."""
    class_id: str | None
    """Our class of that id, alias or name; None where there is none."""


def classes_in(
    labels: Labels,
    path: str | Path,
    format_id: str | None = None,
    *,
    crs: str | None = None,
    watch: Watch = UNWATCHED,
) -> list[FileClass]:
    """Return the classes that a file names, in their order there; the watch may end it.

    The parameters are those of `Labels.import_from`.

    Raises
    ------
    GeoLabelError
        If it cannot be read, or holds no labels of the scene.
    """
    found = Path(path)
    if not is_label_file(found) and importer_for(found, format_id).content == "mask":
        from napari_geolabel.formats.panoptic_read import read_mask_file
        from napari_geolabel.labels.mask_import import class_words

        mask = read_mask_file(found, labels.ontology, format_id)
        values, counts = np.unique(mask.array, return_counts=True)
        number = dict(zip(values.tolist(), counts.tolist(), strict=True))
        words: list[tuple[str | None, int]] = [(word, number[value]) for value, word in class_words(mask).items()]
    else:
        named = None if crs is None else named_crs(crs, labels.scene.grid)
        columns = read_columns(found, format_id, image_of(labels.scene), named)
        watch.tell(1.0)
        words = list(Counter(columns.class_ids).items())
    return [FileClass(word=word, count=count, class_id=find_class(word, labels.ontology)) for word, count in words]
