"""The grid that is quick is napari's own in all that it tells."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st
from napari.components.grid import GridCanvas

from napari_geolabel.viewer.quick_grid import QuickGrid, make_grid_quick


@dataclass
class Seen:
    """Stands for a layer, and counts how often it was looked at."""

    is_visible: bool = True
    looks: int = 0

    @property
    def visible(self):
        self.looks += 1
        return self.is_visible


@given(
    seen=st.lists(st.booleans(), max_size=14),
    stride=st.integers(-4, 4).filter(bool),
    shape=st.sampled_from([(-1, -1), (1, 2), (2, 2), (1, -1), (3, 1)]),
    enabled=st.booleans(),
)
def test_each_cell_holds_the_layers_that_napari_puts_there(seen, stride, shape, enabled):
    layers = [Seen(is_visible) for is_visible in seen]
    options = {"stride": stride, "shape": shape, "enabled": enabled}
    quick, own = QuickGrid(**options), GridCanvas(**options)
    assert list(quick.iter_viewboxes(layers)) == list(own.iter_viewboxes(layers))
    for position in ((-1, -1), (0, 0), (0, 1), (7, 7)):
        assert quick.contents_at(position, layers) == own.contents_at(position, layers)


def test_layers_that_are_hidden_leave_their_cell():
    layers = [Seen() for _ in range(6)]
    grid = QuickGrid(enabled=True, stride=2, shape=(1, 3))
    assert grid.contents_at((0, 1), layers) == (2, 3)
    layers[2].is_visible = layers[3].is_visible = False
    assert grid.contents_at((0, 1), layers) == (4, 5)


def test_layers_are_looked_at_some_times_each_and_not_as_often_as_there_are_layers():
    def looks(kind):
        layers = [Seen() for _ in range(28)]
        list(kind(enabled=True, stride=7, shape=(2, 2)).iter_viewboxes(layers))
        return sum(layer.looks for layer in layers)

    assert looks(QuickGrid) < looks(GridCanvas) / 5


def test_the_grid_of_a_viewer_becomes_quick_and_stays_the_same_to_whoever_listens(viewer):
    grid, told = viewer.canvas.grid, []
    grid.events.stride.connect(lambda event: told.append(event.value))
    before = grid.model_dump()
    make_grid_quick(viewer)
    make_grid_quick(viewer)
    assert viewer.canvas.grid is grid
    assert isinstance(grid, QuickGrid)
    assert grid.model_dump() == before
    grid.stride = 5
    assert told == [5]
    assert viewer.canvas.grid.stride == 5
