"""The threats of opening a file, by number; what each is stands first in its test's docstring.

``test_opening_scenes.py`` attacks the same doors in many more ways.  A web
server on this machine listens in every test here, and must hear nothing.
"""

from __future__ import annotations

import os
import re
import sqlite3
import struct
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import rasterio
import shapely
import tifffile
from pyproj.exceptions import CRSError

from napari_geolabel.cli.tables import print_table
from napari_geolabel.errors import GeoLabelError, OntologyError, SceneError, UnsafeFileError
from napari_geolabel.geo import parse_crs
from napari_geolabel.imagery import open_scene, render
from napari_geolabel.imagery.safety import GDAL_OPTIONS
from napari_geolabel.labels import open_labels
from napari_geolabel.ontology import load_ontology

PLACE = {"crs": "EPSG:32633", "transform": rasterio.Affine(10, 0, 400_000, 0, -10, 5_000_000)}
ELSEWHERE = {
    "T20": "no driver for virtual tables is there (GDAL is built without SpatiaLite); label files are read by sqlite3",
    "T24": "ids: tests/formats",
    "T25": "silent changes by OGR: no OGR reads features here; tests/formats",
    "T27": "class names as file names: no file is named after a class",
    "T28": "rich text: tests/widgets and tests/viewer/test_notices.py",
    "T29": "formulas in CSV: no CSV is written",
    "T30": "pickles: none are read; ruff's S rules keep it so",
    "T31": "models: none are loaded",
    "T32": "archives: none are unpacked",
}
"""Threats that are not about opening a file, or whose door this project does not have."""


@pytest.fixture(autouse=True)
def nothing_is_heard(listener: tuple[str, list[str]]) -> Iterator[None]:
    yield
    assert listener[1] == []


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write a small GeoTIFF, text or bytes into the scene's folder."""

    def make(name: str, content: str | bytes | None = None) -> Path:
        path = tmp_path / name
        if isinstance(content, str):
            path.write_text(content)
        elif content is not None:
            path.write_bytes(content)
        else:
            with rasterio.open(
                path, "w", driver="GTiff", height=20, width=20, count=1, dtype="uint8", **PLACE
            ) as target:
                target.write(np.full((1, 20, 20), 77, "uint8"))
        return path

    return make


def vrt(band: str, attributes: str = "") -> str:
    return (
        f'<VRTDataset rasterXSize="20" rasterYSize="20"><VRTRasterBand dataType="Byte" band="1"{attributes}>{band}'
        "</VRTRasterBand></VRTDataset>"
    )


def source(name: str, relative: int = 1) -> str:
    return (
        f'<SimpleSource><SourceFilename relativeToVRT="{relative}">{name}</SourceFilename><SourceBand>1</SourceBand>'
        "</SimpleSource>"
    )


