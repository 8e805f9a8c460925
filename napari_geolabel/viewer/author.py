"""The hand that draws in a session: its tools, and the annotations that come of what they have drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import shapely
from shapely.geometry.base import BaseGeometry

from napari_geolabel.annotations.annotation import Annotation
from napari_geolabel.annotations.change import Change, Edit
from napari_geolabel.labels.labels import Labels
from napari_geolabel.labels.skeletons import add_skeleton
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.ontology.model import LabelClass
from napari_geolabel.viewer.aim import Aim
from napari_geolabel.viewer.authoring import Circumstances, author_annotation
from napari_geolabel.viewer.notices import warn
from napari_geolabel.viewer.tools import ToolBox

if TYPE_CHECKING:
    from napari.components import ViewerModel

    from napari_geolabel.viewer.class_marks import ClassMarks
    from napari_geolabel.viewer.label_layers import LabelLayers
    from napari_geolabel.viewer.session import Session


class Author:
    """Makes annotations of what is drawn in a session.

    Parameters
    ----------
    session
        It tells class, tool and what is on screen.
    circumstances
        Returns what the provenance of an annotation tells about this moment.
    """

    def __init__(self, session: Session, circumstances: Callable[[], Circumstances]) -> None:
        self._session, self._circumstances = session, circumstances

    def draw(self, geometry: BaseGeometry, kind: Kind) -> Annotation:
        """Return an annotation of the current class for a geometry in pixel coordinates, not yet in the store."""
        session = self._session
        values = session.attributes.starting_values(session.current_class)
        drawn = self._author(geometry, session.labels.ontology[session.current_class], kind, values)
        session.attributes.follow(drawn.id)
        session.classes.drew(drawn.class_id)
        return drawn

    def commit(self, kind: Kind, geometry: BaseGeometry) -> None:
        """Make what a tool has drawn an annotation, several points a skeleton; raises what says why it cannot be."""
        session = self._session
        if geometry.geom_type == "MultiPoint":
            points = shapely.get_coordinates(geometry)
            add_skeleton(session.labels, session.current_class, points, author=self._author)
            return
        annotation = self.draw(geometry, kind)
        session.labels.store.apply(Change(title=f"draw {annotation.class_id}", edits=(Edit(after=annotation),)))

    def _author(
        self,
        geometry: BaseGeometry,
        label_class: LabelClass,
        kind: Kind = Kind.KEYPOINT,
        values: Mapping[str, Any] | None = None,
    ) -> Annotation:
        """Return an annotation that the user draws now."""
        return author_annotation(geometry, kind, label_class, self._circumstances(), values)


def make_toolbox(
    viewer: ViewerModel,
    labels: Labels,
    layers: LabelLayers,
    marks: ClassMarks,
    commit: Callable[[Kind, BaseGeometry], None],
) -> ToolBox:
    """Return the tools of a session, which snap to what is seen of its annotations where that is switched on."""
    grid = labels.scene.grid
    made = ToolBox(viewer, layers.shapes, commit=commit, preview_layer=layers.preview, grid=grid, notify=warn)
    made.aim = Aim(labels.store, lambda: made.screen_px, marks.shows)
    return made
