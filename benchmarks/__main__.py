"""Time what an analyst waits for, on the sample coast, and keep the figures.

Usage: python -m benchmarks

Prints a table and writes ``benchmarks/results/<time>.json``.  Absolute times
depend on the machine; compare runs on the same one.
"""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import shapely

import napari_geolabel as geolabel
from benchmarks.timing import Result, measure
from napari_geolabel.imagery.picture import Picture
from napari_geolabel.masks.polygonize import trace
from napari_geolabel.masks.rasterize import burn
from napari_geolabel.samples import sample_path

PLUGIN = "napari-geolabel"
RESULTS = Path(__file__).parent / "results"
POLYGONS = 5_000


def main() -> None:
    """Run every benchmark."""
    results = []
    for result in [*starts(), *scenes(), *labels(), *masks()]:
        print(f"{result.median_ms:10.1f} ms   (worst {result.worst_ms:.1f})   {result.name}", flush=True)
        results.append(result.to_dict())
    RESULTS.mkdir(exist_ok=True)
    now = datetime.now(UTC)
    path = RESULTS / f"{now:%Y%m%d-%H%M%S}.json"
    machine = {"machine": platform.machine(), "python": platform.python_version(), "version": geolabel.__version__}
    path.write_text(json.dumps({"time": now.isoformat(), **machine, "results": results}, indent=1), "utf-8")
    print(f"kept in {path}")


def starts() -> Iterator[Result]:
    """Time what happens before anything is done: Python alone, the package, the command line, napari's look at us."""
    scripts = Path(sys.executable).parent
    for name, command in {
        "start Python": [sys.executable, "-c", "pass"],
        "start Python and import napari_geolabel": [sys.executable, "-c", "import napari_geolabel"],
        "geolabel --help": [str(scripts / "geolabel"), "--help"],
    }.items():
        yield measure(name, lambda command=command: subprocess.run(command, capture_output=True, check=True))
    from npe2 import PluginManifest

    yield measure("plugin discovery: find and read our manifest", lambda: PluginManifest.from_distribution(PLUGIN))


def scenes() -> Iterator[Result]:
    """Time opening, showing and switching."""
    coast = sample_path("coast.tif")
    yield measure("open a scene", lambda: geolabel.open_scene(coast).close())
    with geolabel.open_scene(coast) as scene:
        yield measure("render false colour, 640 x 768", lambda: geolabel.render(scene, "false_color", max_size=None))
        yield measure("evaluate NDVI, 640 x 768", lambda: geolabel.evaluate(scene, "(nir - red) / (nir + red)"))
        yield measure("the bands under the pointer", lambda: scene.sample(300.5, 200.5), repeats=50)
        picture = Picture(scene, "true_color")
        picture.levels[0][:]

        def switch() -> None:
            picture.composite = "false_color" if picture.composite.id == "true_color" else "true_color"
            picture.levels[0][:512, :512]

        yield measure("switch the composite and draw 512 x 512", switch, repeats=20)


def labels() -> Iterator[Result]:
    """Time adding, undoing, exporting and importing many labels."""
    with geolabel.open_scene(sample_path("coast.tif")) as scene, TemporaryDirectory() as folder:
        found = geolabel.open_labels(scene=scene, ontology="clouds")
        shapes = polygons(scene.grid.shape)

        def add_and_undo() -> None:
            found.add_many(shapes, "thick_cloud")
            found.undo()

        yield measure(f"add {POLYGONS} polygons and undo", add_and_undo, repeats=3)
        found.add_many(shapes, "thick_cloud")
        one = next(iter(found))
        yield measure("edit one of them", lambda: found.update(one, confidence=float(np.random.default_rng().random())))
        path = Path(folder) / "clouds.geojson"
        yield measure(f"export {POLYGONS} polygons as GeoJSON", lambda: found.export(path), repeats=3)

        def read() -> None:
            geolabel.open_labels(scene=scene, ontology="clouds").import_from(path)

        yield measure(f"import {POLYGONS} polygons from GeoJSON", read, repeats=3)


def masks() -> Iterator[Result]:
    """Time pixels from polygons and polygons from pixels."""
    shape = (2048, 2048)
    shapes = polygons(shape)
    yield measure(f"burn {POLYGONS} polygons into 2048 x 2048", lambda: burn(shapes, 1, shape))
    mask = burn(shapes, np.arange(POLYGONS) % 200 + 1, shape)
    yield measure("trace that mask", lambda: trace(mask), repeats=3)


def polygons(shape: tuple[int, int]) -> list[shapely.Polygon]:
    """Return ragged polygons of about twenty corners all over a raster."""
    rng = np.random.default_rng(5)
    rows, cols = shape
    angles = np.linspace(0, 2 * np.pi, 20, endpoint=False)
    centres = rng.uniform((12, 12), (cols - 12, rows - 12), (POLYGONS, 2))
    radii = rng.uniform(3, 11, (POLYGONS, 20))
    rings = centres[:, None] + radii[..., None] * np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    return list(shapely.polygons(rings))


if __name__ == "__main__":
    main()
