"""Every index is the published formula: it agrees with spyndex, or says why not."""

from __future__ import annotations

import numpy as np
import pytest

from napari_geolabel.errors import ExpressionError
from napari_geolabel.imagery import COLORMAPS
from napari_geolabel.imagery.bands import COMMON_NAMES, Band, BandSet
from napari_geolabel.imagery.composite import resolve_channel
from napari_geolabel.imagery.indices import indices

spyndex = pytest.importorskip("spyndex", reason="spyndex is in the dependency group test")

THEIRS = {"bsi": "BI", "bai": "BAI"}
"""Id of ours → name of theirs, where they differ by more than capitals."""
BANDS = {
    "A": "coastal", "B": "blue", "G": "green", "Y": "yellow", "R": "red", "RE1": "rededge071", "RE2": "rededge075",
    "RE3": "rededge078", "N": "nir", "N2": "nir08", "S1": "swir16", "S2": "swir22", "VV": "VV", "VH": "VH",
}  # fmt: skip
"""Letter of theirs → name of ours, as spyndex's own table of bands has it."""
WAVELENGTHS_UM = {"red": 0.6646, "nir": 0.8328, "swir16": 1.6137}
NOT_THEIRS = {"hot", "whiteness"}
NAMES = {name.casefold(): name for name in spyndex.indices}


@pytest.fixture(scope="module")
def reflectance() -> dict[str, np.ndarray]:
    """Random reflectance of each band, float32."""
    random = np.random.default_rng(11)
    return {name: random.uniform(0.01, 0.6, 5000).astype(np.float32) for name in BANDS.values()}


@pytest.fixture(scope="module")
def scene_bands() -> BandSet:
    return BandSet(
        Band(
            index=i,
            name=name,
            common_name=name if name in COMMON_NAMES else None,
            wavelength_um=WAVELENGTHS_UM.get(name),
            dtype="float32",
        )
        for i, name in enumerate(BANDS.values())
    )


def ours(index, reflectance, bands):
    channel = resolve_channel(index.expression, bands)
    return channel.compute({band.index: reflectance[band.name] for band in bands}).astype(np.float64)


def theirs(index, reflectance, **constants):
    name = THEIRS.get(index.id) or NAMES[index.id]
    parameters = {letter: reflectance[ours].astype(np.float64) for letter, ours in BANDS.items()}
    parameters |= {f"lambda{letter}": 1000 * WAVELENGTHS_UM[BANDS[letter]] for letter in ("R", "N", "S1")}
    defaults = {key: spyndex.constants[key].default for key in spyndex.constants}
    needed = spyndex.indices[name].bands
    return spyndex.computeIndex(name, {key: {**defaults, **parameters, **constants}[key] for key in needed})


