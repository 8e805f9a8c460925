"""One way to make a mask of polygons, or polygons of a mask, each in a process of its own.

Run by ``bench_masks``: ``python -m benchmarks.masks_rivals WAY FOLDER SIDE COUNT`` prints one line of JSON.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from napari_geolabel.geo import GeoGrid

Traced = tuple[Sequence[BaseGeometry], Sequence[int]]
Result = tuple[int, int | None]
"""How many things came of it, and how many pixels differ from the mask that GDAL burns (None: cannot be told)."""


class Work:
    """What every way gets: polygons in pixel coordinates, their numbers, and the mask that rasterio makes of them."""

    def __init__(self, folder: Path, side: int, count: int) -> None:
        self.folder, self.side, self.count = folder, side, count
        self.shape = (side, side)

    @property
    def grid(self) -> GeoGrid:
        """Where the pixels lie, 10 m a side."""
        from affine import Affine
        from pyproj import CRS

        return GeoGrid(shape=self.shape, transform=Affine(10, 0, 399960, 0, -10, 5300040), crs=CRS.from_epsg(32633))

    @property
    def polygons(self) -> NDArray[np.object_]:
        """The polygons."""
        return shapely.polygons(np.load(self.folder / f"{self.count}.npy"))

    @property
    def vector_path(self) -> Path:
        """The polygons as a GeoPackage, for programs."""
        return self.folder / f"{self.count}.gpkg"

    @property
    def mask_path(self) -> Path:
        """The mask as a GeoTIFF, for programs and as what is expected."""
        return self.folder / f"{self.count}.tif"

    def expected(self) -> NDArray[Any]:
        """Return the mask that rasterio makes."""
        with rasterio.open(self.mask_path) as dataset:
            return dataset.read(1)


def burn_fast(work: Work) -> Callable[[], Any]:
    """Polygons by this package with the extra ``fast``."""
    from napari_geolabel.masks import burn

    polygons, values = work.polygons, np.arange(1, work.count + 1)
    burn([shapely.box(0, 0, 1, 1)], 1, (2048, 2048), dtype="uint32")  # compiled once on each machine
    return lambda: burn(polygons, values, work.shape, dtype="uint32")


def burn_plain(work: Work) -> Callable[[], Any]:
    """Polygons by this package without it."""
    sys.modules["napari_geolabel.masks.burner_rows"] = None  # type: ignore[assignment]  # as if numba were not installed
    from napari_geolabel.masks import burn

    polygons, values = work.polygons, np.arange(1, work.count + 1)
    return lambda: burn(polygons, values, work.shape, dtype="uint32")


def burn_rasterio(work: Work) -> Callable[[], Any]:
    """Polygons by rasterio."""
    from rasterio.features import rasterize

    polygons, values = work.polygons, range(1, work.count + 1)
    return lambda: rasterize(zip(polygons, values, strict=True), out_shape=work.shape, dtype="uint32")


def burn_gdal(work: Work) -> Callable[[], Any]:
    """Polygons by GDAL's program, from a file to a file."""
    out = work.folder / "burnt.tif"
    x0, y1 = work.grid.transform.c, work.grid.transform.f
    extent = [str(number) for number in (x0, y1 - 10 * work.side, x0 + 10 * work.side, y1)]
    size = [str(work.side)] * 2
    command = ["gdal_rasterize", "-q", "-a", "value", "-ot", "UInt32", "-co", "TILED=YES", "-co", "COMPRESS=DEFLATE"]
    command += ["-te", *extent, "-ts", *size, str(work.vector_path), str(out)]

    def run() -> Path:
        out.unlink(missing_ok=True)
        subprocess.run(command, check=True)
        return out

    return run


def burn_geocube(work: Work) -> Callable[[], Any]:
    """Polygons by geocube."""
    import geopandas as gpd
    import rioxarray  # noqa: F401
    import xarray as xr
    from geocube.api.core import make_geocube

    frame = gpd.read_file(work.vector_path)
    with rasterio.open(work.mask_path) as dataset:
        transform, shape = dataset.transform, dataset.shape
    like = xr.DataArray(
        np.broadcast_to(np.zeros(1, np.uint8), shape),
        dims=("y", "x"),
        coords={
            "y": transform.f - 10 * (np.arange(shape[0]) + 0.5),
            "x": transform.c + 10 * (np.arange(shape[1]) + 0.5),
        },
    ).rio.write_crs(32633)
    return lambda: make_geocube(frame, measurements=["value"], like=like, fill=0)["value"].to_numpy()


