"""The panels of a session in one dock: a tab to label with, one to see with, and one about the scene."""

from __future__ import annotations

from qtpy.QtCore import QSize
from qtpy.QtWidgets import QFrame, QScrollArea, QTabWidget, QVBoxLayout, QWidget

from napari_geolabel.viewer.session import Session
from napari_geolabel.widgets.attribute_panel import AttributePanel, SceneAttributePanel
from napari_geolabel.widgets.class_guide import ClassGuide
from napari_geolabel.widgets.class_panel import ClassPanel
from napari_geolabel.widgets.composite_panel import CompositePanel
from napari_geolabel.widgets.coverage_panel import CoveragePanel
from napari_geolabel.widgets.docks import remove_dock
from napari_geolabel.widgets.labels_panel import LabelsPanel
from napari_geolabel.widgets.link_panel import LinkPanel
from napari_geolabel.widgets.mask_panel import MaskPanel
from napari_geolabel.widgets.parts import DOCK_PX
from napari_geolabel.widgets.review_panel import ReviewPanel
from napari_geolabel.widgets.scene_about import LabelledScene
from napari_geolabel.widgets.scenes_panel import ScenesPanel
from napari_geolabel.widgets.spectral_panel import SpectralPanel
from napari_geolabel.widgets.tool_panel import ToolPanel
from napari_geolabel.widgets.views_panel import ViewsPanel


class Panels(QWidget):  # type: ignore[misc]  # qtpy has no types
    """What one labels with and how the scene is seen, in tabs that scroll; below, always in sight, what is saved."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.tools = ToolPanel(session)
        self.guide = ClassGuide(session)
        self.classes = ClassPanel(session)
        self.attributes = AttributePanel(session)
        self.mask = MaskPanel(session)
        self.review = ReviewPanel(session)
        self.coverage = CoveragePanel(session)
        self.scenes = ScenesPanel(session)
        self.views = ViewsPanel(session)
        self.scene = LabelledScene(session)
        self.composites = CompositePanel(session)
        self.spectral = SpectralPanel(session)
        self.scene_attributes = SceneAttributePanel(session)
        self.labels = LabelsPanel(session)
        self.links = LinkPanel(session)
        self.tabs = QTabWidget()
        self.tabs.addTab(_scrolled(self.tools, self.classes, self.attributes, self.links), "Label")
        self.tabs.addTab(_scrolling(self.composites), "Composite")
        self.tabs.addTab(_scrolled(self.tools.painting, self.mask, self.coverage), "Mask")
        self._reviewing = _scrolled(self.review)
        self.tabs.addTab(self._reviewing, "Review")
        self.tabs.addTab(_scrolled(self.scene, self.scenes, self.views, self.spectral, self.scene_attributes), "Scene")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.guide)
        column.addWidget(self.tabs)
        column.addWidget(self.labels)
        self.setMinimumWidth(DOCK_PX)
        self._was_reviewing = False
        session.review.changed.connect(self._raise_review)

    def _raise_review(self) -> None:
        """Show what A, R and N do when a review begins, by whatever key or button."""
        is_active = self._session.review.is_active
        if is_active and not self._was_reviewing:
            self.tabs.setCurrentWidget(self._reviewing)
        self._was_reviewing = is_active

    def sizeHint(self) -> QSize:  # noqa: N802  (Qt's name)
        """Return the size that the dock starts with; Qt calls this."""
        return QSize(DOCK_PX, super().sizeHint().height())

    def retire(self) -> None:
        """Take the panels out of the window when their session has ended."""
        self.setEnabled(False)
        remove_dock(self._session.viewer, self)


class _Column(QWidget):  # type: ignore[misc]  # qtpy has no types
    """Asks for no more height than its panels need at least: what can be lower is so before anything scrolls."""

    def heightForWidth(self, width: int) -> int:  # noqa: N802  (Qt's name)
        """Return the least height; Qt asks it of what holds texts that break lines."""
        return int(self.layout().minimumHeightForWidth(width))


def _scrolled(*panels: QWidget) -> QScrollArea:
    """Return panels one below the other, in an area that scrolls where there is too little room."""
    content = _Column()
    column = QVBoxLayout(content)
    column.setContentsMargins(2, 0, 2, 0)  # panels have margins of their own
    column.setSpacing(2)
    for panel in panels:
        column.addWidget(panel)
    column.addStretch()
    return _scrolling(content)


def _scrolling(content: QWidget) -> QScrollArea:
    """Return an area that gives its content all the room there is, and scrolls where that is too little."""
    area = QScrollArea()
    area.setWidget(content)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    return area