def refused(path: object, kind: type[GeoLabelError] = UnsafeFileError) -> str:
    """Open what must be refused and return the one sentence."""
    with pytest.raises(kind) as caught, open_scene(path) as scene:
        render(scene, scene.default_composite())
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_t1_python_in_a_virtual_raster(write, tmp_path):
    """T1: a pixel function in Python, with GDAL told by the environment to run it."""
    marker = tmp_path / "ran"
    code = f"def f(*a, **k): open({str(marker)!r}, 'w')"
    write("honest.tif")
    evil = write(
        "evil.vrt",
        vrt(
            "<PixelFunctionType>f</PixelFunctionType><PixelFunctionLanguage>Python</PixelFunctionLanguage>"
            f"<PixelFunctionCode>{code}</PixelFunctionCode>{source('honest.tif')}",
            ' subClass="VRTDerivedRasterBand"',
        ),
    )
    script = (
        "import sys, napari_geolabel as g\n"
        "try: g.open_scene(sys.argv[1]).read()\n"
        "except g.GeoLabelError as error: print(error)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", script, str(evil)], env={**os.environ, "GDAL_VRT_ENABLE_PYTHON": "YES"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "runs code of its own" in run.stdout
    assert not marker.exists()
    assert GDAL_OPTIONS["GDAL_VRT_ENABLE_PYTHON"] == "NO"


def test_t2_a_virtual_raster_under_another_name_or_as_the_path_itself(write, listener):
    """T2: a recipe named ``.tif`` is looked at as the recipe that it is; XML in place of a path is none."""
    leads = vrt(source(f"/vsicurl/{listener[0]}/a.tif", 0))
    refused(write("evil.tif", leads))
    refused(leads)
    write("honest.tif")
    with open_scene(write("kind.tif", vrt(source("honest.tif")))) as scene:
        assert (scene.read().data == 77).all()


def test_t3_raw_bytes_of_a_system_file(write):
    """T3: a raw band of ``/etc/passwd``."""
    raw = '<SourceFilename relativetoVRT="0">/etc/passwd</SourceFilename><ImageOffset>0</ImageOffset>'
    assert "root:" not in refused(write("raw.vrt", vrt(raw, ' subClass="VRTRawRasterBand"')))


@pytest.mark.parametrize("scheme", ["/vsicurl/http", "http", "HTTP", "/vsicurl_streaming/http", "/VSICURL/http"])
def test_t4_a_virtual_raster_that_calls_the_network(scheme, write, listener):
    """T4: sources on the network, which GDAL would fetch."""
    refused(write("evil.vrt", vrt(source(f"{scheme}{listener[0].removeprefix('http')}/a.tif", 0))))


def test_t5_a_web_service_named_tif(write, listener):
    """T5: the description of a web map service under a raster's name."""
    service = f'<GDAL_WMS><Service name="WMS"><ServerUrl>{listener[0]}?</ServerUrl></Service></GDAL_WMS>'
    refused(write("evil.tif", service), SceneError)


@pytest.mark.parametrize("companion", ["honest.tif.ovr", "honest.tif.msk", "HONEST.TIF.OVR"])
def test_t6_overviews_that_are_a_virtual_raster(companion, write, listener):
    """T6: a companion that GDAL opens by itself, and that is a recipe."""
    write(companion, vrt(source(f"/vsicurl/{listener[0]}/a.tif", 0)))
    refused(write("honest.tif"))


def test_t7_overviews_that_the_metadata_puts_on_the_network(write, listener):
    """T7: ``OVERVIEW_FILE`` in GDAL's XML companion, and in the file's own tags."""
    path = write("honest.tif")
    aux = path.with_name("honest.tif.aux.xml")
    aux.write_text(
        f'<PAMDataset><Metadata domain="OVERVIEWS"><MDI key="OVERVIEW_FILE">/vsicurl/{listener[0]}/a.ovr</MDI>'
        "</Metadata></PAMDataset>"
    )
    refused(path)
    aux.unlink()
    with rasterio.open(path, "r+") as target:
        target.update_tags(ns="OVERVIEWS", OVERVIEW_FILE=f"/vsicurl/{listener[0]}/a.ovr")
    refused(path)


@pytest.mark.parametrize("text", ["{}/crs", "HTTP{}", "/vsicurl/{}/crs"])
def test_t8_a_crs_that_would_be_fetched(text, write, listener):
    """T8: a CRS that is an address, in a virtual raster and from a script."""
    address = text.format(listener[0] if "{}/" in text else listener[0].removeprefix("http"))
    write("honest.tif")
    refused(write("evil.vrt", vrt(source("honest.tif")).replace("<VRTRaster", f"<SRS>{address}</SRS><VRTRaster", 1)))
    with pytest.raises((GeoLabelError, CRSError)):
        parse_crs(address)


def imported(scene: Path, labels: Path) -> None:
    with open_scene(scene) as opened:
        open_labels(scene=opened, ontology="maritime").import_from(labels)


@pytest.mark.parametrize(
    "member", ['{"type": "link", "properties": {"href": "%s"}}', '{"type": "URL", "properties": {"url": "%s"}}']
)
def test_t9_a_crs_that_labels_link_to(member, write, listener):
    """T9: GeoJSON whose CRS is to be fetched."""
    path = write("a.geojson", f'{{"type": "FeatureCollection", "crs": {member % listener[0]}, "features": []}}')
    with pytest.raises(GeoLabelError):
        imported(write("honest.tif"), path)


@pytest.mark.parametrize(
    "text",
    [
        '<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>CSV:/etc/passwd</SrcDataSource></OGRVRTLayer>'
        "</OGRVRTDataSource>",
        '<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>/vsicurl/{}/a</SrcDataSource></OGRVRTLayer>'
        "</OGRVRTDataSource>",
        '{{"type": "gdal_streamed_alg", "command_line": "gdal vector read /vsicurl/{}/a.geojson"}}',
    ],
)
@pytest.mark.parametrize("name", ["a.geojson", "a.gpkg"])
def test_t10_a_recipe_or_a_pipeline_named_as_labels(text, name, write, listener):
    """T10: what OGR would follow, under the name of a label format."""
    path = write(name, text.format(listener[0]) if "{}" in text else text)
    with pytest.raises(GeoLabelError) as caught:
        imported(write("honest.tif"), path)
    assert "root:" not in str(caught.value)


def test_t11_safety_does_not_rest_on_which_drivers_were_registered(write, listener, tmp_path):
    """T11: ``GDAL_SKIP`` counts only before the first file; the driver is chosen by content whenever that was."""
    with rasterio.open(write("first.tif")):  # every driver is registered from here on
        refused(write("evil.tif", vrt(source(f"/vsicurl/{listener[0]}/a.tif", 0))))
    assert "GDAL_SKIP" not in GDAL_OPTIONS


def test_t12_a_sparse_giant_opens_is_shown_in_time_or_refused_and_stops_no_one(tmp_path):
    """T12: headers that claim more than any memory holds."""
    path = tmp_path / "giant.tif"
    with rasterio.open(
        path, "w", driver="GTiff", height=60_000, width=60_000, count=4, dtype="uint16", tiled=True, sparse_ok=True,
        bigtiff="yes", **PLACE,
    ):  # fmt: skip
        pass
    started, ticks, done = time.monotonic(), [], threading.Event()
    ticker = threading.Thread(target=lambda: [ticks.append(1) for _ in iter(lambda: done.wait(0.01), True)])
    ticker.start()
    with open_scene(path) as scene:
        assert scene.read(window=(slice(59_990, None), slice(0, 5))).shape == (4, 10, 5)
    done.set()
    ticker.join()
    assert time.monotonic() - started < 60
    assert ticks or time.monotonic() - started < 1
    huge = tmp_path / "huge.tif"
    with rasterio.open(
        huge, "w", driver="GTiff", height=2_000_000, width=2_000_000, count=1, dtype="uint8", tiled=True,
        blockxsize=8192, blockysize=8192, sparse_ok=True, bigtiff="yes", **PLACE,
    ):  # fmt: skip
        pass
    assert "overviews" in refused(huge, SceneError)


def test_t13_a_strip_or_a_tile_that_unpacks_to_gigabytes(tmp_path):
    """T13: one block of a gigabyte in a file of a megabyte is refused before it is unpacked."""
    path, side = tmp_path / "bomb.tif", 32_000
    packed = zlib.compress(bytes(side * 1024), 9)
    entries = [
        (256, 4, 1, side), (257, 4, 1, side), (258, 3, 1, 8), (259, 3, 1, 8), (262, 3, 1, 1), (273, 4, 1, 8),
        (277, 3, 1, 1), (278, 4, 1, side), (279, 4, 1, len(packed)),
    ]  # fmt: skip
    directory = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", *entry) for entry in entries) + bytes(4)
    path.write_bytes(b"II*\0" + struct.pack("<I", 8 + len(packed)) + packed + directory)
    refused(path, SceneError)
    tiled = tmp_path / "tile.tif"
    with rasterio.open(
        tiled, "w", driver="GTiff", height=40_000, width=40_000, count=1, dtype="uint8", tiled=True, blockxsize=32_768,
        blockysize=32_768, sparse_ok=True, compress="deflate",
    ):  # fmt: skip
        pass
    assert "blocks of" in refused(tiled, SceneError)


def test_t14_a_claim_of_65535_bands_is_refused_at_once(tmp_path):
    """T14: a file of 244 bytes with more bands than any list can show."""
    path = tmp_path / "bands.tif"
    entries = [
        (256, 3, 1, 1), (257, 3, 1, 1), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1), (273, 4, 1, 8),
        (277, 3, 1, 65_535), (278, 3, 1, 1), (279, 4, 1, 65_535),
    ]  # fmt: skip
    directory = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", *entry) for entry in entries) + bytes(4)
    path.write_bytes(b"II*\0" + struct.pack("<I", 8 + 65_536) + bytes(65_536) + directory)
    started = time.monotonic()
    assert "65535" in refused(path, SceneError).replace(",", "")
    assert time.monotonic() - started < 10


