"""How much of the scene each class covers, and what another mask has otherwise."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QFileDialog, QHBoxLayout, QPushButton, QTreeWidget, QTreeWidgetItem

from napari_geolabel.labels.mask_statistics import Comparison, class_coverage, compared_with
from napari_geolabel.viewer.frame import layer_transform
from napari_geolabel.viewer.session import Session
from napari_geolabel.widgets.background import Background, expected, told, why
from napari_geolabel.widgets.parts import Panel, plain_label, set_tooltip, swatch

if TYPE_CHECKING:
    from napari.layers import Labels as NapariLabels

    from napari_geolabel.masks import Coverage

_COLUMNS = ("class", "pixels", "ha", "%")
_DIFFERENCE = "difference"
_DIFFERENCE_KEY = "geolabel difference"  # of our layer's metadata: a person may have a layer of that name


class CoveragePanel(Panel):
    """Count painted and drawn pixels per class, or where a mask file differs; in the background."""

    def __init__(self, session: Session) -> None:
        super().__init__("Coverage")
        self._session = session
        self._work: Background | None = None
        self.count, self.compare = QPushButton("Count"), QPushButton("Compare with a mask…")
        self.table = QTreeWidget()
        self.note = plain_label("Per class: pixels, hectares and per cent of the valid pixels.")
        self._lay_out()
        session.closed.connect(self._end)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        set_tooltip(self.count, "Count the pixels of each class, painted or drawn, where the scene has data.")
        set_tooltip(self.compare, "Show where a mask file of the same pixels has other classes, as a layer.")
        for button in (self.count, self.compare):
            row.addWidget(button)
        self.table.setHeaderLabels(list(_COLUMNS))
        self.table.setRootIsDecorated(False)
        self.table.setMinimumHeight(150)
        self.table.hide()
        for widget in (self.note, self.table):
            self.column.addWidget(widget)
        self.column.insertLayout(1, row)
        self.count.clicked.connect(self._count)
        self.compare.clicked.connect(self._choose)

    def _count(self) -> None:
        labels = self._session.labels
        self._begin(lambda: class_coverage(labels), self._show_coverage, "Counting …")

    def _choose(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, "Compare with a mask", "", "Masks (*.tif *.tiff)")
        if path:
            self.compare_with(Path(path))

    def compare_with(self, path: Path) -> None:
        """Show where a mask file differs from the labels, as a layer and as a table."""
        labels = self._session.labels
        self._begin(lambda: compared_with(labels, path), self._show_difference, f"Comparing with {path.name} …")

    def _begin(self, job: Callable[[], object], take: Callable[[object], None], words: str) -> None:
        self._end()
        self.note.setText(words)
        self._work = Background("coverage")

        def hear(found: object) -> None:
            self._end()
            if isinstance(found, Exception):
                self.note.setText(why(found))
                expected(found)
            else:
                take(found)

        self._work.ask(told(job), hear)

    def _show_coverage(self, found: object) -> None:
        assert isinstance(found, list)  # noqa: S101  (for the type checker)
        self.note.setText("Of the valid pixels; where labels overlap, the later class counts.")
        self._fill(found, {c.id: c.color for c in self._session.labels.ontology.classes})

    def _show_difference(self, found: object) -> None:
        assert isinstance(found, Comparison)  # noqa: S101  (for the type checker)
        changed = sum(each.pixels for each in found.changes if each.value)
        self._fill([each for each in found.changes if each.value], {e.name: e.color for e in found.mask.table.values()})
        layer = show_difference(self._session, found)
        self.note.setText(f"{found.name} differs in {changed:,} pixels; the layer {layer.name!r} shows them.")

    def _fill(self, rows: Sequence[Coverage], colors: Mapping[str, str]) -> None:
        self.table.clear()
        for each in rows:
            area = "" if each.hectares is None else f"{each.hectares:,.2f}"
            item = QTreeWidgetItem([each.name, f"{each.pixels:,}", area, f"{each.percent:.2f}"])
            color = colors.get(each.class_id or each.name)
            if color is not None:
                item.setIcon(0, swatch(color))
            for column in (1, 2, 3):
                item.setTextAlignment(column, Qt.AlignmentFlag.AlignRight)
            self.table.addTopLevelItem(item)
        self.table.show()
        for column in range(len(_COLUMNS)):
            self.table.resizeColumnToContents(column)

    def _end(self) -> None:
        work, self._work = self._work, None
        if work is not None:
            work.abandon()


def show_difference(session: Session, found: Comparison) -> NapariLabels:
    """Show where two masks differ as a layer of its own, the same one again for another comparison."""
    from napari.utils.colormaps import DirectLabelColormap

    viewer, entries = session.viewer, found.mask.table
    placed = layer_transform(session.scene.grid)
    layer = next((each for each in viewer.layers if _DIFFERENCE_KEY in each.metadata), None)
    if layer is None:
        active = viewer.layers.selection.active
        layer = viewer.add_labels(
            found.mask.array, name=_DIFFERENCE, opacity=0.8, metadata={_DIFFERENCE_KEY: True}, **placed
        )
        layer.editable = False
        viewer.layers.selection.active = active
    else:
        layer.data = found.mask.array
        for name, value in placed.items():  # the scene may be another than that of the last comparison
            setattr(layer, name, value)
    colors: dict[int | None, str] = {None: "transparent", 0: "transparent"}
    colors |= {value: entry.color for value, entry in entries.items()}
    layer.colormap = DirectLabelColormap(color_dict=colors)
    layer.features = {"index": [0, *entries], "change": ["unchanged", *(entry.name for entry in entries.values())]}
    return layer
