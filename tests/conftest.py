"""Fixtures that several rooms need."""

from __future__ import annotations

import gc
import http.server
import itertools
import json
import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from affine import Affine
from hypothesis import settings
from pyproj import CRS

from napari_geolabel.geo import GeoGrid

ROOT = Path(__file__).resolve().parents[1]

# A law that is slow on a busy machine is no broken law; pytest-timeout catches what hangs.
# `make test` tries the same examples each time, so that it fails by what was changed; `make thorough` tries new ones.
settings.register_profile("laws", deadline=None, max_examples=40, derandomize=True, database=None)
settings.register_profile("thorough", deadline=None, max_examples=100)
settings.load_profile("thorough" if os.environ.get("THOROUGH") else "laws")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse a test with a window where scripts/test.sh would not look for one: nobody would run it."""
    places = {
        item.path
        for item in items
        if item.get_closest_marker("gui") and ROOT / "tests" / "gui" not in item.path.parents
    }
    lost = [str(path) for path in places if "mark.gui" not in path.read_text("utf-8")]
    if lost:
        raise pytest.UsageError(f"tests with windows need pytest.mark.gui in their own file: {', '.join(sorted(lost))}")


def pytest_collection_finish() -> None:
    """Look at what stands after collection, a million objects, no more: each search for garbage would go through it."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def state_of_the_run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep label files and backups of tests out of the user's state folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        yield


_NUMBERS = itertools.count()


@pytest.fixture(autouse=True)
def own_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a test keeps what the program remembers of a person: empty at first, never the user's own."""
    from napari_geolabel.imagery import own_composites, spectral_library
    from napari_geolabel.viewer import user_state

    folder = tmp_path_factory.getbasetemp() / "own" / str(next(_NUMBERS))  # `mktemp` reads the names of all before
    folder.mkdir(parents=True)
    monkeypatch.setattr(own_composites, "own_path", lambda: folder / "config" / "composites.toml")
    monkeypatch.setattr(spectral_library, "own_library_path", lambda: folder / "config" / "spectra.csv")
    monkeypatch.setattr(own_composites, "stretches_path", lambda: folder / "state" / "stretches.json")
    monkeypatch.setattr(user_state, "state_path", lambda name: folder / "state" / f"{name}.json")
    return folder


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real scenes and label files, which lie beside a checkout and are never part of it."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("real scenes (../shared/data) are not on this machine")
    return folder


@pytest.fixture(scope="session")
def sample_data() -> Path:
    """The synthetic scenes that the repository holds."""
    return ROOT / "sample_data"


@pytest.fixture
def napari_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep the user's own napari settings out of a test, and the test's out of the user's and of other tests'."""
    import napari.settings

    path = tmp_path / "napari" / "settings.yaml"
    monkeypatch.setenv("NAPARI_CONFIG", str(path))
    monkeypatch.setattr(napari.settings, "_SETTINGS", None)
    monkeypatch.setattr(napari.settings, "_CFG_PATH", path)
    monkeypatch.setattr(napari.settings, "_PLUGIN_SETTINGS", {})
    napari.settings.get_settings(path)  # its own default is the file that the whole run began with
    return path


@pytest.fixture
def told() -> Iterator[list[str]]:
    """What napari's notifications say."""
    from napari.utils.notifications import notification_manager

    said: list[str] = []

    def listen(notification: Any) -> None:
        said.append(notification.message)

    notification_manager.notification_ready.connect(listen)
    yield said
    notification_manager.notification_ready.disconnect(listen)


