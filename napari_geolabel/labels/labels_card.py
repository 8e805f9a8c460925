"""How labels show themselves in a notebook: how many of each class, and the newest as a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import islice
from typing import TYPE_CHECKING

from napari_geolabel.notebook_html import Swatch, html_table, html_title

if TYPE_CHECKING:
    from napari_geolabel.annotations.annotation import Annotation
    from napari_geolabel.labels.labels import Labels
    from napari_geolabel.ontology.model import Ontology

MOST_ROWS = 20
"""How many annotations are listed, the last ones in draw order."""

_COLUMNS = ("id", "class", "kind", "status", "confidence", "attributes", "centre (x, y)")


class LabelsCard:
    """The part of `Labels` that notebooks and consoles show and complete."""

    def _repr_html_(self: Labels) -> str:  # type: ignore[misc]  # only labels are made of it
        return labels_html(self)

    def _ipython_key_completions_(self: Labels) -> list[str]:  # type: ignore[misc]
        return list(self)


def labels_html(labels: Labels) -> str:
    """Return labels as HTML: the count of each class, and the last annotations that were drawn."""
    counts = Counter(annotation.class_id for annotation in labels.store.values())
    classes = [(Swatch(c.color, c.name), counts[c.id]) for c in labels.ontology.classes if counts[c.id]]
    paint = ", with a painted mask" if labels.is_painted else ""
    last = list(islice(reversed(list(labels)), MOST_ROWS))
    rows = _rows((labels[id_] for id_ in reversed(last)), labels.ontology)
    parts = [
        html_title(
            f"Labels of {labels.scene.name}", f"{len(labels)} annotations{paint}, ontology {labels.ontology.id}"
        ),
        html_table((), classes),
        html_table(_COLUMNS, rows) if last else "",
        html_title("", f"the last {MOST_ROWS} of {len(labels)}") if len(labels) > MOST_ROWS else "",
    ]
    return "".join(parts)


def _rows(annotations: Iterable[Annotation], ontology: Ontology) -> list[tuple[object, ...]]:
    """Return what is told of each annotation."""
    rows: list[tuple[object, ...]] = []
    for each in annotations:
        label_class, centre = ontology[each.class_id], each.geometry.centroid
        answers = ", ".join(f"{name}: {value}" for name, value in each.attributes.items())
        where = "" if centre.is_empty else f"{centre.x:.1f}, {centre.y:.1f}"
        name = Swatch(label_class.color, label_class.name)
        rows.append((each.id, name, str(each.kind), str(each.status), each.confidence, answers, where))
    return rows
