"""How an ontology shows itself in a notebook: a table of its classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_geolabel.notebook_html import Swatch, html_table, html_title

if TYPE_CHECKING:
    from napari_geolabel.ontology.model import Ontology

_COLUMNS = ("class", "id", "key", "mask value", "drawn as", "attributes")


def ontology_html(ontology: Ontology) -> str:
    """Return an ontology as HTML: a row for each class that is in use."""
    rows = [
        (
            Swatch(each.color, each.name),
            each.id,
            each.hotkey,
            each.mask_value,
            ", ".join(str(kind).replace("_", " ") for kind in each.kinds),
            ", ".join(attribute.name for attribute in each.attributes),
        )
        for each in ontology.classes
        if not each.archived
    ]
    title = html_title(ontology.name, f"{ontology.id} {ontology.version}")
    return title + html_table(_COLUMNS, rows)
