#!/usr/bin/env bash
# Run all tests: those without windows in two processes, then those with windows one after the other.
# The last line sums up both runs in pytest's words.
set -euo pipefail
cd "$(dirname "$0")/.."

export TEST_ARTEFACTS=${TEST_ARTEFACTS:-$PWD/test-artefacts}
mkdir -p "$TEST_ARTEFACTS"
core=$TEST_ARTEFACTS/core.xml gui=$TEST_ARTEFACTS/gui.xml
rm -f "$core" "$gui"

status=0 # pytest also fails (5) where a run finds no test at all
.venv/bin/python -m pytest -n 2 -m "not gui" --junitxml="$core" || status=$?
scripts/on-screen.sh .venv/bin/python -m pytest -m gui --junitxml="$gui" || status=$?
.venv/bin/python scripts/sum_up_tests.py "$core" "$gui" --must-run "$gui" || status=1
exit $status
