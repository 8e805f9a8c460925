"""The drawing tools as buttons, and what changes annotations that are there."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from qtpy.QtCore import QSignalBlocker, QSize
from qtpy.QtWidgets import QButtonGroup, QGridLayout, QPushButton, QSizePolicy

from napari_geolabel.viewer.authoring import words
from napari_geolabel.viewer.key_names import COMMAND_KEYS, DEFAULTS, TOOL_KEYS
from napari_geolabel.viewer.key_ring import KeyRing
from napari_geolabel.viewer.own_keys import label
from napari_geolabel.viewer.session import Session
from napari_geolabel.viewer.sketches import MASK_TOOLS, RESHAPING_TOOLS
from napari_geolabel.widgets.amounts import amount_box, amounts_menu
from napari_geolabel.widgets.key_hints import hint
from napari_geolabel.widgets.parts import Panel, set_tooltip
from napari_geolabel.widgets.theme_style import follow_theme_by_icon
from napari_geolabel.widgets.tool_icons import ICON_PX, tool_icon

COLUMNS, PAINTING_COLUMNS = 8, 2
BUTTON_PX = 36
_TOOL = "tool"


class ToolPanel(Panel):
    """Take a tool in hand, or change what is selected; what cannot be now is greyed, and its tooltip says why."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.keys = _plain_button()
        self.keys.setText("?")
        hint(self.keys, session.keys, "all keys, to find and to change ({keys}, or ? anywhere)")
        self.keys.clicked.connect(self._on_keys)
        self._is_empty = True
        self.buttons: dict[str, QPushButton] = {}
        self._at_once = QButtonGroup(self)  # not a partial for each button, which would keep the panel alive
        self.commands = {name: self._make_command(name) for name in COMMAND_KEYS}
        self._group = QButtonGroup(self)  # one of them is always down
        self.amounts = _button("amounts")
        """Opens how far buffers and simplifying go."""
        self._make_amounts()
        self._lay_tools([name for name in session.tools if name not in MASK_TOOLS])
        self.painting = Panel("Paint with an outline or a click")
        """What paints the mask besides the brush; it stands above the painted areas."""
        self._lay_painting([name for name in session.tools if name in MASK_TOOLS])
        self._group.buttonClicked.connect(self._on_click)
        self._at_once.buttonClicked.connect(self._on_command)
        session.tool_changed.connect(self._show)
        session.class_changed.connect(self._show)
        session.selection.changed.connect(self._show)
        session.counts.changed.connect(self._on_counts)
        session.keys.changed.connect(self._show_keys)
        self._show_keys()

    def _lay_tools(self, names: Iterable[str]) -> None:
        """Add all buttons in rows: what draws, what changes, and what the mouse snaps to."""
        self.buttons = {name: self._make_button(name) for name in ("", *names)}
        self.snap, self.trace = _button("snap"), _button("trace")
        for button in self.buttons.values():
            self._group.addButton(button)
        ordered = sorted(self.buttons, key=lambda name: name in RESHAPING_TOOLS)
        grid = QGridLayout()
        grid.setSpacing(3)
        drawing = [self.buttons[name] for name in ordered]
        shown = [*drawing, *self.commands.values(), self.amounts, self.snap, self.trace, self.keys]
        for index, button in enumerate(shown):
            grid.addWidget(button, *divmod(index, COLUMNS))
        self.column.addLayout(grid)
        self._follow_aim()

    def _lay_painting(self, names: Iterable[str]) -> None:
        """Add what paints the mask, each with its word: there are few, and they have a tab of their own."""
        grid = QGridLayout()
        grid.setSpacing(3)
        for index, name in enumerate(names):
            button = self.buttons[name] = self._make_button(name)
            self._group.addButton(button)
            grid.addWidget(button, *divmod(index, PAINTING_COLUMNS))
        self.painting.column.addLayout(grid)

    def _follow_aim(self) -> None:
        """Let the last two buttons switch what the mouse snaps to and follows."""
        aim = self._session.toolbox.aim
        for box in (self.snap, self.trace):
            box.setCheckable(True)
        if aim is not None:
            self.snap.clicked.connect(aim.toggle_snapping)
            self.trace.clicked.connect(aim.toggle_tracing)
            aim.changed.connect(self._show_aim)

    def _show_aim(self) -> None:
        """Tick what is switched on, by whatever hand."""
        aim = self._session.toolbox.aim
        if aim is not None:
            for box, is_on in ((self.snap, aim.is_snapping), (self.trace, aim.is_tracing)):
                with QSignalBlocker(box):
                    box.setChecked(is_on)

    def _make_amounts(self) -> None:
        """Let a button open how far a buffer goes and how much simplifying may move."""
        reshaper = self._session.reshaper
        self.distance = amount_box(reshaper.distance, -100_000, reshaper.unit)
        self.tolerance = amount_box(reshaper.tolerance_px, 0.1, "px")
        set_tooltip(self.distance, "How far a buffer grows; less than 0 shrinks.")
        set_tooltip(self.tolerance, "How far simplifying may move an outline, in pixels of the scene.")
        self.distance.valueChanged.connect(lambda value: setattr(reshaper, "distance", value))
        self.tolerance.valueChanged.connect(lambda value: setattr(reshaper, "tolerance_px", value))
        self.amounts.setMenu(amounts_menu(self.amounts, {"Buffer": self.distance, "Simplify": self.tolerance}))
        set_tooltip(self.amounts, "How far Buffer and Simplify go.")

    def _make_button(self, name: str) -> QPushButton:
        """Return the button of a tool, of moving the map for the empty name."""
        button = _button(name)
        button.setCheckable(True)
        return button

    def _make_command(self, name: str) -> QPushButton:
        button = _button(name)
        self._at_once.addButton(button)
        return button

    def _on_click(self, button: QPushButton) -> None:
        self._session.use_tool(button.property(_TOOL) or None)
        self._show()

    def _on_keys(self) -> None:
        self._session.asked.emit("keys")

    def _on_command(self, button: QPushButton) -> None:
        self._session.reshaper.run(button.property(_TOOL))

    def _on_counts(self) -> None:
        """Show what can be done with the first annotation, and no longer without the last."""
        if self._is_empty != (self._session.counts.total == 0):
            self._show()

    def _show(self, _changed: str = "") -> None:
        """Press the button of the tool in hand and grey what cannot be used now."""
        self._is_empty = self._session.counts.total == 0
        reasons = self._session.tools
        for name, button in self.buttons.items():
            _grey(button, _why(name, reasons.get(name, "")), tool_hint(name, self._session.keys))
            button.setChecked(name == (self._session.tool or ""))
        for name, button in self.commands.items():
            _grey(button, _why(name, self._session.reshaper.why_not(name)), tool_hint(name, self._session.keys))

    def _show_keys(self) -> None:
        """Write each button's key on it, as it is now."""
        for name, button in {**self.buttons, **self.commands, "snap": self.snap, "trace": self.trace}.items():
            key = self._key(name).replace("Shift+", "\u21e7").replace("no key", "")
            button.setText(f"{words(name).capitalize()} {key}" if name in MASK_TOOLS else key)
        for name, button, text in (("snap", self.snap, _SNAP), ("trace", self.trace, _TRACE)):
            set_tooltip(button, f"{text} {self._key(name)}")
        self._show()

    def _key(self, name: str) -> str:
        return self._session.keys.label(_key_name(name))


