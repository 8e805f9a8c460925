"""Parameters that several commands share, and how their text becomes values."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from napari_geolabel.errors import GeoLabelError

if TYPE_CHECKING:
    from napari_geolabel.imagery.scene import Scene
    from napari_geolabel.imagery.stretch import Method

DEFAULT_ONTOLOGY = "maritime"


class Trust(StrEnum):
    """Where scenes may be read from."""

    LOCAL = "local"
    NETWORK = "network"


ScenePaths = Annotated[
    list[str],  # pathlib would spoil the address of a scene on the network
    typer.Argument(
        metavar="SCENE...",
        help="A raster, or a folder with one file per band; several files are the bands of one scene.",
    ),
]
SceneOption = Annotated[
    list[str],
    typer.Option(
        "--scene",
        "-s",
        metavar="SCENE",
        help="The scene that the labels belong to, a file or a folder of bands; repeat it for bands in several files.",
    ),
]
SceneOfLabels = Annotated[
    list[str] | None,
    typer.Option(
        "--scene",
        "-s",
        metavar="SCENE",
        help="The scene that the labels belong to, a file or a folder of bands; repeat it for bands in several files. "
        "A label file (.labels.gpkg) finds its own.",
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
TrustOption = Annotated[
    Trust,
    typer.Option(
        "--trust", help="network: scenes may be addresses of GeoTIFFs, https://... or s3://...; nothing else is asked."
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
Resample = Annotated[
    bool,
    typer.Option(
        "--resample", help="Lay a mask of other pixels on the scene's, by nearest neighbour; else it is refused."
    ),
]
FormatOption = Annotated[
    str | None,
    typer.Option(
        "--format",
        metavar="ID",
        help="The format to write where the suffix says too little: coco, yolo, yolo-seg, yolo-obb, dota, voc, ...",
    ),
]
ReadAs = Annotated[
    str | None,
    typer.Option("--read-as", metavar="ID", help="The format to read, where suffix and text say too little: yolo-obb."),
]
CrsOption = Annotated[
    str | None, typer.Option("--crs", metavar="CRS", help="Of GeoJSON: scene, or a code such as EPSG:32631.")
]
Styles = Annotated[
    list[str] | None,
    typer.Option("--style", metavar="STYLE", help="Styles beside it: qml for QGIS, sld for GeoServer; repeatable."),
]
AllTouched = Annotated[
    bool,
    typer.Option("--all-touched", help="Set every pixel that a label touches, not only those whose centre it covers."),
]
Force = Annotated[
    bool,
    typer.Option("--force", help="Replace a file also by one that holds far fewer labels; five backups are kept."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a script.")]


@dataclass(frozen=True, kw_only=True)
class SceneReading:
    """How a scene is to be opened: the options ``--bands``, ``--sensor``, ``--page`` and ``--trust``."""

    bands: str | None = None
    sensor: str | None = None
    page: str | None = None
    trust: Trust = Trust.LOCAL

    def open(self, path: str | Path | Sequence[str | Path]) -> Scene:
        """Return the scene of a path, or of several."""
        from napari_geolabel.imagery.opening import open_scene

        bands = parse_bands(self.bands)
        return open_scene(path, bands=bands, sensor=self.sensor, page=self.page, trust=self.trust.value)

    def arguments(self) -> list[str]:
        """Return the options as words of another command line."""
        given = {"--bands": self.bands, "--sensor": self.sensor, "--page": self.page}
        words = [word for option, value in given.items() if value is not None for word in (option, value)]
        return [*words, "--trust", self.trust.value] if self.trust is not Trust.LOCAL else words


def opens_scene(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that say how its scene is opened; it gets them as ``reading``."""
    options: dict[str, tuple[Any, Any]] = {
        "bands": (Bands, None),
        "sensor": (SensorOption, None),
        "page": (PageOption, None),
    }
    options["trust"] = (TrustOption, Trust.LOCAL)
    return with_options(command, options, "reading", SceneReading)


def with_options(
    command: Callable[..., None], options: dict[str, tuple[Any, Any]], name: str, gather: Callable[..., Any]
) -> Callable[..., None]:
    """Return a command with more options.

    Parameters
    ----------
    command
        A command of typer's.
    options
        The annotation and the default of each option, by the name of its parameter.
    name
        The parameter that gets what is made of them; it is no option itself.
    gather
        Makes it; called with the values of the options by name.
    """
    own = inspect.signature(command, eval_str=True)
    added = [
        inspect.Parameter(option, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)
        for option, (kind, default) in options.items()
    ]
    kept = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in own.parameters.values()]
    kept = [each for each in kept if each.name != name]

    @functools.wraps(command)
    def run(**values: Any) -> None:  # noqa: ANN401  (whatever the options hold)
        gathered = gather(**{option: values.pop(option) for option in options})
        command(**values, **{name: gathered})

    parameters = [*kept, *added]
    run.__signature__ = own.replace(parameters=parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {each.name: each.annotation for each in parameters}
    return run


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


def parse_stretch(text: str) -> tuple[Method, float, float]:
    """Return method, low and high of a stretch: ``"2,98"``, ``"fixed 0,3000"``, ``"deviations 2"``, ``"equalize"``.

    Raises
    ------
    GeoLabelError
        If the text is none of these.
    """
    words = text.replace(":", " ").lower().split()
    if words == ["equalize"]:
        return "equalize", 0.0, 100.0
    mode = words[0] if len(words) > 1 else "percentile"
    try:
        numbers = [float(number) for number in words[-1].split(",")]
    except (ValueError, IndexError):
        numbers = []
    if mode in {"deviation", "deviations"} and len(words) == 2 and len(numbers) == 1:
        return "deviation", -numbers[0], numbers[0]
    if mode not in {"percentile", "fixed"} or len(words) > 2 or len(numbers) != 2:
        raise GeoLabelError(
            f"--stretch {text!r} cannot be read; write 2,98 or 'fixed 0,3000', 'deviations 2' or equalize"
        )
    return ("fixed" if mode == "fixed" else "percentile"), numbers[0], numbers[1]
