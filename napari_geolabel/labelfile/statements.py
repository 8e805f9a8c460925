"""Every query of a label file, so that the same tables can stand in another database one day.

Names say what they give or do.  The dialect is SQLite's; only ``INSERT OR``
and ``PRAGMA`` have no plain counterpart in PostgreSQL.
"""

from __future__ import annotations

from functools import cache

from napari_geolabel.labelfile.schema import PLAIN_TABLES, SEALED, column_names


@cache
def insert(table: str) -> str:
    """Return the insertion of a whole row of a plain table, its seal last where it has one."""
    names = [*column_names(table), *(["seal"] if table in SEALED else [])]
    return f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"  # noqa: S608


def rows_of(table: str) -> str:
    """Return the query for all columns of a plain table, its seal last where it has one."""
    names = [*column_names(table), *(["seal"] if table in SEALED else [])]
    return f"SELECT {', '.join(names)} FROM {table} ORDER BY 1"  # noqa: S608


@cache
def next_fid(layer: str) -> str:
    """Return the query for the number of the next feature of a table, whose name is its parameter; none comes twice."""
    return (
        f"SELECT max(coalesce((SELECT max(fid) FROM {layer}), 0), "  # noqa: S608
        "coalesce((SELECT seq FROM sqlite_sequence WHERE name = ?), 0)) + 1"
    )


@cache
def current_of_many(count: int) -> str:
    """Return the query for the rows of ``count`` annotations, their ids first."""
    return f"SELECT id, entry, layer, fid, place, version, exact FROM annotation WHERE id IN ({_marks(count)})"  # noqa: S608


@cache
def latest_of_many(count: int) -> str:
    """Return the query for id, place and version that ``count`` annotations last had, wherever they are now."""
    return f"SELECT id, place, version, max(entry) FROM journal WHERE id IN ({_marks(count)}) GROUP BY id"  # noqa: S608


@cache
def forget_before(table: str, kept: int) -> str:
    """Return the removal of what came before a change from a table of the journal, but for ``kept`` changes."""
    return f"DELETE FROM {table} WHERE seq < ? AND seq NOT IN (-1{', ?' * kept})"  # noqa: S608


@cache
def _marks(count: int) -> str:
    return ", ".join("?" * count)


assert set(SEALED) <= set(PLAIN_TABLES)  # noqa: S101

# annotations ----------------------------------------------------------------------------------------------------
CURRENT = "SELECT entry, layer, fid, place, version, exact FROM annotation WHERE id = ?"
CURRENT_OF_FEATURE = "SELECT entry, id, place, version, exact FROM annotation WHERE layer = ? AND fid = ?"
UPDATE_ANNOTATION = """
UPDATE annotation SET layer = ?, fid = ?, place = ?, version = ?, exact = ?, shown = ?, seal = ?
WHERE entry = ? AND version = ?"""
DELETE_ANNOTATION = "DELETE FROM annotation WHERE entry = ? AND version = ?"
NEXT_ENTRY = "SELECT coalesce(max(entry), 0) + 1 FROM annotation"
ALL_IN_DRAW_ORDER = """
SELECT entry, id, layer, fid, place, version, exact, shown, seal FROM annotation ORDER BY place, entry"""
SHOWN_OF_LAYER = "SELECT fid, shown FROM annotation WHERE layer = ?"
FEATURES_OF_LAYER = "SELECT fid, id FROM annotation WHERE layer = ?"
ALL_OF_LAYER = "SELECT entry, id, fid, place, version, exact FROM annotation WHERE layer = ?"
ANNOTATION_COUNT = "SELECT count(*) FROM annotation"

# mask tiles ----------------------------------------------------------------------------------------------------
TILE = "SELECT entry, version, pixels FROM mask_tile WHERE row = ? AND col = ?"
NEXT_TILE_ENTRY = "SELECT coalesce(max(entry), 0) + 1 FROM mask_tile"
UPDATE_TILE = "UPDATE mask_tile SET version = ?, pixels = ?, seal = ? WHERE entry = ?"

# journal ---------------------------------------------------------------------------------------------------------
NEXT_SEQ = "SELECT max(coalesce((SELECT max(seq) FROM change), 0), " \
    "coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'change'), 0)) + 1"  # fmt: skip
