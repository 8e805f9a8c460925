"""A small ontology and labels on small scenes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from napari_geolabel.geo import GeoGrid
from napari_geolabel.imagery.opening import open_scene
from napari_geolabel.imagery.scene import Scene
from napari_geolabel.labels import Labels, open_labels
from napari_geolabel.ontology.model import Attribute, LabelClass, Ontology, Option


@pytest.fixture(scope="session")
def ontology() -> Ontology:
    """Ships with nested attributes, painted clouds, wakes as lines and a class without a mask value."""
    flag = Attribute(id="flag", name="Flag", type="text")
    category = Attribute(
        id="category",
        name="Category",
        type="radio",
        options=(Option(id="merchant", name="Merchant", attributes=(flag,)), Option(id="naval", name="Naval")),
    )
    length = Attribute(id="length_m", name="Length", type="number", minimum=1, maximum=500, unit="m")
    under_way = Attribute(id="under_way", name="Under way", type="boolean", required=True)
    return Ontology(
        id="harbour",
        name="Harbour",
        version="1.0",
        classes=(
            LabelClass(id="cloud", name="Cloud", color="#ffffff", mask_value=9, kinds=("polygon", "mask")),
            LabelClass(
                id="ship",
                name="Ship",
                color="#ff0000",
                mask_value=1,
                kinds=("box", "rotated_box", "polygon", "keypoint"),
                attributes=(category, length, under_way),
            ),
            LabelClass(id="tug", name="Tug", color="#ff8800", mask_value=2, kinds=("polygon",), attributes=(category,)),
            LabelClass(id="wake", name="Wake", color="#00ffff", kinds=("polyline",)),
        ),
        scene_attributes=(Attribute(id="haze", name="Haze", type="boolean"),),
    )


@pytest.fixture
def scene(write_scene: Callable[..., Path]) -> Iterator[Scene]:
    """A north-up scene of 512 x 512 pixels of 10 m."""
    with open_scene(write_scene()) as opened:
        yield opened


@pytest.fixture
def pixel_scene(write_scene: Callable[..., Path]) -> Iterator[Scene]:
    """A scene without a georeference."""
    from affine import Affine

    with open_scene(write_scene(GeoGrid(shape=(300, 400), transform=Affine.identity()), "pixels.tif")) as opened:
        yield opened


@pytest.fixture
def labels(scene: Scene, ontology: Ontology) -> Labels:
    """No labels yet."""
    return open_labels(scene=scene, ontology=ontology)


@pytest.fixture
def file_path(tmp_path: Path) -> Path:
    """Where the label file of a test lies."""
    return tmp_path / "scene.labels.gpkg"


@pytest.fixture
def open_kept(scene: Scene, ontology: Ontology, file_path: Path) -> Iterator[Callable[..., Labels]]:
    """Open labels in the test's label file; they are closed at the end."""
    opened: list[Labels] = []

    def open_one(**options: Any) -> Labels:
        labels = open_labels(options.pop("path", file_path), **{"scene": scene, "ontology": ontology, **options})
        opened.append(labels)
        return labels

    yield open_one
    for labels in opened:
        labels.close()
