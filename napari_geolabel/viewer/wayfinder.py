"""Finding one's way in a scene: places to go to, cells that are still open, a ruler."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_geolabel.annotations.index import Bounds
from napari_geolabel.errors import GeoLabelError
from napari_geolabel.geo.place_text import parse_place
from napari_geolabel.labels.coverage import Cell
from napari_geolabel.viewer.cell_grid import CellGrid
from napari_geolabel.viewer.frame import Frame
from napari_geolabel.viewer.notices import tell, warn
from napari_geolabel.viewer.outlines import fill_view
from napari_geolabel.viewer.ruler import Ruler
from napari_geolabel.viewer.seen import Seen

if TYPE_CHECKING:
    from napari_geolabel.viewer.session import Session

PLACE_PX = 4.0
"""Screen pixels for a pixel of the scene at a place that one goes to, unless the map is closer already."""


class Wayfinder:
    """Moves the view of a session to places; the labels change only by marks and bookmarks.

    Parameters
    ----------
    session
        The session.
    """

    def __init__(self, session: Session) -> None:
        self._session, self._grid = session, session.scene.grid
        self._frame = Frame.of(self._grid)
        self._cell: Cell | None = None
        self.ruler = Ruler(session)
        """Measures on the map."""
        self.seen = Seen(session)
        """What has been looked at, near enough to see pixels."""
        self.cells = CellGrid(session)
        """The cells of the coverage, framed on the map."""
        session.closed.connect(self.ruler.close)

    @property
    def view(self) -> Bounds:
        """What is on screen, ``(x0, y0, x1, y1)`` in pixel coordinates."""
        return self._session.label_views.working.view()

    def go_to(self, place: str | tuple[float, float]) -> tuple[float, float]:
        """Bring a place into the middle of the view and return its pixel point ``(x, y)``.

        Parameters
        ----------
        place
            A pixel point, or a text that `geo.place_text.parse_place` reads: ``54.32 10.14``, ``565000 6020000``.

        Raises
        ------
        GeoLabelError
            If the text names no place, or one outside the scene.
        """
        x, y = (float(v) for v in (parse_place(place, self._grid) if isinstance(place, str) else place))
        rows, cols = self._grid.shape
        if not (0 <= x <= cols and 0 <= y <= rows):
            raise GeoLabelError(
                f"{place} lies outside the scene, at row {y:.0f} and column {x:.0f} of {rows} x {cols} pixels"
            )
        camera = self._session.viewer.scene.camera
        camera.center = tuple(self._frame.to_world((x, y)))
        camera.zoom = max(float(camera.zoom), PLACE_PX / min(self._frame.pixel_size))
        return x, y

    def center_on(self, point: tuple[float, float]) -> None:
        """Bring a pixel point ``(x, y)`` into the middle of the view; the zoom stays."""
        self._session.viewer.scene.camera.center = tuple(self._frame.to_world(point))

    def look_at_cell(self, cell: Cell) -> None:
        """Fill the view with a cell of the scene's coverage."""
        self._cell = cell
        fill_view(self._session.viewer, self._grid, self._session.labels.coverage.bounds(cell))

    @property
    def cell(self) -> Cell | None:
        """The cell that is looked at: the last gone to while its middle is in view, else that in the middle."""
        coverage, (x0, y0, x1, y1) = self._session.labels.coverage, self.view
        if self._cell is not None:
            left, top, right, bottom = coverage.bounds(self._cell)
            if x0 <= (left + right) / 2 <= x1 and y0 <= (top + bottom) / 2 <= y1:
                return self._cell
        return coverage.cell_at((x0 + x1) / 2, (y0 + y1) / 2)

    def next_cell(self) -> Cell | None:
        """Go to the next cell of which nothing is known; only the view moves."""
        found = self._session.labels.coverage.next_open(self.cell)
        if found is None:
            tell("every cell is labelled or checked")
        else:
            self.look_at_cell(found)
        return found

    def nothing_here(self) -> None:
        """Note that there is nothing in the cell that is looked at, and go on to the next open one."""
        cell = self.cell
        if cell is None:
            warn("the middle of the view lies outside the scene; go to a cell with F7")
            return
        try:
            self._session.labels.coverage.mark(cell)
        except GeoLabelError as error:
            warn(str(error))
            return
        self._cell = cell
        self.next_cell()

    def bookmark(self, name: str) -> None:
        """Keep the view under a name, with the labels."""
        self._session.labels.bookmarks[name] = self.view

    def go_to_bookmark(self, name: str) -> None:
        """Show a view that was kept."""
        fill_view(self._session.viewer, self._grid, self._session.labels.bookmarks[name])
