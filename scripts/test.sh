#!/usr/bin/env bash
# Run all tests: those with windows in two processes, beside those without in two more, so that no core stands idle at the end.
# The last line sums up both runs in pytest's words.
set -euo pipefail
cd "$(dirname "$0")/.."

unset PYTHONDONTWRITEBYTECODE # many tests start a Python of their own, which would compile the package each time

export TEST_ARTEFACTS=${TEST_ARTEFACTS:-$PWD/test-artefacts}
mkdir -p "$TEST_ARTEFACTS"
core=$TEST_ARTEFACTS/core.xml gui=$TEST_ARTEFACTS/gui.xml
rm -f "$core" "$gui"

# each worker reads the files that have tests with windows and no others; tests/conftest.py sees to it that these are all
files=$(grep -rlE 'mark\.gui' tests --include='test_*.py')
scripts/on-screen.sh .venv/bin/python -m pytest -m gui -n 2 --dist worksteal --junitxml="$gui" tests/gui $files >"$TEST_ARTEFACTS/gui.log" 2>&1 &
windows=$!
trap 'kill "$windows" 2>/dev/null || true' EXIT

status=0 # pytest also fails (5) where a run finds no test at all
.venv/bin/python -m pytest -m "not gui" -n 2 --dist worksteal --junitxml="$core" || status=$?
wait "$windows" || status=$?
trap - EXIT
echo "The tests with windows:"
cat "$TEST_ARTEFACTS/gui.log"
.venv/bin/python scripts/sum_up_tests.py "$core" "$gui" --must-run "$gui" || status=1
exit $status
