"""Labels to masks and masks to polygons, for scripts that hold labels, frames or files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypedDict

import numpy as np

from napari_geolabel.annotations.annotation import Status
from napari_geolabel.errors import FormatError, GeoLabelError
from napari_geolabel.formats.classes import class_word, find_class, make_classes, resolve_classes, same_word
from napari_geolabel.formats.frames import frame_of_columns, from_geodataframe, to_geodataframe
from napari_geolabel.geo import GeoGrid, Window
from napari_geolabel.labels.column_masks import in_pixels, is_number_column, mask_of_column, with_class_column
from napari_geolabel.labels.exchange import mask_of, read_columns
from napari_geolabel.labels.label_files import is_label_file, read_painted_mask
from napari_geolabel.labels.labels import Labels
from napari_geolabel.labels.mask_import import EXACT, Tracing, aligned, annotation_of, areas_of, class_words
from napari_geolabel.masks import (
    BurnRule,
    Flavour,
    Mask,
    Order,
    Progress,
    Watch,
    rasterize_annotations,
    rasterize_geometries,
    semantic_table,
)
from napari_geolabel.ontology.files import load_ontology
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.ontology.model import Ontology

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

    from napari_geolabel.annotations.annotation import Annotation
    from napari_geolabel.formats.classes import ClassMap
    from napari_geolabel.ontology.model import LabelClass


def rasterize(
    labels: Labels | GeoDataFrame | str | Path,
    *,
    grid: GeoGrid | None = None,
    ontology: Ontology | str | None = None,
    flavour: Flavour = "semantic",
    column: str | None = None,
    all_touched: bool = False,
    order: Order = "class",
    width_m: float | None = None,
    window: Window | None = None,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Mask:
    """Return labels as a mask.

    Parameters
    ----------
    labels
        Labels, a GeoDataFrame with the class in ``class_id``, or a label file.
    grid, ontology
        Where the pixels lie and what the values mean; labels bring their own.
    flavour
        ``semantic``: the mask values of the classes.  ``instance``: features
        numbered from 1.  ``panoptic``: both in one number.
    column
        The column of a frame, or property of a file's features, that is
        burnt: whole numbers as they are, with no need of an ontology, or text
        that names classes.
    all_touched
        Sets every pixel that a geometry touches; otherwise those whose centre it covers.
    order
        ``class``: where features overlap, the class that stands later in the
        ontology wins, then what was drawn later.  ``drawn``: what was drawn later.
    width_m
        Width of lines and diameter of points on the ground, in metres; None
        takes the pixels that they run through.
    window
        Only this part of the grid.
    progress
        Is told the share that is done, from 0 to 1.
    cancelled
        Asked now and then whether to give up.

    Returns
    -------
    Mask
        In the smallest data type that holds the values.  Rejected annotations
        are left out; what is painted shows where no feature covers it, in
        semantic and panoptic masks.  Suggestions lie below all of that, so that
        none hides what a person has drawn or painted.

    Raises
    ------
    GeoLabelError
        If a frame or file comes without grid or ontology.
    FormatError
        If a feature's class is not in the ontology, or the paint of a label file does not fit grid and ontology.
    MaskValueError
        If a number of the column is none that a mask can hold.
    CancelledError
        If it was cancelled.
    """
    rule = BurnRule(all_touched=all_touched, order=order, width_m=width_m)
    watch = Watch(progress=progress, cancelled=cancelled)
    if isinstance(labels, Labels):
        drawn = labels.store.values()
        return mask_of(labels, drawn, flavour=flavour, rule=rule, window=window, watch=watch)
    how = _How(flavour=flavour, rule=rule, window=window, watch=watch)
    if grid is not None and column is not None:
        labels = frame_of_columns(read_columns(Path(labels))) if isinstance(labels, str | Path) else labels
        if is_number_column(labels, column):
            return mask_of_column(labels, column, grid, rule=rule, window=window, watch=watch)
        labels = with_class_column(labels, column)
    if grid is None or ontology is None:
        raise GeoLabelError("a frame or file has no pixels of its own; give grid=scene.grid and ontology=")
    if isinstance(labels, str | Path):
        return _of_file(Path(labels), grid, _ontology(ontology), how)
    return _of_frame(labels, grid, _ontology(ontology), how)


class _How(TypedDict):
    """How labels are burnt; see `rasterize_geometries`."""

    flavour: Flavour
    rule: BurnRule
    window: Window | None
    watch: Watch


def _of_file(path: Path, grid: GeoGrid, ontology: Ontology, how: _How) -> Mask:
    columns = read_columns(path)
    annotations, report = columns.to_annotations(grid, ontology)
    for where, why in report.skipped:
        raise FormatError(f"{columns.name}: {where}: {why}")
    drawn = [annotation for annotation in annotations if annotation.status is not Status.REJECTED]
    painted = read_painted_mask(path) if is_label_file(path) and how["flavour"] != "instance" else None
    reason = None if painted is None else why_paint_does_not_fit(painted, grid, ontology)
    if reason is not None:
        raise FormatError(
            f"the painted mask of {path.name} cannot be burnt, since {reason}; "
            "give the grid of its scene and its own ontology"
        )
    base = None if painted is None else painted.array
    return rasterize_annotations(drawn, grid, ontology, base=base, **how)


def why_paint_does_not_fit(painted: Mask, grid: GeoGrid, ontology: Ontology) -> str | None:
    """Return why what is painted cannot lie under labels of a grid and an ontology, None where it can."""
    present = painted.values().tolist()
    theirs = {value: painted.table[value].class_id for value in present if value in painted.table}
    known = {value: label_class.id for value, label_class in ontology.by_mask_value.items()}
    if not aligned(painted.grid, grid):
        return "its pixels are not those of the scene"
    if any(known.get(value) != theirs.get(value) for value in present):
        return f"its values mean something else in the ontology {ontology.id}"
    return None


def _of_frame(frame: GeoDataFrame, grid: GeoGrid, ontology: Ontology, how: _How) -> Mask:
    if "status" in frame.columns:
        frame = frame[frame["status"] != Status.REJECTED]
    columns = from_geodataframe(frame, grid)
    class_ids = resolve_classes(columns.class_ids, columns.where, ontology, None, columns.name)
    return rasterize_geometries(
        in_pixels(columns.geometries, columns.crs, grid),
        [class_id for class_id in class_ids if class_id is not None],
        grid,
        ontology,
        ids=[given or where for given, where in zip(columns.ids, columns.where, strict=True)],
        suggested=[row.get("status") == Status.SUGGESTED for row in columns.properties],
        **how,
    )


def polygonize(
    mask: Mask | str | Path,
    *,
    ontology: Ontology | str | None = None,
    connectivity: Literal[4, 8] = 4,
    min_area_m2: float | None = None,
    min_area_px: float = 0,
    simplify_px: float = 0,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> GeoDataFrame:
    """Return the areas of a mask as polygons along its pixel edges, holes kept.

    Parameters
    ----------
    mask
        A mask or the path of a mask file; 0 is no label.
    ontology
        Gives the classes, and what values mean in a mask without a table; None takes both from the mask.
    connectivity
        4: pixels that share an edge belong together.  8: a corner is enough.
    min_area_m2, min_area_px
        Connected areas smaller than this, in square metres or in pixels, are left out.
    simplify_px
        How far outlines may be moved, in pixels, to have fewer vertices;
        neighbours keep their border in common.  0 follows the pixels.
    progress
        Is told the share that is done, from 0 to 1.
    cancelled
        Asked now and then whether to give up.

    Returns
    -------
    GeoDataFrame
        One row per connected area of a class, or per instance, with the
        columns of a label export, in the CRS of the mask (pixel coordinates
        without one).  `rasterize` gives the mask back, unless areas were
        left out or simplified.

    Raises
    ------
    FormatError
        If a value's class is not in the ontology.
    NotGeoreferencedError
        If square metres are asked of a mask that has none.
    CancelledError
        If it was cancelled.
    """
    tracing = Tracing(
        connectivity=connectivity,
        min_area_m2=min_area_m2,
        min_area_px=min_area_px,
        simplify_px=simplify_px,
        watch=Watch(progress=progress, cancelled=cancelled),
    )
    annotations, grid, known = polygons_of(mask, ontology=ontology, tracing=tracing)
    return to_geodataframe(annotations, grid, known)


def polygons_of(
    mask: Mask | str | Path,
    *,
    ontology: Ontology | str | None,
    tracing: Tracing = EXACT,
    class_map: ClassMap | None = None,
) -> tuple[list[Annotation], GeoGrid, Ontology]:
    """Return the areas of a mask as annotations, with their grid and ontology; see `polygonize`.

    A class map has values as text, or what the mask calls them; those that it maps to None are left out.
    """
    from napari_geolabel.formats.panoptic_read import read_mask_file

    given = None if ontology is None else _ontology(ontology)
    name = "the mask" if isinstance(mask, Mask) else Path(mask).name
    read = mask if isinstance(mask, Mask) else read_mask_file(Path(mask), given)
    if given is not None and not read.table and read.flavour == "semantic":
        read = replace(read, table=semantic_table(given))
    if given is None:
        read = _told_apart(read, class_map or {})
    words = class_words(read, class_map)
    if given is None:  # a map may name classes of values that this mask has nowhere
        class_map = {key: to for key, to in (class_map or {}).items() if class_word(key) in words.values()}
    known = given or _ontology_of(read, words, class_map or {})
    where = [f"value {value}" for value in words]
    found = resolve_classes(list(words.values()), where, known, class_map, name)
    class_ids = {value: class_id for value, class_id in zip(words, found, strict=True) if class_id is not None}
    if len(class_ids) < len(words):
        read = replace(read, array=np.where(np.isin(read.array, list(class_ids)), read.array, 0))
    areas = areas_of(read, tracing)
    annotations = [
        annotation_of(geometry, known[class_ids[value]], annotation_id, None, f"polygonize {name}")
        for geometry, value, annotation_id in zip(areas.geometries, areas.values.tolist(), areas.ids, strict=True)
    ]
    return annotations, read.grid, known


def _ontology(ontology: Ontology | str) -> Ontology:
    return ontology if isinstance(ontology, Ontology) else load_ontology(ontology)


def _told_apart(mask: Mask, class_map: ClassMap) -> Mask:
    """Return a semantic mask whose values have words of their own, so that each becomes a class with that value."""
    mapped = {class_word(key) for key in class_map}
    words = {value: word for value, word in class_words(mask, class_map).items() if word not in mapped}
    counts = Counter(same_word(word) for word in words.values())
    shared = {value: word for value, word in words.items() if counts[same_word(word)] > 1 and value in mask.table}
    if mask.flavour != "semantic" or not shared:
        return mask
    apart = {v: replace(mask.table[v], class_id=None, name=f"{word} {v}") for v, word in shared.items()}
    return replace(mask, table={**mask.table, **apart})


def _ontology_of(mask: Mask, words: Mapping[int, str], class_map: ClassMap) -> Ontology:
    """Return an ontology of the classes that a mask names, or that these are mapped to, in its colours and values."""
    empty = Ontology(id="mask", name="Classes of a mask", version="1", classes=())
    mapped = {class_word(key): class_id for key, class_id in class_map.items()}
    named = {value: mapped.get(word, word) for value, word in words.items()}
    made = make_classes(named.values(), [Kind.POLYGON, Kind.MASK], empty)
    classes: dict[str, LabelClass] = {}
    for value, word in named.items():
        if word is None:
            continue
        label_class = made[find_class(word, made) or word]
        fields: dict[str, Any] = {}
        entry = mask.table.get(value)
        if entry is not None:
            own_name = word if words[value] in mapped else entry.name.strip() or word
            fields |= {"color": entry.color, "name": own_name}
        fields |= {"mask_value": value} if mask.flavour == "semantic" else {}
        classes.setdefault(label_class.id, label_class.with_fields(**fields))
    return Ontology(id="mask", name="Classes of a mask", version="1", classes=tuple(classes.values()))
