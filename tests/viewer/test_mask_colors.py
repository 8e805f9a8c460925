"""The colours of masks are those that napari would show, without what it would compile for them."""

from __future__ import annotations

import numpy as np
import pytest
from napari.layers import Labels
from napari.utils.colormaps import DirectLabelColormap

from napari_geolabel.ontology import load_ontology
from napari_geolabel.viewer.mask_colors import UNKNOWN_COLOR, MaskColors, mask_colors

CLOUDS = load_ontology("clouds")


@pytest.fixture
def no_compiled_table(monkeypatch):
    """Let napari fail where it would compile a table of its own."""

    def refuse(*_):
        raise AssertionError("napari compiles a table")

    monkeypatch.setattr(DirectLabelColormap, "_get_typed_dict_mapping", refuse)


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int16"])
@pytest.mark.parametrize(
    "colors",
    [
        {None: "magenta", 0: "transparent", 1: "red", 7: "#10a0ff", 255: "red"},
        {None: "transparent", 3: "white"},
        {None: "blue", 300: "yellow", 0: "black"},
    ],
)
def test_every_value_has_the_colour_that_napari_gives_it(dtype, colors):
    values = np.arange(0, min(np.iinfo(dtype).max, 700) + 1).astype(dtype)
    ours, napari_s = MaskColors(color_dict=colors), DirectLabelColormap(color_dict=colors)
    expected = np.array([napari_s.map(int(value)) for value in values])
    assert np.array_equal(ours.map(values), expected.astype(np.float32))
    assert np.array_equal(ours.map(values.reshape(1, -1)), expected.astype(np.float32)[None])
    assert np.array_equal(ours.map(int(values[-1])), expected[-1])


def test_one_value_may_be_shown_alone():
    colors = MaskColors(color_dict={None: "blue", 0: "transparent", 4: "red"}, use_selection=True, selection=4)
    assert colors.map(np.array([0, 4, 9], np.uint8)).tolist() == [[0, 0, 0, 0], [1, 0, 0, 1], [0, 0, 0, 0]]


def test_classes_have_their_colours_and_hidden_ones_none():
    values = CLOUDS.by_mask_value
    shown, hidden = list(values.items())[:2]
    colors = mask_colors(CLOUDS, hidden={hidden[1].id})
    seen = colors.map(np.array([0, shown[0], hidden[0], 201], np.uint8))
    assert seen[0, 3] == 0
    assert seen[2, 3] == 0
    rgb = bytes.fromhex(shown[1].color.removeprefix("#"))
    assert seen[1] == pytest.approx([*(np.frombuffer(rgb, np.uint8) / 255), 1])
    assert seen[3] == pytest.approx([1, 0, 1, 1])
    assert UNKNOWN_COLOR == "magenta"


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_a_layer_asks_for_them_and_compiles_nothing(dtype, no_compiled_table):
    layer = Labels(np.zeros((8, 8), dtype))
    layer.colormap = mask_colors(CLOUDS, hidden=())
    value = next(iter(CLOUDS.by_mask_value))
    layer.data[2:4] = value
    layer.refresh()
    assert isinstance(layer.colormap, MaskColors)
    table = layer.colormap._get_mapping_from_cache(np.dtype(dtype))  # what napari gives to the graphics card
    assert np.array_equal(table[value], layer.get_color(value))
    assert layer.get_color(value)[3] == 1


def test_napari_s_own_would_have_compiled(no_compiled_table, monkeypatch):
    from napari.utils.colormaps import _accelerated_cmap

    monkeypatch.setattr(  # what it takes where numba is installed
        _accelerated_cmap, "labels_raw_to_texture_direct", _accelerated_cmap._labels_raw_to_texture_direct_loop
    )
    with pytest.raises(AssertionError, match="compiles"):
        DirectLabelColormap(color_dict={None: "blue", 1: "red"}).map(np.arange(3, dtype=np.uint8))
