"""What shows the annotations of labels on the layers of a pane: shapes, keypoints, and the picture of all."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from napari_geolabel.labels.labels import Labels
from napari_geolabel.viewer.class_marks import ClassMarks
from napari_geolabel.viewer.label_layers import LabelLayers
from napari_geolabel.viewer.large_meshes import LargeMeshes
from napari_geolabel.viewer.layer_reader import Make
from napari_geolabel.viewer.layer_view import Defer
from napari_geolabel.viewer.notices import warn
from napari_geolabel.viewer.overlay import Overlay, OverlayPicture
from napari_geolabel.viewer.overlay_picker import OverlayPicker
from napari_geolabel.viewer.points_view import PointsView
from napari_geolabel.viewer.selection import Selection
from napari_geolabel.viewer.shapes_view import ShapesView
from napari_geolabel.viewer.strokes_view import StrokesView
from napari_geolabel.viewer.working_set import WorkingSet

if TYPE_CHECKING:
    from napari.components import ViewerModel
    from napari.layers import Layer


class PaneViews:
    """The views of labels on the layers of one pane, with what is selected in them.

    Parameters
    ----------
    views
        The views that have the working set and the picture in common.
    layers
        The layers of the pane.
    """

    def __init__(self, views: LabelViews, layers: LabelLayers) -> None:
        viewer, store = views.viewer, views.labels.store
        self.shapes = ShapesView(viewer, layers.shapes, store, meshes=views.meshes, **views.wiring)
        """Boxes, polygons and lines."""
        self.points = PointsView(viewer, layers.points, store, **views.wiring)
        """Keypoints."""
        self.selection = Selection((self.shapes, self.points))
        """What is selected in them."""
        self.overlay = Overlay(
            viewer, views.labels, layers, picture=views.picture, working=views.working, take=views.take
        )
        """The picture of all, where there are too many to be shapes."""
        self.strokes = StrokesView(
            viewer,
            views.labels,
            layers,
            (self.shapes, self.points),
            marks=views.wiring["marks"],
            defer=views.wiring["defer"],
            take=views.take,
        )
        """What shapes cannot show: dashes, and lines between annotations."""

    def use_class(self, class_id: str) -> None:
        """Show what napari's own modes draw in the colour of a class."""
        self.shapes.use_class(class_id)
        self.points.use_class(class_id)

    def close(self) -> None:
        """Stop listening; the layers stay."""
        self.shapes.close()
        self.points.close()
        self.overlay.close()
        self.strokes.close()


class LabelViews(PaneViews):
    """The views of a session's labels on its own layers; further panes have `PaneViews` that share with them.

    Parameters
    ----------
    viewer
        The viewer.
    labels
        Whose annotations are shown.
    layers
        The layers of the session.
    marks
        Which classes are hidden and locked.
    make
        Makes the annotation for a new drawing.
    defer
        Calls a function later, from the event loop.
    take
        Gives a new layer the status and the keys of the session.
    is_selecting
        Whether the user is picking annotations.
    """

    def __init__(
        self,
        viewer: ViewerModel,
        labels: Labels,
        layers: LabelLayers,
        *,
        marks: ClassMarks,
        make: Make,
        defer: Defer,
        take: Callable[[Layer], object],
        is_selecting: Callable[[], bool],
    ) -> None:
        self.viewer, self.labels, self.take = viewer, labels, take
        grid = labels.scene.grid
        self.working = WorkingSet(viewer, labels.store, grid, defer)
        """Says which annotations are shapes at this time."""
        self.picture = OverlayPicture(labels, marks, defer)
        """The picture of all."""
        self.meshes = LargeMeshes()
        """What was made of large outlines, once for all panes."""
        self.wiring: dict[str, Any] = {
            "make": make,
            "defer": defer,
            "notify": warn,
            "grid": grid,
            "working": self.working,
            "marks": marks,
        }
        """What each view is made with."""
        super().__init__(self, layers)
        self.picker = OverlayPicker(
            viewer, labels, marks, self.working, self.selection, is_selecting=is_selecting, defer=defer
        )
        """Selects by a click what is only in the picture."""

    def close(self) -> None:
        """Stop listening; the layers stay."""
        super().close()
        self.picker.close()
        self.picture.close()
        self.working.close()
