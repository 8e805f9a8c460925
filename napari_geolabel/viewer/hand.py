"""What the user has in hand: the class of the next annotation and the tool that draws it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psygnal import Signal

from napari_geolabel.errors import GeoLabelError
from napari_geolabel.labels.labels import Labels
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.ontology.model import Ontology
from napari_geolabel.ontology.skeletons import skeleton_of
from napari_geolabel.viewer.authoring import ways_of, words
from napari_geolabel.viewer.label_layers import LabelLayers
from napari_geolabel.viewer.sketches import EDITING_TOOLS, RESHAPING_TOOLS, SKELETON, kind_drawn_by

if TYPE_CHECKING:
    from napari.components import ViewerModel

    from napari_geolabel.viewer.adjuster import Adjuster
    from napari_geolabel.viewer.reshaper import Reshaper
    from napari_geolabel.viewer.tools import ToolBox

BRUSH = "brush"
"""The tool that paints the mask with napari's own brush; all others draw annotations."""

ADJUST = "adjust"
"""The tool that moves, turns and resizes what is selected."""


_KINDS = {BRUSH: Kind.MASK, "area": Kind.MASK, "erase_area": Kind.MASK, "wand": Kind.MASK, "instance": Kind.POLYGON}
"""What a class must allow for a tool that does not draw annotations as such."""


class Hand:
    """The current class and tool of a session, kept in agreement with the ontology and with napari's layers.

    Parameters
    ----------
    viewer
        The viewer of the session.
    labels
        Their ontology says which class is drawn in which way.
    toolbox
        The drawing tools.
    layers
        The layers of the session.
    reshaper
        Says which reshaping tools there is something for.
    adjuster
        The tool that moves, turns and resizes; None where there is none.
    """

    class_changed = Signal(str)
    """Emitted with the id of the class that new annotations get."""
    tool_changed = Signal(str)
    """Emitted with the name of the tool in hand, empty for none."""

    def __init__(
        self,
        viewer: ViewerModel,
        labels: Labels,
        toolbox: ToolBox,
        layers: LabelLayers,
        reshaper: Reshaper,
        adjuster: Adjuster | None = None,
    ) -> None:
        self._viewer = viewer
        self._labels = labels
        self._toolbox = toolbox
        self._layers = layers
        self._reshaper = reshaper
        self._adjuster = adjuster
        self._tool: str | None = None
        classes = labels.ontology.classes
        self._class_id = next((c.id for c in classes if c.kinds and not c.archived), classes[0].id)
        toolbox.changed.connect(self._on_toolbox)
        viewer.layers.selection.events.active.connect(self._on_active)
        layers.shapes.events.mode.connect(self._on_mode)

    @property
    def class_id(self) -> str:
        """Id of the class that new annotations get; setting it also changes a tool that the class forbids."""
        return self._class_id

    @class_id.setter
    def class_id(self, class_id: str) -> None:
        wanted = self._labels.ontology[class_id].id
        if self._tool is not None and self._why_not(wanted, self._tool):
            self._toolbox.lay_down()  # what is complete is kept as the old class
        self._class_id = wanted
        if self._tool is not None and self._why_not(wanted, self._tool):
            drawing = [t for t, reason in self.tools.items() if not reason and t not in {*EDITING_TOOLS, ADJUST}]
            self.tool = drawing[0] if drawing else None
        elif self._tool == SKELETON:
            self.tool = SKELETON  # with the points of the other class
        self.class_changed.emit(wanted)

    @property
    def tool(self) -> str | None:
        """Name of the tool in hand; setting it puts the old one away, None takes none."""
        return self._tool

    @tool.setter
    def tool(self, name: str | None) -> None:
        if name is not None:
            self._require(name)
        before, self._tool = self._tool, name
        if name == SKELETON:
            self._toolbox.skeleton = skeleton_of(self._labels.ontology, self._class_id)
        self._toolbox.activate(None if name in (BRUSH, ADJUST) else name)
        self._arrange()
        if name != before:
            self.tool_changed.emit(name or "")

    @property
    def tools(self) -> dict[str, str]:
        """Every tool, with the reason why it cannot be taken, empty where it can."""
        brush = [BRUSH] if self._layers.mask is not None else []
        names = [*self._toolbox.names, *brush, *([ADJUST] if self._adjuster is not None else [])]
        return {name: self.why_not(name) for name in names}

    @property
    def is_selecting(self) -> bool:
        """Whether the user is picking annotations and not drawing new ones."""
        if self._tool == ADJUST:
            return True
        mode = getattr(self._viewer.layers.selection.active, "mode", "")
        return self._tool is None and str(mode) in {"select", "direct"}

    def why_not(self, tool: str) -> str:
        """Return why a tool cannot be taken (read only, class, nothing to reshape), empty where it can."""
        return self._reshaper.why_not(tool) if tool in RESHAPING_TOOLS else self._why_not(self._class_id, tool)

    def close(self) -> None:
        """Put the tool away and stop watching napari's layers."""
        self.tool = None
        self._toolbox.changed.disconnect(self._on_toolbox, missing_ok=True)
        self._viewer.layers.selection.events.active.disconnect(self._on_active)
        self._layers.shapes.events.mode.disconnect(self._on_mode)

    def _why_not(self, class_id: str, tool: str) -> str:
        if self._labels.refusal:
            return self._labels.refusal
        label_class = self._labels.ontology[class_id]
        if tool == SKELETON:
            return _why_no_skeleton(self._labels.ontology, class_id)
        kind = _KINDS.get(tool) or kind_drawn_by(tool)
        if kind is None or kind in label_class.kinds:
            return ""
        return f"{label_class.name} is not drawn as {words(kind)}; {ways_of(label_class)}"

    def _require(self, name: str) -> None:
        reasons = self.tools
        if name not in reasons:
            raise GeoLabelError(f"there is no tool {name!r}; there are {', '.join(reasons)}")
        if reasons[name]:
            raise GeoLabelError(reasons[name])

    def _arrange(self) -> None:
        """Bring napari's layers into the state that the tool in hand needs."""
        layers, mask = self._layers, self._layers.mask
        if self._adjuster is not None and self._tool != ADJUST:
            self._adjuster.is_on = False
        if self._tool == BRUSH and mask is not None:
            self._viewer.layers.selection.active = mask
            mask.mode = "paint"
            return
        if mask is not None:
            mask.mode = "pan_zoom"
        if self._tool is not None:
            self._viewer.layers.selection.active = layers.shapes  # the tools hear the mouse there
        if self._tool == ADJUST and self._adjuster is not None:
            layers.shapes.mode = "pan_zoom"
            self._adjuster.is_on = True

    def _on_toolbox(self, name: str) -> None:
        """Follow the toolbox when it puts its tool away because the user takes one of napari's own modes."""
        if not name and self._tool not in {None, BRUSH, ADJUST}:
            self.tool = None

    def _on_mode(self, _event: object) -> None:
        """Put the tool that moves away when the user takes one of napari's own modes."""
        if self._tool == ADJUST and self._layers.shapes.mode != "pan_zoom":
            self.tool = None

    def _on_active(self, _event: object) -> None:
        """Put the brush away when another layer becomes active; drawing tools work whatever is active."""
        # while another layer becomes active there is none for a moment
        if self._tool == BRUSH and self._viewer.layers.selection.active not in (None, self._layers.mask):
            self.tool = None


def _why_no_skeleton(ontology: Ontology, class_id: str) -> str:
    """Return why no skeleton of a class can be drawn, empty where one can."""
    try:
        skeleton_of(ontology, class_id)
    except GeoLabelError as error:
        return str(error)
    return ""
