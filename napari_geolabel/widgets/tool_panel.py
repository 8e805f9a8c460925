"""The drawing tools as buttons."""

from __future__ import annotations

from qtpy.QtWidgets import QButtonGroup, QGridLayout, QPushButton, QSizePolicy

from napari_geolabel.viewer.authoring import words
from napari_geolabel.viewer.keys import KEYS, TOOL_KEYS
from napari_geolabel.viewer.session import Session
from napari_geolabel.widgets.parts import Panel, set_tooltip

COLUMNS = 3
_TOOL = "tool"
_MOVE_KEY = next(key.key for key in KEYS if key.does.startswith("put the tool away"))


class ToolPanel(Panel):
    """Take a tool in hand; what the current class is not drawn with is greyed, and its tooltip says why."""

    def __init__(self, session: Session) -> None:
        super().__init__("Tools")
        self._session = session
        self.buttons: dict[str, QPushButton] = {}
        group = QButtonGroup(self)  # one of them is always down
        grid = QGridLayout()
        grid.setSpacing(4)
        for index, name in enumerate(["", *session.tools]):
            button = self._make_button(name)
            self.buttons[name] = button
            group.addButton(button)
            grid.addWidget(button, *divmod(index, COLUMNS))
        self.column.addLayout(grid)
        group.buttonClicked.connect(self._on_click)
        session.tool_changed.connect(self._show)
        session.class_changed.connect(self._show)
        self._show()

    def _make_button(self, name: str) -> QPushButton:
        """Return the button of a tool, of moving the map for the empty name."""
        key = TOOL_KEYS.get(name, "") if name else _MOVE_KEY
        title = words(name).capitalize() if name else "Move map"
        button = QPushButton(f"{title}  {key}".strip())
        button.setCheckable(True)
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        button.setProperty(_TOOL, name)
        return button

    def _on_click(self, button: QPushButton) -> None:
        self._session.use_tool(button.property(_TOOL) or None)
        self._show()

    def _show(self, _changed: str = "") -> None:
        """Press the button of the tool in hand and grey those that the class forbids."""
        reasons = self._session.tools
        for name, button in self.buttons.items():
            reason = reasons.get(name, "")
            button.setEnabled(not reason)
            button.setChecked(name == (self._session.tool or ""))
            set_tooltip(button, reason or _HINTS.get(name, ""))


_HINTS = {
    "": "Drag moves the map, the wheel zooms.",
    "box": "Drag from corner to corner, or click two corners.",
    "rotated_box": "Click bow, stern and one side.",
    "polygon": "Click the corners; double click or Enter ends, right click or Backspace takes one back.",
    "polyline": "Click along the line; double click or Enter ends, right click or Backspace takes one back.",
    "keypoint": "Click the point.",
    "brush": "Paint the mask; the layer controls at the left have size, eraser and fill.",
}
