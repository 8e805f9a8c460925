"""Watches in which OpenGL context the graphics objects of a canvas are deleted.

A shader program that is deleted in another context than its own ends, some
time later and not always, in a native crash (``docs/upstream.md``).  This sees
the cause each time, at the moment it happens.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

LAST_FRAMES = 20
"""How much of the way to a deletion is told."""


@contextmanager
def contexts_watched(tell: Callable[[str], None]) -> Iterator[None]:
    """Tell of each graphics object that is deleted in a context in which it was not made.

    Parameters
    ----------
    tell
        Called with a sentence and the way that led there.
    """
    from vispy.gloo import glir

    kinds = (glir.GlirShader, glir.GlirProgram, glir.GlirBuffer, glir.GlirTexture, glir.GlirFrameBuffer)
    before = [(kind, kind.create, kind.delete) for kind in kinds]
    for kind, create, delete in before:
        kind.create, kind.delete = _noting(create), _comparing(delete, tell)
    try:
        yield
    finally:
        for kind, create, delete in before:
            kind.create, kind.delete = create, delete


def _noting(create: Callable[[Any], None]) -> Callable[[Any], None]:
    """Return what makes an object and notes in which context."""

    def made(thing: Any) -> None:
        create(thing)
        thing.made_in = _current()

    return made


def _comparing(delete: Callable[[Any], None], tell: Callable[[str], None]) -> Callable[[Any], None]:
    """Return what deletes an object and tells where that is done in another context."""

    def deleted(thing: Any) -> None:
        made_in = getattr(thing, "made_in", None)
        if made_in is not None and made_in is not _current():
            way = "".join(traceback.format_stack()[-LAST_FRAMES:-1])
            tell(f"a {type(thing).__name__} was deleted in a context that is not its own\n{way}")
        delete(thing)

    return deleted


def _current() -> Any:
    from qtpy.QtGui import QOpenGLContext

    return QOpenGLContext.currentContext()
