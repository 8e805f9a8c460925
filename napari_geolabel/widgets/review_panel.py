"""Suggestions: how many there are, which is looked at, and what becomes of it, singly or by confidence."""

from __future__ import annotations

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QCheckBox, QComboBox, QGridLayout, QHBoxLayout, QPushButton, QSlider

from napari_geolabel.annotations.annotation import Status
from napari_geolabel.viewer.session import Session
from napari_geolabel.widgets.key_hints import hint
from napari_geolabel.widgets.parts import Panel, plain_label, set_tooltip, word

ALL_CLASSES = "all classes"
PERCENT = 100


class ReviewPanel(Panel):
    """Goes through the suggestions, and decides on all from a confidence on at once."""

    def __init__(self, session: Session) -> None:
        super().__init__("Suggestions")
        self._session, self._review = session, session.review
        self.state, self.current = plain_label(), plain_label()
        self.classes = QComboBox()
        self.begin = QPushButton()
        self.accept, self.reject = QPushButton(), QPushButton()
        self.previous, self.next = QPushButton("Previous"), QPushButton()
        self.threshold, self.share = QSlider(Qt.Orientation.Horizontal), word("")
        self.accept_above, self.reject_below = QPushButton(), QPushButton()
        self.rejected = QCheckBox("show what was rejected")
        self._lay_out()
        self._connect()
        self._offer_classes()
        self._show()

    def _lay_out(self) -> None:
        self.begin.setCheckable(True)
        self.threshold.setRange(0, PERCENT)
        self.threshold.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.share.setMinimumWidth(self.share.fontMetrics().horizontalAdvance("100 %"))
        keys = self._session.keys
        for button, text in (
            (self.accept, "Accept  {accept}"),
            (self.reject, "Reject  {reject}"),
            (self.next, "Next  {next_suggestion}"),
        ):
            hint(button, keys, text, QPushButton.setText)
        decide = "while reviewing {accept} accepts, {reject} rejects, {next_suggestion} goes to the next by confidence"
        hint(self.begin, keys, f"{{review}}; {decide}")
        hint(self.previous, keys, "{previous_suggestion} while reviewing")
        set_tooltip(self.threshold, "suggestions of at least this confidence are accepted at once")
        hint(self.accept_above, keys, "as one change, which undo takes back; {accept_above} while reviewing")
        set_tooltip(self.reject_below, "as one change, which undo takes back; what has no confidence stays")
        grid = QGridLayout()
        for index, button in enumerate((self.accept, self.reject, self.previous, self.next)):
            grid.addWidget(button, *divmod(index, 2))
        limit = QHBoxLayout()
        for widget in (word("confidence"), self.threshold, self.share):
            limit.addWidget(widget)
        for widget in (self.state, self.classes, self.begin, self.current):
            self.column.addWidget(widget)
        self.column.addLayout(grid)
        self.column.addLayout(limit)
        for widget in (self.accept_above, self.reject_below, self.rejected):
            self.column.addWidget(widget)

    def _connect(self) -> None:
        session, review = self._session, self._review
        self.begin.clicked.connect(self._on_begin)
        self.accept.clicked.connect(lambda: review.accept())
        self.reject.clicked.connect(lambda: review.reject())
        self.previous.clicked.connect(lambda: review.previous())
        self.next.clicked.connect(lambda: review.next())
        self.accept_above.clicked.connect(lambda: review.accept_above())
        self.reject_below.clicked.connect(lambda: review.reject_below())
        self.threshold.valueChanged.connect(self._on_threshold)
        self.classes.activated.connect(self._on_class)
        self.rejected.toggled.connect(self._on_rejected)
        review.changed.connect(self._show)
        session.labels.ontology_changed.connect(self._offer_classes)
        session.closed.connect(self._retire)

    def _offer_classes(self, _ontology: object = None) -> None:
        self.classes.clear()
        self.classes.addItem(ALL_CLASSES, "")
        for class_id in self._session.classes:
            self.classes.addItem(self._session.classes[class_id].name, class_id)

    def _show(self) -> None:
        review, refusal = self._review, self._session.labels.refusal
        waiting, (above, below) = len(review.queue), review.counts()
        left = (
            "" if waiting == review.total else f" ({waiting} of them here; the others are hidden, locked or filtered)"
        )
        self.state.setText(f"{review.total or 'no'} suggestions{left}" if review.total != 1 else f"1 suggestion{left}")
        self.classes.setCurrentIndex(max(0, self.classes.findData(review.class_id)))
        self.begin.setChecked(review.is_active)
        self.begin.setText("End the review" if review.is_active else "Review, the surest first")
        self.begin.setEnabled(review.is_active or (waiting > 0 and not refusal))
        self.current.setText(self._about_current())
        for button in (self.accept, self.reject, self.previous, self.next):
            button.setEnabled(review.is_active and not refusal)
        percent = round(PERCENT * review.threshold)
        self.threshold.setValue(percent)
        self.share.setText(f"{percent} %")
        self.accept_above.setText(f"Accept {above} of {percent} % and more")
        self.reject_below.setText(f"Reject {below} of less than {percent} %")
        self.accept_above.setEnabled(above > 0 and not refusal)
        self.reject_below.setEnabled(below > 0 and not refusal)
        self.rejected.setChecked(Status.REJECTED not in self._session.marks.hidden_statuses)

    def _about_current(self) -> str:
        """Return what is looked at: class, confidence, and what made it."""
        labels, current = self._session.labels, self._review.current
        if current is None or not self._review.is_active:
            return "Predictions that are imported with status suggested wait here."
        found = labels[current]
        sure = "no confidence" if found.confidence is None else f"{PERCENT * found.confidence:.0f} %"
        made = found.provenance.tool or found.provenance.source
        return f"{labels.ontology[found.class_id].name}, {sure}, {found.status}, by {made}"

    def _on_begin(self) -> None:
        self._review.toggle()
        self._show()  # a button that was pressed in vain comes up again

    def _on_threshold(self, percent: int) -> None:
        if round(PERCENT * self._review.threshold) != percent:
            self._review.threshold = percent / PERCENT

    def _on_class(self, _index: int) -> None:
        self._review.class_id = self.classes.currentData()

    def _on_rejected(self, *_: object) -> None:
        self._session.marks.hidden_statuses = () if self.rejected.isChecked() else (Status.REJECTED,)

    def _retire(self) -> None:
        """Let go of the labels, which may outlive this panel."""
        self._session.labels.ontology_changed.disconnect(self._offer_classes, missing_ok=True)
