"""The annotations that are selected on screen, over all layers that show some."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from psygnal import Signal

from napari_geolabel.viewer.layer_view import LayerView


class Selection:
    """What is selected in the views of a session.

    More can be selected than layers show at a time: what no layer shows stays
    selected until somebody selects something else.
    """

    changed = Signal()
    """Emitted when other annotations are selected, by the user or because some are gone."""

    def __init__(self, views: Sequence[LayerView]) -> None:
        self._views = tuple(views)
        self._unseen: list[str] = []
        self._is_selecting = False
        for view in self._views:
            view.selection_changed.connect(self._on_view)

    @property
    def ids(self) -> list[str]:
        """Ids of the selected annotations."""
        seen = [annotation_id for view in self._views for annotation_id in view.selected_ids]
        return seen + [i for i in self._unseen if self._views[0].may_select(i)]

    def select(self, ids: Iterable[str]) -> None:
        """Select annotations instead of those that are; what there is not, or is hidden or locked, is passed over."""
        before, wanted = self.ids, list(dict.fromkeys(ids))
        self._unseen, self._is_selecting = [], True
        try:
            for view in self._views:
                view.select(wanted)
        finally:
            self._is_selecting = False
        seen = set(self.ids)
        self._unseen = [i for i in wanted if i not in seen and self._views[0].may_select(i)]
        if self.ids != before:
            self.changed.emit()

    def _on_view(self, by_user: bool) -> None:
        if not self._is_selecting:
            self._unseen = [] if by_user else [i for i in self._unseen if self._views[0].may_select(i)]
            self.changed.emit()
