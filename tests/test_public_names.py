"""The public names of the package."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import napari_geolabel

PROMISED = {
    "open_scene", "Scene", "render", "evaluate", "Composite", "Stretch", "load_ontology", "save_ontology", "Ontology",
    "LabelClass", "Annotation", "Kind", "Status", "open_labels", "Labels", "rasterize", "polygonize", "convert", "Mask",
    "GeoGrid", "annotate", "GeoLabelError",
}  # fmt: skip


def run_python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=240)


def test_what_the_design_promises_is_public() -> None:
    assert set(napari_geolabel.__all__) >= PROMISED


@pytest.mark.parametrize("name", sorted(set(napari_geolabel.__all__)))
def test_each_public_name_can_be_imported(name: str) -> None:
    value = getattr(napari_geolabel, name)
    assert value is getattr(napari_geolabel, name)
    if hasattr(value, "__name__"):
        assert value.__name__ == name


def test_public_names_are_listed_once_and_each_has_a_home() -> None:
    homes = {name for names in napari_geolabel._HOMES.values() for name in names}
    assert len(napari_geolabel.__all__) == len(set(napari_geolabel.__all__))
    assert homes == set(napari_geolabel.__all__) - {"__version__"}


def test_every_error_class_is_public() -> None:
    errors = import_module("napari_geolabel.errors")
    assert {name for name in vars(errors) if name.endswith("Error")} <= set(napari_geolabel.__all__)


def test_type_checkers_see_the_same_names_as_python() -> None:
    source = Path(napari_geolabel.__file__).read_text()
    for_checkers = source[source.index("if TYPE_CHECKING:") : source.index("__all__ = [")]
    for name in napari_geolabel.__all__:
        assert name in for_checkers


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'open_scenes'"):
        napari_geolabel.open_scenes  # noqa: B018


def test_dir_lists_names_that_are_not_imported_yet() -> None:
    done = run_python("import napari_geolabel as g; assert 'annotate' in dir(g); assert 'annotate' not in vars(g)")
    assert done.returncode == 0, done.stderr


def test_importing_the_package_imports_no_viewer_and_no_gdal() -> None:
    heavy = "{'napari', 'qtpy', 'rasterio', 'geopandas', 'pyogrio', 'numpy', 'shapely', 'pydantic'}"
    done = run_python(f"import napari_geolabel, sys; found = {heavy} & set(sys.modules); assert not found, found")
    assert done.returncode == 0, done.stderr


def test_labels_without_a_viewer_import_no_viewer() -> None:
    done = run_python(
        "import napari_geolabel as g, sys; g.open_scene, g.open_labels, g.rasterize, g.convert, g.load_ontology;"
        "found = {'napari', 'qtpy', 'vispy', 'magicgui'} & set(sys.modules); assert not found, found"
    )
    assert done.returncode == 0, done.stderr


def test_the_package_tells_its_version() -> None:
    from importlib.metadata import version

    assert napari_geolabel.__version__ == version("napari-geolabel")


def test_the_package_ships_its_types() -> None:
    assert (Path(napari_geolabel.__file__).parent / "py.typed").is_file()
