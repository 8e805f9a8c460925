"""Which keys the layers of a session have, before, during and after a review."""

from __future__ import annotations

import pytest
from app_model.types import KeyBinding
from napari.layers import Image, Labels

from napari_geolabel.viewer.key_ring import KeyRing
from napari_geolabel.viewer.keys import KEYS, REVIEW_KEYS, Where


class FakeReview:
    """Notes what it is asked for."""

    def __init__(self):
        self.asked = []

    def __getattr__(self, name):
        return lambda: self.asked.append(name)


class FakeSession:
    """What keys call, with a mask."""

    def __init__(self):
        import numpy as np

        self.mask_layer = Labels(np.zeros((4, 4), np.uint8))
        self.review = FakeReview()
        self.tools = []

    def use_tool(self, name):
        self.tools.append(name)


@pytest.fixture
def fake():
    return FakeSession()


@pytest.fixture
def ring(fake):
    return KeyRing(fake)


@pytest.fixture
def layer():
    import numpy as np

    return Image(np.zeros((4, 4)))


def bound(layer):
    return {str(binding) for binding in layer.keymap}


def press(layer, key):
    layer.keymap[KeyBinding.from_str(key)](layer)


def names(keys):
    return {str(KeyBinding.from_str(key.key.replace("Control", "Ctrl").replace("-", "+"))) for key in keys}


def test_a_layer_has_the_keys_of_its_place(ring, fake, layer):
    ring.take(layer)
    ring.take(fake.mask_layer)
    assert bound(layer) == names(key for key in KEYS if key.where in (Where.ALL, Where.VECTORS))
    assert bound(fake.mask_layer) == names(key for key in KEYS if key.where is Where.ALL)


def test_keys_decide_while_a_review_is_on(ring, fake, layer):
    ring.take(layer)
    ring.begin_review()
    for key in REVIEW_KEYS:
        press(layer, key.key.replace("-", "+"))
    assert fake.review.asked == ["accept", "reject", "next", "previous", "accept_above"]
    assert fake.tools == []


def test_after_it_they_mean_what_they_meant(ring, fake, layer):
    ring.take(layer)
    before = bound(layer)
    ring.begin_review()
    assert bound(layer) == before | names(REVIEW_KEYS)
    ring.end_review()
    assert bound(layer) == before
    press(layer, "R")
    assert fake.tools == ["box"]


def test_the_mask_keeps_its_letters(ring, fake):
    ring.take(fake.mask_layer)
    before = bound(fake.mask_layer)
    ring.begin_review()
    assert bound(fake.mask_layer) == before
    assert "A" not in before


def test_a_layer_that_is_let_go_has_no_key_left(ring, layer):
    ring.take(layer)
    ring.let_go(layer)
    ring.begin_review()
    assert not bound(layer)


def test_a_layer_that_is_gone_is_forgotten(ring):
    import gc
    import weakref

    import numpy as np

    layer = Image(np.zeros((4, 4)))
    ring.take(layer)
    gone = weakref.ref(layer)
    del layer
    gc.collect()
    assert gone() is None
    ring.begin_review()
    ring.end_review()


class TestOwnKeys:
    """What happens on the layers when a person gives something another key."""

    @pytest.fixture
    def held(self, monkeypatch):
        from types import SimpleNamespace

        from napari.utils.events import EmitterGroup

        from napari_geolabel.viewer import own_keys
        from napari_geolabel.viewer.key_names import DEFAULTS

        keys = {name: own_keys.label(key) for name, key in DEFAULTS.items()}
        made = SimpleNamespace(**keys, events=EmitterGroup(changed=None))
        monkeypatch.setattr(own_keys, "_held", lambda: made)
        return made

    @pytest.fixture
    def change(self, held):
        """Change keys as napari's preferences do, which tell it afterwards."""

        def change(**keys):
            for name, text in keys.items():
                setattr(held, name, text)
            held.events.changed()

        return change

    def test_another_key_takes_the_place_of_the_first_at_once(self, held, change, ring, fake, layer):
        ring.take(layer)
        ring.take(fake.mask_layer)
        told = []
        ring.changed.connect(lambda: told.append(ring.label("tool_box")))
        change(tool_box="F9", undo="Alt+U")
        assert {"F9", "Alt+U"} <= bound(layer)
        assert not {"R", "Ctrl+Z"} & bound(layer)
        assert "Alt+U" in bound(fake.mask_layer)
        assert "F9" not in bound(fake.mask_layer)
        press(layer, "F9")
        assert fake.tools == ["box"]
        assert told == ["F9"]

    def test_a_key_that_was_taken_off_is_bound_nowhere_until_it_is_there_again(self, held, change, ring, layer):
        ring.take(layer)
        before = bound(layer)
        change(tool_box="")
        assert before - bound(layer) == {"R"}
        assert ring.label("tool_box") == "no key"
        change(tool_box="R")
        assert bound(layer) == before

    def test_a_review_keeps_its_keys_and_gives_back_those_that_are_now(self, held, change, ring, fake, layer):
        ring.take(layer)
        ring.begin_review()
        change(accept="F9", tool_box="F10")
        press(layer, "F9")
        press(layer, "R")
        assert fake.review.asked == ["accept", "reject"]
        ring.end_review()
        assert "F10" in bound(layer)
        assert not {"F9", "R", "A"} & bound(layer)

    def test_layers_that_come_later_have_the_keys_that_are_now(self, held, change, ring, layer):
        change(table="Alt+X")
        ring.take(layer)
        assert "Alt+X" in bound(layer)
        assert "Alt+T" not in bound(layer)
        ring.let_go(layer)
        assert not bound(layer)

    def test_foreign_bindings_of_a_layer_stay(self, held, change, ring, layer):
        layer.bind_key("F12", lambda _layer: None)
        ring.take(layer)
        change(table="Alt+X")
        ring.let_go(layer)
        assert bound(layer) == {"F12"}

    def test_a_ring_that_is_closed_follows_no_more(self, held, change, ring, layer):
        ring.take(layer)
        before = bound(layer)
        ring.close()
        change(table="Alt+X")
        assert bound(layer) == before

    def test_keys_that_do_not_count_are_told_when_a_session_begins(self, held, fake, told):
        held.table = "nonsense"
        KeyRing(fake)
        assert len(told) == 1
        assert "table of the annotations keeps Alt+T" in told[0]
