"""The annotations that are selected on screen, over all layers that show some."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from psygnal import Signal

from napari_geolabel.viewer.layer_view import LayerView


class Selection:
    """What is selected in the views of a session."""

    changed = Signal()
    """Emitted when other annotations are selected, by the user or because some are gone."""

    def __init__(self, views: Sequence[LayerView]) -> None:
        self._views = tuple(views)
        for view in self._views:
            view.selection_changed.connect(self.changed.emit)

    @property
    def ids(self) -> list[str]:
        """Ids of the selected annotations."""
        return [annotation_id for view in self._views for annotation_id in view.selected_ids]

    def select(self, ids: Iterable[str]) -> None:
        """Select annotations instead of those that are; what no layer shows is passed over."""
        wanted = set(ids)
        for view in self._views:
            view.select(wanted)
