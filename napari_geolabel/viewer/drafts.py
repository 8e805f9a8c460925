"""What is being drawn, kept after each point and taken up again after a crash."""

from __future__ import annotations

import numpy as np

from napari_geolabel.errors import GeoLabelError
from napari_geolabel.labelfile.drafts import Draft
from napari_geolabel.labels.labels import Labels
from napari_geolabel.viewer.hand import Hand
from napari_geolabel.viewer.notices import warn
from napari_geolabel.viewer.tools import ToolBox


class DraftKeeper:
    """Has the labels keep what a session's tools are drawing.

    Parameters
    ----------
    labels
        They keep the draft, in the label file where there is one.
    toolbox
        The tools of the session.
    hand
        Class and tool in hand.
    """

    def __init__(self, labels: Labels, toolbox: ToolBox, hand: Hand) -> None:
        self._labels, self._toolbox, self._hand = labels, toolbox, hand
        self._left: Draft | None = None  # what could not be taken up

    def begin(self) -> None:
        """Take up the draft of an earlier session, so that its user can go on, and keep from now on what is drawn.

        What cannot be taken up is told, and kept until something else is drawn.
        """
        if self._labels.draft is not None:
            self._take_up(self._labels.draft)
        self._toolbox.drawing_changed.connect(self._keep)
        self._hand.class_changed.connect(self._keep)

    def close(self) -> None:
        """End the session's drawing: what is complete becomes a label, and what is not stays a draft."""
        if not self._toolbox.is_complete:
            self._disconnect()
        self._toolbox.cancel()
        self._disconnect()

    def _disconnect(self) -> None:
        self._toolbox.drawing_changed.disconnect(self._keep, missing_ok=True)
        self._hand.class_changed.disconnect(self._keep, missing_ok=True)

    def _take_up(self, draft: Draft) -> None:
        try:
            self._hand.class_id = draft.class_id
            self._hand.tool = str(draft.kind)
            self._toolbox.resume(str(draft.kind), np.array(draft.points, np.float64))
        except GeoLabelError as error:
            self._left = draft
            warn(f"an unfinished {draft} could not be taken up: {error}")

    def _keep(self, *_: object) -> None:
        kind = self._toolbox.draft_kind
        if kind is not None:
            points = tuple((float(x), float(y)) for x, y in self._toolbox.points)
            self._labels.keep_draft(Draft(kind=kind, class_id=self._hand.class_id, points=points))
        elif self._labels.draft is not None and self._labels.draft != self._left:
            self._labels.keep_draft(None)
