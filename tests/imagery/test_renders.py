"""STAC's renders: what a server would compute is what is shown here, and the way back loses nothing."""

from __future__ import annotations

import json

import numpy as np
import pytest

from napari_geolabel.errors import BandNotFoundError, CompositeError
from napari_geolabel.imagery import Composite, Stretch, evaluate, open_scene
from napari_geolabel.imagery.bands import Band, BandSet
from napari_geolabel.imagery.expression import parse_expression
from napari_geolabel.imagery.renders import renders_from, renders_to


@pytest.fixture
def scene(make_tiff, random_pixels):
    path = make_tiff(
        (random_pixels(4, 40, 50) % 4000 + 1200).astype("uint16"),
        descriptions=("blue", "green", "red", "nir"),
        scales=(1e-4,) * 4,
        offsets=(-0.1,) * 4,
    )
    with open_scene(path) as opened:
        yield opened


def test_bands_are_counted_from_1_and_limits_are_of_stored_values(scene):
    composite = Composite(id="x", title="Mine", channels=("red", "green", "blue"), stretch=Stretch.fixed(0, 0.3))
    (render,) = renders_to(scene, [composite], asset="image").values()
    assert render["title"] == "Mine"
    assert render["assets"] == ["image"]
    assert render["bidx"] == [3, 2, 1]
    np.testing.assert_allclose(render["rescale"], [[1000, 4000]] * 3)
    assert "expression" not in render


@pytest.mark.parametrize("id_", ["ndvi", "evi", "savi"])
def test_an_expression_computes_the_same_from_stored_values(scene, id_):
    render = renders_to(scene, [id_])[id_]
    stored = {f"b{band.index + 1}": scene.read(band.name)[0].data.astype(np.float32) for band in scene.bands}
    parsed = parse_expression(render["expression"])
    computed = parsed.compute({name: stored[name] for name in parsed.names})
    np.testing.assert_allclose(computed, evaluate(scene, id_).filled(np.nan), rtol=1e-4, atol=1e-4)
    stretch = scene.composite(id_).stretch
    assert render["rescale"] == [[stretch.low, stretch.high]]
    assert len(render["colormap"]) == 256


def test_our_own_come_back_whole_through_json(scene):
    wanted = list({**scene.composites(), **scene.indices()}.values())
    renders = json.loads(json.dumps(renders_to(scene, wanted)))
    assert list(renders_from(renders).values()) == wanted


def test_those_of_others_are_understood(scene):
    renders = {
        "places": {"title": "Places", "assets": ["data"], "bidx": [4, 3, 2], "rescale": [[1000, 4000]]},
        "formula": {"assets": ["data"], "expression": "(b4-b3)/(b4+b3)", "rescale": [[-1, 1]]},
        "assets": {"assets": ["red", "green", "blue"]},
    }
    found = renders_from(renders, scene.bands)
    assert found["places"].channels == ("nir", "red", "green")
    np.testing.assert_allclose(found["places"].stretch.by_channel, [(0, 0.3)] * 3, atol=1e-12)
    assert found["formula"].stretch.by_channel == ((-1, 1),)
    assert found["assets"].channels == ("red", "green", "blue")
    assert found["assets"].title == "assets"


@pytest.mark.parametrize("text", ["(b4-b3)/(b4+b3)", "b4 - 2*b1", "where(b2 > 2500, 1, b4**2)", "b3"])
def test_a_formula_of_others_is_computed_from_stored_values_as_a_server_does(scene, text):
    composite = renders_from({"x": {"assets": ["data"], "expression": text, "rescale": [[0, 3000]]}}, scene.bands)["x"]
    stored = {f"b{band.index + 1}": scene.read(band.name)[0].data.astype(np.float32) for band in scene.bands}
    np.testing.assert_allclose(
        evaluate(scene, *composite.channels), parse_expression(text).compute(stored), rtol=1e-4, atol=1e-4
    )
    assert composite.stretch.by_channel == ((0, 3000),)


@pytest.mark.parametrize(
    ("scale", "offset", "text"),
    [
        (1.0, 0.0, "red*2"),
        (0.5, 0.0, "(red / 0.5)*2"),
        (1.0, 3.0, "(red - 3.0)*2"),
        (0.1, -2.0, "((red + 2.0) / 0.1)*2"),
    ],
)
def test_a_formula_of_others_names_no_scale_that_a_band_does_not_have(scale, offset, text):
    bands = BandSet([Band(index=0, name="red", dtype="uint16", scale=scale, offset=offset)])
    assert renders_from({"x": {"expression": "b1*2"}}, bands)["x"].channels == (text,)


def test_only_a_whole_word_is_a_place():
    bands = BandSet([Band(index=0, name="red", dtype="uint16"), Band(index=1, name="bb1", dtype="uint16")])
    assert renders_from({"x": {"expression": "bb1 / b1"}}, bands)["x"].channels == ("bb1 / red",)


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (5, "is no object"),
        ({"assets": ["data"], "bidx": [9]}, "needs band 9 of a file"),
        ({"assets": ["data"], "bidx": "4,3,2"}, "no list of places"),
        ({"assets": ["a", "b"]}, "neither bidx, expression nor one or three assets"),
        ({}, "neither bidx"),
        ({"assets": ["red"], "rescale": 5}, "no list of pairs"),
        ({"assets": ["red"], "rescale": [[1, 2, 3]]}, "no list of pairs"),
        ({"bidx": [3, 2, 1], "rescale": [[0, 1], [0, 1]]}, "has 2 pairs in rescale for 3 channels"),
    ],
)
def test_what_cannot_be_understood_is_refused(scene, entry, words):
    with pytest.raises(CompositeError, match=words):
        renders_from({"x": entry}, scene.bands)


def test_places_need_a_scene():
    with pytest.raises(CompositeError, match="give a scene that has it"):
        renders_from({"x": {"assets": ["data"], "bidx": [1]}})


def test_a_band_that_is_missing_is_named(scene):
    with pytest.raises(BandNotFoundError, match="swir22"):
        renders_to(scene, ["swir"])
