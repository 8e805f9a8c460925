"""Scenes: multi-band rasters that are read piece by piece, by band name, at any level."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self, Unpack

import numpy as np
from affine import Affine
from numpy.typing import NDArray
from pyproj import CRS

from napari_geolabel.errors import BandNotFoundError, SceneError
from napari_geolabel.geo import GeoGrid, Window, parse_crs
from napari_geolabel.imagery import composites as catalogue
from napari_geolabel.imagery.bands import Band, BandEdits, BandFields, BandSet, storable, without_names
from napari_geolabel.imagery.composite import Composite
from napari_geolabel.imagery.facts import FileFacts
from napari_geolabel.imagery.folders import common_name_of
from napari_geolabel.imagery.gcps import GcpFit, fit_transform
from napari_geolabel.imagery.inputs import Inputs, physical
from napari_geolabel.imagery.levels import Level, window_bounds
from napari_geolabel.imagery.metadata import SceneMetadata, describe
from napari_geolabel.imagery.preview import Preview
from napari_geolabel.imagery.reader import Bounds
from napari_geolabel.imagery.recognition import Evidence, SensorMatch, recognise
from napari_geolabel.imagery.scene_card import SceneCard
from napari_geolabel.imagery.source import SceneSource
from napari_geolabel.imagery.tiles import Piece


class Scene(SceneCard):
    """A raster with its place on Earth and the names of its bands.

    Scenes come from ``open_scene``.  Nothing is read until it is asked for; any method may be called from any
    thread.  A scene is a context manager, and closes its file at the end of the block.

    Attributes
    ----------
    grid : GeoGrid
        Shape, transform and CRS.
    bands : BandSet
        The bands; an alpha band is validity and not among them.
    sensor : SensorMatch or None
        The sensor that the scene is taken for, and by what; None where the
        file tells of none.
    """

    def __init__(
        self,
        source: SceneSource,
        grid: GeoGrid,
        bands: BandSet,
        alpha: int | None,
        sensor: str | None = None,
        edits: BandEdits = MappingProxyType({}),
    ) -> None:
        self._edits = edits  # by a person, after a sensor has added to the bands
        self._named = bands  # by the file or a person, before a sensor adds to them
        self._sensor_choice = sensor
        self.bands: BandSet
        self.sensor: SensorMatch | None
        known, self.sensor = recognise(bands, _evidence(source.facts), sensor)
        self.bands = known.edited(edits)
        self.source = source.hold()
        self.grid = grid
        self.alpha = alpha
        self._closed = False

    @property
    def path(self) -> Path:
        """The file; of several the folder that was opened, or the first that was named."""
        return self.source.facts.path

    @property
    def paths(self) -> tuple[Path, ...]:
        """All files that bands are read from."""
        return self.source.facts.files

    @property
    def url(self) -> str | None:
        """Where a scene is read from over the network, without a signature; None of files of this machine."""
        return self.source.facts.url

    @property
    def name(self) -> str:
        """The file's name without its ending, or what the names of several files begin with."""
        single = len(self.paths) == 1 or self.path not in self.paths
        return self.path.stem if single else common_name_of(self.paths)

    @property
    def dtype(self) -> np.dtype[Any]:
        """Data type of what ``read`` returns; complex data is read as its magnitude."""
        return self.source.facts.read_dtype

    @property
    def nodata(self) -> float | None:
        """The stored value that means "no data" in the first band, None where none is declared."""
        return self.bands[0].nodata

    @property
    def levels(self) -> tuple[Level, ...]:
        """The pyramid; ``levels[0]`` is full resolution."""
        return self.source.levels

    @property
    def palette(self) -> Mapping[int, tuple[int, int, int, int]] | None:
        """Value → RGBA of a scene of colour indices, None of any other."""
        return self.source.facts.palette

    @property
    def metadata(self) -> SceneMetadata:
        """What else the files say: when it was taken, by what, ``tags``, ``notes``, ..."""
        facts = self.source.facts
        return describe(facts, self.grid, self.alpha, self.sensor, name_of(facts))

    def read(
        self,
        bands: Sequence[str | int] | str | int | None = None,
        *,
        window: Window | None = None,
        level: int = 0,
        reflectance: bool = False,
    ) -> np.ma.MaskedArray[Any, Any]:
        """Return pixels.

        Parameters
        ----------
        bands
            Names, common names or places from 0; all bands by default.
        window
            Rows and columns **of the level**, as numpy would slice it; all by default.
        level
            Index into ``levels``.
        reflectance
            Apply the bands' scale and offset, giving float32.

        Returns
        -------
        numpy.ma.MaskedArray
            Shape (bands, rows, cols), also for a single band.  Masked where a
            pixel is nodata, NaN, transparent or outside the file's mask.

        Raises
        ------
        BandNotFoundError
            If the scene has no such band.
        SceneError
            If the file is damaged there, or the scene is closed.
        """
        chosen = self.choose(bands)
        inputs = self.inputs(chosen)
        arrays = self.read_arrays(inputs, self.level(level), window)
        invalid = inputs.invalid(arrays)
        pixels = [arrays[band.index] if not reflectance else physical(arrays[band.index], band) for band in chosen]
        mask = [np.zeros(p.shape, np.bool_) if m is None else m for p, m in zip(pixels, invalid, strict=True)]
        if not chosen:
            return np.ma.MaskedArray(np.empty((0, 0, 0), self.dtype))
        fill = None if reflectance else storable(chosen[0].nodata, pixels[0].dtype)
        return np.ma.MaskedArray(np.stack(pixels), np.stack(mask), fill_value=fill)

    def sample(self, x: float, y: float) -> dict[str, float | None]:
        """Return the stored full-resolution value of every band under a point in pixel coordinates.

        Returns
        -------
        dict
            Band name → value, None where the pixel holds no data; empty
            outside the scene.
        """
        rows, cols = self.grid.shape
        if not (math.isfinite(x) and math.isfinite(y) and 0 <= x < cols and 0 <= y < rows):
            return {}
        self.require_open()
        inputs = self.inputs(tuple(self.bands))
        values = self.source.store.pixel(inputs.indexes, int(y), int(x))
        arrays = {index: np.atleast_1d(value) for index, value in zip(inputs.indexes, values, strict=True)}
        return {
            band.name: None if invalid is not None and invalid[0] else float(arrays[band.index][0])
            for band, invalid in zip(self.bands, inputs.invalid(arrays), strict=True)
        }

    def with_bands(self, names: Sequence[str]) -> Scene:
        """Return the same file with its bands named by a person.

        Parameters
        ----------
        names
            One per band, in file order: a common name (``"red"``), any
            identifier, or both as ``"name=common"``.  A file with an alpha band
            may be given one name more, for that band: ``"alpha"`` keeps its
            meaning, any other name makes it a band like the rest.

        Raises
        ------
        SceneError
            If the count or a name is wrong.
        """
        bands, alpha = self._named, self.alpha
        if alpha is not None and len(names) == len(bands) + 1:
            if names[alpha].strip().casefold() == "alpha":
                names = [name for i, name in enumerate(names) if i != alpha]
            else:
                hidden = Band(index=alpha, name="alpha", dtype=self.source.facts.bands[alpha].dtype)
                bands, alpha = BandSet([*bands, hidden]), None
        try:
            edits = without_names(self._edits)
            return Scene(self.source, self.grid, bands.renamed(names), alpha, self._sensor_choice, edits)
        except SceneError as error:
            raise SceneError(f"{self.path}: {error}") from None

    def with_band(self, band: str | int, /, **fields: Unpack[BandFields]) -> Scene:
        """Return the same file with one band, by a name or its place from 0, as a person knows it.

        ``name``, ``common_name``, ``wavelength_um``, ``scale``, ``offset`` and
        ``nodata`` may be given; they go before what file and sensor say.

        Raises
        ------
        BandNotFoundError
            If there is no such band.
        SceneError
            If a value makes no sense.
        """
        index = self._band(band).index
        edited: BandFields = {**self._edits.get(index, BandFields()), **fields}
        edits = {**self._edits, index: edited}
        return Scene(self.source, self.grid, self._named, self.alpha, self._sensor_choice, edits)

    def with_sensor(self, sensor: str | None) -> Scene:
        """Return the same file with its bands as another sensor has them.

        Parameters
        ----------
        sensor
            Id of a sensor, as ``imagery.sensors.sensors()`` lists them; ``"none"``
            for none; None for what the file itself tells.

        Raises
        ------
        SceneError
            If there is no such sensor, or it has no product with as many bands.
        """
        return Scene(self.source, self.grid, self._named, self.alpha, sensor, self._edits)

    def with_transform(self, transform: Affine, crs: CRS | str | int | None) -> Scene:
        """Return the same pixels at another place on Earth.

        Parameters
        ----------
        transform
            Maps pixel ``(x, y)`` to coordinates in ``crs``.
        crs
            What ``geo.parse_crs`` understands; None leaves the scene without georeference.
        """
        placed = self.grid.with_transform(transform, None if crs is None else parse_crs(crs))
        return Scene(self.source, placed, self._named, self.alpha, self._sensor_choice, self._edits)

    def fit_gcps(self) -> GcpFit:
        """Return the transform that fits the file's ground control points best, and how far off it is.

        ``scene.with_transform(fit.transform, fit.crs)`` lays the scene on it, if
        ``fit.residuals_px`` are small enough for the purpose.

        Raises
        ------
        SceneError
            If the file has no control points, or too few.
        """
        points = self.source.facts.control_points
        if points is None:
            raise SceneError(f"{self.path} has no ground control points; give a transform with with_transform")
        try:
            return fit_transform(points)
        except SceneError as error:
            raise SceneError(f"{self.path}: {error}") from None

    def composites(self) -> Mapping[str, Composite]:
        """Return what this scene can show, id → composite, in the order of the menu."""
        return catalogue.composites_of(self.bands, indexed=self.palette is not None, special=self._special)

    def unavailable_composites(self) -> Mapping[str, str]:
        """Return what this scene cannot show, id → which band is missing."""
        return catalogue.unavailable_composites_of(self.bands, self._special)

    def indices(self) -> Mapping[str, Composite]:
        """Return the spectral indices that this scene can show, id → composite of one channel in a colormap."""
        return catalogue.indices_of(self.bands)

    def unavailable_indices(self) -> Mapping[str, str]:
        """Return the spectral indices that this scene cannot show, id → which band is missing."""
        return catalogue.unavailable_indices_of(self.bands)

    def default_composite(self) -> str:
        """Return the id of the composite to begin with: true colour, the sensor's own, or the first band."""
        return catalogue.default_composite_of(self.composites(), self.bands, self._special)

    def composite(self, composite: Composite | str) -> Composite:
        """Return a composite by its id, or that of an index; a composite is returned as it is.

        Raises
        ------
        BandNotFoundError, CompositeError
            If an id needs a band that the scene lacks, or there is none of that id.
        """
        return catalogue.find_composite(composite, self.composites(), self.bands)

    def close(self) -> None:
        """Let go of the file; other scenes on it keep it open.  Calling it again does nothing."""
        if not self._closed:
            self._closed = True
            self.source.release()

    def require_open(self) -> None:
        """Raise if the scene has been closed.

        Raises
        ------
        SceneError
            If it has.
        """
        if self._closed:
            raise SceneError(f"{self.path} has been closed; open it again")

    def choose(self, bands: Sequence[str | int] | str | int | None) -> tuple[Band, ...]:
        """Return the bands that names or places mean, all of them for None."""
        if bands is None:
            return tuple(self.bands)
        wanted = [bands] if isinstance(bands, (str, int)) else bands
        return tuple(self._band(item) for item in wanted)

    def level(self, index: int) -> Level:
        """Return a level of the pyramid.

        Raises
        ------
        SceneError
            If there is none of that index.
        """
        if not 0 <= index < len(self.levels):
            raise SceneError(f"{self.path} has levels 0 to {len(self.levels) - 1}, not {index}")
        return self.levels[index]

    def inputs(self, bands: Sequence[Band]) -> Inputs:
        """Return bands together with the masks that hold for them."""
        return Inputs(tuple(bands), tuple(self.source.validity_index(band.index, self.alpha) for band in bands))

    def read_arrays(self, inputs: Inputs, level: Level, window: Window | None) -> dict[int, NDArray[Any]]:
        """Return index → stored values, shape (rows, cols), of bands and masks in a window of a level."""
        self.require_open()
        bounds = window_bounds(window, level.shape)
        return dict(zip(inputs.indexes, self.source.store.read(level, inputs.indexes, bounds), strict=True))

    def pieces(self, inputs: Inputs, level: Level, bounds: Bounds) -> Iterator[Piece]:
        """Yield the decoded tiles of a window of a level, each with one array per ``inputs.indexes``."""
        self.require_open()
        return self.source.store.pieces(level, inputs.indexes, bounds)

    @cached_property
    def preview(self) -> Preview:
        """The whole scene at its coarsest level, where stretches and collars are judged."""
        return Preview(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def __repr__(self) -> str:
        rows, cols = self.grid.shape
        return f"<Scene {self.name}: {len(self.bands)} bands, {rows} x {cols} {self.dtype}>"

    @property
    def _special(self) -> tuple[Composite, ...]:
        """The composites of the scene's sensor alone."""
        return self.sensor.composites if self.sensor is not None else ()

    def _band(self, item: str | int) -> Band:
        if isinstance(item, str):
            return self.bands.find(item)
        if not 0 <= item < len(self.bands):
            raise BandNotFoundError(f"no band at place {item}; this scene has places 0 to {len(self.bands) - 1}")
        return self.bands[item]


def _evidence(facts: FileFacts) -> Evidence:
    """Return what a file tells of the sensor that made it."""
    return Evidence(name_of(facts), {key.lower(): value for key, value in facts.tags.items()})


def name_of(facts: FileFacts) -> str:
    """Return the name that a supplier gave: a product's folder has it whole, bands in several files share a part."""
    plain = len(facts.files) > 1 and facts.path.suffix.lower() != ".safe"
    return common_name_of(facts.files) if plain else facts.path.name
