"""Library curves are what their sources say, and come back as they were kept."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from napari_geolabel.errors import FormatError, GeoLabelError, MissingFileError
from napari_geolabel.imagery import open_scene
from napari_geolabel.imagery.bands import Band
from napari_geolabel.imagery.spectral_library import (
    LibraryCurve,
    built_in_curves,
    curve_of,
    forget_curve,
    keep_curves,
    own_curves,
    read_curves,
    spectral_library,
    write_curves,
)
from napari_geolabel.imagery.spectrum import Spectrum, pixel_spectrum, write_spectra
from napari_geolabel.samples import sample_path

LINE = LibraryCurve(id="line", title="Line", wavelengths_um=(0.4, 1.0, 2.0), values=(0.0, 0.6, 0.6))
PLOTS = [("Plot 1", "Reflectance", 0.1), ("Plot-1", "Reflectance", 0.7), ("Plot 1", "Radiance", 30.0)]


def band(centre, width=None, index=1):
    return Band(index=index, name=f"b{index}", dtype="uint16", wavelength_um=centre, fwhm_um=width)


def value(curve_id, wavelength_um):
    (mean,) = built_in_curves()[curve_id].at([band(wavelength_um)]).mean
    return mean


@pytest.mark.parametrize(
    ("curve_id", "wavelength_um", "expected"),
    [
        ("green_vegetation", 0.54, 0.134),  # lines of the tables in VEGETA, SAND, CLEARW and LAKEW of 6S
        ("green_vegetation", 1.0, 0.535),
        ("green_vegetation", 1.45, 0.215),
        ("dry_sand", 0.40, 0.091),
        ("dry_sand", 1.80, 0.396),
        ("clear_water", 0.57, 0.061),
        ("clear_water", 0.80, 0.0),
        ("lake_water", 0.56, 0.082),
        ("lake_water", 1.65, 0.0),
    ],
)
def test_measured_curves_have_the_values_of_their_tables(curve_id, wavelength_um, expected):
    assert value(curve_id, wavelength_um) == pytest.approx(expected, abs=0.002)


def test_clouds_are_white_and_snow_dark_in_the_short_wave_infrared():
    visible = [value("water_cloud", um) for um in (0.45, 0.55, 0.65, 0.85)]
    assert max(visible) - min(visible) < 0.01
    assert 0.6 < visible[0] < 0.8  # (1 - g) t / (2 + (1 - g) t) = 0.69 of what does not absorb
    assert visible[0] == pytest.approx(0.15 * 30 / (2 + 0.15 * 30), abs=0.005)
    assert value("water_cloud", 1.61) > 0.55
    for snow in ("fine_snow", "coarse_snow"):
        assert value(snow, 0.55) > 0.9
        assert value(snow, 1.61) < 0.1
    assert value("coarse_snow", 1.03) < value("fine_snow", 1.03), "larger grains absorb more"
    albedo = value("fine_snow", 1.03), value("coarse_snow", 1.03)
    assert math.log(albedo[1]) / math.log(albedo[0]) == pytest.approx(math.sqrt(10), rel=0.01), "the root of the radius"


def test_every_curve_of_the_package_says_where_it_comes_from():
    for id_, curve in built_in_curves().items():
        assert curve.id == id_
        assert "doi:10." in curve.source
        assert curve.wavelengths_um[0] == 0.4
        assert curve.wavelengths_um[-1] == pytest.approx(2.22)
        assert all(before < after for before, after in itertools.pairwise(curve.wavelengths_um))
        assert min(curve.values) >= 0
        assert max(curve.values) <= 1


def test_a_band_sees_the_mean_over_its_width_and_nothing_outside_the_curve():
    seen = LINE.at(
        [band(0.7), band(0.7, 0.2, 2), band(1.0, 0.4, 3), band(0.41, 0.1, 4), band(2.5, 0.1, 5), band(None, None, 6)]
    )
    assert seen.mean[:2] == pytest.approx((0.3, 0.3))
    assert seen.mean[2] == pytest.approx(0.55, abs=0.005), "half of it on the slope"
    assert seen.mean[3] == pytest.approx(0.03, abs=1e-6), "the part from 0.40 to 0.46"
    assert np.isnan(seen.mean[4:]).all()
    assert seen.count == (0,) * 6
    assert [round(um, 3) for um, *_ in seen.points] == [0.41, 0.7, 0.7, 1.0]


def test_one_s_own_are_kept_replaced_and_forgotten():
    assert own_curves() == {}
    keep_curves([LINE])
    assert list(spectral_library())[-1] == "line"
    assert own_curves()["line"].values == LINE.values
    brighter = LibraryCurve(id="line", title="Line", wavelengths_um=(0.5, 0.6), values=(1.0, 1.0), std=(0.1, 0.2))
    keep_curves([brighter])
    kept = own_curves()["line"]
    assert (kept.values, kept.std) == ((1.0, 1.0), (0.1, 0.2))
    forget_curve("line")
    assert own_curves() == {}
    with pytest.raises(FormatError, match="'line' is no curve of your own; there are none"):
        forget_curve("line")


def test_titles_that_make_the_same_id_are_curves_of_their_own(tmp_path):
    path = tmp_path / "plots.csv"
    rows = [f"{title},{um},{value},{kind}" for title, kind, value in PLOTS for um in (0.5, 0.6)]
    path.write_text("\n".join(["title,wavelength_um,mean,quantity", *rows]))
    for _ in range(2):
        keep_curves(read_curves(path))
        kept = own_curves()
        assert [(curve.title, curve.quantity, curve.values[0]) for curve in kept.values()] == PLOTS
        assert list(kept) == ["plot_1", "plot_1_2", "plot_1_3"]
    forget_curve("plot_1_2")
    assert [curve.title for curve in own_curves().values()] == ["Plot 1", "Plot 1"]
    other = LibraryCurve(id="plot_1", title="Plot_1", wavelengths_um=(0.5, 0.6), values=(1.0, 1.0))
    assert [(curve.id, curve.title) for curve in keep_curves([other])] == [("plot_1_3", "Plot_1")]
    assert [curve.title for curve in own_curves().values()] == ["Plot 1", "Plot 1", "Plot_1"]


def test_a_curve_of_the_package_is_not_replaced():
    mine = LibraryCurve(id="clear_water", title="Clear water", wavelengths_um=(0.5, 0.6), values=(1.0, 1.0))
    with pytest.raises(FormatError, match="'Clear water' is the name of a curve that comes with napari-geolabel"):
        keep_curves([LINE, mine])
    assert own_curves() == {}


def test_what_was_exported_from_a_scene_is_read_back(tmp_path):
    with open_scene(sample_path("coast.tif")) as scene:
        pixel = pixel_spectrum(scene, 300, 200, "=clean")
        assert pixel is not None
        write_spectra(tmp_path / "out.csv", [pixel])
        (read,) = read_curves(tmp_path / "out.csv")
        assert read.title == "=clean"
        assert read.values == pytest.approx([mean for _, mean, _ in pixel.points])
        kept = curve_of(pixel)
        write_curves(tmp_path / "kept.csv", [kept, LINE])
        again = read_curves(tmp_path / "kept.csv")
        assert [curve.title for curve in again] == ["=clean", "Line"]
        assert again[0].values == kept.values
        narrow = [band(um) for um in kept.wavelengths_um]
        assert kept.at(narrow).mean == pytest.approx(kept.values)


def test_a_spectrum_of_one_wavelength_is_no_curve():
    lonely = Spectrum(title="one", bands=(band(0.5), band(None, None, 2)), mean=(0.1, 0.2), std=(0, 0), count=(1, 1))
    with pytest.raises(FormatError, match="'one' has 1 values with a wavelength; a curve needs 2"):
        curve_of(lonely)


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("", "needs the columns wavelength_um and mean, value or reflectance; it has none"),
        ("a,b\n1,2\n", "it has a, b"),
        ("wavelength_um,mean\n0.5,0.1\n0.6,much\n", "bad.csv, line 3: 'much' is no number"),
        ("wavelength_um,mean\n0.5,0.1\n0.6,inf\n", "no finite number"),
        ("wavelength_um,mean\n0.5,0.1\n", "a curve needs 2"),
        ("wavelength_um,mean\n\udcff,0.1\n", "no table of comma-separated values in UTF-8"),
    ],
)
def test_a_bad_table_is_refused_in_one_sentence(tmp_path, text, match):
    path = tmp_path / "bad.csv"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(FormatError, match=match) as caught:
        read_curves(path)
    assert isinstance(caught.value, GeoLabelError)
    assert "\n" not in str(caught.value)


def test_a_table_that_is_not_there_is_told(tmp_path):
    with pytest.raises(MissingFileError):
        read_curves(tmp_path / "none.csv")


def test_real_woods_water_and_clouds_come_nearest_to_their_curves(shared_data):
    with open_scene(shared_data / "s2cloudless" / "S2_L1C_betsiboka_13band_uint16.tif") as scene:
        for (x, y), expected in {(243, 705): "green_vegetation", (217, 327): "lake_water"}.items():
            seen = np.array(pixel_spectrum(scene, x + 0.5, y + 0.5).mean)
            angles = {id_: _angle(seen, np.array(c.at(scene.bands).mean)) for id_, c in built_in_curves().items()}
            assert min(angles, key=angles.get) == expected
        cloud = np.array(pixel_spectrum(scene, 365.5, 8.5).mean)
        nearest = sorted(
            built_in_curves(), key=lambda id_: _angle(cloud, np.array(built_in_curves()[id_].at(scene.bands).mean))
        )
        assert set(nearest[:3]) == {"water_cloud", "fine_snow", "coarse_snow"}


def _angle(one, other):
    known = ~np.isnan(one) & ~np.isnan(other)
    one, other = one[known], other[known]
    return float(np.arccos(np.clip(one @ other / np.linalg.norm(one) / np.linalg.norm(other), -1, 1)))
