"""A labelling session: one viewer, one scene, its labels, layers, views, tools and keys.

The session is what scripts hold (``session = annotate(viewer, scene, ...)``),
what keys call and what panels show.  It decides nothing about annotations:
every edit is a change that the labels' store checks and applies.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from psygnal import Signal
from shapely.geometry.base import BaseGeometry

from napari_geolabel.annotations.annotation import Annotation
from napari_geolabel.errors import GeoLabelError
from napari_geolabel.imagery.composite import Composite
from napari_geolabel.imagery.scene import Scene
from napari_geolabel.labels.labels import Labels
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.viewer.adjuster import Adjuster
from napari_geolabel.viewer.attribute_editor import AttributeEditor
from napari_geolabel.viewer.author import Author, make_toolbox
from napari_geolabel.viewer.authoring import Circumstances
from napari_geolabel.viewer.class_marks import ClassMarks
from napari_geolabel.viewer.classes import Classes
from napari_geolabel.viewer.composites import Composites, composites_of
from napari_geolabel.viewer.counts import ClassCounts
from napari_geolabel.viewer.current_view import current_view
from napari_geolabel.viewer.drafts import DraftKeeper
from napari_geolabel.viewer.frame import Frame
from napari_geolabel.viewer.gl_guard import keep_gl_context, unwrapped
from napari_geolabel.viewer.hand import Hand
from napari_geolabel.viewer.hover import HoverReader
from napari_geolabel.viewer.key_ring import KeyRing
from napari_geolabel.viewer.keys import Where, bind_keys, unbind_keys
from napari_geolabel.viewer.label_layers import LabelLayers, add_label_layers
from napari_geolabel.viewer.label_views import LabelViews
from napari_geolabel.viewer.layer_keeper import LayerKeeper
from napari_geolabel.viewer.layer_view import Defer
from napari_geolabel.viewer.linked_views import LinkedViews
from napari_geolabel.viewer.linker import Linker
from napari_geolabel.viewer.mask_view import MaskView
from napari_geolabel.viewer.notices import warn
from napari_geolabel.viewer.preferences import load_preferences
from napari_geolabel.viewer.reshaper import Reshaper
from napari_geolabel.viewer.retoucher import Retoucher
from napari_geolabel.viewer.review import Review
from napari_geolabel.viewer.scene_layer import add_scene_layer, find_scene_layer
from napari_geolabel.viewer.session_scenes import OtherScene, SessionScenes
from napari_geolabel.viewer.status import StatusReader
from napari_geolabel.viewer.together import make_first
from napari_geolabel.viewer.undoing import Undoing
from napari_geolabel.viewer.wayfinder import Wayfinder

if TYPE_CHECKING:
    from napari.components import ViewerModel
    from napari.layers import Image, Layer, Points, Shapes, Vectors

    from napari_geolabel.viewer.mask_layer import MaskLayer

SESSION_KEY = "geolabel_session"
"""Key of a layer's metadata that holds the `Session` that the layer belongs to."""