def assert_same(found, expected):
    """Check both within 1e-5; where a denominator is near 0 and the value is large, float32 keeps less of it."""
    assert (np.isfinite(found) == np.isfinite(expected)).all()
    small = np.abs(expected) < 10
    assert small.mean() > 0.5
    np.testing.assert_allclose(found[small], expected[small], rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(1 / found[~small], 1 / expected[~small], rtol=1e-4, atol=1e-5)


SAME = [index for index in indices().values() if not index.differs]


@pytest.mark.parametrize("index", SAME, ids=lambda index: index.id)
def test_an_index_agrees_with_spyndex(index, reflectance, scene_bands):
    assert_same(ours(index, reflectance, scene_bands), theirs(index, reflectance))


def test_savi_agrees_once_spyndex_is_told_the_constant_of_the_paper(reflectance, scene_bands):
    savi = indices()["savi"]
    assert_same(ours(savi, reflectance, scene_bands), theirs(savi, reflectance, L=0.5))
    assert_same(ours(savi.with_constants(L=1.0), reflectance, scene_bands), theirs(savi, reflectance))


def test_aweinsh_has_the_sign_of_the_paper(reflectance, scene_bands):
    index = indices()["aweinsh"]
    swir22 = reflectance["swir22"].astype(np.float64)
    assert_same(ours(index, reflectance, scene_bands), theirs(index, reflectance) - 2 * 2.75 * swir22)
    # Feyisa 2014: water is above 0 and dry bare land below
    land = {"green": 0.15, "nir": 0.3, "swir16": 0.35, "swir22": 0.3}
    water = {"green": 0.06, "nir": 0.01, "swir16": 0.005, "swir22": 0.004}
    for values, sign in ((land, -1), (water, 1)):
        spectrum = {name: np.float32([values.get(name, 0.1)]) for name in BANDS.values()}
        assert np.sign(ours(index, spectrum, scene_bands)[0]) == sign


def test_what_spyndex_lacks_is_written_out_from_the_paper(reflectance, scene_bands):
    blue, green, red = (reflectance[name].astype(np.float64) for name in ("blue", "green", "red"))
    mean = (blue + green + red) / 3
    whiteness = sum(np.abs(band - mean) / mean for band in (blue, green, red))
    assert_same(ours(indices()["whiteness"], reflectance, scene_bands), whiteness)
    assert_same(ours(indices()["hot"], reflectance, scene_bands), blue - 0.5 * red - 0.08)


def test_every_difference_is_told():
    assert {index.id for index in indices().values() if index.differs} == {"savi", "aweinsh", *NOT_THEIRS}


def test_there_are_more_than_enough_and_each_is_complete():
    assert len(indices()) >= 35
    for id_, index in indices().items():
        assert index.id == id_
        assert index.domain in {"vegetation", "water", "snow", "urban", "soil", "burn", "clouds", "radar"}
        assert index.limits[0] < index.limits[1]
        assert index.colormap in COLORMAPS
        assert "http" in index.source
        assert index.shows.endswith(".")
        assert index.title
        assert index.name


@pytest.mark.parametrize("index", indices().values(), ids=lambda index: index.id)
def test_the_range_holds_a_good_part_of_the_values_of_real_surfaces(index, scene_bands):
    surfaces = {
        "vegetation": (0.03, 0.04, 0.08, 0.07, 0.05, 0.1, 0.3, 0.36, 0.4, 0.42, 0.22, 0.1, 0.1, 0.03),
        "water": (0.06, 0.06, 0.05, 0.03, 0.03, 0.02, 0.02, 0.02, 0.015, 0.014, 0.006, 0.004, 0.01, 0.001),
        "soil": (0.1, 0.11, 0.15, 0.2, 0.22, 0.24, 0.26, 0.27, 0.28, 0.3, 0.38, 0.32, 0.06, 0.01),
        "cloud": (0.5, 0.5, 0.5, 0.5, 0.5, 0.51, 0.51, 0.52, 0.52, 0.53, 0.45, 0.35, 0.06, 0.01),
    }
    values = [
        ours(index, dict(zip(BANDS.values(), np.float32([surface]).T, strict=True)), scene_bands)[0]
        for surface in surfaces.values()
    ]
    low, high = index.limits
    assert sum(low <= value <= high for value in values) >= 2
    assert max(values) - min(values) > 0.05 * (high - low)


def test_constants_may_be_changed_and_others_are_refused():
    savi = indices()["savi"]
    assert savi.expression == "(1 + 0.5) * (nir - red) / (nir + red + 0.5)"
    assert savi.with_constants(L=0.25).expression == "(1 + 0.25) * (nir - red) / (nir + red + 0.25)"
    assert savi.with_constants(L=-0.25).expression == "(1 + -0.25) * (nir - red) / (nir + red + -0.25)"
    with pytest.raises(ExpressionError, match=r"no constant 'K' in .*; those of savi are L"):
        savi.with_constants(K=1)
    with pytest.raises(ExpressionError, match="ndvi has none"):
        indices()["ndvi"].with_constants(L=1)
    with pytest.raises(ExpressionError, match="L cannot be nan"):
        savi.with_constants(L=float("nan")).expression  # noqa: B018  (computed when asked for)
