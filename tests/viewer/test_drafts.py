"""What is being drawn survives a crash, and its user goes on with it or gives it up."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import shapely
from napari.utils.interactions import mouse_press_callbacks, mouse_release_callbacks
from wrapt import ObjectProxy

from napari_geolabel.errors import GeoLabelError
from napari_geolabel.labelfile import Draft, Saved
from napari_geolabel.labels.opening import open_labels
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.viewer.session import Session

CLICKS = [(50, 60), (120, 64), (150, 100), (110, 140), (55, 118)]


def click(session, x: float, y: float, button: int = 1) -> None:
    """Click at a pixel, through napari's own dispatchers."""

    def event(kind: str) -> SimpleNamespace:
        return SimpleNamespace(
            type=kind,
            pos=np.array([x, y]),
            position=session.shapes_layer.data_to_world((y - 0.5, x - 0.5)),
            button=button,
            is_dragging=False,
            handled=False,
            modifiers=(),
        )

    mouse_press_callbacks(session.viewer, ObjectProxy(event("mouse_press")))  # napari puts later events into this one
    mouse_release_callbacks(session.viewer, event("mouse_release"))


@pytest.fixture
def begin(scene, coast_ontology, tmp_path, loop):
    """Begin a session on the test's label file; those still open are ended at the end."""
    from napari.components import ViewerModel

    sessions = []

    def make(**options) -> Session:
        path = tmp_path / "scene.labels.gpkg"
        labels = open_labels(path, **{"scene": scene, "ontology": coast_ontology, "annotator": "Ada", **options})
        sessions.append(Session(ViewerModel(), labels, defer=loop.defer))
        return sessions[-1]

    yield make
    for session in sessions:
        session.close()
        session.labels.close()


def end(session) -> None:
    session.close()
    session.labels.close()


def draw(session, count: int) -> None:
    """Set the first points of a cloud's outline."""
    session.current_class = "cloud"
    session.tool = "polygon"
    for x, y in CLICKS[:count]:
        click(session, x, y)


def test_each_point_is_kept_and_no_mouse_move_is(begin) -> None:
    session = begin()
    kept = []
    session.labels.keep_draft = lambda draft: kept.append(None if draft is None else len(draft.points))

    draw(session, 3)
    session.toolbox._on_move(session.viewer, SimpleNamespace(position=(500, 500)))
    session.toolbox.back()

    assert kept == [1, 2, 3, 2]


def test_the_draft_says_what_is_drawn_and_counts_as_nothing(begin) -> None:
    session = begin()
    draw(session, 4)
    session.labels.flush()

    assert session.labels.draft == Draft(kind=Kind.POLYGON, class_id="cloud", points=tuple(CLICKS[:4]))
    assert len(session.labels) == 0
    assert not session.labels.store.can_undo
    assert session.labels.status == Saved()


def test_what_is_finished_or_given_up_is_no_draft(begin) -> None:
    session = begin()
    draw(session, 4)
    session.toolbox.finish()
    assert session.labels.draft is None
    assert len(session.labels) == 1

    draw(session, 2)
    session.toolbox.cancel()
    assert session.labels.draft is None
    assert len(session.labels) == 1


def test_another_class_in_the_middle_of_a_drawing_is_kept_too(begin) -> None:
    session = begin()
    session.current_class = "ship"
    session.tool = "box"
    click(session, 20, 20)
    assert session.labels.draft.class_id == "ship"
    session.current_class = "cloud"  # which has no boxes, so that the drawing ends

    assert session.labels.draft is None


def test_a_drawing_that_is_not_complete_is_taken_up_after_the_window_was_closed(begin) -> None:
    session = begin()
    draw(session, 2)
    end(session)

    again = begin()

    assert again.tool == "polygon"
    assert again.current_class == "cloud"
    assert again.toolbox.points.tolist() == [list(p) for p in CLICKS[:2]]
    assert again.toolbox.is_drawing
    assert len(again.preview_layer.data) > 0, "it is shown"
    assert any("unfinished polygon of 2 points (cloud)" in note for note in again.labels.notes)


def test_a_drawing_that_is_complete_becomes_a_label_when_the_window_closes(begin, told) -> None:
    session = begin()
    draw(session, 4)
    end(session)

    again = begin()

    assert len(again.labels) == 1
    assert again.labels.draft is None
    assert again.tool is None


def test_a_draft_that_nobody_went_on_with_stays_one(begin) -> None:
    session = begin()
    session.labels.keep_draft(Draft(kind=Kind.POLYGON, class_id="cloud", points=tuple(CLICKS)))
    session._drafts._disconnect()
    end(session)
    for _ in range(2):
        again = begin()
        assert len(again.toolbox.points) == 5
        end(again)

    assert len(begin().labels) == 0


def test_a_script_that_labels_without_a_window_sees_the_draft(begin, scene, tmp_path) -> None:
    session = begin()
    draw(session, 2)
    end(session)

    labels = open_labels(tmp_path / "scene.labels.gpkg", scene=scene, annotator="Ada")
    assert str(labels.draft) == "polygon of 2 points (cloud)"
    labels.keep_draft(None)
    labels.close()
    assert begin().labels.draft is None


