"""Fixtures for scenes: GeoTIFFs of any sort, written on the spot."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from napari_geolabel.imagery.cache import TileCache

MakeTiff = Callable[..., Path]


@pytest.fixture
def make_tiff(tmp_path: Path) -> MakeTiff:
    """Write an array, shape (bands, rows, cols), as a GeoTIFF and return its path."""

    def make(
        pixels: np.ndarray,
        name: str = "scene.tif",
        *,
        descriptions: Sequence[str | None] = (),
        colors: Sequence[str] = (),
        band_tags: Sequence[dict[str, str]] = (),
        imagery: Sequence[dict[str, str]] = (),
        scales: Sequence[float] = (),
        offsets: Sequence[float] = (),
        overviews: Sequence[int] = (),
        mask: np.ndarray | None = None,
        colormap: dict[int, tuple[int, ...]] | None = None,
        **profile: Any,
    ) -> Path:
        import rasterio
        from rasterio.enums import ColorInterp, Resampling

        path = tmp_path / name
        count, rows, cols = pixels.shape
        settings = {"photometric": "MINISBLACK", "driver": "GTiff", "dtype": pixels.dtype.name, **profile}
        internal = rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True)
        with warnings.catch_warnings(), internal:
            warnings.simplefilter("ignore")
            with rasterio.open(path, "w", count=count, height=rows, width=cols, **settings) as target:
                target.write(pixels)
                for i, text in enumerate(descriptions, 1):
                    if text is not None:
                        target.set_band_description(i, text)
                for i, tags in enumerate(band_tags, 1):
                    target.update_tags(i, **tags)
                for i, tags in enumerate(imagery, 1):
                    target.update_tags(i, ns="IMAGERY", **tags)
                if colors:
                    target.colorinterp = [ColorInterp[color] for color in colors]
                if scales:
                    target.scales = scales
                if offsets:
                    target.offsets = offsets
                if mask is not None:
                    target.write_mask(mask)
                if colormap:
                    target.write_colormap(1, colormap)
            if overviews:
                with rasterio.open(path, "r+") as target:
                    target.build_overviews(list(overviews), Resampling.nearest)
        return path

    return make


@pytest.fixture
def random_pixels() -> Callable[..., np.ndarray]:
    """Pixels, shape (bands, rows, cols), that no two places share by accident."""

    def make(bands: int, rows: int, cols: int, dtype: str = "uint16", seed: int = 1) -> np.ndarray:
        random = np.random.default_rng(seed)
        if np.dtype(dtype).kind in "iu":
            limits = np.iinfo(dtype)
            return random.integers(max(limits.min, -20_000), min(limits.max, 20_000), (bands, rows, cols)).astype(dtype)
        return random.normal(0, 100, (bands, rows, cols)).astype(dtype)

    return make


@pytest.fixture
def own_cache(monkeypatch) -> TileCache:
    """A cache that scenes opened in this test share with no others."""
    from napari_geolabel.imagery import tiles

    cache = TileCache(256 * 1024 * 1024)
    monkeypatch.setattr(tiles, "shared_cache", lambda: cache)
    return cache


@pytest.fixture(autouse=True)
def cache_home(tmp_path_factory, monkeypatch) -> Path:
    """The folder of built levels, empty at first and never the user's own."""
    from napari_geolabel.imagery import overviews, reduced

    folder = tmp_path_factory.mktemp("cache") / "overviews"
    for module in (overviews, reduced):
        monkeypatch.setattr(module, "cache_folder", lambda: folder, raising=False)
    return folder
