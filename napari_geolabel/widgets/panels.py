"""The panels of a session, one below the other, in one dock."""

from __future__ import annotations

from qtpy.QtCore import QSize
from qtpy.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from napari_geolabel.viewer.gl_guard import canvas_widget
from napari_geolabel.viewer.session import Session
from napari_geolabel.widgets.class_panel import ClassPanel
from napari_geolabel.widgets.composite_panel import CompositePanel
from napari_geolabel.widgets.labels_panel import LabelsPanel
from napari_geolabel.widgets.parts import DOCK_PX
from napari_geolabel.widgets.tool_panel import ToolPanel


class Panels(QScrollArea):  # type: ignore[misc]  # qtpy has no types
    """Tools, classes, composites and labels of a session; a small screen scrolls them."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
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
        self.setMinimumWidth(DOCK_PX)

    def sizeHint(self) -> QSize:  # noqa: N802  (Qt's name)
        """Return the size that the dock starts with; Qt calls this."""
        return QSize(DOCK_PX, super().sizeHint().height())

    def retire(self) -> None:
        """Take the panels out of the window when their session has ended."""
        self.setEnabled(False)
        viewer = self._session.viewer
        if canvas_widget(viewer) is not None:  # else the window is closed and took the panels with it
            viewer.window.remove_dock_widget(self)
