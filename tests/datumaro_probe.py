"""Ask datumaro what it makes of a data set, and print it as JSON.  Runs in an environment of its own."""

import json
import sys

import datumaro


def told(annotation, names):
    """What datumaro says of one annotation."""
    kind = annotation.type.name
    about = {"kind": kind, "label": names[annotation.label] if annotation.label is not None else None}
    if kind == "mask":
        image = annotation.image
        rows, cols = image.nonzero()
        return {
            **about,
            "area": int(image.sum()),
            "box": [int(v) for v in (cols.min(), rows.min(), cols.max() + 1, rows.max() + 1)],
        }
    points = [float(value) for value in getattr(annotation, "points", [])]
    attributes = {str(key): str(value) for key, value in annotation.attributes.items()}
    if kind == "rotated_bbox":
        points = [float(v) for v in (annotation.cx, annotation.cy, annotation.w, annotation.h, annotation.r)]
    return {**about, "points": points, "attributes": attributes}


dataset = datumaro.Dataset.import_from(sys.argv[2], sys.argv[1])
names = [label.name for label in dataset.categories()[datumaro.AnnotationType.label]]
items = {item.id: [told(each, names) for each in item.annotations] for item in dataset}
print("ANSWER" + json.dumps(items))
