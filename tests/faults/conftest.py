"""The fault laboratory as a fixture, and a state folder of its own for each test."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

LAB = Path(__file__).with_name("faultlab.py")


@pytest.fixture(scope="session")
def lab() -> ModuleType:
    """The module ``faultlab``, which is also a program, with all that its parts can do."""
    spec = importlib.util.spec_from_file_location("faultlab", LAB)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["faultlab"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(autouse=True)
def state_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep backups of tests out of the user's state folder."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
