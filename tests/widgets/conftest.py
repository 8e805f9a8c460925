"""Panels on a session without a napari window; Qt needs no screen for them."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from napari_geolabel.errors import CancelledError

if TYPE_CHECKING:
    from napari_geolabel.imagery.scene import Scene
    from napari_geolabel.labels.labels import Labels
    from napari_geolabel.viewer.session import Session


@pytest.fixture(scope="session", autouse=True)
def a_screen() -> Iterator[None]:
    """The screen there is, or none at all: these widgets draw without OpenGL."""
    from napari_geolabel.cli.screen import has_screen

    if has_screen():
        yield
        return
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    yield
    os.environ.pop("QT_QPA_PLATFORM", None)


@pytest.fixture(autouse=True)
def own_settings(napari_config: Path) -> None:
    """Each test has napari settings of its own."""


@pytest.fixture
def scene(write_scene: Callable[..., Path]) -> Iterator[Scene]:
    """A georeferenced scene of four named bands."""
    from napari_geolabel.imagery.opening import open_scene

    with open_scene(write_scene(bands=("blue", "green", "red", "nir"))) as opened:
        yield opened


@pytest.fixture
def labels(scene: Scene) -> Labels:
    """Empty labels of the scene with the maritime ontology."""
    from napari_geolabel.labels.opening import open_labels

    return open_labels(scene=scene, ontology="maritime")


@pytest.fixture
def viewer() -> Any:
    """A viewer without a window."""
    from napari.components import ViewerModel

    return ViewerModel()


@pytest.fixture
def session(viewer: Any, labels: Labels, qtbot: Any) -> Iterator[Session]:
    """A session whose event loop runs at once."""
    from napari_geolabel.viewer.session import Session

    made = Session(viewer, labels, defer=lambda action, milliseconds: action())
    yield made
    made.close()


class Endless:
    """Work that goes on until its watch, the last argument, ends it."""

    def __init__(self) -> None:
        self.begun, self.ended = threading.Event(), threading.Event()

    def __call__(self, *arguments: Any) -> None:
        self.begun.set()
        try:
            while True:
                arguments[-1].tell(0.5)
                time.sleep(0.002)
        except CancelledError:
            self.ended.set()
            raise


@pytest.fixture
def endless() -> Endless:
    """Work that never comes to an end by itself."""
    return Endless()