def test_t15_directories_in_a_circle_and_a_file_that_is_cut_off(write):
    """T15: a TIFF whose last directory points at its first, and the front half of one."""
    path = write("circle.tif")
    content = bytearray(path.read_bytes())
    (start,) = struct.unpack_from("<I", content, 4)
    (count,) = struct.unpack_from("<H", content, start)
    struct.pack_into("<I", content, start + 2 + 12 * count, start)
    path.write_bytes(content)
    with open_scene(path) as scene:
        assert (scene.read().data == 77).all()
    refused(write("cut.tif", write("whole.tif").read_bytes()[:300]), SceneError)


@pytest.mark.parametrize("name", ["evil.vrt", "honest.tif.aux.xml"])
def test_t16_entities_in_xml(name, write):
    """T16: external entities and those that grow a billionfold."""
    write("honest.tif")
    bomb = "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10 if i else "ha"}">' for i in range(10))
    for declared, used in ((bomb, "&a9;"), ('<!ENTITY a SYSTEM "file:///etc/passwd">', "&a;")):
        text = f"<!DOCTYPE a [{declared}]>" + (
            vrt(source(used)) if name.endswith("vrt") else f"<PAMDataset><a>{used}</a></PAMDataset>"
        )
        path = write(name, text)
        assert "root:" not in refused(path if name.endswith("vrt") else path.with_name("honest.tif"))


