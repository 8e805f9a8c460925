"""napari's writers for the layers of a session: what a layer shows is what Save writes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from napari_geolabel.errors import GeoLabelError, WriteError
from napari_geolabel.labels.labels import Labels
from napari_geolabel.labels.loss_notes import told
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.viewer.label_layers import labels_of
from napari_geolabel.viewer.notices import tell
from napari_geolabel.viewer.scene_layer import LayerData


def write_annotations(path: str, data: Any, attributes: dict[str, Any]) -> list[str]:  # noqa: ANN401, ARG001
    """Write what one of our Shapes or Points layers shows as GeoJSON or GeoPackage.

    Parameters
    ----------
    path
        Its suffix picks the format.
    data
        The layer's data, which is only a float32 view: the labels behind the layer are written.
    attributes
        The layer's attributes, with its metadata.

    Returns
    -------
    list of str
        The files that were written.

    Raises
    ------
    GeoLabelError
        If the layer belongs to no labelling session, or the format cannot hold the labels.
    """
    labels = _require_labels(attributes)
    is_points = "symbol" in attributes  # Points layers have symbols, Shapes layers have types of shapes
    ids = [i for i, annotation in labels.store.items() if (annotation.kind is Kind.KEYPOINT) == is_points]
    return _export(labels, path, None if len(ids) == len(labels) else ids)


def write_mask_layer(path: str, data: Any, attributes: dict[str, Any]) -> list[str]:  # noqa: ANN401, ARG001
    """Write the painted mask that one of our Labels layers shows as a mask GeoTIFF."""
    labels = _require_labels(attributes)
    with _heard_by_napari():
        labels.export_painted(path)
    return [path]


def write_layers(path: str, layers: list[LayerData]) -> list[str]:
    """Write all annotations that some layers show, whatever other layers are saved with them."""
    found = {id(labels): labels for _, attributes, _ in layers if (labels := labels_of(attributes["metadata"]))}
    if not found:
        raise GeoLabelError(_NOT_OURS.format(name=" and ".join(a["name"] for _, a, _ in layers)))
    if len(found) > 1:
        names = " and ".join(labels.scene.name for labels in found.values())
        raise GeoLabelError(f"the layers show labels of {names}; save those of one scene at a time")
    return _export(next(iter(found.values())), path, None)


def _export(labels: Labels, path: str, ids: list[str] | None) -> list[str]:
    with _heard_by_napari():
        losses = labels.export(path, ids=ids)
    if losses:
        tell("; ".join(told(losses)))
    return [path]


@contextmanager
def _heard_by_napari() -> Iterator[None]:
    """Raise refusals as an error that napari passes on: it takes any ``ValueError`` for "no plugin can write this"."""
    try:
        yield
    except GeoLabelError as error:
        raise WriteError(str(error)) from error


def _require_labels(attributes: dict[str, Any]) -> Labels:
    labels = labels_of(attributes["metadata"])
    if labels is None:
        raise GeoLabelError(_NOT_OURS.format(name=attributes["name"]))
    return labels


_NOT_OURS = (
    "the layer {name} belongs to no labelling session, so its place on Earth is unknown; "
    "save it as another format, or draw in the layers of Plugins > napari-geolabel > Annotate a scene"
)