LAST_SEQ = "SELECT coalesce(max(seq), 0) FROM change"
NEXT_JOURNAL_ENTRY = "SELECT coalesce(max(entry), 0) + 1 FROM journal"
NEXT_JOURNAL_TILE_ENTRY = "SELECT coalesce(max(entry), 0) + 1 FROM journal_tile"
CHANGES_BACKWARDS = """
SELECT seq, session, actor, at, title, undoes, edits, tiles, scene_before, scene_after, seal
FROM change ORDER BY seq DESC"""
CHANGES_SINCE = """
SELECT seq, session, actor, at, title, undoes, edits, tiles FROM change WHERE seq > ? ORDER BY seq"""
CHANGE = "SELECT title, scene_before, scene_after FROM change WHERE seq = ?"
LAST_SEQ_UNTIL = "SELECT coalesce(max(seq), 0) FROM change WHERE at <= ?"
FIRST_SEQ = "SELECT min(seq) FROM change"
FIRST_SEQ_SINCE = "SELECT min(seq) FROM change WHERE at >= ?"
CHANGES_OF_OTHERS = "SELECT seq, edits, tiles, scene_after FROM change WHERE seq > ? AND session != ? ORDER BY seq"
JOURNAL_OF = "SELECT entry, seq, op, id, place, version, before, after, seal FROM journal WHERE seq = ? ORDER BY entry"
FIRST_OF_JOURNAL = f"{JOURNAL_OF} LIMIT ?"
JOURNAL_TILES_OF = """
SELECT entry, seq, row, col, version, before, after, seal FROM journal_tile WHERE seq = ? ORDER BY entry"""
IDS_OF = "SELECT id FROM journal WHERE seq = ?"
TILE_KEYS_OF = "SELECT row, col FROM journal_tile WHERE seq = ?"
NUMBERS_OF = "SELECT seq FROM journal WHERE id = ? ORDER BY entry"
COUNTS_BY_OP_SINCE = "SELECT seq, op, count(*) FROM journal WHERE seq > ? GROUP BY seq, op"
HISTORY_OF = """
SELECT j.seq, c.at, c.actor, c.session, c.title, j.op, j.version, j.before, j.after
FROM journal j JOIN change c ON c.seq = j.seq WHERE j.id = ? ORDER BY j.entry"""
FIRST_BEFORE_SINCE = """
SELECT id, before FROM journal WHERE entry IN (SELECT min(entry) FROM journal WHERE seq > ? GROUP BY id)
ORDER BY entry"""
FIRST_TILES_SINCE = """
SELECT row, col, before FROM journal_tile
WHERE entry IN (SELECT min(entry) FROM journal_tile WHERE seq > ? GROUP BY row, col) ORDER BY entry"""
FIRST_SCENE_SINCE = """
SELECT scene_before FROM change WHERE seq > ? AND scene_before IS NOT NULL ORDER BY seq LIMIT 1"""

# scene, ontology, sessions ------------------------------------------------------------------------------------
SCENE = """
SELECT id, fingerprint, uri_abs, uri_rel, crs_wkt, transform, width, height, attributes, meta, seal FROM scene"""
UPDATE_SCENE = """
UPDATE scene SET fingerprint = ?, uri_abs = ?, uri_rel = ?, crs_wkt = ?, transform = ?, width = ?, height = ?,
attributes = ?, meta = ?, seal = ? WHERE id = ?"""
LATEST_ONTOLOGY = """
SELECT entry, id, version, sha256, json, since, seal FROM ontology ORDER BY entry DESC LIMIT 1"""
SETTING = "SELECT value FROM geolabel WHERE key = ?"
PUT_SETTING = "INSERT OR REPLACE INTO geolabel VALUES (?, ?)"
FORGET_SETTING = "DELETE FROM geolabel WHERE key = ?"
DRAFTS = "SELECT key, value FROM geolabel WHERE key LIKE 'draft:%' ORDER BY rowid"
SESSION = "SELECT annotator, ended FROM session WHERE id = ?"
OPEN_SESSIONS = "SELECT id, annotator, pid, host, started FROM session WHERE ended IS NULL AND id != ?"
END_SESSION = "UPDATE session SET ended = ?, outcome = ? WHERE id = ?"
LEAVE_SESSIONS = "UPDATE session SET ended = ?, outcome = 'copied' WHERE ended IS NULL"
CHANGES_OF_SESSION = "SELECT count(*), max(at) FROM change WHERE session = ?"
OPEN_CONFLICTS = """
SELECT f.entry, f.seq, f.id, f.field, f.base, f.mine, f.theirs, f.session, c.actor, c.at
FROM conflict f LEFT JOIN change c ON c.seq = f.seq WHERE f.resolved IS NULL ORDER BY f.entry"""
RESOLVE_CONFLICT = "UPDATE conflict SET resolved = ? WHERE entry = ?"
NEXT_CONFLICT = "SELECT coalesce(max(entry), 0) + 1 FROM conflict"
NEXT_REVIEW = "SELECT coalesce(max(entry), 0) + 1 FROM review"
REVIEWS_OF = "SELECT seq, from_status, to_status, comment FROM review WHERE id = ? ORDER BY entry"

# what other programs touched ----------------------------------------------------------------------------------
TOUCHED = "SELECT layer, fid FROM touched_feature ORDER BY layer, fid"
ANY_TOUCHED = "SELECT EXISTS (SELECT 1 FROM touched_feature)"
TOUCHED_COUNT = "SELECT count(*) FROM touched_feature"
FORGET_TOUCHED = "DELETE FROM touched_feature"
TOUCH_CONTENTS = "UPDATE gpkg_contents SET last_change = ? WHERE data_type = 'features'"
REGISTERED_LAYERS = """
SELECT g.table_name, g.geometry_type_name, g.srs_id FROM gpkg_geometry_columns g
JOIN gpkg_contents c ON c.table_name = g.table_name
WHERE c.data_type = 'features' AND c.srs_id = g.srs_id AND g.column_name = 'geom'"""
SET_LAYER_SRS = "UPDATE gpkg_geometry_columns SET srs_id = ? WHERE table_name = ?"
SET_CONTENTS = """
UPDATE gpkg_contents SET srs_id = ?, min_x = ?, min_y = ?, max_x = ?, max_y = ? WHERE table_name = ?"""
PUT_SRS = "INSERT OR REPLACE INTO gpkg_spatial_ref_sys VALUES (?, ?, ?, ?, ?, ?)"
