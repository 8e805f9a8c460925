"""Files made to reach the network, other files or code: each is refused in one sentence, and nothing is heard.

A web server on this machine listens; GDAL, given the same files without our
checks, does call it (the last tests make sure that the attacks are real).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import rasterio
import tifffile

from napari_geolabel.errors import GeoLabelError, SceneError, UnsafeFileError
from napari_geolabel.imagery import open_scene, render

OUTSIDE = "outside.tif"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A scene's folder, with an honest raster inside and a secret one outside."""
    inside = tmp_path / "scene"
    inside.mkdir()
    for path in (inside / "honest.tif", tmp_path / OUTSIDE):
        with rasterio.open(
            path, "w", driver="GTiff", height=20, width=20, count=1, dtype="uint8", crs="EPSG:32633",
            transform=rasterio.Affine(10, 0, 400_000, 0, -10, 5_000_000),
        ) as target:  # fmt: skip
            target.write(np.full((1, 20, 20), 77, "uint8"))
    return inside


def vrt(source: str, *, attributes: str = 'relativeToVRT="0"', band: str = "", inner: str = "", root: str = "") -> str:
    """Return a virtual raster of one band and one source."""
    return (
        f'<VRTDataset rasterXSize="20" rasterYSize="20"{root}><VRTRasterBand dataType="Byte" band="1"{band}>{inner}'
        f"<SimpleSource><SourceFilename {attributes}>{source}</SourceFilename><SourceBand>1</SourceBand></SimpleSource>"
        "</VRTRasterBand></VRTDataset>"
    )


HONEST = vrt("honest.tif", attributes='relativeToVRT="1"')


def refuse(path: Path, hits: list[str], kind: type[GeoLabelError] = UnsafeFileError) -> str:
    """Open, and if that is possible show, a file that must be refused; return the sentence."""
    with pytest.raises(kind) as caught, open_scene(path) as scene:
        render(scene, scene.default_composite())
    sentence = str(caught.value)
    assert hits == []
    assert "\n" not in sentence
    assert path.parent.name in sentence
    return sentence


def test_an_honest_virtual_raster_opens(folder, listener):
    (folder / "honest.vrt").write_text(HONEST)
    with open_scene(folder / "honest.vrt") as scene:
        assert (scene.read().data == 77).all()
    assert listener[1] == []


@pytest.mark.parametrize("suffix", [".vrt", ".tif", ".jp2", ".txt"])
@pytest.mark.parametrize(
    "source",
    [
        "{address}/a.tif",
        "HTTP://{host}/a.tif",
        "/vsicurl/{address}/a.tif",
        "/vsicurl_streaming/{address}/a.tif",
        "/vsigzip//vsicurl/{address}/a.tif.gz",
        "/VSICURL/{address}/a.tif",
        "/vsis3/bucket/a.tif",
        " {address}/a.tif",
        "WMS:{address}/wms",
        "GTIFF_DIR:1:/vsicurl/{address}/a.tif",
        "NETCDF:{address}/a.nc:x",
        "&#104;ttp://{host}/a.tif",
        "honest.tif/../../vsicurl/{address}/a.tif",
    ],
)
@pytest.mark.parametrize("relative", ["0", "1"])
def test_a_virtual_raster_never_calls_the_network(source, relative, suffix, folder, listener):
    address, hits = listener
    text = source.format(address=address, host=address.removeprefix("http://"))
    path = folder / f"evil{suffix}"
    path.write_text(vrt(text, attributes=f'relativeToVRT="{relative}"'))
    refuse(path, hits)


@pytest.mark.parametrize(
    "make",
    [
        lambda address: (
            f'<GDAL_WMS><Service name="TMS"><ServerUrl>{address}/${{z}}/${{x}}/${{y}}</ServerUrl></Service>'
            "<DataWindow><UpperLeftX>0</UpperLeftX><UpperLeftY>0</UpperLeftY><LowerRightX>1</LowerRightX><LowerRightY>-1"
            "</LowerRightY><TileLevel>1</TileLevel></DataWindow><Projection>EPSG:4326</Projection></GDAL_WMS>"
        ),
        lambda address: f"<WMS_Tile_Service><a>{address}</a></WMS_Tile_Service>",
        lambda address: f'{{"type": "gdal_streamed_alg", "command_line": "gdal raster read {address}"}}',
        lambda address: (
            f'<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>{address}</SrcDataSource>'
            "</OGRVRTLayer></OGRVRTDataSource>"
        ),
        lambda address: f"<!-- <VRTDataset> --><GDAL_WMS><ServerUrl>{address}</ServerUrl></GDAL_WMS>",
    ],
)
@pytest.mark.parametrize("name", ["evil.tif", "evil.vrt", "evil.xml"])
def test_a_web_service_or_pipeline_under_any_name_is_not_followed(make, name, folder, listener):
    address, hits = listener
    (folder / name).write_text(make(address))
    refuse(folder / name, hits, GeoLabelError)
    (folder / "leads.vrt").write_text(vrt(name, attributes='relativeToVRT="1"'))
    refuse(folder / "leads.vrt", hits, GeoLabelError)


