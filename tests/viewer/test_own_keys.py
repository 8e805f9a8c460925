"""The keys that a person has changed: how they are written, what they must not be, and where they are kept."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_geolabel.errors import GeoLabelError
from napari_geolabel.viewer import own_keys as own
from napari_geolabel.viewer.key_names import DEFAULTS, FIXED, GROUPS, NAMES, REVIEW_GROUP, REVIEW_NAMES, group_of
from napari_geolabel.viewer.keys import KEYS, REVIEW_KEYS

MANIFEST = Path(own.__file__).parents[1] / "napari.yaml"


@pytest.fixture
def held(monkeypatch):
    """The preferences, as napari holds them for a person who has changed nothing."""
    made = SimpleNamespace(**{name: own.label(key) for name, key in DEFAULTS.items()})
    monkeypatch.setattr(own, "_held", lambda: made)
    return made


class TestNames:
    def test_every_key_that_can_be_changed_has_one_name_and_every_name_a_key(self):
        named = [key.name for key in (*KEYS, *REVIEW_KEYS) if key.name]
        assert sorted(named) == sorted(DEFAULTS)
        assert {key.name: key.key for key in (*KEYS, *REVIEW_KEYS) if key.name} == dict(DEFAULTS)

    def test_only_drawing_and_the_classes_keep_their_keys(self):
        from napari_geolabel.ontology import HOTKEYS

        kept = {key.key for key in KEYS if not key.name}
        assert kept == {*FIXED, *HOTKEYS.upper()}

    def test_names_are_what_napari_takes_for_a_setting(self):
        assert all(name.isidentifier() and not name.startswith("_") for name in DEFAULTS)
        assert len(NAMES) + len(REVIEW_NAMES) == len(DEFAULTS)

    def test_each_key_stands_in_one_group(self):
        assert group_of("Alt-T", "table") == "Going and finding"
        assert group_of("Escape", "") == "Drawing"
        assert group_of("1", "") == "Classes"
        assert {key.group for key in (*KEYS, *REVIEW_KEYS)} == set(GROUPS)

    def test_the_manifest_has_a_setting_for_each(self):
        written = yaml.safe_load(MANIFEST.read_text("utf-8"))["contributions"]["configurations"]["keys"]
        assert written["properties"] == own.manifest_properties()
        titles = [each["title"] for each in written["properties"].values()]
        assert len(set(titles)) == len(titles)


class TestSpelling:
    @pytest.mark.parametrize(
        ("text", "key"),
        [
            ("alt+t", "Alt-T"),
            ("Alt-T", "Alt-T"),
            (" shift + F7".replace(" ", ""), "Shift-F7"),
            ("SHIFT+ctrl+z", "Control-Shift-Z"),
            ("Cmd+Right", "Meta-Right"),
            ("pagedown", "PageDown"),
            (",", ","),
            ("-", "-"),
            ("Alt+-", "Alt--"),
            ("", ""),
            ("  ", ""),
        ],
    )
    def test_a_key_may_be_written_in_many_ways(self, text, key):
        assert own.spelled(text) == key

    @pytest.mark.parametrize("text", ["?", "Alt+", "Hyper+T", "Alt+Alt", "two words", "+", "Alt+?"])
    def test_what_napari_does_not_hear_is_refused(self, text):
        with pytest.raises(GeoLabelError, match="is no key that napari hears; write one like"):
            own.spelled(text)

    @pytest.mark.parametrize("key", list(DEFAULTS.values()))
    def test_the_first_keys_are_spelled_as_they_are_read(self, key):
        assert own.spelled(own.label(key)) == key


class TestChanging:
    def test_at_first_nothing_is_changed(self, held):
        assert own.own_keys() == {}
        assert own.complaints() == []

    def test_a_changed_key_is_kept_in_the_preferences_as_people_read_it(self, held):
        own.set_key("undo", "ctrl+alt+u")
        assert held.undo == "Ctrl+Alt+U"
        assert own.own_keys() == {"undo": "Control-Alt-U"}
        own.reset_keys(["undo"])
        assert own.own_keys() == {}

    def test_a_key_can_be_taken_off(self, held):
        own.set_key("swipe", "")
        assert own.own_keys() == {"swipe": ""}
        table = next(key for key in KEYS if key.name == "swipe")
        assert own.key_of(table, own.own_keys()) == ""

    @pytest.mark.parametrize(
        ("name", "text", "sentence"),
        [
            ("table", "Alt+E", "Alt+E is the key of “problems”; press another key, or change that one first"),
            ("table", "G", "G is a key of classes; press another"),
            ("table", "Escape", "Escape is needed while drawing; press another"),
            ("accept", "N", "N is the key of “next suggestion, by confidence”"),
            ("table", "?", "'?' is no key that napari hears"),
        ],
    )
    def test_a_key_that_is_taken_is_refused_by_the_name_of_what_has_it(self, held, name, text, sentence):
        with pytest.raises(GeoLabelError) as refused:
            own.set_key(name, text)
        assert sentence in str(refused.value)
        assert own.own_keys() == {}

    def test_a_key_is_free_once_what_had_it_has_another(self, held):
        own.set_key("problems", "Alt+X")
        own.set_key("table", "Alt+E")
        assert own.own_keys() == {"table": "Alt-E", "problems": "Alt-X"}
        with pytest.raises(GeoLabelError, match="Alt\\+E is the key of “table of the annotations”"):
            own.reset_keys(["problems"])
        own.reset_keys()
        assert own.own_keys() == {}

    def test_review_keys_may_be_those_of_other_times(self, held):
        own.set_key("accept", "P")
        own.set_key("reject", "G")
        assert own.own_keys() == {"accept": "P", "reject": "G"}

    def test_without_the_plugin_in_naparis_preferences_the_first_keys_hold(self, monkeypatch):
        monkeypatch.setattr(own, "_held", lambda: None)
        assert own.own_keys() == {}
        own.follow_keys(lambda: None)()
        with pytest.raises(GeoLabelError, match="enable the plugin"):
            own.set_key("table", "Alt+X")


class TestTyped:
    """What somebody types into napari's own preferences is not asked about first."""

    def test_what_is_no_key_and_what_is_taken_does_not_count_and_is_told(self, held):
        held.table, held.problems, held.swipe = "Alt+X", "alt+x", "nonsense"
        assert own.own_keys() == {"problems": "Alt-X"}
        told = own.complaints()
        assert len(told) == 2
        assert "table of the annotations keeps Alt+T: Alt+X is the key of “problems”" in told
        assert any("keeps Alt+W: 'nonsense' is no key" in each for each in told)

    @settings(max_examples=60, deadline=None)
    @given(
        st.dictionaries(
            st.sampled_from(list(DEFAULTS)),
            st.sampled_from(
                [*map(own.label, DEFAULTS.values()), "Alt+X", "Q", "Escape", "", "nonsense", "Ctrl+Alt+F2"]
            ),
            max_size=12,
        )
    )
    def test_whatever_is_typed_no_key_means_two_things_at_once(self, typed):
        wanted = {name: text for name, text in typed.items() if text != own.label(DEFAULTS[name])}
        found, reasons = own._checked(wanted)
        review = set(GROUPS[REVIEW_GROUP])
        for names in (set(DEFAULTS) - review, review):
            keys = [key for name, key in {**DEFAULTS, **found}.items() if name in names and key]
            assert len(keys) == len(set(keys))
        assert len(found) + len(reasons) == len(wanted)