def trace_fast(work: Work) -> Callable[[], Any]:
    """Polygons of a mask by this package with the extra ``fast``."""
    from napari_geolabel.masks import trace
    from napari_geolabel.masks.tracer_edges import trace_block

    array = work.expected()
    trace(array[:64, :64], tracer=trace_block)  # compiled once on each machine
    return lambda: trace(array, tracer=trace_block)


def trace_plain(work: Work) -> Callable[[], Any]:
    """Polygons of a mask by this package without it."""
    from napari_geolabel.masks import trace
    from napari_geolabel.masks.tracer_gdal import trace_block

    array = work.expected()
    trace(array[:64, :64], tracer=trace_block)
    return lambda: trace(array, tracer=trace_block)


def trace_rasterio(work: Work) -> Callable[[], Any]:
    """Polygons of a mask by rasterio, as shapely geometries."""
    from rasterio.features import shapes
    from shapely.geometry import shape

    array = work.expected().view(np.int32)
    list(shapes(array[:64, :64]))

    def run() -> Path:
        found = list(shapes(array, mask=array > 0, connectivity=4))
        return [shape(geometry) for geometry, _ in found], [int(value) for _, value in found]

    return run


def trace_gdal(work: Work) -> Callable[[], Any]:
    """Polygons of a mask by GDAL's program, from a file to a file."""
    out = work.folder / "traced.gpkg"

    def run() -> Path:
        out.unlink(missing_ok=True)
        subprocess.run(["gdal_polygonize.py", "-q", str(work.mask_path), str(out)], check=True)
        return out

    return run


WAYS = {
    "burn fast": burn_fast,
    "burn plain": burn_plain,
    "burn rasterio": burn_rasterio,
    "burn gdal": burn_gdal,
    "burn geocube": burn_geocube,
    "trace fast": trace_fast,
    "trace plain": trace_plain,
    "trace rasterio": trace_rasterio,
    "trace gdal": trace_gdal,
}


def measured(way: str, work: Work) -> dict[str, Any]:
    """Run one way: seconds on the clock, seconds of processor time with those of programs, peak MB more than before."""
    action = WAYS[way](work)
    forget_peak()
    before_mb, begun = peak_mb(), worked()
    clock = time.perf_counter()
    result = action()
    told = {"wall": time.perf_counter() - clock, "cpu": worked() - begun, "mb": max(0.0, peak_mb() - before_mb)}
    found, differing = checked(way, result, work)
    return {**told, "found": found, "differing": differing}


def checked(way: str, result: Path | NDArray[Any] | Traced, work: Work) -> Result:
    """Return how much came out, and how many pixels differ from what GDAL burns."""
    expected = work.expected()
    if way.startswith("burn"):
        if isinstance(result, Path):
            with rasterio.open(result) as dataset:
                result = dataset.read(1)
        return int(np.count_nonzero(result)), int(np.count_nonzero(result != expected))
    if isinstance(result, Path):
        import pyogrio

        return int(pyogrio.read_info(result)["features"]), None
    from napari_geolabel.masks import burn

    polygons, values = result
    again = burn(polygons, values, work.shape, dtype="uint32")
    return len(polygons), int(np.count_nonzero(again != expected))


def worked() -> float:
    """Return the processor seconds of this process and of the programs that it has run."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def forget_peak() -> None:
    """Have the kernel count the peak of this process anew, where it lets us."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def peak_mb() -> float:
    """Return the most memory that this process, or a program that it has run, has had at a time."""
    mine = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return max(int(mine.split()[1]), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) / 1024


if __name__ == "__main__":
    name, folder, side, count = sys.argv[1:]
    print(json.dumps(measured(name, Work(Path(folder), int(side), int(count)))))
