"""Relations and groups of what is selected."""

from __future__ import annotations

import html

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QComboBox, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from napari_geolabel.ontology.relations import Relation
from napari_geolabel.viewer.session import Session
from napari_geolabel.widgets.fold_arrow import FoldArrow
from napari_geolabel.widgets.key_hints import hint
from napari_geolabel.widgets.parts import Panel, plain_label, set_tooltip

MOST_LINES = 5
"""Of more links the rest is counted."""
_BUTTONS = {
    "link": ("Link", "Link the two that are selected; again turns the link round ({link})."),
    "unlink": ("Unlink", "Take out the links between what is selected, of a single one all that it has."),
    "group": ("Group", "Make one group of what is selected ({group})."),
    "ungroup": ("Ungroup", "Take what is selected out of its groups."),
}


class LinkPanel(Panel):
    """Links two annotations by a relation of the ontology, and groups any number."""

    def __init__(self, session: Session) -> None:
        super().__init__("Relations and groups")
        self._session, self._linker = session, session.linker
        self.relations = QComboBox()
        self.buttons = {action: QPushButton(text) for action, (text, _) in _BUTTONS.items()}
        hint(self.buttons["link"], session.keys, "Link  {link}", _set_short_text)
        hint(self.buttons["group"], session.keys, "Group  {group}", _set_short_text)
        self.about = plain_label()
        self.body = QWidget()
        """All but the heading; it is folded away until it is needed for the first time."""
        self.fold = FoldArrow("relations and groups", self.body, is_open=False)
        row = QHBoxLayout()
        row.setSpacing(4)
        for button in self.buttons.values():
            row.addWidget(button)
        self.title.setWordWrap(False)
        self.relations.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.head.insertWidget(0, self.fold)
        self.head.addStretch()
        below = QVBoxLayout(self.body)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(4)
        below.addWidget(self.relations)
        below.addLayout(row)
        below.addWidget(self.about)
        self.column.addWidget(self.body)
        linker = self._linker
        self.buttons["link"].clicked.connect(lambda: linker.link())
        self.buttons["unlink"].clicked.connect(lambda: linker.unlink())
        self.buttons["group"].clicked.connect(lambda: linker.group())
        self.buttons["ungroup"].clicked.connect(lambda: linker.ungroup())
        self.relations.activated.connect(self._on_relation)
        session.selection.changed.connect(self._show)
        session.labels.changed.connect(self._show)
        session.labels.ontology_changed.connect(self._offer)
        session.closed.connect(self._retire)
        self._offer()

    def _offer(self, _ontology: object = None) -> None:
        """Offer the relations of the ontology."""
        self.relations.clear()
        for relation in self._linker.relations:
            self.relations.addItem(relation.name, relation.id)
            about = html.escape(_about(relation))
            self.relations.setItemData(self.relations.count() - 1, about, Qt.ItemDataRole.ToolTipRole)
        self.relations.setCurrentIndex(max(0, self.relations.findData(self._linker.relation)))
        self.relations.setVisible(self.relations.count() > 0)
        self._show()

    def _show(self, _change: object = None) -> None:
        in_hand = next((each for each in self._linker.relations if each.id == self.relations.currentData()), None)
        set_tooltip(self.relations, _about(in_hand) if in_hand is not None else "")
        for action, button in self.buttons.items():
            reason = self._linker.why_not(action)
            button.setEnabled(not reason)
            keys = {name: self._session.keys.label(name) for name in ("link", "group")}
            set_tooltip(button, reason or _BUTTONS[action][1].format(**keys))
        lines = self._linker.about()
        rest = [f"and {len(lines) - MOST_LINES} more"] if len(lines) > MOST_LINES else []
        self.about.setText("\n".join([*lines[:MOST_LINES], *rest]))
        self.about.setVisible(bool(lines))

    def _on_relation(self, _index: int) -> None:
        self._linker.relation = self.relations.currentData()
        self._show()

    def _retire(self) -> None:
        """Let go of the labels, which may outlive this panel."""
        self._session.labels.changed.disconnect(self._show, missing_ok=True)
        self._session.labels.ontology_changed.disconnect(self._offer, missing_ok=True)


def _set_short_text(button: QPushButton, text: str) -> None:
    button.setText(text.replace("Shift+", "\u21e7"))


def _about(relation: Relation) -> str:
    """Return what a relation leads from and to: ``moored at: ship → dock or buoy``."""
    ends = (" or ".join(classes) or "any" for classes in (relation.from_classes, relation.to_classes))
    return f"{relation.name}: {' → '.join(ends)}"