@pytest.mark.parametrize(
    "source",
    ["{secret}", "../outside.tif", "./../outside.tif", "deeper/../../outside.tif", "link.tif", "linked/outside.tif"],
)
def test_a_virtual_raster_reads_nothing_outside_its_folder(source, folder, listener):
    (folder / "deeper").mkdir()
    (folder / "link.tif").symlink_to(folder.parent / OUTSIDE)
    (folder / "linked").symlink_to(folder.parent, target_is_directory=True)
    text = source.format(secret=folder.parent / OUTSIDE)
    relative = "0" if text.startswith("/") else "1"
    (folder / "evil.vrt").write_text(vrt(text, attributes=f'relativeToVRT="{relative}"'))
    assert "outside" in refuse(folder / "evil.vrt", listener[1])


def test_a_path_is_relative_to_where_gdal_would_look(folder, listener, monkeypatch):
    """Without relativeToVRT, GDAL looks in the current folder of the process, wherever that is."""
    (folder / "evil.vrt").write_text(vrt("honest.tif"))
    monkeypatch.chdir(folder.parent)
    shutil.copy(folder.parent / OUTSIDE, folder.parent / "honest.tif")
    refuse(folder / "evil.vrt", listener[1])
    monkeypatch.chdir(folder)
    with open_scene(folder / "evil.vrt") as scene:
        assert (scene.read().data == 77).all()


@pytest.mark.parametrize(
    "text",
    [
        vrt("honest.tif", band=' subClass="VRTRawRasterBand"'),
        vrt("honest.tif", band=' SUBCLASS="vrtrawrasterband"'),
        vrt("honest.tif", inner="<subClass>VRTRawRasterBand</subClass>"),
        vrt("honest.tif", root=' subClass="VRTProcessedDataset"'),
        vrt("honest.tif", attributes='relativeToVRT="1" RELATIVETOVRT="0"'),
        vrt("honest.tif", attributes='relativeToVRT="yes"'),
        vrt("honest.tif", inner="<SourceFilename>/etc/hostname</SourceFilename>"),
        vrt("honest.tif", inner='<SimpleSource SourceFilename="/etc/hostname"/>'),
        vrt("honest.tif", inner="<PixelFunctionCode>1</PixelFunctionCode>"),
        vrt("honest.tif", inner="<PixelFunctionLanguage>Python</PixelFunctionLanguage>"),
        vrt("honest.tif", inner="<PixelFunctionType>expression</PixelFunctionType>"),
        vrt("honest.tif", inner='<OpenOptions><OOI key="ROOT_PATH">/etc</OOI></OpenOptions>'),
        vrt("honest.tif", inner='<Metadata domain="OVERVIEWS"><MDI key="OVERVIEW_FILE">/etc/a.tif</MDI></Metadata>'),
        vrt("honest.tif", inner="<Metadata><MDI key='a'>x</MDI></Metadata><ImageOffset>0</ImageOffset>"),
        vrt("../outside.tif<!-- -->/../scene/honest.tif", attributes='relativeToVRT="1"'),
        vrt("../outside.tif<![CDATA[/../scene/honest.tif]]>", attributes='relativeToVRT="1"'),
        "<?x '?><a ' ?>" + HONEST,
        "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/hostname'>]>" + HONEST.replace("honest.tif", "&b;"),
        "<!DOCTYPE a [<!ENTITY b 'bbbbbbbbbb'>]>" + HONEST,
        HONEST + HONEST,
        HONEST[:-5],
        '<VRTDataset rasterXSize="20" rasterYSize="20"><Group name="/"/></VRTDataset>',
        '<VRTDataset xmlns="a" rasterXSize="20" rasterYSize="20"/>',
    ],
)  # fmt: skip
def test_a_virtual_raster_with_code_raw_bands_or_tricks_is_refused(text, folder, listener):
    (folder / "evil.vrt").write_text(text)
    refuse(folder / "evil.vrt", listener[1])


