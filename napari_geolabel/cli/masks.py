"""Commands on masks: rasterize, polygonize, coverage, difference."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from napari_geolabel.cli.app import app
from napari_geolabel.cli.labelling import Flavour, FlavourOption, Out, labels_of, overwriting, tell_written
from napari_geolabel.cli.options import (
    DEFAULT_ONTOLOGY,
    AllTouched,
    AsJson,
    ClassMap,
    Force,
    FormatOption,
    LabelsPath,
    MakeClasses,
    OntologyOption,
    SceneOfLabels,
    SceneReading,
    opens_scene,
)
from napari_geolabel.cli.scene_choice import scene_of
from napari_geolabel.cli.tables import print_json, print_table
from napari_geolabel.errors import GeoLabelError

if TYPE_CHECKING:
    from napari_geolabel.labels.labels import Labels
    from napari_geolabel.masks import Coverage


class Order(StrEnum):
    """What wins where labels overlap."""

    CLASS = "class"
    DRAWN = "drawn"


class Layout(StrEnum):
    """How a mask GeoTIFF is laid out."""

    AUTO = "auto"
    TILED = "tiled"
    COG = "cog"


class Compression(StrEnum):
    """How a mask GeoTIFF is compressed."""

    DEFLATE = "deflate"
    ZSTD = "zstd"


class Connectivity(StrEnum):
    """Which neighbours of a pixel belong to the same polygon."""

    FOUR = "4"
    EIGHT = "8"


MaskPath = Annotated[Path, typer.Argument(metavar="MASK", help="A mask GeoTIFF; zero is no label.")]
_AREA = re.compile(r"\s*([0-9.eE+-]+)\s*(px|m2|ha|km2)\s*")
_M2 = {"m2": 1.0, "ha": 1e4, "km2": 1e6}


@app.command()
@opens_scene
def rasterize(
    *,
    labels: LabelsPath,
    scene: SceneOfLabels = None,
    out: Out,
    form: FormatOption = None,
    flavour: FlavourOption = Flavour.SEMANTIC,
    ontology: OntologyOption = DEFAULT_ONTOLOGY,
    class_map: ClassMap = None,
    make_classes: MakeClasses = False,
    all_touched: AllTouched = False,
    order: Annotated[
        Order, typer.Option("--order", help="Where labels overlap: the later class wins, or what was drawn later.")
    ] = Order.CLASS,
    width: Annotated[
        float | None,
        typer.Option("--width", metavar="METRES", help="Width of lines and points; else the pixels they run through."),
    ] = None,
    column: Annotated[
        str | None,
        typer.Option("--column", metavar="NAME", help="Burn this property: whole numbers as they are, or class names."),
    ] = None,
    layout: Annotated[
        Layout, typer.Option("--layout", help="cog adds overviews; auto does for more than 1024 pixels a side.")
    ] = Layout.AUTO,
    compress: Annotated[
        Compression, typer.Option("--compress", help="deflate is read everywhere, zstd is smaller.")
    ] = Compression.DEFLATE,
    force: Force = False,
    as_json: AsJson = False,
    reading: SceneReading,
) -> None:
    """Burn labels into a mask GeoTIFF.

    The mask has the pixels and the place of the scene.  --format panoptic-pair writes classes and
    instances as two files; a name that ends in .png, COCO's panoptic PNG.  --column burns the numbers
    of a property of any vector file, or takes its words for classes of the ontology.
    """
    from napari_geolabel.formats.columns import Report
    from napari_geolabel.formats.mask_geotiff import write_mask
    from napari_geolabel.formats.registry import exporter_for
    from napari_geolabel.labels.exchange import read_columns, replace_mask
    from napari_geolabel.labels.exporting import export_labels, export_order
    from napari_geolabel.labels.overwriting import require_not_scene
    from napari_geolabel.labels.rasters import rasterize as burn

    chosen = exporter_for(out, form)
    if chosen.content != "mask":
        raise GeoLabelError(f"{out.name} would hold no pixels; name a .tif or .png, or use geolabel export")
    how: dict[str, Any] = {"all_touched": all_touched, "order": order.value, "width_m": width}
    asked = chosen.flavour or flavour.value
    source: Labels | Path
    if column is None:
        source, report = labels_of(labels, scene, ontology, class_map, make_classes=make_classes, reading=reading)
        losses = export_labels(source, export_order(out, format=chosen.id, flavour=asked, **how), dry_run=True)
        opened = source.scene
    elif class_map or make_classes:
        raise GeoLabelError("--column burns what stands in the file; leave out --class-map and --make-classes")
    else:
        source, opened, losses = labels, reading.open(scene or scene_of(labels)), []
        report = Report(imported=len(read_columns(labels)))
        how |= {"column": column, "grid": opened.grid, "ontology": ontology}
    require_not_scene(out, opened)
    with _bar("rasterize", quiet=as_json) as progress:
        mask = burn(source, flavour=asked, progress=progress, **how)
    write = partial(write_mask, layout=layout.value, compression=compress.value) if chosen.id == "mask" else None
    replace_mask(chosen.placed(out, opened.name), mask, overwriting(force=force), chosen, write)
    tell_written(out, report, losses, as_json=as_json)


@app.command()
def polygonize(
    mask: MaskPath,
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="FILE", help="The suffix picks the format: .geojson or .gpkg.")
    ],
    ontology: OntologyOption = DEFAULT_ONTOLOGY,
    connectivity: Annotated[
        Connectivity, typer.Option("--connectivity", help="4: pixels must share an edge; 8: a corner is enough.")
    ] = Connectivity.FOUR,
    min_area: Annotated[
        str | None, typer.Option("--min-area", metavar="AREA", help="Leave out what is smaller: 5px, 400m2, 0.5ha.")
    ] = None,
    simplify: Annotated[
        float,
        typer.Option(
            "--simplify",
            metavar="PIXELS",
            help="Move outlines up to this far to have fewer vertices; borders stay shared.",
        ),
    ] = 0.0,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Outline the areas of a mask as polygons.

    They run along the pixel edges and keep their holes, so that rasterize gives the mask back.
    """
    from napari_geolabel.labels.conversion import convert_mask
    from napari_geolabel.labels.mask_import import Tracing
    from napari_geolabel.masks import Watch

    neighbours: Literal[4, 8] = 4 if connectivity is Connectivity.FOUR else 8
    least_px, least_m2 = parse_area(min_area)
    with _bar("polygonize", quiet=as_json) as progress:
        tracing = Tracing(
            connectivity=neighbours,
            min_area_px=least_px,
            min_area_m2=least_m2,
            simplify_px=simplify,
            watch=Watch(progress=progress),
        )
        report = convert_mask(mask, out, ontology=ontology, tracing=tracing, overwrite=overwriting(force=force))
    tell_written(out, report, [], as_json=as_json)


