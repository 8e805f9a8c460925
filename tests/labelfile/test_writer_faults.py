"""Whatever a change or a request does to the writer, it goes on, and what was not saved is told."""

from __future__ import annotations

import struct

import pytest

from napari_geolabel.annotations import Change
from napari_geolabel.errors import WriteError
from napari_geolabel.labelfile.ledger import Arrivals


def test_a_fault_on_request_reaches_who_asked_and_ends_nothing(open_file, make_ship, add) -> None:
    file = open_file()

    with pytest.raises(KeyError, match="a fault that no file has"):
        file._writer.call(lambda: {}["a fault that no file has"])

    file.record(add(make_ship()))
    file.flush()


@pytest.mark.parametrize("fault", [KeyError("name"), MemoryError(), RecursionError("too deep"), struct.error("format")])
def test_whatever_a_change_does_to_the_writer_the_writer_goes_on(
    open_file, make_ship, add, monkeypatch, fault: Exception
) -> None:
    file, bad = open_file(), add(make_ship())
    write = file._writer.ledger.write

    def fail(*changes: Change) -> Arrivals:
        if any(change is bad for change in changes):
            raise fault
        return write(*changes)

    monkeypatch.setattr(file._writer.ledger, "write", fail)
    for change in (add(make_ship(1)), bad, add(make_ship(2))):
        file.record(change)

    with pytest.raises(WriteError, match=rf"cannot hold 1 change \(draw: {type(fault).__name__}"):
        file.flush()
    assert len(list(file.log())) == 2
    assert file._writer.waiting() == [bad]


def test_an_id_that_is_too_long_is_set_aside_and_said(open_file, make_ship, add) -> None:
    file = open_file()
    file.record(add(make_ship(id="x" * 70_000)))
    file.record(add(make_ship(2)))

    with pytest.raises(WriteError, match="an id of 70000 bytes is too long for a label file"):
        file.flush()
    assert len(list(file.log())) == 1
