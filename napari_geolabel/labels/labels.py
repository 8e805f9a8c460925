"""Labels: the label set of one scene, as scripts, the command line and the viewer all hold it.

Every method that changes something makes one `Change` and hands it to the
store, so that one call is one undo.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Unpack

from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from napari_geolabel.annotations.annotation import Annotation, Status
from napari_geolabel.annotations.change import Change, Edit
from napari_geolabel.annotations.scene_notes import answers_of, notes_of
from napari_geolabel.labels.adding import make_annotations
from napari_geolabel.labels.editing import AnnotationFields, answers_change, edited
from napari_geolabel.labels.exchanging import Exchanged
from napari_geolabel.labels.finding import Searched
from napari_geolabel.labels.labels_card import LabelsCard
from napari_geolabel.labels.linking import Linked
from napari_geolabel.labels.reshaping import Reshaping
from napari_geolabel.labels.retouching import Retouching
from napari_geolabel.labels.reviewing import Reviewing
from napari_geolabel.masks import Mask
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.ontology.values import with_answers

if TYPE_CHECKING:
    from geopandas import GeoDataFrame


class Labels(LabelsCard, Searched, Exchanged, Linked):
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
