"""A picture of each scene in all composites that its bands allow: ``python contact_sheets.py SCENES OUT``."""

from __future__ import annotations

import sys
from pathlib import Path

import napari_geolabel as geolabel
from napari_geolabel.imagery import contact_sheet
from napari_geolabel.imagery.render import write_png


def main(folder: str, out: str) -> None:
    """Write the sheets, and print what each scene lacks for the composites that it cannot show."""
    Path(out).mkdir(parents=True, exist_ok=True)
    for path in sorted(Path(folder).glob("*.tif")):
        with geolabel.open_scene(path) as scene:
            colored = [id_ for id_ in scene.composites() if id_ not in scene.bands.names]
            if not colored:
                print(f"{path.name}: its bands have no names; open it with bands=['blue', 'green', ...]")
                continue
            write_png(Path(out) / f"{path.stem}.png", contact_sheet(scene, colored, tile_px=200))
            lacking = ", ".join(scene.unavailable_composites()) or "nothing"
            print(f"{path.name}: {len(colored)} composites; the bands lack {lacking}")


if __name__ == "__main__":
    main(*sys.argv[1:3])
