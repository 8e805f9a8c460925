"""napari's loops are compiled before somebody draws."""

from __future__ import annotations

import pytest

from napari_geolabel.viewer import compile_ahead as module
from napari_geolabel.viewer.compile_ahead import compile_ahead


def test_the_edge_of_an_ellipse_that_is_dragged_is_compiled_in_a_thread_of_its_own():
    pytest.importorskip("numba")
    from napari.layers.shapes._accelerated_triangulate_numba import generate_2D_edge_meshes

    thread = compile_ahead()
    assert thread is not None
    assert thread.daemon, "who closes the window does not wait for it"
    thread.join()
    assert generate_2D_edge_meshes.signatures


def test_without_numba_nothing_is_compiled(monkeypatch):
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    assert compile_ahead() is None