def test_t17_an_ome_tiff_that_names_a_secret_neighbour(tmp_path):
    """T17: OME metadata that would stack another file onto this one."""
    tifffile.imwrite(tmp_path / "secret.tif", np.full((20, 20), 77, "uint8"))
    description = (
        '<?xml version="1.0"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"><Image ID="Image:0">'
        '<Pixels ID="Pixels:0" DimensionOrder="XYZCT" Type="uint8" SizeX="20" SizeY="20" SizeZ="2" SizeC="1" SizeT="1">'
        '<TiffData FirstZ="0" IFD="0"/><TiffData FirstZ="1" IFD="0"><UUID FileName="../secret.tif">urn:uuid:1</UUID>'
        "</TiffData></Pixels></Image></OME>"
    )
    inside = tmp_path / "inside"
    inside.mkdir()
    tifffile.imwrite(inside / "a.ome.tif", np.zeros((20, 20), "uint8"), description=description, metadata=None)
    with open_scene(inside / "a.ome.tif") as scene:
        assert len(scene.bands) == 1
        assert scene.read().max() == 0


@pytest.mark.parametrize("name", ["evil.vrt", "MEM:::DATAPOINTER=1,PIXELS=20,LINES=20"])
def test_t18_a_virtual_raster_of_itself_or_of_memory(name, write):
    """T18: recursion, and a pointer into the process's memory as a source."""
    refused(write("evil.vrt", vrt(source(name, int(name == "evil.vrt")))), GeoLabelError)


