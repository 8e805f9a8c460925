"""What the documentation types into napari's console runs as it is written, in a window with a session."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import numpy as np
import pytest
import rasterio

import napari_geolabel as geolabel

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```py\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.fixture
def files(coast, tmp_path, monkeypatch):
    """The scenes that the pages name, in the current folder."""
    for name in ("rotterdam.tif", "radar.tif", "before.tif"):
        shutil.copy(coast, tmp_path / name)
    with rasterio.open(coast) as source:
        profile = {**source.profile, "count": 2, "dtype": "float32", "nodata": None}
    with rasterio.open(tmp_path / "harbour_sar.tif", "w", **profile) as made:
        for number, name in enumerate(("vv", "vh"), 1):
            values = np.random.default_rng(number).gamma(2, 0.05, (profile["height"], profile["width"]))
            made.write(values.astype("float32"), number)
            made.set_band_description(number, name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def blocks():
    """Every block for the console, with the page and line where it stands."""
    for page in sorted((ROOT / "docs").glob("*.md")):
        text = page.read_text("utf-8")
        for match in BLOCK.finditer(text):
            yield f"{page.name}:{text[: match.start()].count(chr(10)) + 2}", match.group(1)


def test_what_is_typed_into_the_console_runs_as_written(session, viewer, labels, files):
    from napari.components import ViewerModel

    session.add_scene("harbour_sar.tif")
    ran = []
    for name, code in blocks():
        begins = "annotate(viewer" in code  # a window has one session: that which begins another gets a viewer
        known = {"geolabel": geolabel, "viewer": ViewerModel() if begins else viewer}
        if not begins:
            known |= {"session": session, "labels": labels, "scene": labels.scene}
        exec(compile(code, name, "exec"), known)  # noqa: S102  (our own pages)
        ran.append(name.partition(":")[0])
        if begins:
            known["session"].close()
    assert {"seeing-with-bands.md", "several-scenes.md", "upstream.md"} <= set(ran)
    assert "mine" in session.composites
    assert (files / "ours.toml").is_file()
