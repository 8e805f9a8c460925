"""The panes of linked views: what each shows, and which layer it has for that."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from napari_geolabel.errors import GeoLabelError
from napari_geolabel.imagery.composite import Composite
from napari_geolabel.imagery.scene import Scene
from napari_geolabel.viewer.clipping import named_by
from napari_geolabel.viewer.composites import Composites, composites_of
from napari_geolabel.viewer.mirrors import LabelMirror
from napari_geolabel.viewer.places import PLACE_KEY
from napari_geolabel.viewer.scene_layer import PANE_KEY, PICTURE_KEY, SCENE_KEY, layer_name, scene_layer_data

if TYPE_CHECKING:
    from napari.components import ViewerModel
    from napari.layers import Image, Layer

    from napari_geolabel.viewer.session import Session

PaneChoice = str | tuple["Scene | Image | str", str]
"""What a pane shows: the id of a composite, of the labelled scene or of another (its layer, or its name)."""


class Pane:
    """One pane of linked views."""

    def __init__(self, number: int, layer: Image, mirror: LabelMirror | None) -> None:
        self.number = number
        """Which it is in reading order, from 1."""
        self.layer = layer
        """The pane's own layer of its scene."""
        self.mirror = mirror
        """The labels on layers of their own; None in the first pane, which has the session's."""

    def follow_name(self) -> None:
        """Name its layer after what it shows, which stands in the pane, unless the user has given it a name."""
        layer = self.layer
        name = layer_name(layer.metadata[PICTURE_KEY], layer.metadata[PLACE_KEY])
        if layer.name.startswith(name):
            layer.name = f"{name} · pane {self.number}"

    @property
    def shows(self) -> list[Callable[[], None]]:
        """What shows the layers that were made hidden, one after another."""
        return [self._show_scene, *(() if self.mirror is None else self.mirror.shows)]

    def titles(self, viewer: ViewerModel) -> list[Callable[[], None]]:
        """Return what shows the name of its layer, one after another: what draws it, the name, a box round it."""

        def show_nothing() -> None:
            self.layer.name_overlay.visible = True
            node = named_by(viewer, self.layer)
            if node is not None:
                node.text = [""]

        def show_name() -> None:
            self.layer.events.name(value=self.layer.name)

        return [show_nothing, show_name, partial(setattr, self.layer.name_overlay, "box", True)]

    def _show_scene(self) -> None:
        self.layer.visible = True

    @property
    def layers(self) -> list[Layer]:
        """The layers that are there for it alone, bottom first."""
        return [self.layer, *(() if self.mirror is None else self.mirror.layers)]

    @property
    def scene(self) -> Scene:
        """The scene that it shows."""
        scene: Scene = self.layer.metadata[SCENE_KEY]
        return scene

    @property
    def composites(self) -> Composites:
        """What it can show, and how."""
        return composites_of(self.layer)

    @property
    def composite(self) -> str:
        """Id of the composite that it shows; setting it switches in place."""
        return self.composites.current

    @composite.setter
    def composite(self, composite_id: str) -> None:
        self.composites.show(composite_id)


def find(session: Session, choice: PaneChoice) -> tuple[Image, Composite]:
    """Return the scene layer of a session and the composite of it that are meant.

    Raises
    ------
    GeoLabelError
        If the scene is not in the window, or it cannot show that.
    """
    named, composite_id = (session.scene, choice) if isinstance(choice, str) else choice
    layers = session.scenes.layers
    for layer in layers:
        scene: Scene = layer.metadata[SCENE_KEY]
        if named is layer or named is scene or named == scene.name:
            return layer, composites_of(layer)[composite_id]
    names = ", ".join(layer.metadata[SCENE_KEY].name for layer in layers)
    raise GeoLabelError(
        f"{getattr(named, 'name', named)} is no scene of this window, which has {names}; add it with add_scene"
    )


def first_choices(session: Session, panes: Sequence[Pane], count: int) -> list[PaneChoice]:
    """Return what so many panes show at first: what is shown, the other scenes, the composites that follow."""
    kept: list[PaneChoice] = [(pane.scene, pane.composite) for pane in panes]
    scenes: list[PaneChoice] = [
        (layer.metadata[SCENE_KEY], composites_of(layer).current) for layer in session.scenes.layers
    ]
    own, composites = session.scene, session.composites
    steps = composites.steps
    after = steps.index(composites.current) + 1 if composites.current in steps else 0
    following: list[PaneChoice] = [(own, each) for each in (*steps[after:], *steps[:after])]
    found = list(dict.fromkeys([*kept, *scenes, *following]))
    return (found * max(count, 1))[: max(count, 0)]  # a scene of one band shows it in all


def copies_of(layer: Layer, session: Session, panes: Sequence[Pane]) -> list[Layer]:
    """Return the layers that show in other panes what a layer of a session's labels shows in the first."""
    place = list(session.layers).index(layer)
    return [list(pane.mirror.layers)[place] for pane in panes if pane.mirror is not None]


def add_pane_layer(viewer: ViewerModel, shown: Image, composite: Composite, **looks: Any) -> Image:  # noqa: ANN401
    """Add one more layer of the scene of a layer, for a pane that shows a composite, and return it, without a title.

    Parameters
    ----------
    viewer
        Gets the layer.
    shown
        A layer of the scene.
    composite
        What the new layer shows of it.
    **looks
        What else the layer shall have, as napari names it.
    """
    place = shown.metadata[PLACE_KEY]
    levels, keywords, _ = scene_layer_data(shown.metadata[SCENE_KEY], composite, place)
    keywords["metadata"][PANE_KEY] = True
    layer: Image = viewer.add_image(levels, **keywords | looks)
    layer.name_overlay.box = False
    return layer
