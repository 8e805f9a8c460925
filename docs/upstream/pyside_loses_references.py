"""Emit a signal: PySide6 6.12.0 gives back a reference to True each time, which Python 3.11 counts.

It needs PySide6 alone, and no screen.
"""

from __future__ import annotations

import sys

import PySide6
from PySide6.QtCore import QCoreApplication, QTimer

application, timer = QCoreApplication([]), QTimer()
before = sys.getrefcount(True)
for _ in range(20):
    timer.timeout.emit()
print(f"PySide6 {PySide6.__version__}, Python {sys.version.split()[0]}: {sys.getrefcount(True) - before:+d} references")