@pytest.fixture
def geopackage(write, tmp_path) -> Path:
    """A label file with one ship."""
    path = tmp_path / "a.labels.gpkg"
    with open_scene(write("honest.tif")) as scene:
        labels = open_labels(path, scene=scene, ontology="maritime")
        labels.add(shapely.box(1, 1, 9, 9), "ship")
        labels.close()
    return path


def test_t19_triggers_in_a_geopackage(geopackage, write):
    """T19: a trigger that deletes rows when others are added never runs."""
    with sqlite3.connect(geopackage) as db:
        db.execute("CREATE TRIGGER evil AFTER INSERT ON annotation BEGIN DELETE FROM annotation; END")
    db.close()
    with open_scene(geopackage.with_name("honest.tif")) as scene, pytest.raises(UnsafeFileError):
        open_labels(geopackage, scene=scene)
    with sqlite3.connect(geopackage) as db:
        assert db.execute("SELECT count(*) FROM annotation").fetchone() == (1,)
    db.close()


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_t21_a_geopackage_that_is_cut_off_or_damaged(share, geopackage):
    """T21: a label file that is not whole is refused or mended, and nothing crashes."""
    content = geopackage.read_bytes()
    geopackage.write_bytes(content[: int(share * len(content))])
    with open_scene(geopackage.with_name("honest.tif")) as scene, suppress(GeoLabelError):
        labels = open_labels(geopackage, scene=scene)
        assert labels.notes
        labels.close()


def test_t22_yaml_that_runs_code_grows_or_nests(write):
    """T22: tags, aliases and depth in an ontology."""
    for text in ("!!python/object/apply:os.system [echo]", "a: &a [1]\nb: [*a, *a]", "[" * 100_000, "id: x\nid: y"):
        with pytest.raises(OntologyError):
            load_ontology(write("evil.yaml", text))


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a": NaN}', '{"a": 1e400}', "1" * 5000, b"\xff\xfe{"])
def test_t23_t26_json_that_nests_or_is_no_text(text, write):
    """T23, T26: depth, numbers that are none, and bytes that are no UTF-8 in labels."""
    with pytest.raises(GeoLabelError):
        imported(write("honest.tif"), write("a.geojson", text))


@pytest.mark.parametrize(
    "text", ["{}/a.tif", "/vsicurl/{}/a.tif", "/vsizip//vsicurl/{}/a.zip", "<GDAL_WMS/>", "s3://b/a.tif"]
)
def test_t33_text_that_is_no_path(text, write, listener):
    """T33: an address or a driver's words where a file is expected: a scene, labels, an ontology."""
    address = text.format(listener[0])
    refused(address)
    with pytest.raises(GeoLabelError):
        load_ontology(address)
    with open_scene(write("honest.tif")) as scene, pytest.raises(GeoLabelError):
        open_labels(scene=scene, ontology="maritime").import_from(address)


def test_t33_a_pipe_is_no_file(tmp_path):
    """T33: a pipe in place of a file would wait for ever."""
    os.mkfifo(tmp_path / "pipe.tif")
    refused(tmp_path / "pipe.tif")


def test_every_threat_has_its_test_or_says_where_it_is_dealt_with():
    """The table of threats; ``pytest -k every_threat -s`` prints it."""
    found: dict[str, list[str]] = {}
    for name, test in globals().items():
        if name.startswith("test_t"):
            for number in re.findall(r"T\d+", (test.__doc__ or "").partition(":")[0]):
                found.setdefault(number, []).append(name)
    numbers = [f"T{number}" for number in range(1, 34)]
    assert set(found) | set(ELSEWHERE) == set(numbers)
    assert not set(found) & set(ELSEWHERE)
    print_table(["threat", "test"], [[n, ", ".join(found.get(n, [])) or ELSEWHERE[n]] for n in numbers])
