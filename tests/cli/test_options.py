"""Texts of options that become values."""

from __future__ import annotations

import pytest
from typer.main import get_command

from napari_geolabel.cli import app
from napari_geolabel.cli.options import SceneReading, Trust, parse_bands, parse_class_map, parse_stretch
from napari_geolabel.errors import GeoLabelError

UNREAD = {"overviews", "relink"}
"""Commands that take the file of a scene and ask nothing of its bands."""


def test_bands_are_names_with_commas_between() -> None:
    assert parse_bands("blue, green,red ,nir") == ["blue", "green", "red", "nir"]
    assert parse_bands(None) is None


@pytest.mark.parametrize("text", ["", "red,,blue", "red,"])
def test_an_empty_band_name_is_refused(text: str) -> None:
    with pytest.raises(GeoLabelError, match="empty name"):
        parse_bands(text)


def test_a_class_map_reads_theirs_equals_ours() -> None:
    assert parse_class_map(["vessel=ship", "=dock", "a=b=c"]) == {"vessel": "ship", None: "dock", "a": "b=c"}
    assert parse_class_map(None) is None
    assert parse_class_map([]) is None


@pytest.mark.parametrize("text", ["vessel", "vessel="])
def test_a_class_map_without_our_class_is_refused(text: str) -> None:
    with pytest.raises(GeoLabelError, match=r"vessel.*THEIRS=OURS"):
        parse_class_map([text])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2,98", ("percentile", 2, 98)),
        ("percentile 1,99.5", ("percentile", 1, 99.5)),
        ("fixed 0,3000", ("fixed", 0, 3000)),
        ("fixed:-0.2,0.8", ("fixed", -0.2, 0.8)),
        ("deviations 2", ("deviation", -2, 2)),
        ("Equalize", ("equalize", 0, 100)),
    ],
)
def test_a_stretch_is_percentiles_or_fixed_values(text: str, expected: tuple[str, float, float]) -> None:
    assert parse_stretch(text) == expected


@pytest.mark.parametrize(
    "text", ["", "2", "2,98,99", "a,b", "gamma 1,2", "fixed 0 3000", "fixed", "deviations", "deviations 1,2"]
)
def test_a_stretch_that_is_neither_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(GeoLabelError, match="fixed 0,3000"):
        parse_stretch(text)


def test_how_a_scene_is_read_goes_on_to_another_command_line() -> None:
    assert SceneReading().arguments() == []
    reading = SceneReading(bands="red,nir", sensor="none", trust=Trust.NETWORK)
    assert reading.arguments() == ["--bands", "red,nir", "--sensor", "none", "--trust", "network"]


def test_every_command_that_opens_a_scene_has_the_same_options_for_it() -> None:
    commands = {
        name: command
        for name, command in get_command(app).commands.items()
        if name not in UNREAD and any(parameter.name == "scene" for parameter in command.params)
    }
    assert set(commands) >= {"info", "render", "open", "export", "rasterize", "validate", "demo"}
    for name, command in commands.items():
        options = {option for parameter in command.params for option in parameter.opts}
        assert {"--bands", "--sensor", "--page", "--trust"} <= options, name


def test_a_scene_on_the_network_opens_only_on_request(run, range_server, write_scene, labels_path) -> None:
    (range_server.folder / "bay.tif").write_bytes(write_scene(name="bay.tif").read_bytes())
    address = f"{range_server.address}/bay.tif"
    refused = run("info", address)
    assert refused.exit_code == 1
    assert "--trust network" in refused.stderr
    assert range_server.asked == []
    told = run("info", f"{address}?sig=hidden", "--trust", "network")
    assert told.exit_code == 0
    assert address in told.stdout
    assert "hidden" not in told.stdout
    out = labels_path.with_name("mask.tif")
    assert run("rasterize", labels_path, "--scene", address, "--out", out, "--trust", "network").exit_code == 0
    assert out.exists()


def test_labels_go_onto_a_scene_of_several_files_and_another_sensor(run, write_scene, labels_path, tmp_path) -> None:
    scenes = [word for name in ("B02", "B03") for word in ("--scene", write_scene(name=f"{name}.tif", bands=("",)))]
    out = tmp_path / "mask.tif"
    done = run("rasterize", labels_path, *scenes, "--out", out, "--sensor", "sentinel2")
    assert done.exit_code == 0, done.stderr
    wrong = run("rasterize", labels_path, *scenes, "--out", out, "--sensor", "no_such")
    assert wrong.exit_code == 1
    assert "no_such" in wrong.stderr


def test_a_command_with_more_options_gets_what_is_made_of_them():
    """The parameter that gets them is no option, and the command's own parameters stay as they are."""
    import inspect

    from napari_geolabel.cli.options import with_options

    got = {}

    def command(*, out: str, wanted: dict, quiet: bool = False) -> None:
        got.update(out=out, wanted=wanted, quiet=quiet)

    def gather(**values: int) -> dict[str, int]:
        return {name: 2 * value for name, value in values.items()}

    made = with_options(command, {"least": (int, 1), "most": (int, 9)}, "wanted", gather)
    assert list(inspect.signature(made).parameters) == ["out", "quiet", "least", "most"]
    assert inspect.signature(made).parameters["most"].default == 9
    made(out="a", quiet=True, least=3, most=4)
    assert got == {"out": "a", "wanted": {"least": 6, "most": 8}, "quiet": True}
