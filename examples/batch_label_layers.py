"""Label layers for a folder of scenes, side by side: ``python batch_label_layers.py SCENES OUT``.

Each scene gets ``<scene>.labels.geojson`` with its water as suggestions, and
``<scene>.mask.tif``.  ``run`` takes any `concurrent.futures.Executor`: threads,
processes, or ``distributed.Client().get_executor()`` of Dask.
"""

from __future__ import annotations

import sys
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path

import numpy as np

import napari_geolabel as geolabel
from napari_geolabel.masks import semantic_table

CLASS = "permanent_water"
LEAST_PX = 200  # of a lake or a sea


def label_water(path: Path, out: Path) -> int:
    """Outline what MNDWI takes for water in one scene; return how many areas that is."""
    ontology = geolabel.load_ontology("landcover")
    with geolabel.open_scene(path) as scene:
        index = geolabel.evaluate(scene, "(green - swir16) / (green + swir16)")
        water = np.where(index.filled(-1) > 0.2, ontology[CLASS].mask_value, 0).astype(np.uint8)
        mask = geolabel.Mask(array=water, grid=scene.grid, table=semantic_table(ontology))
        areas = geolabel.polygonize(mask, ontology=ontology)
        pixel = abs(scene.grid.transform.determinant)  # in the unit of the CRS, squared
        large = areas.geometry[areas.area >= LEAST_PX * pixel]
        labels = geolabel.open_labels(scene=scene, ontology=ontology)
        labels.add_many(large, CLASS, kind="polygon", status="suggested", confidence=0.5)
        labels.export(out / f"{path.stem}.labels.geojson")
        labels.export(out / f"{path.stem}.mask.tif", flavour="semantic")
        return len(labels)


def run(scenes: list[Path], out: Path, executor: Executor) -> dict[str, int]:
    """Label scenes on an executor; return how many areas each has got."""
    out.mkdir(parents=True, exist_ok=True)
    waiting = {path.name: executor.submit(label_water, path, out) for path in scenes}
    return {name: future.result() for name, future in waiting.items()}


def main(folder: str, out: str) -> None:
    """Label every GeoTIFF of a folder, two at a time."""
    with ThreadPoolExecutor(max_workers=2) as executor:
        for name, count in run(sorted(Path(folder).glob("*.tif")), Path(out), executor).items():
            print(f"{name}: {count} areas of water")


if __name__ == "__main__":
    main(*sys.argv[1:3])
