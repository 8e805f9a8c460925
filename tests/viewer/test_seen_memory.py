"""What somebody has looked at is there again in the next session, for each label file by itself."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from napari_geolabel.errors import WriteError
from napari_geolabel.labels.opening import open_labels
from napari_geolabel.viewer import seen as seen_module
from napari_geolabel.viewer import user_state
from napari_geolabel.viewer.seen_memory import recall_seen, remember_seen
from napari_geolabel.viewer.session import Session


@given(raster=arrays.arrays(bool, st.tuples(st.integers(1, 13), st.integers(1, 13))))
def test_what_is_kept_comes_back(raster, tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / "a.labels.gpkg"
    remember_seen(path, raster)
    assert np.array_equal(recall_seen(path, raster.shape), raster)
    assert not recall_seen(path.with_name("b.labels.gpkg"), raster.shape).any()
    assert not recall_seen(path, (raster.shape[0] + 1, raster.shape[1])).any()  # the scene is another one


def test_without_a_file_nothing_is_kept_and_nothing_seen_takes_no_room(tmp_path):
    remember_seen(None, np.ones((3, 3), bool))
    assert not recall_seen(None, (3, 3)).any()
    assert not user_state.state_path("seen").exists()
    path = tmp_path / "a.labels.gpkg"
    remember_seen(path, np.ones((3, 3), bool))
    remember_seen(path, np.zeros((3, 3), bool))
    assert json.loads(user_state.state_path("seen").read_text("utf-8")) == {}


@pytest.mark.parametrize(
    "damage", [{"bits": "???"}, {"bits": 7}, {"bits": "AA=="}, {"shape": "none"}, {"shape": [9, 9]}]
)
def test_what_is_damaged_counts_for_nothing(tmp_path, damage):
    path = tmp_path / "a.labels.gpkg"
    remember_seen(path, np.ones((5, 5), bool))
    kept = json.loads(user_state.state_path("seen").read_text("utf-8"))
    (key,) = kept
    kept[key] |= damage
    user_state.state_path("seen").write_text(json.dumps(kept), "utf-8")
    assert not recall_seen(path, (5, 5)).any()


class TestSession:
    @pytest.fixture
    def open_session(self, viewer, scene, loop):
        def open_session():
            labels = open_labels(scene.path.with_name("s.labels.gpkg"), scene=scene, ontology="maritime")
            return Session(viewer, labels, defer=loop.defer)

        return open_session

    def look(self, session, loop):
        session.ways.center_on((128, 128))
        session.viewer.scene.camera.zoom = 8 / min(session._frame.pixel_size)
        loop.run()

    def test_the_next_session_on_the_label_file_goes_on(self, open_session, loop):
        session = open_session()
        session.ways.seen.forget()
        self.look(session, loop)
        before = session.ways.seen.raster
        assert 0 < before.mean() < 0.5
        session.close()
        session.labels.close()
        again = open_session()
        assert np.array_equal(again.ways.seen.raster, before)
        again.ways.seen.forget()
        again.close()
        again.labels.close()
        assert not recall_seen(again.labels.path, before.shape).any()

    def test_a_crash_loses_the_last_minute_at_most(self, open_session, loop):
        session = open_session()
        self.look(session, loop)  # the loop has run what waited for a minute
        assert recall_seen(session.labels.path, session.ways.seen.raster.shape).any()
        session.close()
        session.labels.close()

    def test_a_folder_that_cannot_be_written_is_told_and_stops_nothing(self, open_session, loop, monkeypatch):
        heard = []
        session = open_session()

        def refuse(*_):
            raise WriteError("no room for it")

        monkeypatch.setattr(seen_module, "remember_seen", refuse)
        monkeypatch.setattr(seen_module, "warn", heard.append)
        self.look(session, loop)
        assert session.ways.seen.share > 0
        session.close()
        session.labels.close()
        assert heard == ["no room for it"]
