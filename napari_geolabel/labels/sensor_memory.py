"""The sensor that a scene was read by when it was labelled, kept in its label file and taken up again.

A file that was renamed may not tell its sensor any more, and one that never
did had it named by a person.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from napari_geolabel.errors import GeoLabelError, SceneError
from napari_geolabel.imagery.sensors import NO_SENSOR
from napari_geolabel.labels.label_files import stored_scene

if TYPE_CHECKING:
    from napari_geolabel.imagery.scene import Scene


def sensor_id(scene: Scene) -> str:
    """Return the id of the sensor that a scene is read by, ``"none"`` for none."""
    return NO_SENSOR if scene.sensor is None else scene.sensor.id


def as_labelled(scene: Scene, label_path: Path) -> tuple[Scene, list[str]]:
    """Return a scene read by the sensor that its label file remembers, and a sentence on that.

    A scene whose sensor a person has just named, other than by what the file
    tells by itself, stays as it is, and so does one whose label file knows of
    no sensor, or of one that does not fit any more.
    """
    kept = _kept_sensor(label_path)
    if kept is None or kept == sensor_id(scene) or not _is_automatic(scene):
        return scene, []
    try:
        found = scene.with_sensor(kept)
    except SceneError as error:
        return scene, [f"{scene.name} was labelled as {kept}, which it cannot be any more: {error}"]
    what = "without a sensor" if kept == NO_SENSOR else f"as {kept}"
    return found, [
        f"the bands of {scene.name} are read {what}, as when it was labelled; name another sensor to change it"
    ]


def _kept_sensor(label_path: Path) -> str | None:
    """Return the sensor that a label file remembers, None where there is none, or no such file that can be read."""
    with suppress(GeoLabelError):
        known = stored_scene(label_path).fingerprint
        return None if known is None else known.sensor
    return None


def _is_automatic(scene: Scene) -> bool:
    """Return whether a scene is read by the sensor that its file tells of, if any."""
    with scene.with_sensor(None) as plain:
        return sensor_id(plain) == sensor_id(scene)
