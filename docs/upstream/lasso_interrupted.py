"""Press space while napari's lasso is drawing: the release of the button raises TypeError.

Run it on a screen, or under xvfb-run.  It needs napari alone.
"""

from __future__ import annotations

import sys
import traceback

import napari
import numpy as np
from qtpy.QtCore import QPoint, Qt
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication

viewer = napari.Viewer()
layer = viewer.add_shapes(ndim=2)
viewer.add_image(np.zeros((256, 256)))
viewer.layers.selection.active = layer
layer.mode = "add_polygon_lasso"
canvas, app, raised = viewer.window._qt_viewer.canvas.native, QApplication.instance(), []  # noqa: SLF001
sys.excepthook = lambda kind, error, trace: raised.append("".join(traceback.format_exception(kind, error, trace)))

QTest.mousePress(canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(100, 100))
for step in range(1, 6):
    QTest.qWait(20)
    QTest.mouseMove(canvas, QPoint(100 + 20 * step, 100 + 10 * step * step))
QTest.keyPress(canvas, Qt.Key.Key_Space)  # hold for pan and zoom: the mode changes, the shape is finished
QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(250, 350))
QTest.keyRelease(canvas, Qt.Key.Key_Space)
app.processEvents()
viewer.close()
print(raised[0] if raised else "nothing was raised")
