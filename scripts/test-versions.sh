#!/usr/bin/env bash
# Run the tests under other versions of Python and of what we stand on, each in an environment of its own.
# Usage: scripts/test-versions.sh [lowest|newest|pyside6|python3.12|python3.13|python3.14]...   (all of them)
#
# lowest   every dependency of ours at its lower bound
# newest   every dependency at its newest version, pre-releases of napari and Qt among them
# pyside6  the other Qt binding, all tests with windows
# pythonX  that Python, where it is installed
set -euo pipefail
cd "$(dirname "$0")/.."

command -v uv >/dev/null || { echo "uv is needed: pip install uv" >&2; exit 1; }
wanted=("$@")
[ $# -gt 0 ] || wanted=(lowest newest pyside6 python3.12 python3.13 python3.14)
windows="tests/gui/test_first_light.py tests/gui/test_drawing.py tests/gui/test_panels.py"
status=0

run() { # name, words for the summary, pytest's arguments
    local name=$1 what=$2 log
    shift 2
    log=$(mktemp)
    if scripts/on-screen.sh ".venv-versions/$name/bin/python" -m pytest -q -p no:cacheprovider "$@" >"$log" 2>&1; then
        echo "$name, $what: $(grep -aE '^[0-9]+ (passed|failed)' "$log" | tail -1)"
    else
        status=1
        grep -aE '^(FAILED|ERROR)|Fatal' "$log" || tail -20 "$log"
        echo "$name, $what: FAILED (all of it in $log)"
    fi
}

for name in "${wanted[@]}"; do
    python=python3 qt=pyqt6 options=()
    case $name in
    lowest) options=(--resolution lowest-direct) ;;
    newest) options=(--prerelease allow --upgrade) ;;
    pyside6) qt=pyside6 ;;
    python3.*) python=$name ;;
    *) echo "there is no environment called $name; see the head of $0" >&2; exit 2 ;;
    esac
    if ! "$python" --version >/dev/null 2>&1; then
        echo "$name: not run, there is no $python here"
        continue
    fi
    uv venv -q --clear --python "$(command -v "$python")" ".venv-versions/$name"
    uv pip install -q --python ".venv-versions/$name/bin/python" "${options[@]}" --editable ".[$qt,fast,parquet]" --group test
    export QT_API=$qt
    if [ "$name" = pyside6 ]; then
        run "$name" "windows" -o qt_api=pyside6 -m gui tests/gui
    else
        run "$name" "without windows" -m "not gui"
        run "$name" "windows, in part" -m gui $windows
    fi
done
exit $status
