"""A screen to draw on: the one there is, or a virtual one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from napari_geolabel.errors import GeoLabelError

_START_TIMEOUT_S = 20


def has_screen() -> bool:
    """Return whether windows can be shown: always outside Linux, there where a display server is named."""
    return not sys.platform.startswith("linux") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


@contextmanager
def screen() -> Iterator[dict[str, str]]:
    """Yield environment variables of a process that can show windows.

    Without a screen a virtual one (Xvfb) runs as long as the block.

    Raises
    ------
    GeoLabelError
        If there is no screen and no Xvfb.
    """
    if has_screen():
        yield dict(os.environ)
        return
    if shutil.which("Xvfb") is None:
        raise GeoLabelError("there is no screen and no Xvfb to draw on; install xvfb, or run this at a desktop")
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1600x1000x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[writing], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(writing)
    try:
        yield {**os.environ, "DISPLAY": f":{_display_number(reading)}", "QT_QPA_PLATFORM": "xcb"}
    finally:
        server.terminate()
        server.wait(_START_TIMEOUT_S)


def _display_number(pipe: int) -> int:
    """Return the display that Xvfb tells through a pipe once it is ready."""
    with os.fdopen(pipe) as lines:
        told = lines.readline().strip()
    if not told:
        raise GeoLabelError("Xvfb ended before it showed a screen; run it by hand to see why")
    return int(told)
