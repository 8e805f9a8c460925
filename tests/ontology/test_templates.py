"""The templates that come with the package: complete, told apart, and true to what they follow."""

from __future__ import annotations

import itertools
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from napari_geolabel.ontology import HOTKEYS, Kind, all_attributes, dumps, load_ontology, loads, template_names

TEMPLATES = ("clouds", "landcover", "maritime")
ROOT = Path(__file__).resolve().parents[2]

# Values and colours of the ESA WorldCover product user manual.
WORLDCOVER = {
    10: "#006400",
    20: "#ffbb22",
    30: "#ffff4c",
    40: "#f096ff",
    50: "#fa0000",
    60: "#b4b4b4",
    70: "#f0f0f0",
    80: "#0064c8",
    90: "#0096a0",
    95: "#00cf75",
    100: "#fae6a0",
}


def linear_rgb(color: str) -> np.ndarray:
    """Return linear-light red, green and blue of a colour (IEC 61966-2-1)."""
    encoded = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    """Return CIE L*a*b* (D65) of linear red, green and blue."""
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    x, y, z = np.cbrt(np.maximum(to_xyz @ np.clip(rgb, 0, 1) / [0.9505, 1.0, 1.089], 1e-6))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


# Deuteranopia and protanopia after Viénot, Brettel and Mollon 1999, on linear RGB.
NORMAL = np.eye(3)
DEUTERANOPIA = np.array([[0.29275, 0.70725, 0], [0.29275, 0.70725, 0], [-0.02234, 0.02234, 1]])
PROTANOPIA = np.array([[0.11238, 0.88762, 0], [0.11238, 0.88762, 0], [0.00401, -0.00401, 1]])


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_template_loads_and_carries_its_own_name(name):
    assert load_ontology(name).id == name


def test_these_are_all():
    assert template_names() == TEMPLATES


@pytest.mark.parametrize("name", TEMPLATES)
@pytest.mark.parametrize("syntax", ["yaml", "json"])
def test_every_template_survives_its_text(name, syntax):
    ontology = load_ontology(name)
    assert loads(dumps(ontology, syntax=syntax), syntax=syntax) == ontology


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_class_can_be_drawn_chosen_by_a_key_and_read_about(name):
    for label_class in load_ontology(name).classes:
        assert label_class.kinds, label_class.id
        assert label_class.hotkey in set(HOTKEYS), label_class.id
        sentences = re.findall(r"[^.!?]+[.!?](?:\s|$)", label_class.description)
        assert 1 <= len(sentences) <= 4, label_class.id
        assert len(label_class.description) > 60, label_class.id


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_class_of_areas_has_a_mask_value(name):
    for label_class in load_ontology(name).classes:
        if Kind.MASK in label_class.kinds or Kind.ROTATED_BOX in label_class.kinds:
            assert label_class.mask_value, label_class.id


@pytest.mark.parametrize("name", ["clouds", "maritime"])
@pytest.mark.parametrize("eye", [NORMAL, DEUTERANOPIA, PROTANOPIA], ids=["normal", "deuteranopia", "protanopia"])
def test_colours_that_we_chose_can_be_told_apart(name, eye):
    classes = load_ontology(name).classes
    for one, other in itertools.combinations(classes, 2):
        difference = lab(eye @ linear_rgb(one.color)) - lab(eye @ linear_rgb(other.color))
        assert np.hypot.reduce(difference) > 12, (one.id, other.id)


def test_land_cover_has_the_values_and_colours_of_worldcover():
    assert {value: c.color for value, c in load_ontology("landcover").by_mask_value.items()} == WORLDCOVER


def test_the_first_clouds_are_those_of_cloudsen12():
    classes = load_ontology("clouds").classes
    assert [c.id for c in classes[:4]] == ["clear", "thick_cloud", "thin_cloud", "cloud_shadow"]
    assert {c.id for c in classes[4:]} == {"cirrus", "haze", "smoke", "snow_ice"}
    assert load_ontology("clouds").scene_attributes[0].id == "cloud_cover_bin"


def test_ships_are_boxes_with_a_category_that_asks_on():
    ship = load_ontology("maritime")["ship"]
    assert ship.kinds[0] is Kind.ROTATED_BOX
    by_id = {attribute.id: attribute for attribute in all_attributes(ship.attributes)}
    assert {"category", "type", "length_m", "width_m", "heading_deg", "state", "wake", "name"} <= set(by_id)
    category = by_id["category"]
    assert category.required
    nested = {option.id: [a.id for a in option.attributes] for option in category.options}
    assert nested.pop("unknown") == []
    assert set(nested) == {"merchant", "passenger", "fishing", "warship", "service", "recreational"}
    assert all(asked == ["type"] for asked in nested.values())
    assert [option.id for option in by_id["state"].options] == ["underway", "moored", "anchored", "unknown"]


def test_the_other_things_at_sea_have_their_kinds():
    maritime = load_ontology("maritime")
    assert maritime["bow"].kinds == maritime["stern"].kinds == (Kind.KEYPOINT,)
    assert maritime["bow"].parent == maritime["stern"].parent == "ship"
    assert maritime["ship"].keypoints == ("bow", "stern")
    assert Kind.POLYLINE in maritime["wake"].kinds
    assert Kind.POLYGON in maritime["dock"].kinds
    assert Kind.KEYPOINT in maritime["buoy"].kinds
    assert {"sea_state", "cloud_cover"} <= {attribute.id for attribute in maritime.scene_attributes}


def test_templates_are_read_from_inside_an_archive(tmp_path):
    # A wheel may be imported without being unpacked; then the templates are no files.
    archive = tmp_path / "package.zip"
    with zipfile.ZipFile(archive, "w") as bundle:
        for path in (ROOT / "napari_geolabel").rglob("*"):
            if path.suffix in {".py", ".yaml"} and path.is_file():
                bundle.write(path, path.relative_to(ROOT))
    code = "import sys; sys.path.insert(0, sys.argv[1]); from napari_geolabel.ontology import files; "
    code += "assert '.zip' in files.__file__; print(files.load_ontology('maritime').id, *files.template_names())"
    done = subprocess.run(
        [sys.executable, "-c", code, str(archive)], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert done.stdout.split() == ["maritime", *TEMPLATES]
