"""Scenes on other machines: read in parts when a person says so, and never otherwise."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest
from affine import Affine

from napari_geolabel.errors import GeoLabelError, MissingFileError, SceneError, UnsafeFileError
from napari_geolabel.imagery import network, open_scene, render
from napari_geolabel.imagery.network import address_of, remote_file
from napari_geolabel.imagery.overviews import keep_levels_ready

PLACE = {"crs": "EPSG:32633", "transform": Affine(10, 0, 400_000, 0, -10, 5_000_000)}


@pytest.fixture
def cog(range_server, make_tiff, random_pixels) -> tuple[str, Path]:
    """A COG of 16 MB on the server: its address and the file itself."""
    plain = make_tiff(random_pixels(4, 1536, 1408), "plain.tif", **PLACE)
    path = range_server.folder / "bay" / "cog.tif"
    path.parent.mkdir()
    import rasterio.shutil

    rasterio.shutil.copy(plain, path, driver="COG", compress="deflate", blocksize=256, overview_resampling="nearest")
    return f"{range_server.address}/bay/cog.tif", path


@pytest.fixture(autouse=True)
def quick_tries(monkeypatch):
    """Ask again at once."""
    monkeypatch.setattr(network, "_DELAY_S", 0.01)


def test_a_scene_on_the_network_is_the_scene_on_disk_and_few_requests_show_it(cog, range_server):
    address, path = cog
    with open_scene(address, trust="network") as scene, open_scene(path) as local:
        assert scene.url == address
        assert scene.grid == local.grid
        assert scene.levels == local.levels
        assert scene.bands.names == local.bands.names
        np.testing.assert_array_equal(render(scene, "band_1", max_size=200), render(local, "band_1", max_size=200))
        sent = sum(_length(wanted) for method, _, wanted in range_server.asked if method == "GET")
        assert len(range_server.asked) <= 8
        assert sent < path.stat().st_size / 8
        window = (slice(700, 900), slice(300, 310))
        np.testing.assert_array_equal(scene.read(window=window), local.read(window=window))
        np.testing.assert_array_equal(scene.read().data, local.read().data)
    assert {asked for _, asked, _ in range_server.asked} == {"/bay/cog.tif"}, "nothing beside it was looked for"


def test_bands_in_several_files_on_the_network_are_one_scene(range_server, make_tiff, random_pixels):
    pixels = random_pixels(3, 80, 90)
    for name, band in zip(("red", "green", "nir"), pixels, strict=True):
        written = make_tiff(band[None], f"{name}.tif", **PLACE)
        (range_server.folder / written.name).write_bytes(written.read_bytes())
    paths = [f"{range_server.address}/{name}.tif" for name in ("red", "green", "nir")]
    with open_scene(paths, trust="network") as scene:
        assert scene.bands.names == ("red", "green", "nir")
        np.testing.assert_array_equal(scene.read().data, pixels)
        assert scene.url == paths[0]


def test_without_trust_nothing_is_asked_and_the_sentence_says_how(cog, range_server):
    address, path = cog
    for wanted in (address, Path(address), f"/vsicurl/{address}", [path, address], "s3://bucket/a.tif"):
        with pytest.raises(UnsafeFileError, match=r"not a local file.*trust='network'.*--trust network"):
            open_scene(wanted)
    assert range_server.asked == []
    with pytest.raises(SceneError, match="'local' or 'network'"):
        open_scene(path, trust="yes")
    assert range_server.asked == []


def test_a_bucket_is_read_by_gdal_with_the_keys_that_it_knows(cog, range_server, monkeypatch):
    monkeypatch.setenv("AWS_S3_ENDPOINT", range_server.address.removeprefix("http://"))
    for name, value in {
        "AWS_HTTPS": "NO", "AWS_VIRTUAL_HOSTING": "FALSE", "AWS_NO_SIGN_REQUEST": "YES",
        "AWS_CONFIG_FILE": "/nowhere", "CPL_AWS_CREDENTIALS_FILE": "/nowhere",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    with open_scene("s3://bay/cog.tif", trust="network") as scene, open_scene(cog[1]) as local:
        assert scene.url == "s3://bay/cog.tif"
        assert scene.name == "cog"
        np.testing.assert_array_equal(scene.read(level=1), local.read(level=1))


@pytest.mark.parametrize(
    ("answer", "kind", "sentence"),
    [
        ((404, {}), MissingFileError, "cannot be found"),
        ((403, {}), SceneError, "wants a login"),
        ((503, {}), SceneError, "does not answer"),
        ((200, {}), SceneError, "cannot send parts"),
        ((206, {}), SceneError, "is no TIFF"),
        (
            (302, {"Location": "http://elsewhere.example/a.tif?token=hidden"}),
            UnsafeFileError,
            "leads to http://elsewhere",
        ),
        ((301, {"Location": "/other.tif"}), UnsafeFileError, "leads to /other.tif"),
    ],
)
def test_a_server_that_does_not_send_the_file_is_told_in_one_sentence(answer, kind, sentence, range_server):
    range_server.answers["/a.tif"] = answer
    with pytest.raises(kind, match=sentence) as caught:
        open_scene(f"{range_server.address}/a.tif", trust="network")
    assert "hidden" not in str(caught.value)
    assert {path for _, path, _ in range_server.asked} == {"/a.tif"}


def test_a_redirect_to_another_machine_is_not_followed(range_server, listener):
    address, hits = listener
    range_server.answers["/a.tif"] = (302, {"Location": f"{address}/a.tif"})
    with pytest.raises(UnsafeFileError, match="another address"):
        open_scene(f"{range_server.address}/a.tif", trust="network")
    assert hits == []


def test_a_server_that_is_not_there_is_told(listener):
    with pytest.raises(SceneError, match="does not answer"):
        open_scene("http://127.0.0.1:9/a.tif", trust="network")


@pytest.mark.parametrize("ending", ["a.vrt", "a.xml", "a", "a.tif.vrt", "?a.tif"])
def test_only_tiffs_are_asked_for(ending, range_server):
    with pytest.raises(SceneError, match="only GeoTIFFs"):
        open_scene(f"{range_server.address}/{ending}", trust="network")
    assert range_server.asked == []


@pytest.mark.parametrize(
    "address",
    ["https://", "https://[a", "https://host:port/a.tif", "https://host/a b.tif", "https://host/<a>.tif", "s3://"],
)
def test_what_is_no_address_is_refused(address):
    with pytest.raises(GeoLabelError):
        open_scene(address, trust="network")


def test_a_virtual_raster_under_a_tiff_name_is_refused(range_server, listener):
    address, hits = listener
    (range_server.folder / "evil.tif").write_text(
        f'<VRTDataset rasterXSize="9" rasterYSize="9"><VRTRasterBand dataType="Byte" band="1"><SimpleSource>'
        f"<SourceFilename>/vsicurl/{address}/a.tif</SourceFilename></SimpleSource></VRTRasterBand></VRTDataset>"
    )
    with pytest.raises(SceneError, match="no TIFF"):
        open_scene(f"{range_server.address}/evil.tif", trust="network")
    assert hits == []


def test_a_local_virtual_raster_reaches_no_network_however_much_is_trusted(tmp_path, cog, range_server):
    path = tmp_path / "leads.vrt"
    path.write_text(
        '<VRTDataset rasterXSize="9" rasterYSize="9"><VRTRasterBand dataType="Byte" band="1"><SimpleSource>'
        f"<SourceFilename>/vsicurl/{cog[0]}</SourceFilename></SimpleSource></VRTRasterBand></VRTDataset>"
    )
    with pytest.raises(UnsafeFileError):
        open_scene(path, trust="network")
    assert range_server.asked == []


def test_overviews_that_a_remote_file_names_elsewhere_are_not_followed(
    range_server, make_tiff, random_pixels, listener
):
    address, hits = listener
    path = make_tiff(random_pixels(1, 64, 64), "leads.tif", **PLACE)
    import rasterio

    with rasterio.open(path, "r+") as target:
        target.update_tags(ns="OVERVIEWS", OVERVIEW_FILE=f"/vsicurl/{address}/a.ovr")
    (range_server.folder / "leads.tif").write_bytes(path.read_bytes())
    for companion in path.parent.glob("leads.tif.*"):
        (range_server.folder / companion.name).write_bytes(companion.read_bytes())
    with pytest.raises(UnsafeFileError, match="OVERVIEW_FILE"):
        open_scene(f"{range_server.address}/leads.tif", trust="network")
    assert hits == []
    assert {asked for _, asked, _ in range_server.asked} == {"/leads.tif"}


def test_signatures_and_passwords_stay_out_of_messages_and_logs(cog, range_server, caplog):
    caplog.set_level(logging.DEBUG)
    address, _ = cog
    with open_scene(f"{address}?sig=hidden", trust="network") as scene:
        assert scene.url == address
        assert "hidden" not in f"{scene!r}{scene.path}{scene.paths}{scene.metadata}{scene.source.facts}"
        range_server.answers["/bay/cog.tif"] = (403, {})
        with pytest.raises(SceneError) as caught:
            scene.read()
        assert "hidden" not in str(caught.value)
        assert address in str(caught.value)
        assert caught.value.__cause__ is None
    with pytest.raises(SceneError) as caught:
        open_scene(f"{address}?sig=hidden", trust="network")
    assert "hidden" not in str(caught.value)
    with pytest.raises(UnsafeFileError, match="netrc") as caught:
        open_scene(f"http://me:hidden@{address.removeprefix('http://')}", trust="network")
    assert "hidden" not in str(caught.value)
    assert "hidden" not in caplog.text


def test_a_reader_that_ends_leaves_the_signature_of_another_out_of_the_log(caplog):
    caplog.set_level(logging.DEBUG)
    remote = remote_file("https://host/a.tif?sig=hidden", "network")
    logger = logging.getLogger("rasterio._io")
    before = list(logger.filters)
    with remote.reading():
        with remote.reading():
            pass
        logger.debug("reading %s", remote.dataset)
    assert "reading https://host/a.tif" in caplog.text
    assert "hidden" not in caplog.text
    assert logger.filters == before


def test_a_login_of_netrc_is_used_for_its_host_alone(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    (tmp_path / ".netrc").write_text("machine data.example login me password secret\n")
    (tmp_path / ".netrc").chmod(0o600)
    assert network._login("data.example") == {"Authorization": "Basic bWU6c2VjcmV0"}
    assert network._login("other.example") == {}


def test_no_levels_are_built_of_a_scene_on_the_network(range_server, make_tiff, random_pixels):
    path = make_tiff(random_pixels(1, 20, 5000, "uint8"), "wide.tif", **PLACE)
    (range_server.folder / "wide.tif").write_bytes(path.read_bytes())
    with open_scene(f"{range_server.address}/wide.tif", trust="network") as scene:
        assert keep_levels_ready(scene) is None
    with open_scene(path) as scene:
        job = keep_levels_ready(scene)
        assert job is not None
        job.wait()


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://host/a.tif", "https://host/a.tif"),
        ("HTTPS://host/a.tif", "https://host/a.tif"),
        (Path("https://host/a.tif"), "https://host/a.tif"),
        ("/vsicurl/http://host/a.tif", "http://host/a.tif"),
        ("/vsis3/bucket/a.tif", "s3://bucket/a.tif"),
        ("a.tif", None),
        ("/data/https/a.tif", None),
        ("ftp://host/a.tif", None),
        ("C:/a.tif", None),
        ("https:", None),
    ],
)  # fmt: skip
def test_what_an_address_is(text, address):
    assert address_of(text) == address


def test_a_remote_file_allows_gdal_its_own_name_and_shows_no_signature():
    remote = remote_file("https://host:8443/dir/a%20b.TIF?sig=hidden", "network")
    assert remote.url == "https://host:8443/dir/a%20b.TIF"
    assert remote.path == Path("host/dir/a b.TIF")
    assert remote.options["CPL_VSIL_CURL_ALLOWED_FILENAME"] == remote.dataset
    assert "CPL_VSIL_CURL_ALLOWED_EXTENSIONS" not in remote.options
    assert remote.options["GDAL_VRT_ENABLE_PYTHON"] == "NO"
    assert "hidden" not in repr(remote)
    assert "hidden" not in remote.clean(f"error with {remote.dataset} and sig=hidden")


def _length(wanted: str | None) -> int:
    first, _, last = (wanted or "bytes=0-0").removeprefix("bytes=").partition("-")
    return int(last or 0) - int(first) + 1
