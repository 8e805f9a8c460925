"""A viewer model without a window, a store, and an event loop that tests turn by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import shapely

from napari_geolabel.annotations import Annotation, AnnotationStore, Change, Edit, Provenance
from napari_geolabel.ontology.kinds import Kind
from napari_geolabel.ontology.model import Ontology
from napari_geolabel.ontology.values import defaults

if TYPE_CHECKING:
    from napari_geolabel.imagery.scene import Scene
    from napari_geolabel.labels.labels import Labels
    from napari_geolabel.viewer.session import Session


@dataclass
class Loop:
    """Stands for the event loop: what is deferred runs when the test says so."""

    waiting: list[tuple[int, Callable[[], None]]] = field(default_factory=list)

    def defer(self, call: Callable[[], None], milliseconds: int) -> None:
        self.waiting.append((milliseconds, call))

    def run(self) -> None:
        while self.waiting:
            waiting, self.waiting = sorted(self.waiting, key=lambda entry: entry[0]), []
            for _, call in waiting:
                call()


@dataclass
class Bench:
    """All that a view needs, and what it did with it."""

    viewer: Any
    store: AnnotationStore
    loop: Loop = field(default_factory=Loop)
    notes: list[str] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    class_id: str = "ship"

    def make(self, geometry: shapely.Geometry, kind: Kind) -> Annotation:
        label_class = self.store.ontology[self.class_id]
        return Annotation(
            class_id=label_class.id,
            kind=kind,
            geometry=geometry,
            attributes=defaults(label_class.attributes),
            provenance=Provenance(created=datetime.now(UTC), annotator="Ada"),
        )

    def add(self, *annotations: Annotation) -> None:
        self.store.apply(Change(title="script", edits=tuple(Edit(after=a) for a in annotations)))

    @property
    def wiring(self) -> dict[str, Any]:
        return {"make": self.make, "defer": self.loop.defer, "notify": self.notes.append}

    @property
    def titles(self) -> list[str]:
        return self.store.undo_titles[::-1]


@pytest.fixture
def small_ontology() -> Ontology:
    """A ship in any shape, a cloud as polygon or mask; runway, buoy, dock and hull as one kind alone each."""
    return Ontology(
        id="test",
        name="Test",
        version="1.0",
        description="",
        classes=(
            {
                "id": "ship",
                "name": "Ship",
                "color": "#ff0000",
                "mask_value": 1,
                "kinds": ("box", "rotated_box", "polygon", "polyline", "keypoint", "mask"),
                "attributes": ({"id": "length", "name": "Length", "type": "number", "default": 12},),
            },
            {"id": "cloud", "name": "Cloud", "color": "#00ff00", "mask_value": 2, "kinds": ("polygon", "mask")},
            {"id": "runway", "name": "Runway", "color": "#0000ff", "kinds": ("polyline",)},
            {"id": "buoy", "name": "Buoy", "color": "#ffff00", "kinds": ("keypoint",)},
            {"id": "dock", "name": "Dock", "color": "#00ffff", "kinds": ("box",)},
            {"id": "hull", "name": "Hull", "color": "#ff00ff", "kinds": ("rotated_box",)},
        ),
        scene_attributes=(),
    )


@pytest.fixture
def new_bench(small_ontology: Ontology) -> Callable[[], Bench]:
    """Make a viewer model without a window and an empty store."""
    from napari.components import ViewerModel

    def make() -> Bench:
        bench = Bench(viewer=ViewerModel(), store=AnnotationStore(small_ontology))
        bench.store.changed.connect(bench.changes.append)
        return bench

    return make


@pytest.fixture
def bench(new_bench: Callable[[], Bench]) -> Bench:
    """A viewer model without a window and an empty store."""
    return new_bench()


DONUT = shapely.Polygon(
    [(10.1, 10.2), (60.3, 11.4), (59.5, 62.6), (11.7, 58.8)],
    [
        [(20.1, 20.1), (30.1, 20.1), (30.1, 30.1), (20.1, 30.1)],
        [(40.1, 40.1), (50.1, 40.1), (45.1, 50.1)],
    ],
)
"""A polygon with two holes."""

ARCHIPELAGO = shapely.MultiPolygon(
    [DONUT, shapely.Polygon([(100.1, 100.2), (120.3, 100.4), (110.5, 130.6)]), shapely.box(42.2, 42.2, 44.2, 43.2)]
)
"""Three parts, one of them an island in the donut's hole."""


