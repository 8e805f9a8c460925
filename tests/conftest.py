"""Fixtures that several rooms need."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real scenes and label files, which lie beside a checkout and are never part of it."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("real scenes (../shared/data) are not on this machine")
    return folder


@pytest.fixture(scope="session")
def sample_data() -> Path:
    """The synthetic scenes that the repository holds."""
    return ROOT / "sample_data"
