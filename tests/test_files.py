"""Atomic writing: the new file whole, or the old file as it was."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_geolabel.errors import MissingFileError, SceneError, UnsafeFileError, WriteError
from napari_geolabel.files import HashedFile, atomic_write, digest_of, expanded, require_file, require_written


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def write(path: Path | str, text: str) -> None:
    with atomic_write(path) as temporary:
        temporary.write_text(text)


def write_half(path: Path, error: BaseException) -> None:
    with atomic_write(path) as temporary:
        temporary.write_text("half")
        raise error


# Publishing


def test_a_new_file_appears_with_its_content_and_nothing_else(tmp_path):
    write(tmp_path / "labels.geojson", "new")
    assert (tmp_path / "labels.geojson").read_text() == "new"
    assert names(tmp_path) == ["labels.geojson"]


def test_an_old_file_is_replaced(tmp_path):
    path = tmp_path / "labels.geojson"
    path.write_text("old and longer")
    write(str(path), "new")
    assert path.read_text() == "new"
    assert names(tmp_path) == ["labels.geojson"]


def test_until_the_block_ends_the_old_file_stands(tmp_path):
    path = tmp_path / "labels.geojson"
    path.write_text("old")
    with atomic_write(path) as temporary:
        temporary.write_text("half")
        assert path.read_text() == "old"
        assert temporary.parent == path.parent  # a rename within one folder is within one disk
        assert temporary.suffix == path.suffix  # drivers look at it
        assert temporary.name.startswith(".")


def test_the_block_may_make_the_file_anew(tmp_path):
    with atomic_write(tmp_path / "labels.gpkg") as temporary:
        temporary.unlink()
        temporary.write_bytes(b"made by a driver")
    assert (tmp_path / "labels.gpkg").read_bytes() == b"made by a driver"


@pytest.mark.parametrize("error", [ValueError("bad"), KeyboardInterrupt(), SceneError("no band")])
def test_an_error_leaves_the_old_file_and_passes_as_it_is(tmp_path, error):
    path = tmp_path / "labels.geojson"
    path.write_text("old")
    with pytest.raises(type(error)) as caught:
        write_half(path, error)
    assert caught.value is error
    assert path.read_text() == "old"
    assert names(tmp_path) == ["labels.geojson"]


def test_an_error_leaves_no_new_file(tmp_path):
    with pytest.raises(ValueError, match="bad"):
        write_half(tmp_path / "labels.geojson", ValueError("bad"))
    assert names(tmp_path) == []


def test_our_own_errors_are_not_renamed_even_if_they_are_of_the_system(tmp_path):
    with pytest.raises(MissingFileError, match="no sidecar"):
        write_half(tmp_path / "x", MissingFileError("no sidecar"))


def test_a_full_disk_is_told_and_the_old_file_stands(tmp_path):
    path = tmp_path / "labels.geojson"
    path.write_text("old")
    reason = r"labels\.geojson was not written \(No space left on device\); the old file is untouched$"
    with pytest.raises(WriteError, match=reason):
        write_half(path, OSError(28, "No space left on device"))
    assert path.read_text() == "old"
    assert names(tmp_path) == ["labels.geojson"]


def test_a_disk_that_refuses_to_sync_publishes_nothing(tmp_path, monkeypatch):
    path = tmp_path / "labels.geojson"
    path.write_text("old")

    def fail(handle: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(WriteError, match="Input/output error"):
        write(path, "new")
    assert path.read_text() == "old"
    assert names(tmp_path) == ["labels.geojson"]


def test_the_file_is_synced_before_the_rename_and_the_folder_after(tmp_path, monkeypatch):
    path = tmp_path / "labels.geojson"
    calls: list[tuple[str, str]] = []
    fsync, rename = os.fsync, Path.replace

    def note_sync(handle: int) -> None:
        calls.append(("sync", str(Path(f"/proc/self/fd/{handle}").readlink())))
        fsync(handle)

    def note_rename(self: Path, target: Path) -> Path:
        calls.append(("rename", str(self)))
        return rename(self, target)

    monkeypatch.setattr(os, "fsync", note_sync)
    monkeypatch.setattr(Path, "replace", note_rename)
    with atomic_write(path) as temporary:
        temporary.write_text("new")
    assert calls == [("sync", str(temporary)), ("rename", str(temporary)), ("sync", str(tmp_path))]


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no kill -9")
def test_a_killed_writer_leaves_the_old_file(tmp_path):
    path = tmp_path / "labels.geojson"
    path.write_text("old")
    code = textwrap.dedent(
        """
        import os, signal, sys
        from napari_geolabel.files import atomic_write
        with atomic_write(sys.argv[1]) as temporary:
            temporary.write_text("half")
            os.kill(os.getpid(), signal.SIGKILL)
        """
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert path.read_text() == "old"


# Modes, links and places


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_a_new_file_is_as_readable_as_any_other_of_the_user(tmp_path, umask, mode):
    before = os.umask(umask)
    try:
        write(tmp_path / "labels.geojson", "new")
        assert os.umask(umask) == umask
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "labels.geojson").stat().st_mode) == mode


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_an_old_file_keeps_its_mode(tmp_path):
    path = tmp_path / "labels.geojson"
    path.write_text("old")
    path.chmod(0o640)
    write(path, "new")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_link_is_followed_and_stays_a_link(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    link = tmp_path / "labels.geojson"
    link.symlink_to(tmp_path / "elsewhere" / "real.geojson")
    write(link, "new")
    assert link.is_symlink()
    assert (tmp_path / "elsewhere" / "real.geojson").read_text() == "new"
    assert names(tmp_path / "elsewhere") == ["real.geojson"]


def test_the_home_folder_may_be_written_as_a_tilde(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    write("~/labels.geojson", "new")
    assert require_file("~/labels.geojson") == tmp_path / "labels.geojson"


def test_a_name_as_long_as_the_system_allows_can_be_written(tmp_path):
    path = tmp_path / ("x" * 247 + ".geojson")
    write(path, "new")
    assert path.read_text() == "new"


def test_a_name_that_the_system_refuses_is_told(tmp_path):
    (tmp_path / "round").symlink_to(tmp_path / "round")
    for path in (tmp_path / ("x" * 5000), tmp_path / "round"):
        with pytest.raises(WriteError, match="cannot be written"):
            write(path, "new")


def test_a_missing_folder_is_told(tmp_path):
    with pytest.raises(
        WriteError, match=r"missing is not a folder; make it first or choose another place for x\.json$"
    ):
        write(tmp_path / "missing" / "x.json", "new")
    assert names(tmp_path) == []


def test_a_folder_is_not_replaced_by_a_file(tmp_path):
    (tmp_path / "labels.geojson").mkdir()
    with pytest.raises(WriteError, match="is not an ordinary file; choose another name"):
        write(tmp_path / "labels.geojson", "new")
    assert names(tmp_path) == ["labels.geojson"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes in folders")
def test_a_pipe_or_a_device_is_not_replaced_by_a_file(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(WriteError, match="is not an ordinary file"):
        write(tmp_path / "pipe", "new")
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


def test_a_read_only_file_is_not_replaced(tmp_path, monkeypatch):
    path = tmp_path / "labels.geojson"
    path.write_text("old")
    path.chmod(0o444)
    # root may write anywhere, so the answer of the system is given here
    monkeypatch.setattr(os, "access", lambda target, mode: bool(target.stat().st_mode & stat.S_IWUSR))
    with pytest.raises(WriteError, match="is read-only; allow writing to it or choose another name"):
        write(path, "new")
    assert path.read_text() == "old"


def test_a_folder_that_refuses_is_told(tmp_path, monkeypatch):
    def refuse(**options: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("napari_geolabel.files.mkstemp", refuse)
    with pytest.raises(WriteError, match=r"x\.json cannot be written \(Permission denied\); choose another folder"):
        write(tmp_path / "x.json", "new")


@given(content=st.binary(max_size=2000), old=st.none() | st.binary(max_size=2000))
def test_any_bytes_are_written_whole(tmp_path_factory, content, old):
    path = tmp_path_factory.mktemp("any") / "file.bin"
    if old is not None:
        path.write_bytes(old)
    with atomic_write(path) as temporary:
        temporary.write_bytes(content)
    assert path.read_bytes() == content


# What may be opened


def test_an_ordinary_file_is_let_through(tmp_path):
    path = tmp_path / "scene.tif"
    path.write_bytes(b"II*\0")
    assert require_file(path) == path
    assert require_file(str(path)) == path
    link = tmp_path / "link.tif"
    link.symlink_to(path)
    assert require_file(link) == link


@pytest.mark.parametrize(
    "bad",
    [
        "https://example.org/scene.tif",
        "s3://bucket/scene.tif",
        "file:///etc/passwd",
        "/vsicurl/https://example.org/scene.tif",
        "/vsizip/scene.zip",
        "<VRTDataset/>",
        "scene\0.tif",
    ],
)
def test_what_is_no_local_file_is_refused(bad):
    with pytest.raises(UnsafeFileError, match="is not a local file; download it first and open the copy"):
        require_file(bad)


def test_a_long_address_is_cut_in_the_sentence():
    with pytest.raises(UnsafeFileError) as caught:
        require_file("https://" + "x" * 10_000)
    assert len(str(caught.value)) < 250


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(MissingFileError, match=r"scene\.tif cannot be found \(No such file or directory\)"):
        require_file(tmp_path / "scene.tif")
    with pytest.raises(FileNotFoundError):
        require_file(tmp_path / "scene.tif" / "below")
    with pytest.raises(MissingFileError):
        require_file("x" * 5000)


def test_a_home_that_nobody_has_is_a_missing_file():
    with pytest.raises(MissingFileError, match="cannot be found"):
        require_file("~nobody-of-this-name/scene.tif")
    with pytest.raises(WriteError, match="is not a folder"):
        write("~nobody-of-this-name/scene.tif", "new")


def test_a_folder_is_told_as_one(tmp_path):
    with pytest.raises(MissingFileError, match="is a folder; name a file in it"):
        require_file(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes in folders")
def test_a_pipe_is_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe.tif")
    with pytest.raises(UnsafeFileError, match="is not an ordinary file"):
        require_file(tmp_path / "pipe.tif")


# Bytes that come back


@given(parts=st.lists(st.binary(max_size=300), max_size=8))
def test_the_hash_kept_while_writing_is_that_of_the_file(tmp_path_factory, parts):
    path = tmp_path_factory.mktemp("any") / "file.bin"
    with path.open("wb") as raw:
        file = HashedFile(raw)
        for part in parts:
            file.write(part)
    assert file.digest == digest_of(path)
    require_written(path, file.digest, "file.bin")


@given(content=st.binary(min_size=1, max_size=300), bit=st.integers(0, 7), data=st.data())
def test_any_flipped_bit_is_noticed(tmp_path_factory, content, bit, data):
    path = tmp_path_factory.mktemp("any") / "file.bin"
    path.write_bytes(content)
    digest = digest_of(path)
    at = data.draw(st.integers(0, len(content) - 1))
    path.write_bytes(content[:at] + bytes([content[at] ^ 1 << bit]) + content[at + 1 :])
    with pytest.raises(WriteError, match=r"labels\.json did not come back from the disk as it was written"):
        require_written(path, digest, "labels.json")


def test_a_file_cut_short_is_noticed(tmp_path):
    path = tmp_path / "file.bin"
    path.write_bytes(b"x" * 10_000)
    digest = digest_of(path)
    os.truncate(path, 9_999)
    with pytest.raises(WriteError, match="did not come back"):
        require_written(path, digest, "file.bin")


@pytest.mark.parametrize("size", [0, 4096, 3 * 2**20, 3 * 2**20 + 7])
@pytest.mark.parametrize("refused", ["", "readv", "O_DIRECT"])
def test_what_the_disk_holds_is_compared_even_where_it_cannot_be_read_past_memory(tmp_path, monkeypatch, size, refused):
    def refuse(*_):
        raise OSError(22, "Invalid argument")

    if refused == "readv":
        monkeypatch.setattr(os, "readv", refuse)
    elif refused:
        monkeypatch.delattr(os, refused)
    path = tmp_path / "file.bin"
    path.write_bytes(bytes(range(256)) * (size // 256) + b"?" * (size % 256))
    digest = digest_of(path)
    require_written(path, digest, "file.bin")
    with path.open("ab") as file:
        file.write(b"?")
    with pytest.raises(WriteError, match="did not come back"):
        require_written(path, digest, "file.bin")


def test_a_tilde_is_the_home_folder_where_there_is_one(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert expanded("~/a.json") == tmp_path / "a.json"
    assert expanded("~nobody-of-this-name/a.json") == Path("~nobody-of-this-name/a.json")
    assert expanded("a.json") == Path("a.json")
