"""Labels from every format to others, without a scene where the file says where it lies."""

from __future__ import annotations

import pytest
import shapely

from napari_geolabel.errors import GeoLabelError
from napari_geolabel.formats import FORMATS, importer_for
from napari_geolabel.labels import open_labels
from napari_geolabel.labels.conversion import convert

FORMS = [each for each in FORMATS.values() if each.reads and each.writes and each.content == "vector"]
TARGETS = {"geojson", "voc", "cvat"}
SAYS_WHERE = {"geojson", "coco", "labelstudio", "labelme", "gpkg", "flatgeobuf", "geoparquet", "shapefile"}
IN_DEGREES = {"kml", "geojsonseq"}
"""Formats that say where labels lie but not the grid that makes a box a box."""


@pytest.fixture
def files(scene, ontology, tmp_path):
    """Return a file of each format with the same two boxes."""
    labels = open_labels(None, scene=scene, ontology=ontology)
    for left in (10, 100):
        labels.add(shapely.box(left, 10, left + 20, 20), "ship", kind="box")
    paths = {}
    for form in FORMS:
        (tmp_path / form.id).mkdir()
        paths[form.id] = tmp_path / form.id / f"{scene.name}{form.suffixes[-1]}"
        labels.export(paths[form.id], format=form.id)
    labels.close()
    return paths


@pytest.mark.parametrize("source", [each.id for each in FORMS])
def test_every_format_converts_to_others(scene, files, tmp_path, source):
    if importer_for(files[source]).id not in {source, "yolo", "dota"}:
        pytest.fail(f"a file of {source} is taken for {importer_for(files[source]).id}")
    for target in (each for each in FORMS if each.id in TARGETS):
        folder = tmp_path / "out" / target.id
        folder.mkdir(parents=True)
        path = folder / f"a{target.suffixes[-1]}"
        report = convert(files[source], path, scene=scene, format=target.id)
        assert report.imported == 2
        if target.place is None:
            assert target.count(path) >= 2 or report.notes


def bounds_of(path):
    """Return west, south, east and north of a GeoJSON file in degrees, read without any code of ours."""
    return shapely.from_geojson(path.read_text()).bounds


@pytest.mark.parametrize("source", [each.id for each in FORMS])
def test_without_a_scene_a_file_must_say_where_it_lies(files, tmp_path, source):
    target = tmp_path / "out.geojson"
    if source in SAYS_WHERE:
        assert convert(files[source], target).imported == 2
        assert bounds_of(target) == pytest.approx(bounds_of(files["geojson"]), abs=1e-6)
        return
    if source in IN_DEGREES:
        report = convert(files[source], target)
        assert report.imported == 0
        assert len(report.skipped) == 2
        assert all("not along the pixel axes" in reason for _, reason in report.skipped)
        return
    with pytest.raises(GeoLabelError) as refused:
        convert(files[source], target)
    assert "\n" not in str(refused.value)
    assert not target.exists()
