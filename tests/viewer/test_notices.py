from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from napari_geolabel.viewer.notices import plain_text, tell, warn


@given(st.text())
def test_no_text_can_be_html(text):
    assert "<" not in plain_text(text)
    assert len(plain_text(text)) == len(text)


def test_ordinary_text_stays():
    assert plain_text("ships & docks, 3 of 4") == "ships & docks, 3 of 4"


def test_notifications_reach_napari_as_plain_text(told):
    warn("no <img src=secret.png> here")
    tell("saved")
    assert told == ["no \u2039img src=secret.png> here", "saved"]
