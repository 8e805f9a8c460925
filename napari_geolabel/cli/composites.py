"""The command that lists what a scene can show, and how a text names a composite."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from napari_geolabel.cli.app import app
from napari_geolabel.cli.options import AsJson, ScenePaths, SceneReading, opens_scene
from napari_geolabel.cli.tables import print_json, print_table

if TYPE_CHECKING:
    from napari_geolabel.imagery.composite import Composite
    from napari_geolabel.imagery.scene import Scene


_CHANNELS_WIDTH = 40  # letters; --json tells all


@app.command("composites")
@opens_scene
def list_composites(
    scene: ScenePaths,
    *,
    sheet: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FILE", help="Write a PNG that shows all composites of the scene."),
    ] = None,
    share: Annotated[
        Path | None,
        typer.Option(
            "--share", metavar="FILE", help="Write the composites as TOML, or as a STAC renders object (.json)."
        ),
    ] = None,
    as_json: AsJson = False,
    reading: SceneReading,
) -> None:
    """List the composites and indices that a scene can show, and the band that the others miss.

    Your own composites are among them.
    """
    opened = reading.open(scene)
    rows = _rows(opened)
    if sheet is not None:
        _write_sheet(opened, sheet)
    if share is not None:
        _share(opened, share)
    if as_json:
        print_json(rows)
        return
    print_table(
        ["id", "kind", "title", "channels", "what shows how"],
        [[r["id"], r["kind"], r["title"], _short(r["channels"]), r["description"]] for r in rows if r["available"]],
    )
    lacking = [row for row in rows if not row["available"]]
    if lacking:
        typer.echo("\n  not with this scene:\n")
        print_table(["id", "kind", "title", "why"], [[r["id"], r["kind"], r["title"], r["reason"]] for r in lacking])
    for path in filter(None, (sheet, share)):
        typer.echo(f"\n{path}: written")


def find_composite(scene: Scene, text: str) -> Composite:
    """Return the composite that a text names: an id, your own included, a band, ``nir,red,green`` or an expression.

    Raises
    ------
    BandNotFoundError
        If a band is missing.
    ExpressionError
        If the text is none of these.
    """
    from napari_geolabel.errors import CompositeError
    from napari_geolabel.imagery.composite import Composite
    from napari_geolabel.imagery.own_composites import load_own

    own = load_own().composites
    if text in own:
        return own[text]
    try:
        return scene.composite(text)
    except CompositeError:
        return Composite(id=text, title=text, channels=tuple(_channels(text)))


def _channels(text: str) -> list[str]:
    """Return the texts between commas that stand in no brackets; all of it where these are not three."""
    parts, depth = [""], 0
    for letter in text:
        depth += (letter == "(") - (letter == ")")
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts] if len(parts) == 3 else [text]


def _short(channels: list[str]) -> str:
    """Return channels for a table, cut where a formula is long."""
    text = ", ".join(channels)
    return text if len(text) <= _CHANNELS_WIDTH else f"{text[: _CHANNELS_WIDTH - 1]}…"


def _rows(scene: Scene) -> list[dict[str, Any]]:
    """Return all composites and indices, those of the scene's single bands left out."""
    from napari_geolabel.imagery.composite import resolve
    from napari_geolabel.imagery.composites import composites, index_composite, reasons
    from napari_geolabel.imagery.indices import indices
    from napari_geolabel.imagery.own_composites import load_own

    own = load_own().composites
    special = scene.sensor.composites if scene.sensor is not None else ()
    made = {**scene.indices(), **scene.composites()}
    known = {**composites(), **{each.id: each for each in special}, **own}
    known |= {id_: index_composite(index) for id_, index in indices().items() if id_ not in known}
    why = {**scene.unavailable_indices(), **scene.unavailable_composites(), **reasons(own.values(), scene.bands)}
    rows = []
    for id_, composite in known.items():
        chosen = composite if id_ in own else made.get(id_, composite)
        available = id_ not in why
        resolved = resolve(chosen, scene.bands) if available else None
        rows.append(
            {
                "id": id_,
                "kind": "own" if id_ in own else "index" if id_ in indices() else "composite",
                "title": chosen.title,
                "channels": list(chosen.channels),
                "available": available,
                "reason": why.get(id_),
                "description": chosen.description if resolved is None else resolved.description,
                "stand_ins": {} if resolved is None else {name: band.name for name, band in resolved.stand_ins.items()},
            }
        )
    return rows


def _write_sheet(scene: Scene, path: Path) -> None:
    from napari_geolabel.imagery.composite import missing_bands
    from napari_geolabel.imagery.contact_sheet import contact_sheet
    from napari_geolabel.imagery.own_composites import load_own
    from napari_geolabel.imagery.render import write_png

    own = [each for each in load_own().composites.values() if not missing_bands(each, scene.bands)]
    colored = [each for each in scene.composites().values() if each.id not in scene.bands.names]  # not the single bands
    write_png(path, contact_sheet(scene, [*colored, *own] or None))


def _share(scene: Scene, path: Path) -> None:
    import json

    from napari_geolabel.files import atomic_write
    from napari_geolabel.imagery.composite import missing_bands
    from napari_geolabel.imagery.composite_files import write_composites
    from napari_geolabel.imagery.own_composites import load_own
    from napari_geolabel.imagery.renders import renders_to

    kept = load_own()
    own = [each for each in kept.composites.values() if not missing_bands(each, scene.bands)]
    if path.suffix.casefold() != ".json":
        write_composites(path, [*scene.composites().values(), *own], favourites=kept.favourites)
        return
    renders = renders_to(scene, [*scene.composites().values(), *own])
    with atomic_write(path) as temporary:
        temporary.write_text(json.dumps({"renders": renders}, indent=1, ensure_ascii=False), "utf-8")
