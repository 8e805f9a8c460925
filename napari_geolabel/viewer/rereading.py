"""Going on with another reading of the scene that is labelled: another sensor, other names of bands."""

from __future__ import annotations

from napari_geolabel.errors import GeoLabelError
from napari_geolabel.imagery.scene import Scene
from napari_geolabel.viewer.composites import composites_of
from napari_geolabel.viewer.scene_layer import change_scene
from napari_geolabel.viewer.session import Session


def read_scene_as(session: Session, scene: Scene) -> None:
    """Go on labelling with another reading of the same pixels.

    Labels, layers and view stay; composites and the status bar's values follow.

    Parameters
    ----------
    session
        The session.
    scene
        Such as ``session.scene.with_sensor("planetscope_4")``.

    Raises
    ------
    GeoLabelError
        If it is another scene, or lies elsewhere.
    """
    if scene.path != session.scene.path or scene.grid != session.scene.grid:
        raise GeoLabelError(f"{scene.name} has other pixels than {session.scene.name}, which is being labelled")
    shown = session.composite
    session.composites.changed.disconnect(session.composite_changed.emit)
    session.labels.scene = scene
    change_scene(session.scene_layer, scene)
    session.composites = composites_of(session.scene_layer)
    session.composites.changed.connect(session.composite_changed.emit)
    session.scenes.follow()
    if shown in session.composites:
        session.composites.show(shown)
    session.composite_changed.emit(session.composite)
    session.scene_changed.emit()
