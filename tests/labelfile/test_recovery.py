# ruff: noqa: S608  (names that are our own)
from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from napari_geolabel.annotations import Change, Edit
from napari_geolabel.errors import FormatError, OntologyError
from napari_geolabel.labelfile import LabelFile, pages
from napari_geolabel.labelfile.backups import backups_of
from napari_geolabel.labelfile.recovery import salvage


@pytest.fixture
def worked(open_file, make_ship, add, update, paint):
    """What a session left in a closed label file: annotations in draw order."""
    ships = [make_ship(5 * n, attributes={"name": f"ship {n}"}) for n in range(60)]
    file = open_file()
    for ship in ships:
        file.record(add(ship))
    edited = update(ships[7], confidence=0.5)
    file.record(edited)
    file.record(Change(title="remove", edits=(Edit(before=ships[3]),)))
    file.record(paint(6))
    file.record(Change(title="answer", scene_attributes=({}, {"haze": 0.25})))
    file.close()
    ships[7] = edited.edits[0].after
    del ships[3]
    return ships


def damage(path: Path, offset: int, content: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(content)


def assert_whole(file: LabelFile, ships: list) -> None:
    contents = file.load()
    assert contents.annotations == ships
    assert contents.tiles == {(0, 0): bytes([6]) * 100 + bytes(65436)}
    assert contents.scene_attributes == {"haze": 0.25}
    assert len(list(file.log())) == 64


@pytest.mark.parametrize("length", [16, 100, 4096])
def test_a_torn_header_costs_nothing(open_file, path, worked, length: int) -> None:
    damage(path, 0, bytes(length))

    file = open_file()

    assert_whole(file, worked)
    assert "was damaged" in file.notes[0]
    assert file.notes[1] == "no loss was found"
    assert len(list(path.parent.glob("*.corrupt-*"))) == 1


def test_what_another_program_did_and_nobody_has_taken_over_is_told(open_file, path, worked, sqlite) -> None:
    sqlite(path, "UPDATE labels_polygon SET status = 'accepted' WHERE fid IN (1, 2)",
           "UPDATE annotation SET version = 7 WHERE entry = 2")  # fmt: skip

    file = open_file()

    assert_whole(file, worked)
    (aside,) = path.parent.glob("*.corrupt-*")
    assert file.notes[1:] == (
        f"what another program did to 2 features was not taken over; look for it in {aside.name}",
    )
    assert sqlite(aside, "SELECT count(*) FROM labels_polygon WHERE status = 'accepted'") == [(2,)]


def test_that_nobody_knows_what_another_program_did_is_told_too(open_file, path, worked) -> None:
    damage(path, 0, bytes(100))

    assert "what another program may have done since the last session could not be read" in open_file().notes[2]


def test_the_damaged_file_is_kept_as_it_was(open_file, path, worked) -> None:
    damage(path, 0, bytes(100))
    before = path.read_bytes()

    open_file().close()

    (aside,) = path.parent.glob("*.corrupt-*")
    assert aside.read_bytes() == before
    assert open_file().notes == ()


def test_work_goes_on_in_the_new_file_and_undo_too(open_file, path, worked) -> None:
    damage(path, 0, bytes(100))

    file = open_file()
    history = file.load().history
    assert len(history) == 64
    for change in reversed(history[-3:]):
        file.record(change.reversed())
    file.close()

    contents = open_file().load()
    assert len(contents.annotations) == 60
    assert [a.attributes["name"] for a in contents.annotations[:5]] == [f"ship {n}" for n in range(5)]
    assert not any(contents.tiles.values())


def test_a_page_of_annotations_that_is_overwritten_is_made_anew_from_the_journal(open_file, path, worked) -> None:
    wanted = b"ship 20"
    data = path.read_bytes()
    places = [at for at in range(len(data)) if data.startswith(wanted, at)]
    page = places[0] // 4096
    damage(path, page * 4096, b"\xff" * 4096)

    file = open_file()

    assert file.load().annotations == worked
    assert "was damaged" in file.notes[0]


def test_a_cut_file_gives_all_that_is_left_and_names_the_loss(open_file, path, worked) -> None:
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size * 9 // 10)

    opened = open_file()

    found = opened.load().annotations
    assert len({a.id for a in found} & {a.id for a in worked}) > 0, "most of a file holds something"
    assert "was damaged" in opened.notes[0]
    is_whole = found == worked and len(list(opened.log())) == 64
    assert is_whole or "no loss was found" not in opened.notes


def test_what_the_file_lacks_comes_from_the_newest_backup(open_file, path, worked) -> None:
    open_file().close()  # the second session keeps a backup of what the first one left
    assert len(backups_of(path)) >= 1
    path.write_bytes(bytes(path.stat().st_size))

    file = open_file()

    assert_whole(file, worked)


def test_a_backup_of_another_file_of_that_name_is_left_alone(open_file, path, worked, make_ship, add) -> None:
    open_file().close()
    path.unlink()
    mine = make_ship(1)
    file = open_file()
    file.record(add(mine))
    file.close()
    damage(path, 0, bytes(100))

    assert open_file().load().annotations == [mine]


def test_a_removed_annotation_does_not_come_back(open_file, path, worked) -> None:
    open_file().close()
    damage(path, 0, bytes(100))

    names = [a.attributes["name"] for a in open_file().load().annotations]

    assert "ship 3" not in names


def test_a_flipped_bit_in_a_row_is_noticed_by_its_seal(open_file, path, worked) -> None:
    data = path.read_bytes()
    for at in [at for at in range(len(data)) if data.startswith(b'"name":"ship 30"', at)]:
        shutil.copy(path, path.with_name("sound"))
        damage(path, at + 13, b"9")  # "ship 90"

        opened = open_file()
        assert opened.load().annotations == worked
        opened.close()

        path.with_name("sound").replace(path)


def test_a_feature_that_faded_is_made_anew(open_file, path, worked, sqlite) -> None:
    (before,) = sqlite(path, "SELECT * FROM labels_polygon WHERE attr_name = 'ship 30'")
    triggers = sqlite(path, "SELECT sql FROM sqlite_master WHERE name LIKE 'geolabel_labels_polygon%'")
    drops = [f"DROP TRIGGER geolabel_labels_polygon_{what}" for what in ("insert", "update", "delete")]
    sqlite(path, *drops, "UPDATE labels_polygon SET attr_name = 'shin 30' WHERE attr_name = 'ship 30'",
           *(sql for (sql,) in triggers))  # fmt: skip

    file = open_file()

    assert file.load().annotations == worked
    assert "1 features were not as they were written" in file.notes[0]
    file.close()
    assert sqlite(path, "SELECT * FROM labels_polygon WHERE attr_name = 'ship 30'") == [before]


def test_a_damaged_file_can_be_read_only_after_it_was_put_right(open_file, path, worked) -> None:
    damage(path, 40, b"\xff" * 40)
    damage(path, 0, bytes(16))

    with pytest.raises(FormatError, match="damaged"):
        open_file(mode="r")
    open_file().close()

    assert open_file(mode="r").load().annotations == worked


@pytest.mark.parametrize("part", [0.0, 0.2, 0.5, 0.8, 0.999])
def test_the_log_of_a_crash_that_is_damaged_is_noticed_and_read_past(
    open_file, path, make_ship, add, tmp_path, monkeypatch, part: float
) -> None:
    monkeypatch.setattr("napari_geolabel.labelfile.connection.LOG_PAGES", 10_000)
    file = open_file()
    ships = [make_ship(n) for n in range(30)]
    for ship in ships:
        file.record(add(ship))
    file.flush()
    crashed = tmp_path / "crashed"
    crashed.mkdir()
    for name in (path.name, path.name + "-wal"):
        shutil.copy(path.parent / name, crashed / name)
    wal = crashed / (path.name + "-wal")
    damage(wal, int(wal.stat().st_size * part), b"\xaa\x55")

    again = open_file(crashed / path.name)

    assert "its write-ahead log has a damaged part" in again.notes[0]
    assert again.load().annotations == ships


def test_a_log_without_its_file_is_not_forgotten(open_file, path, make_ship, add, tmp_path) -> None:
    ships = [make_ship(n) for n in range(10)]
    file = open_file()
    for ship in ships:
        file.record(add(ship))
    file.flush()
    crashed = tmp_path / "crashed"
    crashed.mkdir()
    shutil.copy(path.with_name(path.name + "-wal"), crashed / (path.name + "-wal"))

    assert open_file(crashed / path.name).load().annotations == ships


def test_without_any_ontology_left_one_is_asked_for(open_file, path, utm, make_ship) -> None:
    found = salvage(path)
    assert found.is_empty
    open_file().close()
    data = bytearray(path.read_bytes())
    at = data.find(b'"classes"')
    data[at] = 0
    data[:16] = bytes(16)
    path.write_bytes(data)
    shutil.rmtree(backups_of(path)[0].parent)

    with pytest.raises(OntologyError, match="open it with the ontology"):
        open_file(ontology=None)
    assert open_file().load().annotations == []


def test_rows_read_from_pages_are_those_that_sqlite_reads(path, worked, sqlite) -> None:
    rows = {values for rowid, values in pages.leaf_rows(path)}

    for table in ("journal", "change", "ontology", "scene"):
        expected = sqlite(path, f"SELECT * FROM {table}")
        first = [(None if table not in {"scene"} else row[0], *row[1:]) for row in expected]
        assert set(first) <= rows


def test_a_page_size_that_makes_no_sense_is_not_believed() -> None:
    header = b"SQLite format 3\0" + (17).to_bytes(2, "big") + bytes(82)

    assert pages.page_bytes(header) == 4096
    assert pages.page_bytes(b"") == 4096
    assert pages.page_bytes(b"SQLite format 3\0" + (1024).to_bytes(2, "big") + bytes(1006)) == 1024