@pytest.fixture
def qtbot(qtbot: Any) -> Any:
    """pytest-qt's robot, which waits a minute at least for what is to come: only what hangs takes that long."""

    def patient(wait: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *what, timeout=0, **options: wait(*what, timeout=max(timeout, 60_000), **options)

    qtbot.waitUntil = qtbot.wait_until = patient(qtbot.waitUntil)
    qtbot.waitSignal = qtbot.wait_signal = patient(qtbot.waitSignal)
    return qtbot


@pytest.fixture
def until() -> Callable[[Callable[[], Any]], None]:
    """Return a function that waits until something is so; a minute at most, which only what hangs takes."""

    def wait(condition: Callable[[], Any]) -> None:
        end = time.monotonic() + 60
        while not condition():
            assert time.monotonic() < end, "waited a minute in vain"
            time.sleep(0.01)

    return wait


GRIDS = {
    "north_up": GeoGrid(
        shape=(512, 512), transform=Affine(10, 0, 399_960, 0, -10, 5_300_040), crs=CRS.from_epsg(32633)
    ),
    "rotated": GeoGrid(
        shape=(512, 512),
        transform=Affine.translation(399_960, 5_300_040) @ Affine.rotation(31.5) @ Affine.scale(0.5, -0.5),
        crs=CRS.from_epsg(32633),
    ),
    "south_up": GeoGrid(
        shape=(512, 512), transform=Affine(2.5, 0, 399_960, 0, 2.5, 6_100_000), crs=CRS.from_epsg(32733)
    ),
    "degrees": GeoGrid(
        shape=(512, 512), transform=Affine(0.0007, 0, 46.16, 0, -0.00066, -15.58), crs=CRS.from_epsg(4326)
    ),
}


@pytest.fixture(params=list(GRIDS))
def grid(request: pytest.FixtureRequest) -> GeoGrid:
    """Grids of 512 x 512 pixels, one of each sort: north-up, rotated, south-up and in degrees."""
    return GRIDS[request.param]


@pytest.fixture
def write_scene(tmp_path: Path) -> Callable[..., Path]:
    """Write a GeoTIFF of three named bands on a grid and return its path."""

    def write(
        grid: GeoGrid | None = None, name: str = "scene.tif", bands: tuple[str, ...] = ("red", "green", "blue")
    ) -> Path:
        import rasterio

        lying = grid or GRIDS["north_up"]
        rows, cols = lying.shape
        ramp = (np.add.outer(np.arange(rows), np.arange(cols)) % 250 + 1).astype("uint8")
        place = {} if lying.crs is None else {"crs": lying.crs.to_wkt(), "transform": lying.transform}
        profile = {
            "driver": "GTiff",
            "height": rows,
            "width": cols,
            "count": len(bands),
            "dtype": "uint8",
            "photometric": "MINISBLACK",
            **place,
        }
        with rasterio.open(tmp_path / name, "w", **profile) as target:
            for index, band in enumerate(bands, start=1):
                target.write(np.roll(ramp, 40 * index, axis=1), index)
                target.set_band_description(index, band)
        return tmp_path / name

    return write


@pytest.fixture(scope="session")
def qgis() -> Callable[[str, str], dict[str, Any]]:
    """Ask QGIS, where Debian's system Python has it, what it makes of a file."""
    python, probe = "/usr/bin/python3", Path(__file__).with_name("qgis_probe.py")
    environment = {"QT_QPA_PLATFORM": "offscreen", "PATH": "/usr/bin:/bin", "HOME": tempfile.mkdtemp()}

    def ask(kind: str, uri: str) -> dict[str, Any]:
        done = subprocess.run(
            [python, str(probe), kind, uri], env=environment, capture_output=True, text=True, timeout=240, check=False
        )
        answers = [line for line in done.stdout.splitlines() if line.startswith("ANSWER")]
        assert answers, done.stdout + done.stderr
        return json.loads(answers[0].removeprefix("ANSWER"))

    check = [python, "-c", "import qgis.core"]
    if not Path(python).exists() or subprocess.run(check, env=environment, capture_output=True, check=False).returncode:
        pytest.skip("QGIS is not installed for /usr/bin/python3 (make test-gis installs it)")
    return ask


@pytest.fixture
def listener() -> Iterator[tuple[str, list[str]]]:
    """A web server on this machine: its address and the requests that reached it."""
    hits: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            hits.append(self.path)
            self.send_response(404)
            self.end_headers()

        do_HEAD = do_GET  # noqa: N815  (the name that http.server calls)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)  # seconds between looks
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", hits
    server.shutdown()
    thread.join()
    server.server_close()


@dataclass
class RangeServer:
    """A web server on this machine that sends parts of the files of a folder."""

    folder: Path
    port: int
    asked: list[tuple[str, str, str | None]] = field(default_factory=list)
    """Method, path with query and range of each request."""
    answers: dict[str, tuple[int, dict[str, str]]] = field(default_factory=dict)
    """Path to status and headers of what is not to be answered with a file."""

    @property
    def address(self) -> str:
        """Where it listens, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"


@pytest.fixture
def range_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RangeServer]:
    """A web server that sends parts of files, as those that hold COGs do, and remembers what it was asked."""
    served = RangeServer(tmp_path_factory.mktemp("served"), 0)

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            wanted = self.headers.get("Range")
            served.asked.append((self.command, self.path, wanted))
            plain = self.path.partition("?")[0]
            status, headers = served.answers.get(plain, (0, {}))
            path, content = served.folder / plain.lstrip("/"), b""
            if not status and path.is_file():
                content = path.read_bytes()
                status, headers = 200, {"Accept-Ranges": "bytes"}
                if wanted:
                    start, _, end = wanted.removeprefix("bytes=").partition("-")
                    first, last = int(start), min(int(end or len(content)), len(content) - 1)
                    status, headers = 206, {"Content-Range": f"bytes {first}-{last}/{len(content)}"}
                    content = content[first : last + 1]
            self.send_response(status or 404)
            for name, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command == "GET":
                with suppress(ConnectionError):  # GDAL hangs up once it knows that ranges work
                    self.wfile.write(content)

        do_HEAD = do_GET  # noqa: N815  (the name that http.server calls)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield served
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def valid_stac() -> Callable[[dict[str, Any]], list[str]]:
    """Validate an item or a catalogue by pystac without a network, and return the schemas that it was held against.

    STAC's own schemas are pystac's; those of extensions stand in ``tests/stac_schemas``.
    """
    pystac = pytest.importorskip("pystac", reason="pystac is not installed")
    from pystac.validation import validate_dict
    from pystac.validation.stac_validator import JsonSchemaSTACValidator

    validator = JsonSchemaSTACValidator()
    for path in sorted((ROOT / "tests" / "stac_schemas").glob("*.json")):
        schema = json.loads(path.read_text("utf-8"))
        validator.schema_cache[schema["$id"]] = schema

    def validate(document: dict[str, Any]) -> list[str]:
        assert document["stac_version"] == pystac.get_stac_version()
        return [str(uri) for uri in validate_dict(document, validator=validator) if uri]

    return validate