def _button(name: str) -> QPushButton:
    """Return a button with the picture of a tool."""
    button = _plain_button()
    follow_theme_by_icon(button, partial(tool_icon, name))
    button.setIconSize(QSize(ICON_PX, ICON_PX))
    button.setProperty(_TOOL, name)
    return button


def _plain_button() -> QPushButton:
    """Return a button for the rows of tools."""
    button = QPushButton()
    button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)  # all of one width
    button.setMinimumWidth(BUTTON_PX)
    button.setStyleSheet("QPushButton { padding: 2px 0px; font-size: 8pt; } QPushButton::menu-indicator { width: 0; }")
    return button


def _why(name: str, reason: str) -> str:
    """Return the name of a tool with the reason why it cannot be used, empty without one."""
    return reason and f"{words(name).capitalize()}: {reason}"


def _grey(button: QPushButton, reason: str, hint: str) -> None:
    """Let a button be pressed unless there is a reason against it, which its tooltip then says."""
    button.setEnabled(not reason)
    set_tooltip(button, reason or hint)


def tool_hint(name: str, keys: KeyRing | None = None) -> str:
    """Return the name of a tool, its key and what it does; None means the keys at first."""
    key_name = _key_name(name)
    key = label(DEFAULTS[key_name]) if keys is None else keys.label(key_name)
    return f"{words(name).capitalize() if name else 'Move map'} ({key}). {_HINTS.get(name, '')}"


def _key_name(name: str) -> str:
    """Return the name of the key of a tool, of a command, or of moving the map for the empty name."""
    return f"tool_{name}" if name in TOOL_KEYS else name or "put_away"


_SNAP = "Set points on vertices and edges of what is there; a square marks a vertex, an hourglass an edge."
_TRACE = "Between two points on one outline, follow that outline: the border is then the same twice."
_DRAW = "double click or Enter ends, Escape gives up."
_HINTS = {
    "": "Drag moves the map, the wheel zooms.",
    "box": "Drag from corner to corner, or click two corners.",
    "rotated_box": "Click bow, stern and one side.",
    "polygon": "Click the corners; double click or Enter ends, right click or Backspace takes one back.",
    "lasso": "Hold the button and draw round it; letting go ends.",
    "ellipse": "Drag from corner to corner of the box around it, or click the two.",
    "polyline": "Click along the line; double click or Enter ends, right click or Backspace takes one back.",
    "keypoint": "Click the point.",
    "skeleton": "Click the named points of the class one after another; double click or Enter ends sooner.",
    "brush": "Paint the mask; the layer controls at the left have size, eraser and fill.",
    "adjust": "Drag what is selected to move it, its corners to resize, the grip ahead to turn.",
    "area": f"Hold the button and draw round what is to be painted, or click its corners; {_DRAW}",
    "erase_area": f"Hold the button and draw round what is to be erased, or click its corners; {_DRAW}",
    "wand": "Click a pixel: what hangs together with it and looks like it is painted.",
    "instance": f"Draw round it: its pixels become an annotation, or more of the one that is selected; {_DRAW}",
    "hole": f"Click the corners of a hole inside; {_DRAW}",
    "split": f"Click a line from one side to the other; {_DRAW}",
    "cut": f"Click the corners of what shall go; {_DRAW}",
    "part": f"Click the corners of another part; {_DRAW}",
    "reshape": f"Click the new outline, from a point on one side of the old to one on the same side; {_DRAW}",
    "merge": "Make one of all that is selected.",
    "simplify": "Leave out the vertices that matter less than the tolerance that the sliders beside set.",
    "buffer": "Grow what is selected by the distance that the sliders beside set.",
    "duplicate": "Put a copy beside what is selected.",
}
