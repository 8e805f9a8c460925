"""Drives that sync files but no folders (VirtualBox, 9p) are written to all the same."""

from __future__ import annotations

import errno
import os
import stat

import pytest

from napari_geolabel.errors import WriteError
from napari_geolabel.files import atomic_write


def test_a_folder_that_cannot_be_synced_is_no_file_that_was_not_written(tmp_path, monkeypatch):
    path = tmp_path / "labels.geojson"
    fsync = os.fsync

    def fail(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(code, "of a folder")
        fsync(handle)

    monkeypatch.setattr(os, "fsync", fail)
    code = errno.EINVAL
    with atomic_write(path) as temporary:
        temporary.write_text("new")
    assert path.read_text() == "new"
    code = errno.EIO
    with pytest.raises(WriteError, match="of a folder"), atomic_write(path) as temporary:
        temporary.write_text("newer")
