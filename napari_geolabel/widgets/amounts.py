"""Boxes for amounts with a unit, as narrow as a panel needs them."""

from __future__ import annotations

from collections.abc import Mapping

from qtpy.QtWidgets import QAbstractSpinBox, QDoubleSpinBox, QFormLayout, QMenu, QSizePolicy, QWidget, QWidgetAction

from napari_geolabel.widgets.parts import word

AMOUNT_PX = 64
"""Least width of the box of an amount."""
LARGEST = 100_000_000


def amount_box(value: float, least: float, unit: str) -> QDoubleSpinBox:
    """Return a box for an amount with a unit; wheel and arrow keys change it."""
    box = QDoubleSpinBox()
    box.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.NoButtons)  # the unit needs their room
    box.setMinimumWidth(AMOUNT_PX)
    box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)  # not as wide as its largest number
    box.setDecimals(1)
    box.setRange(least, LARGEST)
    box.setValue(value)
    box.setSuffix(f" {unit}")
    return box


def amounts_menu(parent: QWidget, boxes: Mapping[str, QDoubleSpinBox]) -> QMenu:
    """Return a menu that holds boxes for amounts, each behind its word."""
    menu, fields, action = QMenu(parent), QWidget(), QWidgetAction(parent)
    form = QFormLayout(fields)
    form.setContentsMargins(8, 6, 8, 6)
    for name, box in boxes.items():
        box.setMinimumWidth(2 * AMOUNT_PX)
        form.addRow(word(name), box)
    action.setDefaultWidget(fields)
    menu.addAction(action)
    return menu
