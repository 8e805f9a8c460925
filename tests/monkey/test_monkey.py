"""Random actions on a real window keep the invariants; ``make monkey`` runs many more of them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

LAB = Path(__file__).with_name("monkeylab.py")

pytestmark = pytest.mark.gui


@pytest.mark.parametrize("seed", [1, 2])
def test_after_300_random_actions_layer_store_and_file_agree_and_undo_leads_back(seed, tmp_path, monkeypatch):
    from napari_geolabel.cli.screen import screen

    monkeypatch.setenv("TEST_ARTEFACTS", str(tmp_path))
    if "PYTEST_XDIST_WORKER" in os.environ and sys.platform.startswith("linux"):
        monkeypatch.delenv("DISPLAY", raising=False)  # two windows on one screen take the keyboard from each other
        monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    with screen() as environment:
        command = [sys.executable, str(LAB), "--one", str(seed), "--actions", "300"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=850, check=False)
    log = next(tmp_path.rglob("*.log")).read_text().splitlines()
    assert done.returncode == 0, "\n".join([*log[-10:], *done.stderr.splitlines()[-30:]])
    assert len(log) == 300
    print(done.stdout.splitlines()[-1])
