"""Layers added and removed for many rounds, in a process of its own as a native crash must not end the test run."""

from __future__ import annotations

import os
import subprocess
import sys

from napari_geolabel.viewer.gl_guard import vispy_canvas
from napari_geolabel.viewer.slices import layers_added

ROUNDS = 20 if os.environ.get("THOROUGH") else 2
"""Without the guard the first ends in a segmentation fault already; the second removes layers in the other way."""

SCRIPT = """
import sys
import numpy as np
import napari
from qtpy.QtWidgets import QApplication
from napari_geolabel.viewer.gl_guard import keep_gl_context

app = QApplication.instance() or QApplication([])
viewer = napari.Viewer(show=True)
viewer.window.resize(700, 500)
keep_gl_context(viewer)
rng = np.random.default_rng(0)
levels = [rng.integers(0, 255, (n, n), np.uint8) for n in (2048, 1024, 512)]
colour = [np.repeat(level[..., None], 4, axis=2) for level in levels]

def draw():
    for _ in range(5):
        app.processEvents()

for turn in range(int(sys.argv[1])):
    for gain in (1, 2, 3):
        viewer.add_image(levels, multiscale=True, blending="additive", contrast_limits=(0, 255 // gain))
    viewer.add_shapes([[(0, 0), (0, 900), (900, 900), (900, 0)]])
    viewer.add_points([(5, 5)])
    viewer.reset_view(); draw()
    viewer.scene.camera.zoom *= 4; draw()
    if turn % 2:
        viewer.layers.clear()
    else:
        while viewer.layers:
            viewer.layers.pop(0); draw()
    viewer.add_image(colour, multiscale=True, rgb=True)
    viewer.reset_view(); draw()
    viewer.scene.camera.zoom *= 4; draw()
    viewer.layers.clear(); draw()
    print("round", turn, flush=True)
viewer.close()
draw()
print("survived", flush=True)
"""


def test_a_guarded_viewer_survives_adding_and_removing_layers(tmp_path):
    environment = {**os.environ, "NAPARI_CONFIG": str(tmp_path / "settings.yaml")}
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", SCRIPT, str(ROUNDS)],
        capture_output=True,
        text=True,
        timeout=800,
        env=environment,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.splitlines()[-2:] == [f"round {ROUNDS - 1}", "survived"]


def test_the_canvas_follows_layers_that_are_added_together_without_a_batch_of_naparis(viewer):
    told, canvas = [], vispy_canvas(viewer)
    viewer.layers.events.end_batch.connect(told.append)
    with layers_added(viewer):
        layers = [viewer.add_points([(5, 5)]), viewer.add_shapes([[(0, 0), (9, 9)]], shape_type="line")]
        parents = [canvas.layer_to_visual[layer].node.parent for layer in layers]
    assert told == []
    assert parents == [None, None], "not yet in the picture"
    assert [canvas.layer_to_visual[layer].node.parent for layer in layers] == [canvas.view.scene] * 2
