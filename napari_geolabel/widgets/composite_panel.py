"""Which composite the scene shows, how it is stretched, and bands or indices as layers of their own."""

from __future__ import annotations

from qtpy.QtCore import QTimer
from qtpy.QtGui import QHideEvent, QShowEvent
from qtpy.QtWidgets import QHBoxLayout, QSizePolicy

from napari_geolabel.viewer.composites import Composites
from napari_geolabel.viewer.current_view import current_view
from napari_geolabel.viewer.session import Session
from napari_geolabel.widgets.band_row import BandRow
from napari_geolabel.widgets.composite_list import CompositeList
from napari_geolabel.widgets.composite_rows import composite_rows
from napari_geolabel.widgets.own_composites import OwnComposites
from napari_geolabel.widgets.parts import Panel
from napari_geolabel.widgets.stretch_panel import StretchPanel
from napari_geolabel.widgets.thumbnails import Thumbnails

REST_MS = 300
"""How long the view stands still before thumbnails follow it."""


class CompositePanel(Panel):
    """Switch the composite of the selected scene in place; labels and view stay."""

    def __init__(self, session: Session) -> None:
        super().__init__("Composite  (Alt+←, Alt+→, Alt+1…9, Y)")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self._session = session
        self._followed: Composites | None = None
        self.list = CompositeList()
        self.own = OwnComposites(session)
        self.stretch = StretchPanel(session)
        self.bands = BandRow(session.scene.bands.names, session.try_add_band)
        self.thumbnails = Thumbnails(self)
        self._lay_out()
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self._on_rest)
        self._connect()
        self._show()

    def close_jobs(self) -> None:
        """Make no more thumbnails and histograms."""
        self._rest.stop()
        camera = self._session.viewer.scene.camera.events
        camera.center.disconnect(self._on_camera)
        camera.zoom.disconnect(self._on_camera)
        self.thumbnails.close()
        self.stretch.close_jobs()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802  (Qt's name)
        """Make what is seen now; Qt calls this."""
        super().showEvent(event)
        self._rest.start()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802  (Qt's name)
        """Make nothing that nobody sees; Qt calls this."""
        super().hideEvent(event)
        self.thumbnails.rest()

    def _lay_out(self) -> None:
        tools = QHBoxLayout()
        tools.addWidget(self.list.search)
        tools.addWidget(self.own)
        self.column.addLayout(tools)
        self.column.addWidget(self.list, 1)
        self.column.addWidget(self.stretch)
        self.column.addWidget(self.bands)

    def _connect(self) -> None:
        session = self._session
        self.list.chosen.connect(session.use_composite)
        self.list.starred.connect(self._on_star)
        self.list.moved.connect(self._on_moved)
        self.thumbnails.made.connect(self.list.set_icon)
        session.scenes.changed.connect(self._show)
        session.closed.connect(self.close_jobs)
        camera = session.viewer.scene.camera.events
        camera.center.connect(self._on_camera)
        camera.zoom.connect(self._on_camera)

    @property
    def _composites(self) -> Composites:
        return self._session.scenes.composites

    def _show(self) -> None:
        composites = self._composites
        if composites is not self._followed:
            if self._followed is not None:
                self._followed.listed.disconnect(self._fill, missing_ok=True)
            self._followed = composites
            composites.listed.connect(self._fill)
            self.bands.set_names(composites.scene.bands.names)
            self.thumbnails.forget()
            self._fill()
        elif composites.current not in self.list.rows:  # a band by another name, or a composite of a script
            self._fill()
        self.list.mark(composites.current)
        self.stretch.show_stretch()
        self._on_moved()

    def _fill(self) -> None:
        self.list.show_rows(composite_rows(self._composites))
        self.list.mark(self._composites.current)

    def _on_star(self, composite_id: str) -> None:
        self._composites.toggle_favourite(composite_id)

    def _on_camera(self, _event: object) -> None:
        self.thumbnails.rest()  # the map goes first
        self._rest.start()

    def _on_moved(self) -> None:
        if self.isVisible():
            self._rest.start()

    def _on_rest(self) -> None:
        """Make thumbnails of what is in view, for the rows in sight."""
        if not self.isVisible():
            return
        session, composites = self._session, self._composites
        view = current_view(session.viewer, session.scenes.active_layer)
        wanted = [composites[id_] for id_ in self.list.in_sight]
        self.thumbnails.want(composites.scene, view, wanted)
        self.stretch.count_again()
