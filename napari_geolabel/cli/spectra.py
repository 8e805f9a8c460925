"""The command that tells spectra: of pixels, of the classes of labels, and of the library as a scene's bands see it."""

from __future__ import annotations

import math
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from napari_geolabel.cli.app import app
from napari_geolabel.cli.options import AsJson, ScenePaths, SceneReading, opens_scene
from napari_geolabel.cli.tables import print_json, print_table

if TYPE_CHECKING:
    from napari_geolabel.imagery.scene import Scene
    from napari_geolabel.imagery.spectrum import Spectrum


@app.command("spectra")
@opens_scene
def tell_spectra(
    scene: ScenePaths,
    *,
    pixel: Annotated[
        list[str] | None,
        typer.Option("--pixel", metavar="COL,ROW", help="A pixel of the full resolution; repeat it for several."),
    ] = None,
    labels: Annotated[
        Path | None,
        typer.Option("--labels", metavar="FILE", help="A label file of the scene: mean and spread of each class."),
    ] = None,
    library: Annotated[
        list[str] | None,
        typer.Option("--library", metavar="ID", help="A curve of the library, or all; repeat it for several."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE", help="Write them as CSV, with spread and pixels.")
    ] = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep the spectra of pixels and classes in your own library.")
    ] = False,
    as_json: AsJson = False,
    reading: SceneReading,
) -> None:
    """Tell the values of each band for pixels, classes of labels and curves of the library.

    Without any of them, all curves of the library are told as the scene's bands see them.
    """
    from napari_geolabel.imagery.spectral_axis import SpectralAxis
    from napari_geolabel.imagery.spectral_library import curve_of, keep_curves
    from napari_geolabel.imagery.spectrum import write_spectra

    with reading.open(scene) as opened:
        seen = [_pixel(opened, text) for text in pixel or []]
        if labels is not None:
            seen += _classes(opened, labels)
        wanted = library or ([] if seen else ["all"])
        found = [*seen, *_curves(opened, wanted)]
        quantity = SpectralAxis.of(opened.bands).value
    if keep:
        keep_curves(curve_of(each, quantity=quantity) for each in seen)
    if out is not None:
        write_spectra(out, found)
    if as_json:
        print_json([_plain(each) for each in found])
        return
    values = [[_rounded(mean) for mean in each.mean] for each in found]
    rows = [[band.name, band.wavelength_um, *column] for band, *column in zip(opened.bands, *values, strict=True)]
    print_table(["band", "µm", *(each.title for each in found)], rows)
    typer.echo(f"\n  {quantity}")


def _pixel(scene: Scene, text: str) -> Spectrum:
    from napari_geolabel.errors import GeometryError
    from napari_geolabel.imagery.spectrum import pixel_spectrum

    try:
        col, row = (int(part) for part in text.split(","))
    except ValueError as error:
        raise GeometryError(f"{text!r} is no pixel; give column and row with a comma between, 120,80") from error
    found = pixel_spectrum(scene, col + 0.5, row + 0.5)
    if found is None:
        rows, cols = scene.grid.shape
        raise GeometryError(f"pixel {text} is outside the scene of {cols} columns and {rows} rows")
    return found


def _classes(scene: Scene, path: Path) -> list[Spectrum]:
    from napari_geolabel.labels.opening import open_labels
    from napari_geolabel.labels.spectra import class_spectra

    with closing(open_labels(path, scene=scene, mode="r")) as opened:
        return list(class_spectra(opened).values())


def _curves(scene: Scene, wanted: list[str]) -> list[Spectrum]:
    from napari_geolabel.errors import FormatError
    from napari_geolabel.imagery.spectral_library import spectral_library

    known = spectral_library()
    for id_ in wanted:
        if id_ not in known and id_ != "all":
            raise FormatError(f"the library has no curve {id_!r}; there are {', '.join(known)}")
    return [known[id_].at(scene.bands) for id_ in (known if "all" in wanted else wanted)]


def _plain(spectrum: Spectrum) -> dict[str, object]:
    names = [band.name for band in spectrum.bands]
    return {
        "title": spectrum.title,
        "mean": {n: None if math.isnan(v) else v for n, v in zip(names, spectrum.mean, strict=True)},
        "std": {n: None if math.isnan(v) else v for n, v in zip(names, spectrum.std, strict=True)},
        "pixels": dict(zip(names, spectrum.count, strict=True)),
    }


def _rounded(value: float) -> float | None:
    return None if math.isnan(value) else float(f"{value:.4g}")
