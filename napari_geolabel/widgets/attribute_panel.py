"""The attributes of what is selected or drawn, and those of the scene, in forms made from the ontology."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from qtpy.QtWidgets import QCheckBox, QLabel

from napari_geolabel.errors import AttributeValueError, GeoLabelError
from napari_geolabel.ontology.values import missing_required
from napari_geolabel.viewer.gl_guard import canvas_widget
from napari_geolabel.viewer.notices import warn
from napari_geolabel.viewer.session import Session
from napari_geolabel.widgets.attribute_form import AttributeForm
from napari_geolabel.widgets.key_hints import hint
from napari_geolabel.widgets.parts import Panel, plain_label, set_tooltip


class AttributePanel(Panel):
    """Answer the attributes of the selection, of what was drawn last, or of what comes next."""

    def __init__(self, session: Session) -> None:
        super().__init__("Attributes")
        hint(self.title, session.keys, "Attributes  ({attributes})", QLabel.setText)
        self.title.setWordWrap(False)
        self._session = session
        self._sheet = session.attributes.sheet
        self.subject = plain_label()
        self.form = AttributeForm()
        self.remembers = QCheckBox("repeat")
        set_tooltip(self.remembers, "start the next one with these choices; names, numbers and days are asked anew")
        self.head.addWidget(self.subject, stretch=1)
        self.head.addWidget(self.remembers)
        self.column.addWidget(self.form)
        self.remembers.toggled.connect(self._on_remembers)
        self.form.answered.connect(self._on_answer)
        self.form.left.connect(lambda: focus_map(session))
        session.attributes.changed.connect(self._show)
        session.asked.connect(self._on_asked)
        self._show()

    def _show(self) -> None:
        editor, refusal = self._session.attributes, self._session.labels.refusal
        if editor.sheet.subject != self._sheet.subject:
            self._answer_typed()
        sheet = self._sheet = editor.sheet
        self.subject.setText(sheet.title if sheet.attributes or not sheet.values else "")
        self.form.show_attributes(sheet.attributes, sheet.values, sheet.missing)
        self.form.forbid(refusal if sheet.attributes else "")
        self.remembers.setChecked(editor.remembers)
        self.remembers.setVisible(bool(sheet.attributes) and not refusal)

    def _answer_typed(self) -> None:
        """Take what is being typed for what it was typed at: the keyboard may stay in a field when the subject goes."""
        typed_at = self._sheet
        for name, value in self.form.take_typed():
            try:
                self._session.attributes.answer(name, value, typed_at)
            except GeoLabelError as error:
                warn(str(error))

    def _on_answer(self, name: str, value: Any) -> None:  # noqa: ANN401  (of the attribute's type)
        _answer(self.form, lambda: self._session.attributes.answer(name, value, self._sheet))

    def _on_asked(self, wish: str) -> None:
        if wish == "attributes":
            self.form.focus_first()

    def _on_remembers(self, *_: object) -> None:
        editor, wanted = self._session.attributes, self.remembers.isChecked()
        if wanted != editor.remembers:
            editor.remembers = wanted


class SceneAttributePanel(Panel):
    """Answer what the ontology asks of the scene as a whole."""

    def __init__(self, session: Session) -> None:
        super().__init__("Scene")
        self._session = session
        self.form = AttributeForm()
        self.column.addWidget(self.form)
        self.form.answered.connect(self._on_answer)
        self.form.left.connect(lambda: focus_map(session))
        session.labels.changed.connect(self._show)
        session.labels.ontology_changed.connect(self._show)
        session.closed.connect(self._retire)
        self._show()

    def _show(self, _what: object = None) -> None:
        labels = self._session.labels
        asked = labels.ontology.scene_attributes
        missing = {path.rpartition(".")[2] for path in missing_required(asked, labels.scene_attributes)}
        self.form.show_attributes(asked, labels.scene_attributes, missing)
        self.form.forbid(labels.refusal if asked else "")
        self.setVisible(bool(asked))

    def _retire(self) -> None:
        """Let go of the labels, which may outlive this panel."""
        self._session.labels.changed.disconnect(self._show, missing_ok=True)
        self._session.labels.ontology_changed.disconnect(self._show, missing_ok=True)

    def _on_answer(self, name: str, value: Any) -> None:  # noqa: ANN401
        _answer(self.form, lambda: self._session.labels.classify_scene(**{name: value}))


def focus_map(session: Session) -> None:
    """Give the keyboard back to the map."""
    canvas = canvas_widget(session.viewer)
    if canvas is not None:
        canvas.setFocus()


def _answer(form: AttributeForm, answer: Callable[[], object]) -> None:
    """Take an answer over; one that the ontology refuses is told below the form, any other failure as everywhere."""
    try:
        answer()
    except AttributeValueError as error:
        form.refuse(str(error))
    except GeoLabelError as error:
        warn(str(error))
