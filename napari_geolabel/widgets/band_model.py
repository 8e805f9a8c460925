"""The bands of a scene as rows: what is known of each, what a person changes, and what its values come to."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import Any, cast

from qtpy.QtCore import QAbstractTableModel, QModelIndex, Qt, Signal
from qtpy.QtGui import QFont

from napari_geolabel.errors import GeoLabelError, SceneError
from napari_geolabel.imagery.bands import Band, BandFields
from napari_geolabel.imagery.scene import Scene
from napari_geolabel.imagery.statistics import BandStatistics


class Column(IntEnum):
    """The columns, from the left."""

    NAME = 0
    COMMON_NAME = 1
    WAVELENGTH = 2
    SCALE = 3
    OFFSET = 4
    NODATA = 5
    UNIT = 6
    MINIMUM = 7
    MAXIMUM = 8
    MEAN = 9
    STD = 10


HEADERS = ("name", "common name", "wavelength µm", "scale", "offset", "nodata", "unit", "min", "max", "mean", "std")

FIELDS = {
    Column.NAME: "name",
    Column.COMMON_NAME: "common_name",
    Column.WAVELENGTH: "wavelength_um",
    Column.SCALE: "scale",
    Column.OFFSET: "offset",
    Column.NODATA: "nodata",
}
"""Column that may be edited → the field of a band."""

_STATISTICS = {Column.MINIMUM: "minimum", Column.MAXIMUM: "maximum", Column.MEAN: "mean", Column.STD: "std"}
_MAY_BE_EMPTY = ("common_name", "wavelength_um", "nodata")


class BandModel(QAbstractTableModel):  # type: ignore[misc]  # qtpy has no types
    """A row per band; what is typed is kept apart until it is applied."""

    refused = Signal(str)
    """Emitted with a sentence when what was typed cannot be."""
    edited = Signal()
    """Emitted when there is another edit, or none any more."""

    def __init__(self, scene: Scene) -> None:
        super().__init__()
        self._scene = scene
        self._edits: dict[int, dict[str, Any]] = {}
        self._statistics: dict[int, BandStatistics] = {}

    @property
    def edits(self) -> dict[int, BandFields]:
        """Place of a band → what was typed of it and differs from what is known."""
        return {row: cast("BandFields", dict(fields)) for row, fields in self._edits.items()}

    def show_scene(self, scene: Scene) -> None:
        """Show the bands of a scene; edits and statistics of the one before go."""
        self.beginResetModel()
        self._scene = scene
        self._edits, self._statistics = {}, {}
        self.endResetModel()
        self.edited.emit()

    def show_statistics(self, statistics: Sequence[BandStatistics]) -> None:
        """Show what the values of all bands come to, in their order."""
        self._statistics = dict(enumerate(statistics))
        if self.rowCount():
            self.dataChanged.emit(self.index(0, Column.MINIMUM), self.index(self.rowCount() - 1, Column.STD))

    def discard(self) -> None:
        """Take back what was typed and not applied."""
        self.beginResetModel()
        self._edits = {}
        self.endResetModel()
        self.edited.emit()

    def rowCount(self, parent: QModelIndex | None = None) -> int:  # noqa: N802  (Qt's name)
        """Return the number of bands; Qt calls this."""
        return 0 if parent is not None and parent.isValid() else len(self._scene.bands)

    def columnCount(self, parent: QModelIndex | None = None) -> int:  # noqa: N802
        """Return the number of columns; Qt calls this."""
        return 0 if parent is not None and parent.isValid() else len(Column)

    def headerData(self, section: int, orientation: Any, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401, N802
        """Return the titles; Qt calls this."""
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        return HEADERS[section] if orientation == Qt.Orientation.Horizontal else section + 1

    def flags(self, index: QModelIndex) -> Any:  # noqa: ANN401
        """Return what may be done with a cell; Qt calls this."""
        flags = Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled
        return flags | Qt.ItemFlag.ItemIsEditable if index.column() in FIELDS else flags

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401
        """Return the text of a cell, bold where it was edited; Qt calls this."""
        row, column = index.row(), Column(index.column())
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return _text(self._value(row, column))
        if role == Qt.ItemDataRole.FontRole and FIELDS.get(column) in self._edits.get(row, {}):
            font = QFont()
            font.setBold(True)
            return font
        if role == Qt.ItemDataRole.TextAlignmentRole and column not in (Column.NAME, Column.COMMON_NAME, Column.UNIT):
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return None

    def setData(self, index: QModelIndex, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:  # noqa: ANN401, ARG002, N802
        """Take what was typed into a cell, or refuse it with a sentence; Qt calls this."""
        row, column = index.row(), Column(index.column())
        field, text = FIELDS[column], str(value).strip()
        if text == _text(self._value(row, column)):
            return True
        try:
            typed = _parsed(field, text, self._scene.bands[row])
            others = {name: each for name, each in self._edits.get(row, {}).items() if name != field}
            _check(self._scene, row, {**others, field: typed})
        except GeoLabelError as error:
            self.refused.emit(str(error))
            return False
        if typed == getattr(self._scene.bands[row], field):
            self._edits.get(row, {}).pop(field, None)
        else:
            self._edits.setdefault(row, {})[field] = typed
        if not self._edits.get(row):
            self._edits.pop(row, None)
        self.dataChanged.emit(index, index)
        self.edited.emit()
        return True

    def _value(self, row: int, column: Column) -> Any:  # noqa: ANN401
        if column in _STATISTICS:
            known: float | None = getattr(self._statistics.get(row), _STATISTICS[column], None)
            return None if known is None else f"{known:.5g}"
        if column is Column.UNIT:
            return self._scene.bands[row].unit
        field = FIELDS[column]
        return self._edits.get(row, {}).get(field, getattr(self._scene.bands[row], field))


def with_edits(scene: Scene, edits: dict[int, BandFields]) -> Scene:
    """Return a scene with several bands as a person knows them; two may have exchanged their names.

    Raises
    ------
    SceneError
        If two bands would share a name, or a value makes no sense.
    """
    opened = [scene]
    try:
        for row, fields in edits.items():
            away: BandFields = {"name": _free_name(opened[-1], row)} if "name" in fields else {}
            if "common_name" in fields:
                away["common_name"] = None
            if away:  # out of the way first, so that names can be exchanged
                opened.append(opened[-1].with_band(row, **away))
        for row, fields in edits.items():
            opened.append(opened[-1].with_band(row, **fields))
    except GeoLabelError:
        _close(opened[1:])
        raise
    _close(opened[1:-1])
    return opened[-1]


def _free_name(scene: Scene, row: int) -> str:
    name = f"band_{row + 1}_before"
    while name in scene.bands.names:
        name += "_"
    return name


def _close(scenes: Sequence[Scene]) -> None:
    for scene in scenes:
        scene.close()


def _check(scene: Scene, row: int, fields: dict[str, Any]) -> None:
    """Raise a `SceneError` if a band cannot be as it was typed; whether names are unique is seen when all are known."""
    free = {**fields, "name": _free_name(scene, row)} if fields.get("name") in scene.bands.names else fields
    if any(band.common_name == free.get("common_name") for band in scene.bands):
        free = {**free, "common_name": None}
    scene.with_band(row, **cast("BandFields", free)).close()


def _parsed(field: str, text: str, band: Band) -> str | float | None:
    """Return what was typed as the value of a field.

    Raises
    ------
    SceneError
        If a number was to be typed.
    """
    if field == "name":
        return text
    if not text and field in _MAY_BE_EMPTY:
        return None
    if field == "common_name":
        return text.casefold()
    what = field.removesuffix("_um")
    try:
        return float(text.replace(",", "."))
    except ValueError:
        raise SceneError(f"{text!r} is no {what} of band {band.name}; type a number such as 0.0001") from None


def _text(value: str | float | None) -> str:
    return "" if value is None else value if isinstance(value, str) else f"{value:.6g}"
