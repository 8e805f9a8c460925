"""``geolabel ontology``: show, check, import and export."""

from __future__ import annotations

import json

import shapely

from napari_geolabel.imagery.opening import open_scene
from napari_geolabel.labels.label_files import ontology_of
from napari_geolabel.labels.opening import open_labels
from napari_geolabel.ontology import load_ontology, save_ontology
from napari_geolabel.ontology.editing import add_class, as_next_version, change_attribute


def test_an_ontology_is_shown(run):
    done = run("ontology", "show", "maritime")
    assert "Ships and ports (maritime " in done.stdout
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


def test_ontologies_are_compared(run, tmp_path):
    maritime = load_ontology("maritime")
    save_ontology(add_class(maritime, "Reef", ["polygon"]), tmp_path / "next.yaml")
    done = run("ontology", "diff", "maritime", tmp_path / "next.yaml")
    assert (done.exit_code, done.stdout) == (0, "reef: new class\n")
    assert run("ontology", "diff", "maritime", "maritime").stdout == "they are the same\n"
    done = run("ontology", "diff", tmp_path / "next.yaml", "maritime")
    assert done.exit_code == 1
    assert "not readable: the class reef is gone; archive it instead" in done.stdout
    assert json.loads(run("ontology", "diff", "maritime", "clouds", "--json").stdout)["faults"]


def test_a_label_file_takes_the_next_version(run, scene_path, tmp_path):
    path, maritime = tmp_path / "scene.labels.gpkg", load_ontology("maritime")
    with open_scene(scene_path) as scene:
        labels = open_labels(path, scene=scene, ontology=maritime)
        labels.add(shapely.box(1, 1, 9, 5), "ship", kind="box", attributes={"length_m": 400})
        labels.close()
    after = change_attribute(add_class(maritime, "Reef", ["polygon"]), "ship", ("length_m",), maximum=300)
    save_ontology(as_next_version(maritime, after), tmp_path / "next.yaml")
    order = ("ontology", "apply", tmp_path / "next.yaml", path, "-s", scene_path)
    done = run(*order)
    assert done.exit_code == 1
    assert "does not allow 1 of what there is" in done.stderr
    assert "does not fit: " in run(*order, "--dry-run").stdout
    assert ontology_of(path) == maritime
    done = run(*order, "--leave-out", "--json", "--move", "ship=dock")
    told = json.loads(done.stdout)
    assert (told["moved"], len(told["lost"]), told["clashes"]) == (1, 1, [])
    assert ontology_of(path).stamp == {name: told[name] for name in ("id", "version", "sha256")}
    assert "goes on with maritime" in run(*order, "--leave-out").stdout
