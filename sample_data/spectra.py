"""What things look like to a multispectral sensor.

Each spectrum is thirteen surface reflectances in the order of Sentinel-2's
bands.  They are invented, rounded numbers of the size that field guides and
open spectral libraries show: water falls with wavelength, leaves jump at the
red edge, dry soil and concrete rise steadily, clouds are bright everywhere.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]

BANDS = ("B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B09", "B10", "B11", "B12")
"""Names of the bands, in file order."""
WAVELENGTH_UM = (0.4427, 0.4924, 0.5598, 0.6646, 0.7041, 0.7405, 0.7828, 0.8328, 0.8647, 0.9451, 1.3735, 1.6137, 2.2024)
"""Central wavelengths of Sentinel-2A, in micrometres."""
FWHM_UM = (0.021, 0.066, 0.036, 0.031, 0.015, 0.015, 0.020, 0.106, 0.021, 0.020, 0.031, 0.091, 0.175)
"""Widths of the bands at half maximum, in micrometres."""
GROUND_SAMPLE = (6, 1, 1, 1, 2, 2, 2, 1, 2, 6, 6, 2, 2)
"""Pixels of 10 m that one detector sample covers in each direction: 60, 10 or 20 m."""

TRANSMITTANCE = (0.78, 0.84, 0.89, 0.92, 0.92, 0.93, 0.95, 0.96, 0.97, 0.35, 0.01, 0.97, 0.95)
"""How much of the surface is seen through the air; water vapour closes B09 and B10."""
PATH_REFLECTANCE = (0.105, 0.078, 0.048, 0.029, 0.024, 0.019, 0.016, 0.013, 0.012, 0.004, 0.001, 0.002, 0.001)
"""Light that the air itself scatters back."""
NOISE = (0.0005, 0.0006, 0.0006, 0.0006, 0.0006, 0.0006, 0.0006, 0.0007, 0.0006, 0.0004, 0.0002, 0.0006, 0.0006)
"""Standard deviation of the sensor's noise, as reflectance."""

_TABLE = {
    "deep_water": (0.022, 0.021, 0.012, 0.004, 0.003, 0.002, 0.002, 0.002, 0.001, 0.001, 0.001, 0.001, 0.000),
    "shallow_water": (0.052, 0.072, 0.076, 0.026, 0.014, 0.007, 0.006, 0.005, 0.004, 0.003, 0.001, 0.001, 0.001),
    "turbid_water": (0.058, 0.078, 0.122, 0.128, 0.106, 0.050, 0.046, 0.037, 0.028, 0.018, 0.001, 0.005, 0.003),
    "river_water": (0.045, 0.058, 0.088, 0.084, 0.072, 0.040, 0.036, 0.030, 0.024, 0.016, 0.001, 0.006, 0.004),
    "foam": (0.340, 0.350, 0.350, 0.340, 0.320, 0.300, 0.290, 0.270, 0.240, 0.200, 0.080, 0.080, 0.040),
    "sand": (0.170, 0.205, 0.268, 0.325, 0.345, 0.360, 0.372, 0.385, 0.395, 0.395, 0.300, 0.450, 0.410),
    "wet_sand": (0.095, 0.118, 0.155, 0.182, 0.190, 0.188, 0.182, 0.175, 0.168, 0.150, 0.060, 0.090, 0.060),
    "forest": (0.014, 0.019, 0.036, 0.021, 0.055, 0.172, 0.218, 0.245, 0.262, 0.258, 0.080, 0.108, 0.044),
    "scrub": (0.028, 0.035, 0.058, 0.056, 0.088, 0.162, 0.190, 0.212, 0.228, 0.228, 0.090, 0.190, 0.115),
    "grass": (0.030, 0.038, 0.074, 0.052, 0.106, 0.246, 0.298, 0.325, 0.342, 0.338, 0.110, 0.215, 0.112),
    "crop": (0.026, 0.032, 0.072, 0.036, 0.104, 0.322, 0.402, 0.440, 0.458, 0.450, 0.120, 0.188, 0.082),
    "ripe_grain": (0.060, 0.078, 0.124, 0.158, 0.186, 0.228, 0.248, 0.268, 0.286, 0.286, 0.140, 0.325, 0.232),
    "bare_soil": (0.055, 0.070, 0.098, 0.132, 0.148, 0.164, 0.176, 0.190, 0.204, 0.204, 0.120, 0.290, 0.248),
    "dark_soil": (0.040, 0.048, 0.062, 0.078, 0.088, 0.098, 0.108, 0.120, 0.130, 0.130, 0.080, 0.190, 0.160),
    "tile_roof": (0.068, 0.078, 0.102, 0.182, 0.210, 0.226, 0.236, 0.248, 0.262, 0.262, 0.150, 0.298, 0.268),
    "grey_roof": (0.120, 0.136, 0.150, 0.160, 0.164, 0.168, 0.172, 0.178, 0.184, 0.184, 0.120, 0.215, 0.200),
    "white_roof": (0.380, 0.410, 0.430, 0.440, 0.445, 0.448, 0.450, 0.452, 0.450, 0.440, 0.260, 0.420, 0.370),
    "concrete": (0.150, 0.178, 0.208, 0.228, 0.238, 0.246, 0.252, 0.260, 0.268, 0.268, 0.180, 0.300, 0.282),
    "asphalt": (0.066, 0.074, 0.084, 0.092, 0.096, 0.100, 0.104, 0.110, 0.116, 0.116, 0.080, 0.148, 0.140),
    "steel_deck": (0.105, 0.118, 0.128, 0.136, 0.138, 0.140, 0.142, 0.146, 0.150, 0.150, 0.090, 0.170, 0.155),
    "red_deck": (0.062, 0.066, 0.072, 0.178, 0.192, 0.198, 0.202, 0.208, 0.214, 0.214, 0.110, 0.205, 0.180),
    "green_deck": (0.070, 0.088, 0.142, 0.098, 0.098, 0.118, 0.128, 0.136, 0.142, 0.142, 0.090, 0.165, 0.145),
    "blue_paint": (0.128, 0.172, 0.112, 0.062, 0.060, 0.082, 0.105, 0.125, 0.138, 0.138, 0.080, 0.180, 0.150),
    "orange_paint": (0.055, 0.062, 0.120, 0.300, 0.330, 0.345, 0.352, 0.360, 0.365, 0.365, 0.180, 0.330, 0.280),
    "white_paint": (0.400, 0.450, 0.470, 0.480, 0.482, 0.484, 0.485, 0.485, 0.482, 0.470, 0.280, 0.420, 0.350),
    "cloud": (0.690, 0.700, 0.715, 0.730, 0.740, 0.750, 0.755, 0.760, 0.755, 0.700, 0.350, 0.540, 0.410),
}


def spectrum(name: str) -> FloatArray:
    """Return the surface reflectance of a material, shape (13,)."""
    return np.array(_TABLE[name], np.float32)


def four_bands(name: str) -> FloatArray:
    """Return the reflectance of a material in blue, green, red and near infrared, shape (4,)."""
    return spectrum(name)[[1, 2, 3, 7]]


def at_sensor(surface: FloatArray) -> FloatArray:
    """Return what a sensor above the air sees of surface reflectance, shape (13, rows, cols)."""
    transmittance = np.array(TRANSMITTANCE, np.float32)[:, None, None]
    path = np.array(PATH_REFLECTANCE, np.float32)[:, None, None]
    return surface * transmittance + path
