"""Labels: the label set of one scene, as scripts, the command line and the viewer all hold it.

Every method that changes something makes one `Change` and hands it to the
store, so that one call is one undo.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Unpack

from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from napari_geolabel.annotations.annotation import Annotation, Status
from napari_geolabel.annotations.change import Change, Edit
from napari_geolabel.annotations.scene_notes import answers_of, notes_of
from napari_geolabel.labels.adding import make_annotations
from napari_geolabel.labels.duplicates import SAME_IOU, Duplicates
from napari_geolabel.labels.editing import AnnotationFields, answers_change, edited
from napari_geolabel.labels.finding import Searched
from napari_geolabel.labels.labels_card import LabelsCard
from napari_geolabel.labels.linking import Linked
from napari_geolabel.labels.reshaping import Reshaping
from napari_geolabel.labels.retouching import Retouching
from napari_geolabel.labels.reviewing import Reviewing
from napari_geolabel.masks import BurnRule, Flavour, Mask, Order
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.ontology.values import with_answers

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

    from napari_geolabel.formats.classes import ClassMap
    from napari_geolabel.formats.columns import Report
    from napari_geolabel.labels.importing import Outside
    from napari_geolabel.labels.overwriting import Overwrite


class Labels(LabelsCard, Searched, Linked):
    """The annotations and the painted mask of one scene.

    Iterating gives ids in draw order, ``labels[id]`` the `Annotation`.
    Geometry that is added is in pixel coordinates ``(x, y)`` of the scene
    unless ``crs`` says otherwise.  `open_labels` makes them.
    """

    @property
    def scene_attributes(self) -> Mapping[str, Any]:
        """Attributes of the whole scene, read-only (see `classify_scene`)."""
        return MappingProxyType(answers_of(self.store.scene_attributes))

    def __len__(self) -> int:
        return len(self.store)

    def __iter__(self) -> Iterator[str]:
        return iter(self.store)

    def __contains__(self, annotation_id: object) -> bool:
        return annotation_id in self.store

    def __getitem__(self, annotation_id: str) -> Annotation:
        return self.store[annotation_id]

    def __repr__(self) -> str:
        counts = Counter(annotation.class_id for annotation in self.store.values())
        listed = ", ".join(f"{counts[c.id]} {c.id}" for c in self.ontology.classes if counts[c.id])
        paint = " and a painted mask" if self.is_painted else ""
        return f"<Labels of {self.scene.name} ({self.ontology.id}): {listed or 'no annotations'}{paint}>"

    def add(
        self,
        geometry: BaseGeometry,
        class_id: str,
        *,
        kind: Kind | str | None = None,
        attributes: Mapping[str, Any] | None = None,
        crs: str | int | CRS | None = None,
        status: Status | str = Status.DRAFT,
        confidence: float | None = None,
    ) -> Annotation:
        """Add one annotation and return it; the parameters are those of `add_many`."""
        return self.add_many(
            [geometry], class_id, kind=kind, attributes=attributes, crs=crs, status=status, confidence=confidence
        )[0]

    def add_many(
        self,
        geometries: Iterable[BaseGeometry],
        class_id: str,
        *,
        kind: Kind | str | None = None,
        attributes: Mapping[str, Any] | None = None,
        crs: str | int | CRS | None = None,
        status: Status | str = Status.DRAFT,
        confidence: float | None = None,
    ) -> list[Annotation]:
        """Add annotations of one class as one change.

        Parameters
        ----------
        geometries
            Shapely geometries, or a GeoSeries, whose own CRS counts where ``crs`` is None.
        class_id
            A class of the ontology.
        kind
            How they are to be taken; None guesses from geometry and class
            (`napari_geolabel.formats.kinds.guess_kind`).
        attributes
            Values for the class's attributes, the same for all.
        crs
            CRS of the geometries; None means pixel coordinates ``(x, y)``.
        status, confidence
            As the annotations shall have them.

        Returns
        -------
        list of Annotation
            As they stand in the store, in the order given.

        Raises
        ------
        UnknownClassError, ForbiddenKindError, AttributeValueError, GeometryError
            If the ontology refuses one of them; then none is added.
        """
        made = make_annotations(
            geometries,
            self.ontology[class_id],
            self.scene.grid,
            kind=kind,
            attributes=attributes,
            crs=crs if crs is not None else getattr(geometries, "crs", None),
            status=status,
            confidence=confidence,
        )
        title = f"add {class_id}" if len(made) == 1 else f"add {len(made)} {class_id}"
        self.store.apply(Change(title=title, edits=tuple(Edit(after=annotation) for annotation in made)))
        return [self.store[annotation.id] for annotation in made]

    def update(self, annotation_id: str, **fields: Unpack[AnnotationFields]) -> Annotation:
        """Change fields of one annotation and return it as it now is; see `update_many`."""
        return self.update_many([annotation_id], **fields)[0]

    def update_many(self, ids: Iterable[str], **fields: Unpack[AnnotationFields]) -> list[Annotation]:
        """Change the same fields of several annotations as one change.

        Parameters
        ----------
        ids
            Ids of annotations.
        **fields
            ``class_id``, ``kind``, ``geometry`` (with ``crs`` where it is not
            in pixels), ``attributes`` (they replace the old ones), ``status``,
            ``confidence``, ``provenance``.  A new class keeps the attribute
            values that it knows too, unless ``attributes`` are given, and
            takes a kind that it allows.
        """
        olds = [self[annotation_id] for annotation_id in ids]
        news = [edited(old, self.ontology, self.scene.grid, fields) for old in olds]
        edits = tuple(Edit(before=old, after=new) for old, new in zip(olds, news, strict=True))
        what = ", ".join(str(name).removesuffix("_id") for name in fields)
        self.store.apply(Change(title=f"change {what} of {_count(olds)}", edits=edits))
        return [self.store[new.id] for new in news]

    def answer(self, ids: str | Iterable[str], **answers: Any) -> None:  # noqa: ANN401  (the ontology types them)
        """Answer attributes of annotations as one change, None to take an answer back; the other values stay.

        What stood under an option that is no longer chosen is left out.

        Raises
        ------
        AttributeValueError
            If the class of one of them does not allow an answer; then nothing changes.
        """
        olds = [self[annotation_id] for annotation_id in ([ids] if isinstance(ids, str) else ids)]
        self.store.apply(answers_change(olds, self.ontology, answers))

    def remove(self, ids: str | Iterable[str]) -> None:
        """Remove one annotation, or several as one change."""
        olds = [self[annotation_id] for annotation_id in ([ids] if isinstance(ids, str) else ids)]
        self.store.apply(Change(title=f"remove {_count(olds)}", edits=tuple(Edit(before=old) for old in olds)))

    @property
    def reshape(self) -> Reshaping:
        """What makes holes, cuts, splits, merges, moves and the like: ``labels.reshape.split(id, line)``."""
        return Reshaping(self)

    @property
    def review(self) -> Reviewing:
        """What accepts and rejects suggestions: ``labels.review.accept_above(0.8)``."""
        return Reviewing(self)

    @property
    def retouch(self) -> Retouching:
        """What changes painted areas at once: ``labels.retouch.grow("cloud", metres=20)``."""
        return Retouching(self)

    def classify_scene(self, **values: Any) -> Mapping[str, Any]:  # noqa: ANN401  (the ontology types them)
        """Set attributes of the whole scene, None to clear one, and return all of them."""
        before, answers = dict(self.store.scene_attributes), self.scene_attributes
        after = with_answers(self.ontology.scene_attributes, answers, values) | notes_of(before)
        if after != before:
            self.store.apply(Change(title="classify the scene", scene_attributes=(before, after)))
        return self.scene_attributes

    def undo(self) -> Change | None:
        """Take the last change back and return what was done for that; None if there is none."""
        return self.store.undo()

    def redo(self) -> Change | None:
        """Make the last undone change again and return it; None if there is none."""
        return self.store.redo()

    def import_from(
        self,
        path: str | Path,
        *,
        class_map: ClassMap | None = None,
        status: Status | str | None = None,
        format: str | None = None,  # noqa: A002  (the word users know)
        make_classes: bool = False,
        resample: bool = False,
        confidence: float | None = None,
        duplicates: Duplicates = "keep",
        iou: float = SAME_IOU,
        outside: Outside = "skip",
        remember: bool = False,
        dry_run: bool = False,
    ) -> Report:
        """Add the labels of a file as one change.

        Parameters
        ----------
        path
            A label file or mask of any format that can be read.
        class_map
            The file's class ids, or a mask's values, to ours; key None stands for features without a class, None for
            what is left out.
        status
            Gives all of them this status; None keeps the file's.
        format
            Name of the format; None goes by the file.
        make_classes
            Takes classes that the ontology lacks into it.
        resample
            Lays a mask of other pixels on the scene's, by nearest neighbour, and the report says so.
        confidence
            That of all for which the file gives none.
        duplicates
            ``"skip"`` leaves out what is there already, ``"flag"`` takes it as a suggestion; see `labels.duplicates`.
        iou
            Intersection over union from which on areas of one class are duplicates.
        outside
            ``"keep"`` takes features of a map that lie off the scene too; where none lies on it, all come in.
        remember
            Keeps the class map as aliases in the ontology, so that it need not be given again.
        dry_run
            Changes nothing and only tells what would come in.

        Raises
        ------
        FormatError
            If the file cannot be read, a mask has other pixels than the scene, or a class in it is unknown, neither
            mapped nor to be made; then nothing is added.
        MissingFileError, UnsafeFileError
            If there is no such local file.
        """
        from napari_geolabel.labels.importing import ImportOrder, import_file

        order = ImportOrder(
            path=Path(path),
            format_id=format,
            class_map=class_map,
            status=status,
            make_classes=make_classes,
            resample=resample,
            confidence=confidence,
            duplicates=duplicates,
            iou=iou,
            outside=outside,
            remember=remember,
            dry_run=dry_run,
        )
        return import_file(self, order)

    def export(
        self,
        path: str | Path,
        *,
        format: str | None = None,  # noqa: A002
        flavour: Flavour = "semantic",
        all_touched: bool = False,
        order: Order = "class",
        width_m: float | None = None,
        ids: Sequence[str] | None = None,
        overwrite: Overwrite = "careful",
        crs: str | int | CRS | None = None,
        styles: Sequence[str] = (),
        dry_run: bool = False,
    ) -> list[str]:
        """Write labels to a file and return what the format could not hold, one sentence each.

        The same is named beside it, in ``<file>.losses.json``, where there is anything.

        Parameters
        ----------
        path
            Its suffix picks the format unless ``format`` names it: .geojson, .gpkg, .coco.json, .tif (a mask).
        flavour
            What a mask shows: ``semantic``, ``instance`` or ``panoptic``.
        all_touched
            A mask sets every pixel that a geometry touches, not only those whose centre it covers.
        order, width_m
            What wins in a mask where labels overlap, and how wide lines and points are; see `rasterize`.
        ids
            Only these annotations; None exports all.
        overwrite
            What to do with a file that stands there: ``"careful"`` replaces it unless it would hold fewer than
            half as many labels as before and at least ten fewer, ``"always"`` replaces it, ``"never"`` does not.
            Five backups are kept in the folder ``.backups`` beside it.
        crs
            Of GeoJSON: ``"scene"`` or a code such as ``"EPSG:32631"`` instead of longitude and latitude.
        styles
            Styles beside it in the colours of the ontology: ``"qml"`` for QGIS, ``"sld"`` for GeoServer.
        dry_run
            Writes nothing and only tells the losses.

        Raises
        ------
        FormatError
            If no format has that suffix or name.
        NotGeoreferencedError
            If a map format is asked of a scene without georeference.
        FewerLabelsError
            If the file would lose far more labels than an edit does.
        WriteError
            If the file cannot be written; an old file is untouched.
        """
        from napari_geolabel.labels.exchange import ExportOrder, export_file, export_losses

        wanted = ExportOrder(
            path=Path(path),
            format_id=format,
            flavour=flavour,
            rule=BurnRule(all_touched=all_touched, order=order, width_m=width_m),
            ids=ids,
            overwrite=overwrite,
            crs=crs,
            styles=tuple(styles),
        )
        losses = export_losses(self, wanted)
        if not dry_run:
            export_file(self, wanted, losses)
            self._unsaved -= wanted.saves
            self.status_changed.emit()
        return losses

    def export_painted(self, path: str | Path, *, overwrite: Overwrite = "careful") -> None:
        """Write what is painted as a mask GeoTIFF, without the annotations; see `export`."""
        from napari_geolabel.labels.exchange import painted_mask, replace_mask
        from napari_geolabel.labels.overwriting import require_not_scene

        require_not_scene(Path(path), self.scene)
        replace_mask(Path(path), painted_mask(self), overwrite)
        self._unsaved.discard("mask")
        self.status_changed.emit()

    def old_masks(self) -> list[Mask]:
        """Return the masks that were painted when the scene had another size, oldest first, on their own grids."""
        from napari_geolabel.labels.exchange import painted_mask

        found = [] if self.journal is None else self.journal.old_masks()
        return [replace(painted_mask(self), array=old.array, grid=old.grid) for old in found]

    def to_geodataframe(self) -> GeoDataFrame:
        """Return the annotations as a GeoDataFrame in the scene's CRS (pixels without one), indexed by row."""
        from napari_geolabel.labels.frames import frame_of

        return frame_of(self)

    def update_from(self, frame: GeoDataFrame) -> list[str]:
        """Take over what was edited in a frame as one change and return the ids that changed.

        Rows are matched by their column ``id``; only those whose values differ
        change, rows of unknown or no id are added, and annotations without a
        row stay as they are.
        """
        from napari_geolabel.labels.frames import apply_frame

        return apply_frame(self, frame)


def _count(annotations: Sequence[Annotation]) -> str:
    """Return ``ship`` for one annotation, ``7 annotations`` for more."""
    return annotations[0].class_id if len(annotations) == 1 else f"{len(annotations)} annotations"
