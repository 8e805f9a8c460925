"""The ontology editor: classes and questions as a tree, a form for what is chosen, and what would change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QPushButton,
    QScrollArea,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from napari_geolabel.errors import GeoLabelError
from napari_geolabel.ontology import editing
from napari_geolabel.ontology.draft import OntologyDraft
from napari_geolabel.ontology.outline import Node, Place, outline
from napari_geolabel.viewer.notices import tell
from napari_geolabel.viewer.session import Session
from napari_geolabel.widgets.ontology_applying import AskMisfits, ask_misfits, take_into_use
from napari_geolabel.widgets.ontology_fields import ChooseColor, Form, choose_color
from napari_geolabel.widgets.ontology_files import OntologyFiles
from napari_geolabel.widgets.ontology_forms import apply_edit, form_for
from napari_geolabel.widgets.parts import mark_current, plain_label, set_tooltip, swatch
from napari_geolabel.widgets.theme_style import follow_theme, refusal_style

_PLACE = Qt.ItemDataRole.UserRole
CLASS = "class"
SORTS = {
    CLASS: "class",
    "radio": "choice of one",
    "checklist": "choice of several",
    "text": "text",
    "number": "number",
    "boolean": "yes or no",
    "date": "date",
}
"""What can be added: a class, or something that is asked, by its type."""
FIRST_OPTIONS = ("Unknown",)
TREE_PX = 350
SORT_PX = 120
SIDE_PX = 330


class OntologyDock(QWidget):  # type: ignore[misc]  # qtpy has no types
    """Edits a draft of a session's ontology; nothing else has it before *Use it*."""

    def __init__(self, session: Session, *, color: ChooseColor = choose_color, ask: AskMisfits = ask_misfits) -> None:
        super().__init__()
        self._session, self._choose_color, self._ask = session, color, ask
        self.draft = OntologyDraft(session.labels.ontology)
        self.tree, self.form = QTreeWidget(), Form()
        self.name, self.sort, self.add = QLineEdit(), QComboBox(), QPushButton("Add")
        self.archive, self.up, self.down = QPushButton("Archive"), QPushButton("Up"), QPushButton("Down")
        self.undo, self.redo = QPushButton("Undo"), QPushButton("Redo")
        self.changes, self.about, self.refusal = QListWidget(), plain_label(), plain_label()
        self.apply, self.revert = QPushButton("Use it"), QPushButton("Revert")
        self.files = OntologyFiles(self.draft, lambda: session.labels.ontology)
        self._area = QScrollArea()
        self._lay_out()
        self._connect()
        self.show_draft()

    @property
    def place(self) -> Place:
        """What is chosen in the tree."""
        item = self.tree.currentItem()
        return Place(what="ontology") if item is None else item.data(0, _PLACE)

    def choose(self, place: Place) -> None:
        """Choose a place in the tree; one that is gone leaves what stands above it."""
        for item in self._items():
            if item.data(0, _PLACE) == place:
                self.tree.setCurrentItem(item)
                return

    def show_draft(self) -> None:
        """Show the draft as it is now; what is chosen stays chosen."""
        chosen = self.place
        self.tree.blockSignals(True)
        open_places = {i.data(0, _PLACE) for i in self._items() if i.isExpanded()}
        self.tree.clear()
        self.tree.addTopLevelItem(_row(outline(self.draft.current)))
        for item in self._items():
            place = item.data(0, _PLACE)
            item.setExpanded(place in open_places or place.what == "ontology")
        self.tree.setCurrentItem(self.tree.topLevelItem(0))
        self.choose(chosen)
        self.tree.blockSignals(False)
        self._show_place()
        self._show_changes()

    def _lay_out(self) -> None:
        self.tree.setColumnCount(2)
        self.tree.setHeaderLabels(["ontology", "kinds or type"])
        self.tree.setColumnWidth(0, 190)
        self.tree.setUniformRowHeights(True)
        mark_current(self.tree)
        self.name.setPlaceholderText("name of what to add")
        for sort, title in SORTS.items():
            self.sort.addItem(title, sort)
        self.sort.setMaximumWidth(SORT_PX)
        follow_theme(self.refusal, refusal_style)
        self._area.setWidgetResizable(True)
        left, middle, right = QVBoxLayout(), QVBoxLayout(), QVBoxLayout()
        left.addWidget(self.tree)
        left.addLayout(_row_of(self.name, self.sort, self.add))
        left.addLayout(_row_of(self.archive, self.up, self.down, self.undo, self.redo))
        middle.addWidget(self.refusal)
        middle.addWidget(self._area, stretch=1)
        right.addWidget(self.about)
        right.addWidget(self.changes, stretch=1)
        right.addLayout(_row_of(*self.files.buttons))
        right.addLayout(_row_of(self.revert, self.apply))
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 4, 4, 4)
        for column, width in ((left, TREE_PX), (middle, 0), (right, SIDE_PX)):
            holder = QWidget()
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(4)
            holder.setLayout(column)
            if width:
                holder.setFixedWidth(width)
            row.addWidget(holder, stretch=0 if width else 1)
        set_tooltip(self.apply, "let this session and its label file go on with it, as the next version")
        set_tooltip(self.revert, "begin anew with the ontology in use")

    def _connect(self) -> None:
        self.tree.currentItemChanged.connect(lambda *_: self._show_place())
        self.add.clicked.connect(self._on_add)
        self.name.returnPressed.connect(self._on_add)
        self.archive.clicked.connect(self._on_archive)
        self.up.clicked.connect(lambda: self._move(-1))
        self.down.clicked.connect(lambda: self._move(1))
        self.undo.clicked.connect(self.draft.undo)
        self.redo.clicked.connect(self.draft.redo)
        self.revert.clicked.connect(lambda: self.draft.begin_with(self._session.labels.ontology))
        self.apply.clicked.connect(self._on_apply)
        self.files.refused.connect(self._refuse)
        self.draft.changed.connect(self.show_draft)
        self._session.labels.ontology_changed.connect(self._on_ontology)
        self._session.closed.connect(self._retire)

    def _retire(self) -> None:
        self._session.labels.ontology_changed.disconnect(self._on_ontology, missing_ok=True)

    def _on_ontology(self, ontology: Any) -> None:  # noqa: ANN401  (an Ontology)
        """Begin with an ontology that came from elsewhere; a draft that somebody is at stays theirs to revert."""
        if not self.draft.changes or self.draft.finished == ontology:
            self.draft.begin_with(ontology)
        else:
            self._refuse("the ontology in use has changed meanwhile; revert to begin with it")

    def _try(self, action: Callable[[], object]) -> bool:
        """Do something to the draft, or say why not."""
        try:
            action()
        except GeoLabelError as error:
            self._refuse(str(error))
            return False
        self._refuse("")
        return True

    def _refuse(self, sentence: str) -> None:
        self.refusal.setText(sentence)
        self.refusal.setVisible(bool(sentence))

    def _on_edit(self, field: str, value: object) -> None:
        place = self.place
        if not self._try(lambda: apply_edit(self.draft, place, field, value)):
            told = self.refusal.text()
            self._show_place()
            self._refuse(told)

    def _on_add(self) -> None:
        """Add a class, or a question to what is chosen."""
        name, sort, place = self.name.text().strip(), self.sort.currentData(), self.place
        if not name:
            self._refuse("give a name to what you want to add")
            return
        known = {node.place for node in outline(self.draft.current).walk()}
        if sort == CLASS:
            added = self._try(lambda: self.draft.do(editing.add_class, name, ["polygon"]))
        elif place.what == "ontology":
            self._refuse("choose the class, the answer or the whole scene that it is asked of")
            return
        else:
            under = place.way[:-1] if place.what == "attribute" else place.way
            options = FIRST_OPTIONS if sort in {"radio", "checklist"} else ()
            added = self._try(
                lambda: self.draft.do(editing.add_attribute, place.class_id, name, sort, under=under, options=options)
            )
        if added:
            self.name.clear()
            fresh = [n.place for n in outline(self.draft.current).walk() if n.place not in known]
            if fresh:
                self.choose(fresh[0])

    def _on_archive(self) -> None:
        place, is_archived = self.place, self._is_archived()
        self._try(lambda: set_archived(self.draft, place, archived=not is_archived))

    def _move(self, step: int) -> None:
        place = self.place
        if place.what == "class" and place.class_id is not None:
            index = [c.id for c in self.draft.current.classes].index(place.class_id)
            self._try(lambda: self.draft.do(editing.move_class, place.class_id, max(0, index + step)))

    def _on_apply(self) -> None:
        if self._try(lambda: take_into_use(self._session.labels, self.draft, self._ask, self)):
            finished = self._session.labels.ontology
            tell(f"labelling goes on with {finished.name} {finished.version}")

    def _is_archived(self) -> bool:
        nodes = {node.place: node for node in outline(self.draft.current).walk()}
        return nodes[self.place].is_archived if self.place in nodes else False

    def _show_place(self) -> None:
        """Show the form of what is chosen, and what can be done to it."""
        place = self.place
        former = self._area.takeWidget()
        if former is not None:  # it may be what is being answered in, so that Qt must not delete it at once
            former.edited.disconnect()
            former.hide()
            former.deleteLater()
        self.form = form_for(place, self.draft.current, self._choose_color)
        self.form.edited.connect(self._on_edit)
        self._area.setWidget(self.form)
        can_archive = place.what in {"class", "attribute", "option"}
        self.archive.setEnabled(can_archive)
        self.archive.setText("Restore" if can_archive and self._is_archived() else "Archive")
        for button in (self.up, self.down):
            button.setEnabled(place.what == "class")
        set_tooltip(self.up, "later classes lie over earlier ones in masks")
        self._refuse("")

    def _show_changes(self) -> None:
        told = self.draft.changes
        version = self.draft.finished.version
        changes = "1 change" if len(told) == 1 else f"{len(told)} changes"
        self.about.setText(f"{changes} since version {self.draft.base.version}" if told else "No changes")
        self.changes.clear()
        self.changes.addItems(told)
        self.apply.setText(f"Use it as version {version}" if told else "Use it")
        self.apply.setEnabled(bool(told) and not self._session.labels.refusal)
        self.revert.setEnabled(bool(told))
        self.undo.setEnabled(self.draft.can_undo)
        self.redo.setEnabled(self.draft.can_redo)

    def _items(self) -> list[QTreeWidgetItem]:
        found = [self.tree.topLevelItem(i) for i in range(self.tree.topLevelItemCount())]
        for item in found:
            found += [item.child(i) for i in range(item.childCount())]
        return found


def set_archived(draft: OntologyDraft, place: Place, *, archived: bool) -> None:
    """Archive what stands at a place of a draft, or take it back."""
    if place.what == "class" and place.class_id is not None:
        draft.do(editing.archive_class if archived else editing.restore_class, place.class_id)
    elif place.what == "attribute":
        draft.do(editing.change_attribute, place.class_id, place.way, archived=archived)
    elif place.what == "option":
        draft.do(editing.archive_option, place.class_id, place.way, archived=archived)


def _row(node: Node) -> QTreeWidgetItem:
    item = QTreeWidgetItem([f"{node.title} (archived)" if node.is_archived else node.title, node.about])
    item.setData(0, _PLACE, node.place)
    if node.color is not None:
        item.setIcon(0, swatch(node.color))
    if node.is_archived:
        for column in (0, 1):
            font = item.font(column)
            font.setItalic(True)
            item.setFont(column, font)
    item.addChildren([_row(child) for child in node.children])
    return item


def _row_of(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(4)
    for widget in widgets:
        row.addWidget(widget, stretch=1 if isinstance(widget, QLineEdit) else 0)
    return row
