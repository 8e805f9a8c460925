"""The panels of a session, one below the other, in one dock."""

from __future__ import annotations

from qtpy.QtWidgets import QDockWidget, QFrame, QScrollArea, QVBoxLayout, QWidget

from napari_geolabel.viewer.session import Session
from napari_geolabel.widgets.class_panel import ClassPanel
from napari_geolabel.widgets.composite_panel import CompositePanel
from napari_geolabel.widgets.labels_panel import LabelsPanel
from napari_geolabel.widgets.tool_panel import ToolPanel

WIDTH_PX = 330


class Panels(QScrollArea):  # type: ignore[misc]  # qtpy has no types
    """Tools, classes, composites and labels of a session; a small screen scrolls them."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.tools = ToolPanel(session)
        self.classes = ClassPanel(session)
        self.composites = CompositePanel(session)
        self.labels = LabelsPanel(session)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(2, 2, 2, 2)
        column.setSpacing(6)
        for panel in (self.tools, self.classes, self.composites, self.labels):
            column.addWidget(panel)
        column.addStretch()
        self.setWidget(content)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMinimumWidth(WIDTH_PX)

    def retire(self) -> None:
        """Take the panels out of the window when their session has ended."""
        self.setEnabled(False)
        dock = self.parent()
        while dock is not None and not isinstance(dock, QDockWidget):
            dock = dock.parent()
        if dock is not None:
            dock.hide()
            dock.deleteLater()
