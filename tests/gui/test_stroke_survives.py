"""A stroke of the brush outlives kill -9 of the napari that it was painted in."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap

import numpy as np

from napari_geolabel.imagery.opening import open_scene
from napari_geolabel.labels import open_labels

CHILD = """
    import os, sys, zlib
    import napari
    import napari_geolabel as geolabel

    scene = geolabel.open_scene(sys.argv[1])
    labels = geolabel.open_labels(sys.argv[2], scene=scene, ontology="clouds")
    viewer = napari.Viewer(show=False)
    session = geolabel.annotate(viewer, scene, "clouds", labels=labels)
    session.current_class = "thick_cloud"
    session.tool = "brush"
    layer = session.mask_layer
    layer.brush_size = 200
    with layer.block_history():
        for col in range(150, 500, 30):
            layer.paint((300, col), layer.selected_label)
    labels.flush()
    print(zlib.crc32(labels.canvas.array.tobytes()), int((labels.canvas.array > 0).sum()), flush=True)
    os.kill(os.getpid(), 9)
"""


def test_a_stroke_is_there_after_the_window_was_killed(tmp_path, coast):
    import zlib

    path = tmp_path / "coast.labels.gpkg"
    command = [sys.executable, "-c", textwrap.dedent(CHILD), str(coast), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    checksum, painted = map(int, done.stdout.split())
    assert painted > 90_000
    with open_scene(coast) as scene:
        labels = open_labels(path, scene=scene, ontology="clouds")
        assert zlib.crc32(labels.canvas.array.tobytes()) == checksum
        assert np.count_nonzero(labels.canvas.array) == painted
        assert labels.undo().title == "paint thick_cloud"
        assert not labels.canvas.array.any()
        labels.close()