def test_a_draft_whose_class_is_gone_is_told_and_kept(begin, told) -> None:
    session = begin()
    session.labels.keep_draft(Draft(kind=Kind.POLYGON, class_id="iceberg", points=tuple(CLICKS)))
    session._drafts._disconnect()
    end(session)

    again = begin()

    assert any("unfinished polygon of 5 points (iceberg) could not be taken up" in line for line in told)
    assert again.labels.draft is not None
    assert not again.toolbox.is_drawing
    again.current_class = "wake"
    again.tool = "polyline"
    assert again.labels.draft.class_id == "iceberg"  # until something else is drawn
    draw(again, 2)
    again.toolbox.cancel()
    assert again.labels.draft is None


def test_labels_in_memory_have_a_draft_of_their_own(session) -> None:
    draw(session, 2)
    assert len(session.labels.draft.points) == 2
    session.toolbox.cancel()
    assert session.labels.draft is None


def test_labels_to_read_take_no_tool_and_so_no_draft(begin) -> None:
    end(begin())
    session = begin(mode="r", ontology=None)
    with pytest.raises(GeoLabelError, match="opened for reading"):
        draw(session, 2)

    assert session.labels.draft is None


KILLED = """
    import os, sys
    sys.path.insert(0, {folder!r})
    from importlib.util import module_from_spec, spec_from_file_location
    spec = spec_from_file_location("drawing", {this!r})
    drawing = module_from_spec(spec)
    spec.loader.exec_module(drawing)
    from napari.components import ViewerModel
    from napari_geolabel import open_labels, open_scene
    from napari_geolabel.ontology.model import Ontology
    ontology = Ontology.model_validate_json({ontology!r})
    labels = open_labels({path!r}, scene=open_scene({scene!r}), ontology=ontology, annotator="Ada")
    session = drawing.Session(ViewerModel(), labels, defer=lambda action, milliseconds: None)
    drawing.draw(session, 5)
    labels.flush()
    os.kill(os.getpid(), 9)
"""


@pytest.fixture(scope="module")
def wreck(tmp_path_factory) -> Path:
    """A folder for what one killed process leaves, for all tests of it."""
    return tmp_path_factory.mktemp("wreck")


@pytest.fixture
def killed(scene, coast_ontology, tmp_path, wreck):
    """Let a process set five points of a polygon, and kill it."""
    if not any(wreck.iterdir()):
        script = KILLED.format(
            folder=str(Path(__file__).parent),
            this=__file__,
            ontology=coast_ontology.model_dump_json(),
            path=str(wreck / "scene.labels.gpkg"),
            scene=str(scene.path),
        )
        command = [sys.executable, "-c", textwrap.dedent(script)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        assert done.returncode == -9, done.stderr
    assert (wreck / "scene.labels.gpkg-wal").exists(), "what a kill leaves is still in the log"
    for name in ("scene.labels.gpkg", "scene.labels.gpkg-wal"):
        shutil.copy(wreck / name, tmp_path / name)


@pytest.mark.skipif(os.name == "nt", reason="no SIGKILL")
def test_after_kill_9_the_polygon_is_there_with_its_points_and_can_be_finished(killed, begin) -> None:
    session = begin()

    assert session.labels.draft.points == tuple(CLICKS)
    assert session.toolbox.points.tolist() == [list(p) for p in CLICKS]
    assert any("unfinished polygon of 5 points (cloud) was kept" in note for note in session.labels.notes)
    assert len(session.labels) == 0

    click(session, 40, 90)
    session.toolbox.finish()

    (annotation,) = session.labels.store.values()
    assert annotation.class_id == "cloud"
    assert annotation.geometry.equals(shapely.Polygon([*CLICKS, (40, 90)]))
    assert session.labels.draft is None
    end(session)
    assert begin().labels.draft is None


@pytest.mark.skipif(os.name == "nt", reason="no SIGKILL")
def test_after_kill_9_escape_gives_the_polygon_up_although_it_is_complete(killed, begin) -> None:
    session = begin()

    assert session.toolbox.cancel()

    assert len(session.labels) == 0
    assert session.labels.draft is None
    assert session.tool == "polygon"
    end(session)
    assert begin().labels.draft is None


@pytest.mark.skipif(os.name == "nt", reason="no SIGKILL")
def test_once_it_is_gone_on_with_escape_keeps_what_is_complete_as_ever(killed, begin, told) -> None:
    session = begin()
    click(session, 40, 90)

    session.toolbox.cancel()

    assert len(session.labels) == 1


@pytest.mark.skipif(os.name == "nt", reason="no SIGKILL")
def test_another_annotator_is_not_given_it(killed, begin) -> None:
    other = begin(annotator="Ben")
    assert other.labels.draft is None
    end(other)

    assert len(begin().labels.draft.points) == 5
