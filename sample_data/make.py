"""Make the sample scenes and their truth: ``python sample_data/make.py [coast] [harbour] [--out FOLDER]``.

The same seed gives the same pixels.  See README.md for what each file is.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import coast
import coast_clouds
import coast_objects
import harbour
import harbour_plan
import numpy as np
import shapely
from fields import FloatArray, burn, coarsen, shrink
from scene_file import BandText, to_numbers, write_scene
from scipy import ndimage
from spectra import BANDS, FWHM_UM, GROUND_SAMPLE, NOISE, WAVELENGTH_UM, at_sensor
from truth import annotation, truth_mask, write_truth_mask
from vessels import Ship

from napari_geolabel.annotations.annotation import Annotation
from napari_geolabel.formats.geojson import write_geojson
from napari_geolabel.geo import GeoGrid
from napari_geolabel.ontology.files import load_ontology
from napari_geolabel.ontology.kinds import Kind

HERE = Path(__file__).resolve().parent
COAST_SEED, HARBOUR_SEED = 7, 11
_FOUR = ("blue", "green", "red", "nir")


def main() -> None:
    """Write every sample file into a folder."""
    parser = argparse.ArgumentParser(description="Make the sample scenes and their truth.")
    parser.add_argument("scenes", nargs="*", help="coast, harbour (default: both)")
    parser.add_argument("--out", type=Path, default=HERE, help="folder to write into (default: this one)")
    arguments = parser.parse_args()
    folder = arguments.out
    folder.mkdir(parents=True, exist_ok=True)
    makers = {"coast": make_coast, "harbour": make_harbour}
    for name in arguments.scenes or makers:
        makers[name](folder)
    for path in sorted(folder.glob("*.*")):
        if path.suffix in {".tif", ".geojson"}:
            print(f"{path.stat().st_size / 1e6:6.2f} MB  {path.name}")


def make_coast(folder: Path) -> None:
    """Write the coastal scene, its labels and its mask."""
    rng = np.random.default_rng(COAST_SEED)
    terrain = coast.make_terrain(rng)
    surface = coast.paint_surface(terrain, rng)
    coast_objects.paint_docks(surface)
    coast_objects.paint_ships(surface, rng)
    clouds, shadows = coast_clouds.make_clouds(rng)
    coast_clouds.paint_clouds(surface, clouds, shadows, rng)
    seen = shrink(at_sensor(surface), coast.FACTOR)
    numbers = to_numbers(np.stack([_detect(band, index, rng) for index, band in enumerate(seen)]), step=4)
    numbers[:, burn(coast_clouds.SWATH_EDGE, coast.GRID.shape)] = 0
    texts = [
        BandText(description=name, wavelength_um=centre, fwhm_um=width)
        for name, centre, width in zip(BANDS, WAVELENGTH_UM, FWHM_UM, strict=True)
    ]
    tags = {"TIFFTAG_IMAGEDESCRIPTION": "Synthetic coast with the bands of Sentinel-2; no real place"}
    write_scene(folder / "coast.tif", numbers, coast.GRID, texts, tags, overviews=(4, 8))
    ontology = load_ontology(HERE / "coast_ontology.yaml")
    labels = _coast_truth(clouds, shadows)
    path, weather = folder / "coast_truth.geojson", {"sea_state": "calm"}
    write_geojson(path, labels, coast.GRID, ontology, scene_name="coast.tif", scene_attributes=weather)
    mask = truth_mask(labels, coast.GRID.shape, ontology)
    write_truth_mask(folder / "coast_truth_mask.tif", mask, coast.GRID, ontology)


def make_harbour(folder: Path) -> None:
    """Write the harbour chip and its labels."""
    rng = np.random.default_rng(HARBOUR_SEED)
    surface = shrink(harbour.paint_harbour(rng), harbour_plan.FACTOR)
    chosen = [BANDS.index(name) for name in ("B02", "B03", "B04", "B08")]
    haze = np.array([0.045, 0.028, 0.016, 0.006], np.float32)[:, None, None]
    seen = ndimage.gaussian_filter(surface + haze, (0, 0.45, 0.45)) + rng.normal(0, 0.0007, surface.shape)
    texts = [
        BandText(description=name, wavelength_um=WAVELENGTH_UM[index], fwhm_um=FWHM_UM[index])
        for name, index in zip(_FOUR, chosen, strict=True)
    ]
    tags = {"TIFFTAG_IMAGEDESCRIPTION": "Synthetic harbour at 1 m on a rotated grid; no real place"}
    write_scene(folder / "harbour.tif", to_numbers(seen, step=8), harbour_plan.GRID, texts, tags, overviews=(2, 4))
    labels = [_ship("harbour", number, ship, harbour_plan.GRID) for number, ship in enumerate(harbour_plan.SHIPS)]
    ontology = load_ontology("maritime")
    path, weather = folder / "harbour_truth.geojson", {"sea_state": "calm", "cloud_cover": "none"}
    write_geojson(path, labels, harbour_plan.GRID, ontology, scene_name="harbour.tif", scene_attributes=weather)


def _detect(band: FloatArray, index: int, rng: np.random.Generator) -> FloatArray:
    """Return a band as its detector records it: blurred, at its own resolution, with noise."""
    sharp = ndimage.gaussian_filter(band, 0.45)
    step = GROUND_SAMPLE[index]
    rows, cols = -(-band.shape[0] // step), -(-band.shape[1] // step)
    noise = rng.normal(0, NOISE[index], (rows, cols)).astype(np.float32)
    spread = np.repeat(np.repeat(noise, step, axis=0), step, axis=1)[: band.shape[0], : band.shape[1]]
    return coarsen(sharp, step) + spread


def _coast_truth(clouds: list[shapely.Polygon], shadows: list[shapely.Polygon]) -> list[Annotation]:
    """Return every label of the coastal scene, numbered from 0."""
    ships = coast_objects.SHIPS
    scene = shapely.Polygon(coast.GRID.outline)
    found: list[Annotation] = []
    for dock in coast_objects.DOCKS:
        found.append(annotation("coast", len(found), "dock", Kind.POLYGON, dock))
    for ship in ships:
        found.append(_ship("coast", len(found), ship, coast.GRID))
    for ship in ships:
        if ship.wake_m:
            seen = shapely.intersection(ship.wake(coast.GRID), scene)
            found.append(annotation("coast", len(found), "wake", Kind.POLYLINE, seen))
    for class_id, outlines in (("cloud_shadow", shadows), ("thick_cloud", clouds)):
        for outline in outlines:
            found.append(annotation("coast", len(found), class_id, Kind.POLYGON, outline))
    return found


def _ship(scene: str, number: int, ship: Ship, grid: GeoGrid) -> Annotation:
    """Return a ship as a rotated box."""
    return annotation(scene, number, "ship", Kind.ROTATED_BOX, ship.box(grid), category=ship.category, state=ship.state)


if __name__ == "__main__":
    main()
