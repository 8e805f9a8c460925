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
