"""What a training set holds, as a picture: labels of each class by split, and how large they are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import shapely

from napari_geolabel.annotations.annotation import Annotation
from napari_geolabel.files import atomic_write
from napari_geolabel.labels.chip_plan import SPLITS, Chip
from napari_geolabel.ontology.colors import rgb_of
from napari_geolabel.ontology.model import Ontology

WIDTH_PX, ROW_PX, NAME_PX, COUNT_PX, SIZES_PX = 900, 26, 170, 380, 320
_SHADES = (1.0, 0.65, 0.4)
_BINS = 24
_LARGEST_PX = 1024.0


def draw_statistics(path: Path, chips: Sequence[Chip], ontology: Ontology) -> None:
    """Draw a row for each class that occurs: a bar of its labels by split, and a histogram of their sizes."""
    from PIL import Image, ImageDraw

    by_class: dict[str, list[tuple[str, Annotation]]] = {}
    for chip in chips:
        for annotation in chip.annotations:
            by_class.setdefault(annotation.class_id, []).append((chip.split, annotation))
    rows = [c for c in ontology.classes if c.id in by_class]
    picture = Image.new("RGB", (WIDTH_PX, ROW_PX * (len(rows) + 3)), "white")
    draw = ImageDraw.Draw(picture)
    draw.text((8, 6), f"{len(chips)} chips: {', '.join(_counts(chips))}", fill="black")
    draw.text((NAME_PX, 6 + ROW_PX), f"labels: {', '.join(SPLITS)} (dark to light)", fill="black")
    draw.text((NAME_PX + COUNT_PX + 20, 6 + ROW_PX), "root of area or length, 1 to 1024 px", fill="black")
    most = max((len(found) for found in by_class.values()), default=1)
    for number, label_class in enumerate(rows, start=2):
        top, found = number * ROW_PX, by_class[label_class.id]
        draw.text((8, top + 6), label_class.name[:26], fill="black")
        left = NAME_PX
        for shade, split in zip(_SHADES, SPLITS, strict=True):
            width = round((COUNT_PX - 60) * sum(s == split for s, _ in found) / most)
            draw.rectangle((left, top + 4, left + width, top + ROW_PX - 4), fill=_mixed(label_class.color, shade))
            left += width
        draw.text((left + 6, top + 6), str(len(found)), fill="black")
        counts, _ = np.histogram([size_px(a) for _, a in found], _edges())
        for place, height in enumerate((counts / max(1, counts.max()) * (ROW_PX - 6)).round().astype(int).tolist()):
            x = NAME_PX + COUNT_PX + 20 + place * SIZES_PX // _BINS
            bottom = top + ROW_PX - 3
            if height:
                bar = (x, bottom - height, x + SIZES_PX // _BINS - 2, bottom)
                draw.rectangle(bar, fill=_mixed(label_class.color, 1.0))
    with atomic_write(path) as temporary:
        picture.save(temporary, format="PNG")


def size_px(annotation: Annotation) -> float:
    """Return how large an annotation looks: the root of its area, or its length; 1 for a point."""
    area = float(shapely.area(annotation.geometry))
    return max(1.0, area**0.5 if area else float(shapely.length(annotation.geometry)))


def _edges() -> list[float]:
    edges: list[float] = np.geomspace(1.0, _LARGEST_PX, _BINS + 1).tolist()
    return [*edges[:-1], float("inf")]


def _counts(chips: Sequence[Chip]) -> list[str]:
    return [f"{sum(chip.split == split for chip in chips)} {split}" for split in SPLITS]


def _mixed(color: str, share: float) -> tuple[int, int, int]:
    """Return a colour mixed with white."""
    red, green, blue = (round(255 - share * (255 - channel)) for channel in rgb_of(color))
    return red, green, blue
