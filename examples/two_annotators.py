"""Two people on one label file at the same time, and who did what: ``python two_annotators.py SCENE OUT``.

What one of them draws is there for the other at the next `read_others`; undo takes
back only one's own.  The journal in the file keeps every change.
"""

from __future__ import annotations

import sys
from pathlib import Path

import shapely

import napari_geolabel as geolabel


def main(scene_path: str, out: str) -> None:
    """Draw with two annotators, and tell what the file holds in the end."""
    path = Path(out) / "shared.labels.gpkg"
    path.parent.mkdir(parents=True, exist_ok=True)
    with geolabel.open_scene(scene_path) as scene:
        anna = geolabel.open_labels(path, scene=scene, ontology="maritime", annotator="anna")
        bert = geolabel.open_labels(path, scene=scene, ontology="maritime", annotator="bert")
        ship = anna.add(shapely.box(100, 100, 130, 110), "ship", attributes={"category": "unknown"})
        anna.flush()
        bert.add(shapely.box(300, 200, 330, 210), "ship")
        bert.flush()
        bert.undo()  # his own ship; hers stays
        bert.flush()
        for labels in (anna, bert):
            labels.close()
        again = geolabel.open_labels(path, scene=scene, mode="r")
        for entry in again.history():
            print(f"{entry.actor}: {entry.title}")
        print(f"left: {list(again) == [ship.id]}")
        again.close()


if __name__ == "__main__":
    main(*sys.argv[1:3])
