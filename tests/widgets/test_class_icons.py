"""The eye and the padlock: each tells its two states apart, in the colours of the theme."""

from __future__ import annotations

import numpy as np
import pytest
from qtpy.QtGui import QColor, QIcon

from napari_geolabel.widgets.class_icons import ICON_PX, eye_icon, lock_icon


def pixels(icon, mode=QIcon.Mode.Normal):
    """Return the RGBA of an icon, shape (32, 32, 4)."""
    image = icon.pixmap(ICON_PX, ICON_PX, mode).toImage()
    rows = [[image.pixelColor(x, y).getRgb() for x in range(image.width())] for y in range(image.height())]
    return np.array(rows)


def test_an_eye_that_is_shut_is_struck_through(qapp):
    is_open, shut = pixels(eye_icon("#ffffff", is_open=True)), pixels(eye_icon("#ffffff", is_open=False))
    assert (is_open[..., 3] > 0).sum() > 50
    assert shut[28, 5, 3] > 0
    assert is_open[28, 5, 3] == 0


def test_a_lock_that_is_open_is_faint(qapp):
    locked, unlocked = pixels(lock_icon("#ffffff", is_locked=True)), pixels(lock_icon("#ffffff", is_locked=False))
    assert np.median(locked[locked[..., 3] > 0, 3]) > 2 * np.median(unlocked[unlocked[..., 3] > 0, 3])
    assert locked[20, 16, 3] > 200
    assert unlocked[20, 16, 3] == 0


@pytest.mark.parametrize("color", ["#f0f0f0", "#303030"])
def test_both_have_the_colour_of_text(qapp, color):
    red = QColor(color).red()
    for icon in (eye_icon(color, is_open=False), lock_icon(color, is_locked=True)):
        found = pixels(icon)
        solid = found[found[..., 3] == 255]
        assert len(solid)
        assert (abs(solid[:, 0] - red) <= 2).all()


def test_the_current_row_does_not_tint_them(qapp):
    for icon in (eye_icon("#ffffff", is_open=True), lock_icon("#ffffff", is_locked=True)):
        assert (pixels(icon) == pixels(icon, QIcon.Mode.Selected)).all()
