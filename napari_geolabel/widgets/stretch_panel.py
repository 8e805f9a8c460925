"""How the composite on screen is stretched: by which method, from which pixels, and between which values."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Literal

from qtpy.QtCore import QTimer
from qtpy.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)
from superqt.utils import signals_blocked

from napari_geolabel.errors import GeoLabelError
from napari_geolabel.imagery.histogram import Histogram
from napari_geolabel.imagery.stretch import Limits, Stretch
from napari_geolabel.viewer.composites import Composites
from napari_geolabel.viewer.current_view import current_view
from napari_geolabel.viewer.notices import warn
from napari_geolabel.viewer.session import Session
from napari_geolabel.widgets.background import Background
from napari_geolabel.widgets.histogram_view import CHANNEL_COLORS, HistogramView
from napari_geolabel.widgets.parts import set_tooltip, set_width, word

METHODS = {
    "percentile": "Percentiles",
    "deviation": "Std deviations",
    "fixed": "Fixed values",
    "equalize": "Equalised",
}
WHOLE, VIEW = "whole scene", "present view"
_APART, _TOGETHER = "each channel", "channels together"
_MOST_CHANNELS = 3
_NUMBER_PX = 44


class StretchPanel(QWidget):  # type: ignore[misc]  # qtpy has no types
    """Chooses the stretch of the selected scene's composite, and shows its histograms with their limits."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._background = Background("histograms")
        self._counted: object = None
        self._trying: tuple[Limits, ...] = ()
        self._later = QTimer(self, singleShot=True, interval=0)  # a picture for the last of many moves
        self._later.timeout.connect(self._try)
        self._make_boxes()
        self.histograms = [HistogramView() for _ in range(_MOST_CHANNELS)]
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        column.addLayout(_row(self.method, self.low, self._to, self.high, self._percent, self.count, self._times))
        column.addLayout(_row(self.channels, word("of"), self.part))
        column.addLayout(_row(word("gamma"), self.gamma, self.automatic, self.reset))
        for i, histogram in enumerate(self.histograms):
            column.addWidget(histogram)
            histogram.tried.connect(partial(self._on_tried, i))
            histogram.kept.connect(partial(self._on_kept, i))

    def show_stretch(self) -> None:
        """Show how the composite on screen is stretched now."""
        composites = self._composites
        stretch, single = composites.shown.stretch, len(composites.limits) == 1
        with signals_blocked(self.low), signals_blocked(self.high), signals_blocked(self.count):
            if stretch.method == "percentile":
                self.low.setValue(stretch.low)
                self.high.setValue(stretch.high)
            elif stretch.method == "deviation":
                self.count.setValue(stretch.high)
        with signals_blocked(self.gamma):
            self.gamma.setValue(composites.gamma)
        self.automatic.setChecked(stretch.gamma == "auto")
        self.method.setCurrentText(METHODS[stretch.method])
        self.channels.setCurrentText(_TOGETHER if self._is_together(composites) else _APART)
        self.part.setCurrentText(WHOLE if stretch.view is None else VIEW)
        for widget in (self.low, self._to, self.high, self._percent):
            widget.setVisible(stretch.method == "percentile")
        for widget in (self.count, self._times):
            widget.setVisible(stretch.method == "deviation")
        self.channels.setVisible(not single)
        self._show_limits(composites)
        self.count_again()

    def count_again(self) -> None:
        """Have the histograms made where they are seen and not yet right."""
        composites = self._composites
        shown = composites.shown
        wanted = composites.scene, shown.channels, shown.stretch.view
        if not self.isVisible() or wanted == self._counted:
            return
        self._counted = wanted
        count = partial(composites.histogram, shown.stretch.view)
        self._background.ask(count, partial(self._show_histograms, wanted))

    def close_jobs(self) -> None:
        """Count nothing more."""
        self._background.close()

    @property
    def _composites(self) -> Composites:
        return self._session.scenes.composites

    def _make_boxes(self) -> None:
        self.method, self.channels, self.part = (_choice(*names) for names in _CHOICES)
        self.low, self.high = _number(0, 49.9, 0.5), _number(50.1, 100, 0.5)
        self.count, self.gamma = _number(0.1, 10, 0.5), _number(0.1, 5, 0.1)
        self._to, self._percent, self._times = word("to"), word("%"), word("sigma")
        self.automatic, self.reset = QCheckBox("auto"), QPushButton("Reset")
        set_tooltip(self.low, "Per cent of the valid pixels that are shown black.")
        set_tooltip(self.high, "Per cent of the valid pixels that are shown darker than full brightness.")
        set_tooltip(self.count, "Standard deviations to both sides of the mean.")
        set_tooltip(self.channels, "Together: one pair of limits for all channels, so that clouds stay white.")
        set_tooltip(self.part, "Which pixels are judged; choose “present view” again after you have moved on.")
        set_tooltip(self.gamma, "Above 1 brightens what is dark.")
        set_tooltip(self.automatic, "Shows the median pixel at a third of full brightness.")
        set_tooltip(self.reset, "The stretch that this composite has by default.")
        self.method.textActivated.connect(self._on_method)
        self.channels.textActivated.connect(self._on_channels)
        self.part.textActivated.connect(self._on_part)
        for box in (self.low, self.high, self.count):
            box.editingFinished.connect(self._on_numbers)
        self.gamma.editingFinished.connect(self._on_gamma)
        self.automatic.clicked.connect(self._on_automatic)
        self.reset.clicked.connect(lambda: self._composites.reset_stretch())

    def _show_limits(self, composites: Composites) -> None:
        limits = composites.limits
        for i, view in enumerate(self.histograms):
            view.setVisible(i < len(limits))
            if i < len(limits) and not view.slider.isSliderDown():
                view.show_limits(limits[i])

    def _show_histograms(self, wanted: object, counted: tuple[Histogram, ...]) -> None:
        if wanted != self._counted:  # another composite is shown meanwhile
            return
        limits = self._composites.limits
        for i, histogram in enumerate(counted):
            color = CHANNEL_COLORS[i] if len(counted) > 1 else None
            self.histograms[i].show_histogram(replace(histogram, limits=limits[i]), color)

    def _on_method(self, title: str) -> None:
        method = next(key for key, name in METHODS.items() if name == title)
        now = self._composites.shown.stretch
        if method != now.method:
            made = {
                "percentile": Stretch.percentile(0.5, 99.5),
                "deviation": Stretch.deviations(2),
                "fixed": Stretch.each(*self._composites.limits),
                "equalize": Stretch.equalize(),
            }[method]
            shared: Literal["apart", "together"] = "together" if self._is_together(self._composites) else "apart"
            gamma = 1.0 if method == "equalize" else now.gamma
            self._use(replace(made, gamma=gamma, channels="apart" if method == "fixed" else shared, view=now.view))

    def _on_channels(self, title: str) -> None:
        composites = self._composites
        now, limits = composites.shown.stretch, composites.limits
        if now.method != "fixed":
            self._use(replace(now, channels="together" if title == _TOGETHER else "apart"))
        elif title == _TOGETHER:
            widest = min(low for low, _ in limits), max(high for _, high in limits)
            self._use(replace(Stretch.each(*[widest] * len(limits)), gamma=now.gamma))
        else:
            self.channels.setCurrentText(_APART)  # each handle moves alone from now on

    def _on_part(self, title: str) -> None:
        view = current_view(self._session.viewer, self._session.scenes.active_layer) if title == VIEW else None
        if title == VIEW and view is None:
            warn("nothing of the scene is in view; move there first")
            self.show_stretch()
        else:
            self._told(partial(self._composites.stretch_on, view))

    def _on_numbers(self) -> None:
        now = self._composites.shown.stretch
        wanted = now
        if now.method == "percentile":
            wanted = replace(now, low=self.low.value(), high=self.high.value())
        elif now.method == "deviation":
            wanted = replace(now, low=-self.count.value(), high=self.count.value())
        if wanted != now:
            self._use(wanted)

    def _on_gamma(self) -> None:
        if abs(self.gamma.value() - self._composites.gamma) > 10.0 ** -self.gamma.decimals() / 2:
            self._use(replace(self._composites.shown.stretch, gamma=self.gamma.value()))

    def _on_automatic(self) -> None:
        gamma: float | Literal["auto"] = "auto" if self.automatic.isChecked() else self.gamma.value()
        self._use(replace(self._composites.shown.stretch, gamma=gamma))

    def _on_tried(self, channel: int, low: float, high: float) -> None:
        self._trying = self._with(channel, (low, high))
        self._later.start()

    def _try(self) -> None:
        self._told(partial(self._composites.try_limits, *self._trying))

    def _on_kept(self, channel: int, low: float, high: float) -> None:
        self._later.stop()
        self._told(partial(self._composites.use_limits, *self._with(channel, (low, high))))

    def _with(self, channel: int, limits: Limits) -> tuple[Limits, ...]:
        """Return the limits of all channels with those of one changed, or of all where they are kept together."""
        present = self._composites.limits
        if len(present) > 1 and self.channels.currentText() == _TOGETHER:
            return (limits,) * len(present)
        return (*present[:channel], limits, *present[channel + 1 :])

    def _is_together(self, composites: Composites) -> bool:
        """Return whether all channels share their limits; fixed ones that happen to be equal are told by the choice."""
        stretch = composites.shown.stretch
        if stretch.method != "fixed":
            return stretch.channels == "together"
        return len(set(composites.limits)) == 1 and self.channels.currentText() == _TOGETHER

    def _use(self, stretch: Stretch) -> None:
        self._told(partial(self._composites.use_stretch, stretch))

    def _told(self, action: partial[None]) -> None:
        try:
            action()
        except GeoLabelError as error:
            warn(str(error))
            self.show_stretch()


_CHOICES = (tuple(METHODS.values()), (_APART, _TOGETHER), (WHOLE, VIEW))


def _choice(*names: str) -> QComboBox:
    box = QComboBox()
    box.addItems(names)
    return box


def _number(low: float, high: float, step: float) -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setRange(low, high)
    box.setDecimals(1)
    box.setSingleStep(step)
    box.setKeyboardTracking(False)
    box.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.NoButtons)
    set_width(box, _NUMBER_PX)
    return box


def _row(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(4)
    for widget in widgets:
        row.addWidget(widget)
    row.addStretch()
    return row