def test_a_raw_band_of_a_system_file_is_refused(folder, listener):
    (folder / "raw.vrt").write_text(
        '<VRTDataset rasterXSize="4" rasterYSize="4"><VRTRasterBand dataType="Byte" band="1"'
        ' subClass="VRTRawRasterBand">'
        '<SourceFilename relativeToVRT="0">/etc/passwd</SourceFilename><ImageOffset>0</ImageOffset>'
        "<PixelOffset>1</PixelOffset><LineOffset>4</LineOffset></VRTRasterBand></VRTDataset>"
    )
    assert "root:" not in refuse(folder / "raw.vrt", listener[1])


def test_python_in_a_virtual_raster_never_runs_also_not_through_another(folder, listener):
    marker = folder / "ran"
    (folder / "python.vrt").write_text(
        '<VRTDataset rasterXSize="4" rasterYSize="4"><VRTRasterBand dataType="Byte" band="1"'
        ' subClass="VRTDerivedRasterBand"><PixelFunctionLanguage>Python</PixelFunctionLanguage>'
        "<PixelFunctionType>f</PixelFunctionType><PixelFunctionCode>"
        f"def f(*a, **k): open({str(marker)!r}, 'w')</PixelFunctionCode>"
        '<SimpleSource><SourceFilename relativeToVRT="1">honest.tif</SourceFilename></SimpleSource>'
        "</VRTRasterBand></VRTDataset>"
    )
    (folder / "outer.vrt").write_text(vrt("python.vrt", attributes='relativeToVRT="1"'))
    code = (
        "import sys\nfrom napari_geolabel import GeoLabelError, open_scene\n"
        "for path in sys.argv[1:]:\n"
        "    try: open_scene(path).read()\n"
        "    except GeoLabelError as error: print(error)\n"
    )
    arguments = [str(folder / "python.vrt"), str(folder / "outer.vrt")]
    run = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env={**os.environ, "GDAL_VRT_ENABLE_PYTHON": "YES"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.count("runs code of its own") == 2
    assert not marker.exists()


@pytest.mark.parametrize("text", ["{self}", "{cdata}"])
def test_a_virtual_raster_of_itself_ends(text, folder, listener):
    inner = vrt("evil.vrt", attributes='relativeToVRT="1"')
    (folder / "evil.vrt").write_text(text.format(self=inner, cdata=vrt(f"<![CDATA[{inner}]]>")))
    refuse(folder / "evil.vrt", listener[1], SceneError)


def test_virtual_rasters_in_virtual_rasters_end(folder, listener):
    for number in range(30):
        (folder / f"{number}.vrt").write_text(vrt(f"{number + 1}.vrt", attributes='relativeToVRT="1"'))
    (folder / "30.vrt").write_text(HONEST)
    assert "in more than" in refuse(folder / "0.vrt", listener[1])
    with open_scene(folder / "28.vrt") as scene:
        assert (scene.read().data == 77).all()


@pytest.mark.parametrize("depth", [20, 3000])
def test_nested_text_ends(depth, folder, listener):
    text = HONEST
    if depth == 20:
        for _ in range(depth):
            text = vrt(text.replace("&", "&amp;").replace("<", "&lt;"))
    else:
        text = "<VRTDataset>" * depth + "</VRTDataset>" * depth
    (folder / "deep.vrt").write_text(text)
    refuse(folder / "deep.vrt", listener[1], GeoLabelError)


@pytest.mark.parametrize("companion", ["{}.ovr", "{}.msk", "{}.aux.xml", "{}.msk.ovr"])
@pytest.mark.parametrize("scene", ["honest.tif", "honest.vrt", "picture.png"])
def test_a_companion_of_any_scene_or_source_leads_nowhere(companion, scene, folder, listener):
    address, hits = listener
    (folder / "honest.vrt").write_text(HONEST)
    with rasterio.open(folder / "picture.png", "w", driver="PNG", height=9, width=9, count=1, dtype="uint8") as target:
        target.write(np.ones((1, 9, 9), "uint8"))
    for leftover in folder.glob("*.aux.xml"):
        leftover.unlink()
    name = companion.format(scene)
    text = vrt(f"/vsicurl/{address}/a.tif")
    if name.endswith(".aux.xml"):
        text = (
            '<PAMDataset><Metadata domain="OVERVIEWS"><MDI key="OVERVIEW_FILE">'
            f"/vsicurl/{address}/a.tif</MDI></Metadata></PAMDataset>"
        )
    (folder / name).write_text(text)
    refuse(folder / scene, hits)
    (folder / "outer.vrt").write_text(vrt(scene, attributes='relativeToVRT="1"'))
    refuse(folder / "outer.vrt", hits)


def test_a_picture_that_begins_with_a_reference_is_not_trusted(folder, listener):
    """GDAL looks for its words anywhere in the first bytes, and a JPEG may hold any text there."""
    address, hits = listener
    (folder / "evil.jpg").write_bytes(b"\xff\xd8\xff\xe1  <GDAL_WMS><ServerUrl>" + address.encode())
    refuse(folder / "evil.jpg", hits, SceneError)


@pytest.mark.parametrize("text", ["{address}/a.tif", "/vsicurl/{address}/a.tif", "/vsimem/a", "<VRTDataset/>", "\0"])
def test_text_that_is_no_path_is_refused_alone_and_among_others(text, folder, listener):
    address, hits = listener
    for paths in (text.format(address=address), [folder / "honest.tif", text.format(address=address)]):
        with pytest.raises(UnsafeFileError, match="not a local file"):
            open_scene(paths)
    assert hits == []


def test_one_bad_file_in_a_folder_of_bands_stops_it(folder, listener):
    address, hits = listener
    shutil.copy(folder / "honest.tif", folder / "red.tif")
    (folder / "blue.tif").write_text(vrt(f"/vsicurl/{address}/a.tif"))
    refuse(folder / "blue.tif", hits)
    with pytest.raises(UnsafeFileError):
        open_scene(folder)
    assert hits == []


@pytest.mark.parametrize("name", ["scene.tif", "scene.ome.tif"])
def test_an_ome_tiff_reads_its_own_pixels_and_not_those_of_the_file_that_it_names(name, folder, listener):
    """Tools that follow OME's lists of files would stack the secret one onto this."""
    description = (
        '<?xml version="1.0"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"><Image ID="Image:0">'
        '<Pixels ID="Pixels:0" DimensionOrder="XYZCT" Type="uint8" SizeX="20" SizeY="20" SizeZ="2" SizeC="1" SizeT="1">'
        '<Channel ID="Channel:0:0"/><TiffData FirstZ="0" IFD="0"/><TiffData FirstZ="1" IFD="0">'
        '<UUID FileName="../outside.tif">urn:uuid:1</UUID></TiffData></Pixels></Image></OME>'
    )
    tifffile.imwrite(folder / name, np.zeros((20, 20), "uint8"), description=description, metadata=None)
    with open_scene(folder / name) as scene:
        assert len(scene.bands) == 1
        assert scene.read().max() == 0
    assert listener[1] == []


@pytest.mark.parametrize("srs", ["{address}/crs", "/vsicurl/{address}/crs", "  HTTP://{host}/crs"])
def test_the_crs_of_a_scene_is_never_fetched(srs, folder, listener):
    address, hits = listener
    text = srs.format(address=address, host=address.removeprefix("http://"))
    path = folder / "scene.vrt"
    path.write_text(HONEST.replace('rasterYSize="20">', f'rasterYSize="20"><SRS>{text}</SRS>', 1))
    refuse(path, hits)


def test_a_link_in_metadata_is_only_text(folder, listener):
    address, hits = listener
    path = folder / "scene.vrt"
    path.write_text(
        HONEST.replace('rasterYSize="20">', f'rasterYSize="20"><Metadata><MDI key="a">{address}</MDI></Metadata>')
    )
    with open_scene(path) as scene:
        assert scene.metadata["tags"]["a"] == address
        assert (scene.read().data == 77).all()
    assert hits == []


def test_an_envi_raster_follows_nothing(folder, listener):
    address, hits = listener
    header = "ENVI\nsamples = 4\nlines = 4\nbands = 1\ndata type = 1\nheader offset = 0\ninterleave = bsq\n"
    (folder / "scene.img").write_bytes(bytes(range(16)))
    (folder / "scene.hdr").write_text(
        f"{header}file = {address}\ncoordinate system string = {{{address}}}\nmap info = {{{address}}}\n"
    )
    with open_scene(folder / "scene.img") as scene:
        assert scene.read().data.ravel().tolist() == list(range(16))
    assert hits == []


def test_without_our_checks_the_attacks_are_real(folder, listener):
    """If GDAL stopped following these, the tests above would prove nothing."""
    address, hits = listener
    (folder / "evil.vrt").write_text(vrt(f"/vsicurl/{address}/a.tif"))
    with pytest.raises(rasterio.errors.RasterioError):
        rasterio.open(folder / "evil.vrt").read()
    assert hits
    (folder / "escape.vrt").write_text(vrt("../outside.tif", attributes='relativeToVRT="1"'))
    with rasterio.open(folder / "escape.vrt") as dataset:
        assert (dataset.read() == 77).all()
