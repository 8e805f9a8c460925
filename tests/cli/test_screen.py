"""A screen where there is none."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from napari_geolabel.cli.screen import has_screen, screen
from napari_geolabel.errors import GeoLabelError

needs_xvfb = pytest.mark.skipif(shutil.which("Xvfb") is None, reason="Xvfb is not installed")


def server_of(environment: dict[str, str]) -> tuple[Path, int]:
    """Return the socket of a display, and its number on the disk: the next server may take the same name."""
    socket = Path(f"/tmp/.X11-unix/X{environment['DISPLAY'].removeprefix(':')}")
    return socket, socket.stat().st_ino


def is_running(socket: Path, number: int) -> bool:
    return socket.exists() and socket.stat().st_ino == number


@pytest.fixture
def no_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)


def test_a_display_server_that_is_named_is_a_screen(monkeypatch: pytest.MonkeyPatch, no_screen: None) -> None:
    assert not has_screen()
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    assert has_screen()


def test_other_systems_always_have_a_screen(monkeypatch: pytest.MonkeyPatch, no_screen: None) -> None:
    monkeypatch.setattr("sys.platform", "darwin")
    assert has_screen()


def test_the_screen_there_is_serves_as_it_is(monkeypatch: pytest.MonkeyPatch, no_screen: None) -> None:
    monkeypatch.setenv("DISPLAY", ":77")
    with screen() as environment:
        assert environment == dict(os.environ)


@needs_xvfb
def test_a_virtual_screen_lives_as_long_as_it_is_used(no_screen: None) -> None:
    look = ["xdpyinfo"] if shutil.which("xdpyinfo") else None
    with screen() as environment:
        server = server_of(environment)
        assert is_running(*server)
        if look:
            done = subprocess.run(look, env=environment, capture_output=True, text=True, timeout=180)
            assert "1600x1000" in done.stdout
    assert not is_running(*server)
    assert "DISPLAY" not in os.environ


@needs_xvfb
def test_the_virtual_screen_ends_when_its_user_fails(no_screen: None) -> None:
    used: list[tuple[Path, int]] = []

    def use_it() -> None:
        with screen() as environment:
            used.append(server_of(environment))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        use_it()
    (server,) = used
    assert not is_running(*server)


def test_without_any_screen_the_way_out_is_told(monkeypatch: pytest.MonkeyPatch, no_screen: None) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(GeoLabelError, match="install xvfb"), screen():
        pass