@pytest.fixture
def donut() -> shapely.Polygon:
    return DONUT


@pytest.fixture
def archipelago() -> shapely.MultiPolygon:
    return ARCHIPELAGO


@pytest.fixture
def one_of_each() -> list[Annotation]:
    """One annotation of each kind that a Shapes layer shows, at coordinates that float32 cannot hold."""
    third = 1 / 3
    return [
        Annotation(class_id="ship", kind=Kind.BOX, geometry=shapely.box(10 + third, 20 + third, 30.1, 40.1)),
        Annotation(
            class_id="ship",
            kind=Kind.ROTATED_BOX,
            geometry=shapely.Polygon(np.array([(100, 100), (110, 120), (90, 130), (80, 110)]) + third),
        ),
        Annotation(
            class_id="cloud", kind=Kind.POLYGON, geometry=shapely.Polygon([(200.1, 200.2), (260.3, 210), (230, 270)])
        ),
        Annotation(class_id="cloud", kind=Kind.POLYGON, geometry=DONUT),
        Annotation(
            class_id="runway", kind=Kind.POLYLINE, geometry=shapely.LineString([(300.1, 10.2), (340.3, 50), (390, 20)])
        ),
        Annotation(
            class_id="runway",
            kind=Kind.POLYLINE,
            geometry=shapely.MultiLineString(
                [[(300.1, 110.2), (340.3, 150)], [(350.7, 160.1), (390, 120), (400, 130)]]
            ),
        ),
    ]


@pytest.fixture(autouse=True)
def own_settings(napari_config: Path) -> None:
    """Each test has napari settings of its own."""


@pytest.fixture
def scene(write_scene: Callable[..., Path]) -> Iterator[Scene]:
    """A georeferenced scene of four named bands, 512 x 512 pixels of 10 m."""
    from napari_geolabel.imagery.opening import open_scene

    with open_scene(write_scene(bands=("blue", "green", "red", "nir"))) as opened:
        yield opened


@pytest.fixture
def coast_ontology() -> Ontology:
    """Four classes with the hotkeys 1 to 4, each drawn in its own way."""
    return Ontology(
        id="coast",
        name="Coast",
        version="1.0",
        classes=(
            {"id": "ship", "name": "Ship", "color": "#ff0000", "kinds": ("rotated_box", "box"), "hotkey": "1"},
            {
                "id": "cloud",
                "name": "Cloud",
                "color": "#ffffff",
                "mask_value": 2,
                "kinds": ("polygon", "mask"),
                "hotkey": "2",
            },
            {"id": "wake", "name": "Wake", "color": "#00ffff", "kinds": ("polyline",), "hotkey": "3"},
            {"id": "bow", "name": "Bow", "color": "#ffff00", "kinds": ("keypoint",), "hotkey": "4"},
        ),
    )


@pytest.fixture
def labels(scene: Scene, coast_ontology: Ontology) -> Labels:
    """Empty labels of the scene."""
    from napari_geolabel.labels.opening import open_labels

    return open_labels(scene=scene, ontology=coast_ontology)


@pytest.fixture
def viewer() -> Any:
    """A viewer without a window."""
    from napari.components import ViewerModel

    return ViewerModel()


@pytest.fixture
def loop() -> Loop:
    """The event loop of the session."""
    return Loop()


@pytest.fixture
def session(viewer: Any, labels: Labels, loop: Loop) -> Iterator[Session]:
    """A session in a viewer without a window."""
    from napari_geolabel.viewer.session import Session

    made = Session(viewer, labels, defer=loop.defer)
    yield made
    made.close()
