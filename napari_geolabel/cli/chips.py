"""The command ``chips``: training sets from label files."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from napari_geolabel.cli.app import app
from napari_geolabel.cli.options import AsJson, SceneReading, opens_scene
from napari_geolabel.cli.scene_choice import label_file_of, scene_of
from napari_geolabel.cli.tables import print_json
from napari_geolabel.errors import GeoLabelError


class Images(StrEnum):
    """What pictures are written as."""

    TIF = "tif"
    PNG = "png"


class By(StrEnum):
    """What is dealt out to the splits whole."""

    BLOCK = "block"
    SCENE = "scene"


@app.command()
@opens_scene
def chips(
    *,
    label_files: Annotated[
        list[Path], typer.Argument(metavar="LABELFILE...", help="Label files, of one ontology: <scene>.labels.gpkg.")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FOLDER", help="A new or empty folder.")],
    scene: Annotated[
        list[Path] | None,
        typer.Option(
            "--scene", "-s", metavar="SCENE", help="The scene of each label file, in their order; else found."
        ),
    ] = None,
    size: Annotated[int, typer.Option("--size", help="Side of a chip in pixels.")] = 512,
    overlap: Annotated[int, typer.Option("--overlap", help="Overlap of neighbours in pixels.")] = 0,
    min_visible: Annotated[
        float, typer.Option("--min-visible", help="Least share of a label that must lie in a chip.")
    ] = 0.25,
    negatives: Annotated[
        float, typer.Option("--negatives", help="Chips without labels to keep, as a share of those with labels.")
    ] = 0.25,
    split: Annotated[str, typer.Option("--split", help="Shares of train, val and test.")] = "0.8,0.1,0.1",
    by: Annotated[By, typer.Option("--by", help="What goes into one split whole.")] = By.BLOCK,
    block: Annotated[int, typer.Option("--block", help="Side of a block in chips.")] = 4,
    seed: Annotated[int, typer.Option("--seed", help="The same seed deals the same splits.")] = 0,
    images: Annotated[
        Images, typer.Option("--images", help="tif: all bands as they are; png: a composite.")
    ] = Images.TIF,
    labels_as: Annotated[
        str, typer.Option("--labels", metavar="ID", help="coco, yolo, yolo-seg, yolo-obb, dota or mask.")
    ] = "coco",
    composite: Annotated[str, typer.Option("--composite", help="What PNG files show.")] = "true_color",
    as_json: AsJson = False,
    reading: SceneReading,
) -> None:
    """Cut scenes into chips with labels, for training, with a STAC catalogue and a picture of what there is."""
    from napari_geolabel.labels.chip_plan import ChipPlan
    from napari_geolabel.labels.opening import open_labels
    from napari_geolabel.labels.training_set import make_chips
    from napari_geolabel.masks import Watch

    shares = _shares(split)
    plan = ChipPlan(
        size_px=size, overlap_px=overlap, min_visible=min_visible, negatives=negatives, split=shares, by=by.value,
        block_chips=block, seed=seed,
    )  # fmt: skip
    found = [label_file_of(path) for path in label_files]
    scenes = [str(path) for path in scene or map(scene_of, found)]
    if len(scenes) != len(label_files):
        raise GeoLabelError(f"{len(label_files)} label files need as many scenes, and {len(scenes)} are named")
    held = [open_labels(p, scene=reading.open(s), mode="r") for p, s in zip(label_files, scenes, strict=True)]
    with typer.progressbar(length=100, label="chips", hidden=as_json or not sys.stdout.isatty()) as bar:
        watch = Watch(progress=lambda share: bar.update(round(100 * share) - bar.pos))
        made = make_chips(
            held, out, plan=plan, images=images.value, labels_as=labels_as, composite=composite, watch=watch
        )
    if as_json:
        print_json({"folder": str(made.folder), "chips": made.chips, "labels": made.labels, "notes": made.notes})
        return
    counts = ", ".join(f"{count} {name}" for name, count in made.chips.items())
    typer.echo(f"{made.folder}: {counts}; {', '.join(f'{n} {c}' for c, n in made.labels.items())}")
    for note in made.notes:
        typer.echo(f"  {note}")


def _shares(text: str) -> tuple[float, float, float]:
    try:
        train, val, test = (float(part) for part in text.split(","))
    except ValueError:
        raise GeoLabelError(f"--split {text!r} is not three numbers; write 0.8,0.1,0.1") from None
    return train, val, test
