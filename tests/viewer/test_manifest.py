"""The npe2 manifest: valid, complete, and where npe2 looks for it."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest
from npe2 import PluginManager, PluginManifest

from napari_geolabel.imagery.composite import AUTOMATIC
from napari_geolabel.viewer.preferences import PLUGIN, Preferences, load_preferences

ROOT = Path(__file__).parents[2]


@pytest.fixture
def manifest() -> PluginManifest:
    return PluginManifest.from_distribution(PLUGIN)


def test_the_installed_manifest_is_the_repositorys(manifest):
    assert manifest == PluginManifest.from_file(ROOT / "napari_geolabel" / "napari.yaml")


def test_the_file_at_the_top_is_a_relative_link_to_it():
    link = ROOT / "napari.yaml"
    assert link.is_symlink()
    assert link.readlink() == Path("napari_geolabel/napari.yaml")


def test_finding_the_plugin_loads_nothing_of_it():
    code = (
        "import sys\n"
        "from npe2 import PluginManager\n"
        "manager = PluginManager()\n"
        "manager.discover()\n"
        f"assert {PLUGIN!r} in {{manifest.name for manifest in manager.iter_manifests()}}\n"
        "heavy = {'napari_geolabel', 'qtpy', 'rasterio', 'geopandas', 'pyogrio', 'shapely', 'vispy'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=180, check=False)
    assert done.returncode == 0, done.stderr


def test_everything_that_it_names_can_be_imported(manifest):
    manifest.validate_imports()


def test_every_command_is_contributed_somewhere(manifest):
    points = manifest.contributions
    used = {item.command for kind in ("readers", "writers", "widgets", "sample_data") for item in getattr(points, kind)}
    used |= {item.command for items in points.menus.values() for item in items}
    assert used == {command.id for command in points.commands}


def test_menus_are_those_that_napari_lets_plugins_use(manifest):
    from napari._app_model.constants._menus import is_menu_contributable

    assert all(is_menu_contributable(menu) for menu in manifest.contributions.menus)


def test_the_preferences_defaults_are_the_codes_defaults(manifest):
    declared = {
        name: prop.default
        for title, section in manifest.contributions.configurations.items()
        if title != "keys"  # which test_own_keys compares
        for name, prop in section.properties.items()
    }
    assert declared == asdict(Preferences())
    assert (declared["stretch_low"], declared["stretch_high"]) == (AUTOMATIC.low, AUTOMATIC.high)


def test_the_default_ontology_is_a_template():
    from napari_geolabel.ontology.files import template_names

    assert Preferences().ontology in template_names()


def test_without_a_registered_plugin_the_defaults_count():
    assert load_preferences() == Preferences()


@pytest.mark.parametrize(("name", "expected"), [("  Ada ", "Ada")])
def test_the_annotator_is_who_the_user_says(name, expected):
    assert Preferences(annotator=name).annotator_name == expected


def test_else_it_is_the_account(monkeypatch):
    monkeypatch.setenv("LOGNAME", "grace")
    assert Preferences().annotator_name == "grace"


@pytest.mark.parametrize("name", ["a.tif", "B.TIF", "a.jp2", "a.vrt", "a.hdr", "a.img", "folder"])
def test_napari_offers_our_reader_for_rasters_and_folders(manifest, name, tmp_path):
    (tmp_path / "folder").mkdir()
    plugins = PluginManager()
    plugins.register(manifest)
    assert [reader.plugin_name for reader in plugins.iter_compatible_readers(str(tmp_path / name))] == [
        "napari-geolabel"
    ]
