"""The classes of the ontology: colour, name, key, how many there are, and the guideline of the current one."""

from __future__ import annotations

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QAbstractItemView, QHeaderView, QTreeWidget, QTreeWidgetItem

from napari_geolabel.ontology.model import LabelClass
from napari_geolabel.viewer.authoring import words
from napari_geolabel.viewer.session import Session
from napari_geolabel.widgets.parts import Panel, mark_current, plain_label, swatch

_ID = Qt.ItemDataRole.UserRole
ROW_PX = 22
MOST_ROWS = 9
GUIDELINE_LINES = 5
"""Room for the guideline, so that what is below does not jump from class to class."""


class ClassPanel(Panel):
    """Choose the class of new annotations; in select mode also that of the selected ones."""

    def __init__(self, session: Session) -> None:
        super().__init__("Classes")
        self._session = session
        self.rows: dict[str, QTreeWidgetItem] = {}
        self.tree = self._make_tree()
        self.guideline = plain_label()
        self.guideline.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.guideline.setMinimumHeight(GUIDELINE_LINES * self.guideline.fontMetrics().lineSpacing())
        self.column.addWidget(self.tree)
        self.column.addWidget(self.guideline)
        session.class_changed.connect(self._show_current)
        session.counts.changed.connect(self._show_counts)
        session.labels.ontology_changed.connect(self._fill)
        session.closed.connect(self._retire)
        self._fill()

    def _make_tree(self) -> QTreeWidget:
        tree = QTreeWidget()
        tree.setColumnCount(3)
        tree.setHeaderLabels(["class", "key", "count"])
        tree.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        mark_current(tree)
        tree.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # so that keys stay with the map
        header = tree.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.ResizeToContents)
        tree.itemClicked.connect(self._on_click)
        return tree

    def _fill(self, _ontology: object = None) -> None:
        """Make a row for each class, those of a parent below it."""
        self.tree.clear()
        self.rows.clear()
        for label_class in self._session.labels.ontology.classes:
            if not label_class.archived:
                row = _row(label_class)
                self.rows[label_class.id] = row
                (self.rows.get(label_class.parent or "") or self.tree.invisibleRootItem()).addChild(row)
        self.tree.expandAll()
        self.tree.setFixedHeight(ROW_PX * (1 + min(MOST_ROWS, len(self.rows))) + 8)
        self._show_counts()
        self._show_current()

    def _retire(self) -> None:
        """Let go of the labels, which may outlive this panel."""
        self._session.labels.ontology_changed.disconnect(self._fill, missing_ok=True)

    def _on_click(self, row: QTreeWidgetItem) -> None:
        self._session.choose_class(row.data(0, _ID))

    def _show_counts(self) -> None:
        for class_id, row in self.rows.items():
            row.setText(2, str(self._session.counts[class_id]))

    def _show_current(self, _class_id: str = "") -> None:
        label_class = self._session.labels.ontology[self._session.current_class]
        self.tree.setCurrentItem(self.rows.get(label_class.id))
        ways = ", ".join(words(kind) for kind in label_class.kinds)
        self.guideline.setText(f"{label_class.name}: {ways}\n{label_class.description}".strip())


def _row(label_class: LabelClass) -> QTreeWidgetItem:
    row = QTreeWidgetItem([label_class.name, (label_class.hotkey or "").upper(), "0"])
    row.setIcon(0, swatch(label_class.color))
    row.setData(0, _ID, label_class.id)
    row.setTextAlignment(2, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    if not label_class.kinds:
        row.setFlags(row.flags() & ~Qt.ItemFlag.ItemIsSelectable)
    return row
