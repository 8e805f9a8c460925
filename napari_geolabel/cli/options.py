"""Parameters that several commands share, and how their text becomes values."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from napari_geolabel.errors import GeoLabelError

if TYPE_CHECKING:
    from napari_geolabel.imagery.scene import Scene

DEFAULT_ONTOLOGY = "maritime"

ScenePaths = Annotated[
    list[Path],
    typer.Argument(
        metavar="SCENE...",
        help="A raster, or a folder with one file per band; several files are the bands of one scene.",
    ),
]
SceneOption = Annotated[
    Path,
    typer.Option(
        "--scene", "-s", metavar="SCENE", help="The scene that the labels belong to, a file or a folder of bands."
    ),
]
PageOption = Annotated[
    str | None,
    typer.Option("--page", metavar="NUMBER|NAME", help="Which raster of a file that has several; else the largest."),
]
LabelsPath = Annotated[Path, typer.Argument(metavar="LABELS", help="A label file, for example GeoJSON.")]
Bands = Annotated[
    str | None,
    typer.Option(
        "--bands",
        metavar="NAMES",
        help="Names for the bands in the file's order, with commas between, where there are none: blue,green,red,nir.",
    ),
]
SensorOption = Annotated[
    str | None,
    typer.Option(
        "--sensor",
        metavar="ID",
        help="The sensor that the scene is of, such as planetscope_4; none to have none recognised.",
    ),
]
OntologyOption = Annotated[
    str,
    typer.Option(
        "--ontology", metavar="NAME|FILE", help="A template (maritime, clouds, landcover) or an ontology file."
    ),
]
ClassMap = Annotated[
    list[str] | None,
    typer.Option(
        "--class-map",
        metavar="THEIRS=OURS",
        help="Read the file's class THEIRS as OURS; may be repeated. =OURS stands for features without a class.",
    ),
]
MakeClasses = Annotated[
    bool, typer.Option("--make-classes", help="Take classes that the ontology lacks from the file.")
]
AllTouched = Annotated[
    bool,
    typer.Option("--all-touched", help="Set every pixel that a label touches, not only those whose centre it covers."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a script.")]


def open_scene_with(
    path: Path | list[Path], bands: str | None, sensor: str | None = None, page: str | None = None
) -> Scene:
    """Open a scene, its bands named by the text of ``--bands``, as the sensor of ``--sensor``."""
    from napari_geolabel.imagery.opening import open_scene

    return open_scene(path, bands=parse_bands(bands), sensor=sensor, page=page)


def parse_bands(text: str | None) -> list[str] | None:
    """Return band names from ``"blue,green,red"``.

    Raises
    ------
    GeoLabelError
        If a name is empty.
    """
    if text is None:
        return None
    names = [name.strip() for name in text.split(",")]
    if not all(names):
        raise GeoLabelError(
            f"--bands {text!r} has an empty name; write names with commas between, as blue,green,red,nir"
        )
    return names


def parse_class_map(pairs: list[str] | None) -> dict[str | None, str] | None:
    """Return a class map from texts ``"vessel=ship"``; ``"=ship"`` maps features without a class.

    Raises
    ------
    GeoLabelError
        If a text has no ``=`` or nothing behind it.
    """
    if not pairs:
        return None
    split = [pair.partition("=") for pair in pairs]
    for pair, (_, _, ours) in zip(pairs, split, strict=True):
        if not ours.strip():
            raise GeoLabelError(f"--class-map {pair!r} names no class; write THEIRS=OURS, as vessel=ship")
    return {theirs.strip() or None: ours.strip() for theirs, _, ours in split}


def parse_stretch(text: str) -> tuple[str, float, float]:
    """Return ``("percentile" | "fixed", low, high)`` from ``"2,98"`` or ``"fixed 0,3000"``.

    Raises
    ------
    GeoLabelError
        If the text is neither.
    """
    words = text.replace(":", " ").split()
    mode = words[0].lower() if len(words) > 1 else "percentile"
    try:
        low, high = (float(number) for number in words[-1].split(","))
    except (ValueError, IndexError) as error:
        raise GeoLabelError(f"--stretch {text!r} is not two numbers; write 2,98 or 'fixed 0,3000'") from error
    if mode not in {"percentile", "fixed"} or len(words) > 2:
        raise GeoLabelError(f"--stretch {text!r} is neither percentile nor fixed; write 2,98 or 'fixed 0,3000'")
    return mode, low, high