@app.command()
@opens_scene
def coverage(
    *,
    mask: MaskPath,
    scene: Annotated[
        list[str] | None,
        typer.Option("--scene", "-s", metavar="SCENE", help="Count only the pixels where this scene has data."),
    ] = None,
    ontology: OntologyOption = DEFAULT_ONTOLOGY,
    as_json: AsJson = False,
    reading: SceneReading,
) -> None:
    """Tell how much of a mask each class covers: pixels, hectares, percent."""
    from napari_geolabel.formats.mask_geotiff import read_mask
    from napari_geolabel.labels.mask_statistics import valid_pixels
    from napari_geolabel.masks import coverage as cover
    from napari_geolabel.ontology.files import load_ontology

    read = read_mask(mask, load_ontology(ontology))
    valid = valid_pixels(reading.open(scene)) if scene else None
    _print_coverages(cover(read, valid), as_json=as_json)


@app.command()
def difference(
    *,
    before: Annotated[Path, typer.Argument(metavar="BEFORE", help="A mask GeoTIFF.")],
    after: Annotated[Path, typer.Argument(metavar="AFTER", help="Another mask of the same pixels.")],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE", help="A mask GeoTIFF of the changes, named in it.")
    ] = None,
    ontology: OntologyOption = DEFAULT_ONTOLOGY,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Tell what changed from one mask to another: pixels, hectares, percent of each change.

    Value 0 is what both agree on.
    """
    from napari_geolabel.formats.mask_geotiff import read_mask
    from napari_geolabel.labels.exchange import replace_mask
    from napari_geolabel.masks import difference as differ
    from napari_geolabel.ontology.files import load_ontology

    known = load_ontology(ontology)
    changes, found = differ(read_mask(before, known), read_mask(after, known))
    if out is not None:
        replace_mask(out, changes, overwriting(force=force))
    _print_coverages(found, as_json=as_json, zero="unchanged")


def parse_area(text: str | None) -> tuple[float, float | None]:
    """Return a least area as ``(pixels, square metres or None)``: ``"5px"``, ``"400m2"``, ``"0.5ha"``, ``"2km2"``.

    Raises
    ------
    GeoLabelError
        If the text is none of these.
    """
    if text is None:
        return 0.0, None
    found = _AREA.fullmatch(text)
    try:
        number = float(found.group(1)) if found else -1.0
    except ValueError:
        number = -1.0
    if found is None or not 0 <= number < float("inf"):
        raise GeoLabelError(f"--min-area {text!r} is no area; write 5px, 400m2, 0.5ha or 2km2")
    unit = found.group(2)
    return (number, None) if unit == "px" else (0.0, number * _M2[unit])


def _print_coverages(found: list[Coverage], *, as_json: bool, zero: str | None = None) -> None:
    rows = [asdict(each) | ({"name": zero} if zero and each.value == 0 else {}) for each in found]
    if as_json:
        print_json(rows)
        return
    print_table(
        ["value", "name", "pixels", "hectares", "percent"],
        [
            [
                row["value"],
                row["name"],
                f"{row['pixels']:,}",
                None if row["hectares"] is None else f"{row['hectares']:,.2f}",
                f"{row['percent']:.3f}",
            ]
            for row in rows
        ],
    )


@contextmanager
def _bar(label: str, *, quiet: bool) -> Iterator[Callable[[float], None] | None]:
    """Show on the terminal how far something has come; nothing where the output is for a script."""
    if quiet or not sys.stdout.isatty():
        yield None
        return
    with typer.progressbar(length=1000, label=label) as bar:
        yield lambda share: bar.update(round(share * 1000) - bar.pos)
