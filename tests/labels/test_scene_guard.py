"""Nothing that is exported takes the place of the scene, or of the label file in use."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from napari_geolabel import convert, open_labels, open_scene
from napari_geolabel.errors import WriteError
from napari_geolabel.labels.overwriting import require_not_scene

REFUSED = "is the scene itself, which an export would destroy; choose another name"


@pytest.fixture
def drawn(write_scene):
    """Labels on a scene that is a file."""
    path = write_scene()
    with open_scene(path) as scene:
        labels = open_labels(scene=scene, ontology="maritime")
        labels.add(shapely.box(1, 1, 20, 20), "ship")
        yield labels


@pytest.mark.parametrize("flavour", ["semantic", "instance", "panoptic"])
def test_a_mask_is_refused_and_the_scene_is_as_it_was(drawn, flavour):
    path, before = drawn.scene.path, drawn.scene.path.read_bytes()
    for how in ({}, {"dry_run": True}, {"overwrite": "always"}):
        with pytest.raises(WriteError, match=REFUSED):
            drawn.export(path, flavour=flavour, **how)
    assert path.read_bytes() == before


def test_what_is_painted_is_refused_too(drawn):
    before = drawn.scene.path.read_bytes()
    with pytest.raises(WriteError, match=REFUSED):
        drawn.export_painted(drawn.scene.path, overwrite="always")
    assert drawn.scene.path.read_bytes() == before


def test_a_link_to_the_scene_is_the_scene(drawn, tmp_path):
    link = tmp_path / "link.tif"
    link.symlink_to(drawn.scene.path)
    with pytest.raises(WriteError, match=REFUSED):
        drawn.export(link)


def test_a_conversion_is_refused_and_a_name_beside_the_scene_is_free(drawn, tmp_path):
    drawn.export(tmp_path / "labels.geojson")
    with pytest.raises(WriteError, match=REFUSED):
        convert(tmp_path / "labels.geojson", drawn.scene.path, scene=drawn.scene, ontology="maritime")
    beside = drawn.scene.path.with_name("free.tif")
    require_not_scene(beside, drawn.scene)
    drawn.export(beside)
    with open_scene(beside) as written:
        assert np.count_nonzero(written.read([0]).filled(0)) == 19 * 19


def test_a_file_that_is_not_there_yet_is_not_the_scene(drawn, tmp_path):
    require_not_scene(tmp_path / drawn.scene.path.name.replace(".tif", "_new.tif"), drawn.scene)


@pytest.mark.parametrize("name", ["mine.gpkg", "scene.labels.gpkg"])
def test_the_label_file_in_use_is_no_target_under_any_name(open_kept, tmp_path, name):
    labels = open_kept(path=tmp_path / name)
    labels.paint(shapely.box(1, 1, 20, 20), "cloud")
    labels.flush()
    before = labels.path.read_bytes()
    with pytest.raises(WriteError, match=f"{name} is a label file, which an export would destroy"):
        labels.export_painted(labels.path, overwrite="always")
    with pytest.raises(WriteError, match=f"{name} is a label file, which an export would destroy"):
        labels.export(labels.path, format="mask", overwrite="always")
    assert labels.path.read_bytes() == before
