"""The layers of a labelling session, added once and kept: shapes, keypoints, mask and the tools' preview."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_geolabel.labels.labels import Labels
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.viewer.first_draws import draw_text_where_there_is_some
from napari_geolabel.viewer.frame import Frame
from napari_geolabel.viewer.mask_window import MaskWindow
from napari_geolabel.viewer.scene_layer import SCENE_KEY
from napari_geolabel.viewer.slices import layers_added
from napari_geolabel.viewer.vertex_insert import mend_vertex_insert

if TYPE_CHECKING:
    from napari.components import ViewerModel
    from napari.layers import Image, Layer, Points, Shapes, Vectors

    from napari_geolabel.viewer.mask_layer import MaskLayer

LABELS_KEY = "geolabel"
"""Key of a layer's metadata that holds the `Labels` that it is a view of."""

PREVIEW_COLOR = "#ffff00"
KEYPOINT_SIZE_PX = 8
"""Size of a keypoint's marker, in scene pixels."""


@dataclass(kw_only=True)
class LabelLayers:
    """The layers of one session."""

    shapes: Shapes
    """Boxes, polygons and lines."""
    points: Points
    """Keypoints."""
    mask: MaskLayer | None
    """The painted mask; None where no class of the ontology allows masks."""
    preview: Vectors
    """What a drawing tool is about to make."""
    overlay: Image | None = None
    """The picture of all annotations; None while they have been few enough to be shapes."""
    strokes: Vectors | None = None
    """Dashed outlines of suggestions, and lines of relations; None while there have been none."""
    _hidden: list[Layer] = field(default_factory=list)

    def __iter__(self) -> Iterator[Layer]:
        """Iterate over those that there are, bottom first."""
        every = (self.overlay, self.mask, self.shapes, self.points, self.strokes, self.preview)
        return (layer for layer in every if layer is not None)

    def hide(self, viewer: ViewerModel) -> None:
        """Hide all of them in their viewer until `show`."""
        self._hidden += [layer for layer in self if layer.visible]  # the key's release may have gone elsewhere
        with layers_added(viewer):  # of several panes the canvas would follow for each layer of each
            for layer in self._hidden:
                layer.visible = False

    def show(self, viewer: ViewerModel) -> None:
        """Show again what `hide` hid."""
        with layers_added(viewer):
            for layer in self._hidden:
                layer.visible = True
        self._hidden = []

    def complete(self, viewer: ViewerModel, labels: Labels) -> list[Layer]:
        """Add the mask below the others if the ontology has got its first class to paint; return what was added."""
        if self.mask is not None or not _allows_masks(labels):
            return []
        active = viewer.layers.selection.active
        self.mask = _add_mask(viewer, labels, _common(labels))
        viewer.layers.move(viewer.layers.index(self.mask), viewer.layers.index(self.shapes))
        viewer.layers.selection.active = active
        return [self.mask]


def add_label_layers(viewer: ViewerModel, labels: Labels) -> LabelLayers:
    """Add the layers of a session above all others; the shapes layer becomes the active one."""
    making = label_layers_made(viewer, labels)
    while True:
        try:
            next(making)
        except StopIteration as end:
            made: LabelLayers = end.value
            return made


def label_layers_made(viewer: ViewerModel, labels: Labels, **looks: Any) -> Generator[None, None, LabelLayers]:  # noqa: ANN401
    """Do what `add_label_layers` does, one layer at a time.

    Parameters
    ----------
    viewer
        Gets the layers.
    labels
        What the layers are views of.
    **looks
        What else the layers shall have in common, as napari names it.
    """
    common = _common(labels) | looks
    mask = _add_mask(viewer, labels, common) if _allows_masks(labels) else None
    yield
    shapes = viewer.add_shapes(name="labels", ndim=2, opacity=1.0, **common)
    mend_vertex_insert(shapes)
    draw_text_where_there_is_some(viewer, shapes)
    yield
    points = viewer.add_points(name="keypoints", ndim=2, size=KEYPOINT_SIZE_PX, **common)
    draw_text_where_there_is_some(viewer, points)
    yield
    preview = viewer.add_vectors(
        np.zeros((0, 2, 2)),
        name="drawing preview",
        vector_style="line",
        edge_color=PREVIEW_COLOR,
        **{**common, "metadata": {SCENE_KEY: labels.scene}},
    )
    viewer.layers.selection.active = shapes
    return LabelLayers(shapes=shapes, points=points, mask=mask, preview=preview)


def labels_of(metadata: dict[str, Any]) -> Labels | None:
    """Return the labels that a layer of this metadata is a view of, None for other layers."""
    return metadata.get(LABELS_KEY)


def _common(labels: Labels) -> dict[str, Any]:
    """Return what all layers of labels have in common."""
    frame = Frame.of(labels.scene.grid)
    return {**frame.layer_transform, "metadata": {LABELS_KEY: labels, SCENE_KEY: labels.scene}}


def _add_mask(viewer: ViewerModel, labels: Labels, common: dict[str, Any]) -> MaskLayer:
    """Add the layer that edits the canvas's own array in place."""
    from napari_geolabel.viewer.mask_layer import MaskLayer

    shown, frame = MaskWindow.first(labels.canvas.array.shape), Frame.of(labels.scene.grid)
    options = common | shown.placed(frame)
    mask: MaskLayer = viewer.add_layer(MaskLayer(shown.of(labels.canvas.array), name="mask", opacity=0.5, **options))
    if labels.refusal:
        mask.editable = False  # shapes and points stay, so that they can be selected; their views put edits back
    return mask


def _allows_masks(labels: Labels) -> bool:
    return any(Kind.MASK in c.kinds and c.mask_value is not None and not c.archived for c in labels.ontology.classes)