class Session:
    """Labelling one scene in one viewer.

    Parameters
    ----------
    viewer
        A napari viewer.
    labels
        The scene's labels; they outlive the session.
    defer
        Calls a function later, from the event loop.
    """

    composite_changed = Signal(str)
    """Emitted with the id of the composite that is now shown, also when its stretch changes."""
    class_changed = Signal(str)
    """Emitted with the id of the class that new annotations get."""
    tool_changed = Signal(str)
    """Emitted with the name of the tool in hand, empty for none."""
    asked = Signal(str)
    """Emitted with what to show, as the keys ask: ``attributes``, ``table``, ``next``, ``history``, ``spectra``, ..."""
    scene_changed = Signal()
    """Emitted when the labelled scene is read as another sensor has it, or with other names of bands."""
    closed = Signal()
    """Emitted once when the session ends."""

    def __init__(self, viewer: ViewerModel, labels: Labels, *, defer: Defer) -> None:
        self.viewer: ViewerModel = unwrapped(viewer)
        self.labels = labels
        self._defer = defer
        keep_gl_context(self.viewer)
        at = self.viewer, labels.scene
        self.scene_layer: Image = find_scene_layer(*at) or add_scene_layer(*at)
        at = self.viewer, self.scene_layer
        make_first(*at)
        self.layers: LabelLayers = add_label_layers(self.viewer, labels)
        self.composites: Composites = composites_of(self.scene_layer)
        self.composites.changed.connect(self.composite_changed.emit)
        self._frame, self.keys = Frame.of(labels.scene.grid), KeyRing(self)
        self.counts = ClassCounts(labels)
        self.marks = ClassMarks()
        self._hover = HoverReader(labels, self._screen_px, self.marks)
        self._status = StatusReader(
            lambda: labels.scene, self._hover, layers=self.viewer.layers, shown=lambda: self.views.layer_under_mouse
        )
        self.scenes = SessionScenes(self.viewer, self.scene_layer, self.layers, take=self._take, defer=defer)
        self._make_views()
        self.reshaper = Reshaper(labels, self.selection, self.toolbox, notify=warn, marks=self.marks)
        self.hand = Hand(self.viewer, labels, self.toolbox, self.layers, self.reshaper, self.adjuster)
        self.classes = Classes(labels, self.hand, self.selection, self.marks, notify=warn)
        self.retoucher = Retoucher(labels, self.hand, self.selection, view=partial(current_view, *at), notify=warn)
        self.retoucher.follow(self.toolbox)
        self.review = Review(self.viewer, labels, self.selection, self.marks, keys=self.keys, notify=warn)
        self.undoing = Undoing(self.viewer, labels, notify=warn)
        self.linker = Linker(labels, self.selection, notify=warn)
        self.attributes = AttributeEditor(
            labels, selected_ids=lambda: self.selection.ids, current_class=lambda: self.current_class
        )
        for signal in (self.selection.changed, self.class_changed):
            signal.connect(self.attributes.refresh)
        self._drafts = DraftKeeper(labels, self.toolbox, self.hand)
        self.views = LinkedViews(self, take=self._take, defer=defer)
        self.ways, self._is_closed = Wayfinder(self), False
        self._attach()
        self._drafts.begin()
        self.ways.seen.begin()

    @property
    def scene(self) -> Scene:
        """The scene that is labelled."""
        return self.labels.scene

    @property
    def shapes_layer(self) -> Shapes:
        """The layer of boxes, polygons and lines."""
        return self.layers.shapes

    @property
    def points_layer(self) -> Points:
        """The layer of keypoints."""
        return self.layers.points

    @property
    def mask_layer(self) -> MaskLayer | None:
        """The layer of the painted mask; None where no class allows masks."""
        return self.layers.mask

    @property
    def preview_layer(self) -> Vectors:
        """The layer that shows what a tool is about to make."""
        return self.layers.preview

    @property
    def composite(self) -> str:
        """Id of the composite of the labelled scene; setting it switches in place."""
        return self.composites.current

    @composite.setter
    def composite(self, composite_id: str) -> None:
        self.composites.show(composite_id)

    def use_composite(self, composite_id: str) -> None:
        """Show a composite of the selected scene as panels do: what cannot be is told, not raised."""
        self._try(lambda: self.scenes.composites.show(composite_id))

    def next_composite(self) -> None:
        """Show the next composite of the selected scene, after the last the first."""
        self._try(self.scenes.composites.next_composite)

    def previous_composite(self) -> None:
        """Show the previous composite of the selected scene, before the first the last."""
        self._try(self.scenes.composites.previous_composite)

    def add_scene(self, other: OtherScene, composite: Composite | str | None = None) -> Image:
        """Lay another scene, or a file, over the labelled one at its place on Earth; return its layer.

        Raises
        ------
        GeoLabelError
            If it cannot be opened, or not be shown in the CRS of the labelled scene.
        """
        return self.scenes.add(other, composite)

    def remove_scene(self, other: Scene | Image) -> None:
        """Take a scene that was added, or its layer, away; a file that `add_scene` has opened is closed.

        Raises
        ------
        GeoLabelError
            If it is the labelled scene, or none of the window.
        """
        self.scenes.remove(other)

    def add_band(self, expression: str) -> Image:
        """Add a band, or an expression of bands, as a layer of true values above the scene; return the layer.

        Raises
        ------
        BandNotFoundError, ExpressionError
            If the scene has no such band or the expression is not in the language.
        """
        return self.scenes.add_band(self.scene, expression)

    def try_add_band(self, expression: str) -> None:
        """Add a band or an index of the selected scene as panels do: what cannot be is told, not raised."""
        self._try(lambda: self.scenes.add_band(self.scenes.composites.scene, expression))

    @property
    def current_class(self) -> str:
        """Id of the class that new annotations get."""
        return self.hand.class_id

    @current_class.setter
    def current_class(self, class_id: str) -> None:
        self.hand.class_id = class_id

    @property
    def selected_ids(self) -> list[str]:
        """Ids of the annotations that are selected on screen."""
        return self.selection.ids

    @property
    def tool(self) -> str | None:
        """Name of the tool in hand; setting it puts the old one away, None takes none."""
        return self.hand.tool

    @tool.setter
    def tool(self, name: str | None) -> None:
        self.hand.tool = name

    def use_tool(self, name: str | None) -> None:
        """Take a tool as keys and buttons do: what cannot be is told, not raised."""
        self._try(lambda: setattr(self.hand, "tool", name))

    @property
    def tools(self) -> dict[str, str]:
        """Every tool, with the reason why it cannot be taken, empty where it can."""
        return self.hand.tools

    def new_annotation(self, geometry: BaseGeometry, kind: Kind) -> Annotation:
        """Return an annotation of the current class for a geometry in pixel coordinates, not yet in the store."""
        return self._author.draw(geometry, kind)

    def undo(self) -> None:
        """Take the last change back."""
        self.undoing.undo()

    def redo(self) -> None:
        """Make the last undone change again."""
        self.undoing.redo()

    def hide_labels(self) -> None:
        """Hide all labels until `show_labels`."""
        self.layers.hide(self.viewer)

    def show_labels(self) -> None:
        """Show again what `hide_labels` hid."""
        self.layers.show(self.viewer)

    def close(self) -> None:
        """End the session: views, tools and keys let go of the layers, which stay; the labels stay open."""
        if self._is_closed:
            return
        self._is_closed = True
        self.views.close()
        self._drafts.close()
        self.hand.close()
        self.labels.ontology_changed.disconnect(self._on_ontology, missing_ok=True)
        self._keeper.close()
        if self._mask_view is not None:
            self._mask_view.close()
        self.label_views.close()
        for part in (self.toolbox, self.counts, self.attributes, self.classes, self.review, self.undoing):
            part.close()
        for layer in self._own_layers:
            layer.metadata.pop(SESSION_KEY, None)
            self.keys.let_go(layer)
        self.keys.close()
        self.scenes.close()
        self.closed.emit()

    @property
    def is_closed(self) -> bool:
        """Whether the session has ended."""
        return self._is_closed

    @property
    def _own_layers(self) -> list[Layer]:
        return [self.scene_layer, *self.layers]

    @property
    def _zoom(self) -> float:
        """Screen pixels per world unit."""
        return float(self.viewer.scene.camera.zoom)

    def _screen_px(self) -> float:
        """Return the size of a screen pixel in scene pixels."""
        return 1.0 / max(self._zoom * min(self._frame.pixel_size), 1e-12)

    def _make_views(self) -> None:
        viewer, layers = self.viewer, self.layers
        wiring: dict[str, Any] = {"make": self.new_annotation, "defer": self._defer, "take": self._take}
        self.label_views = LabelViews(
            viewer, self.labels, layers, is_selecting=lambda: self.hand.is_selecting, marks=self.marks, **wiring
        )
        self.selection = self.label_views.selection
        self._mask_view = self._make_mask_view()
        self._author = Author(self, self._circumstances)
        self.toolbox = make_toolbox(viewer, self.labels, layers, self.marks, self._author.commit)
        self.adjuster = Adjuster(viewer, self.labels, layers, self.selection, self.marks, notify=warn)

    def _make_mask_view(self) -> MaskView | None:
        mask = self.layers.mask
        if mask is None:
            return None
        at = self.viewer, mask, self.scene_layer
        return MaskView.of_labels(*at, self.labels, defer=self._defer, marks=self.marks)

    def _attach(self) -> None:
        """Give the session's layers their status and keys, and watch them."""
        for layer in self._own_layers:
            layer.metadata[SESSION_KEY] = self
            self._take(layer)
        self._keeper = LayerKeeper(self.viewer, lambda: self._own_layers, self._defer)
        self.hand.class_changed.connect(self._on_class)
        self._on_class(self.current_class)
        self.hand.tool_changed.connect(self._on_tool)
        self.labels.ontology_changed.connect(self._on_ontology)

    def _take(self, layer: Layer) -> None:
        """Give a layer the status and the keys of the session."""
        self._status.install(layer)
        self.keys.take(layer)

    def _circumstances(self) -> Circumstances:
        """Return what the provenance of an annotation tells about this moment."""
        return Circumstances(
            annotator=load_preferences().annotator_name,
            tool=self.tool,
            composite=self.views.composite or self.composite,
            ground_resolution_m=self._frame.ground_resolution_m(self._zoom),
        )

    def _try(self, action: Callable[[], object]) -> None:
        """Do what a key or button asks; a refusal is a notification, not an exception in napari's event loop."""
        try:
            action()
        except GeoLabelError as error:
            warn(str(error))

    def _on_class(self, class_id: str) -> None:
        self.label_views.use_class(class_id)
        if self._mask_view is not None and Kind.MASK in self.labels.ontology[class_id].kinds:
            self._mask_view.use_class(class_id)
        self.class_changed.emit(class_id)

    def _on_ontology(self, _ontology: object) -> None:
        """Give the mask the colours of an ontology that has got other classes, and a layer with the first to paint."""
        for layer in self.layers.complete(self.viewer, self.labels):
            layer.metadata[SESSION_KEY] = self
            self._take(layer)
        if self._mask_view is not None:
            self._mask_view.close()
        self._mask_view = self._make_mask_view()
        self.current_class = self.current_class

    def _on_tool(self, tool: str) -> None:
        """Bind the keys of drawing only while there is something to draw with, so that napari's work elsewhere."""
        if self.toolbox.active is None:
            unbind_keys(self.shapes_layer, (Where.DRAWING, Where.ENDING))
        else:
            bind_keys(self.shapes_layer, self, (Where.DRAWING, Where.ENDING))
        self.tool_changed.emit(tool)


def find_session(viewer: ViewerModel) -> Session | None:
    """Return the labelling session of a viewer, None where there is none."""
    for layer in unwrapped(viewer).layers:
        session: Session | None = layer.metadata.get(SESSION_KEY)
        if session is not None and not session.is_closed:
            return session
    return None
