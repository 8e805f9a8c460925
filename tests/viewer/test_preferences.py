"""The user's settings, and the name that stands in provenance."""

from __future__ import annotations

import getpass
from types import SimpleNamespace

import pytest

from napari_geolabel.viewer.preferences import PLUGIN, Preferences, load_preferences


@pytest.fixture
def account(monkeypatch):
    monkeypatch.setattr(getpass, "getuser", lambda: "ada")


@pytest.mark.parametrize(("given", "name"), [("Grace", "Grace"), ("  Grace ", "Grace"), ("", "ada"), (" ", "ada")])
def test_the_annotator_is_who_the_user_says_or_the_account(account, given, name):
    assert Preferences(annotator=given).annotator_name == name


@pytest.mark.parametrize("error", [KeyError, OSError, ImportError])
def test_an_account_without_a_name_is_nobody(monkeypatch, error):
    def nobody():
        raise error("no such user")

    monkeypatch.setattr(getpass, "getuser", nobody)
    assert Preferences().annotator_name is None
    assert Preferences(annotator="Grace").annotator_name == "Grace"


def test_without_the_plugin_in_naparis_settings_the_defaults_hold(monkeypatch):
    import napari.settings

    monkeypatch.setattr(napari.settings, "get_plugin_settings", dict)
    assert load_preferences() == Preferences()


def test_every_setting_that_napari_holds_arrives(monkeypatch):
    import napari.settings

    held = SimpleNamespace(
        display=SimpleNamespace(stretch_low=3.0, stretch_high=80.0),
        labelling=SimpleNamespace(ontology="clouds", annotator="Grace"),
    )
    monkeypatch.setattr(napari.settings, "get_plugin_settings", lambda: {PLUGIN: held})
    assert load_preferences() == Preferences(stretch_low=3, stretch_high=80, ontology="clouds", annotator="Grace")
