"""Accept a model's sound predictions, leave the rest to people: ``python correct_predictions.py SCENE FILE OUT``.

Predictions may be GeoJSON, COCO, YOLO, DOTA or Pascal VOC.  What passes the
checks is accepted; the rest stays a suggestion in the label file, which
``geolabel open SCENE`` or QGIS shows.  The accepted ones go out as COCO.
"""

from __future__ import annotations

import sys
from pathlib import Path

import napari_geolabel as geolabel


def main(scene_path: str, predictions: str, out: str) -> None:
    """Import, check, accept, export."""
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    with geolabel.open_scene(scene_path) as scene:
        labels = geolabel.open_labels(folder / "corrected.labels.gpkg", scene=scene, ontology="maritime")
        labels.import_from(predictions, make_classes=True, status="suggested")  # one change, one undo
        suspicious = {problem.annotation_id for problem in labels.problems()}
        sure = [id_ for id_ in labels if id_ not in suspicious]
        labels.update_many(sure, status="accepted")
        labels.export(folder / "accepted.json", format="coco", ids=sure)
        labels.flush()  # everything is on disk now
        print(f"{len(labels)} predictions: {len(sure)} accepted, {len(labels) - len(sure)} to be looked at")
        labels.close()


if __name__ == "__main__":
    main(*sys.argv[1:4])
