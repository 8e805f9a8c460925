"""``geolabel ontology``: show, check, import and export."""

from __future__ import annotations

import json

from napari_geolabel.ontology import load_ontology


def test_an_ontology_is_shown(run):
    done = run("ontology", "show", "maritime")
    assert "Ships and ports (maritime 1.0, sha256 " in done.stdout
    assert "polyline, polygon" in done.stdout
    assert "of the whole scene: sea_state, cloud_cover" in done.stdout
    shown = json.loads(run("ontology", "show", "maritime", "--json").stdout)
    assert shown["sha256"] == load_ontology("maritime").sha256


def test_a_check_tells_what_others_do_not_hold(run):
    done = run("ontology", "check", "clouds")
    assert "clouds: ontology clouds" in done.stdout
    assert "mask values left out" in done.stdout
    assert set(json.loads(run("ontology", "check", "clouds", "--json").stdout)["losses"]) > {"encord", "qml"}


def test_an_ontology_goes_out_and_comes_in(run, tmp_path):
    out, back = tmp_path / "encord.json", tmp_path / "back.yaml"
    assert not run("ontology", "export", "maritime", "--out", out, "--format", "encord", "--dry-run").stderr
    assert not out.exists()
    told = json.loads(run("ontology", "export", "maritime", "-o", out, "--format", "encord", "--json").stdout)
    assert told["file"] == str(out)
    assert any("guidelines" in sentence for sentence in told["losses"])
    done = run("ontology", "import", out, "-o", back)
    assert "8 classes of a Encord ontology" in done.stdout
    assert load_ontology(back)["ship"].kinds == load_ontology("maritime")["ship"].kinds
    assert json.loads(run("ontology", "import", out, "-o", back, "--json").stdout)["format"] == "encord"


def test_what_is_no_ontology_is_one_sentence(run, tmp_path):
    path = tmp_path / "x.json"
    path.write_text("[]", "utf-8")
    done = run("ontology", "show", path)
    assert done.exit_code == 1
    assert done.stderr.startswith("geolabel: x.json holds no classes in a way that is known")
    assert done.stderr.count("\n") == 1
