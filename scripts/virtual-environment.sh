#!/usr/bin/env bash
# Make .venv and install the package in it, with what the tests need.
# Usage: scripts/virtual-environment.sh [python]
set -euo pipefail
cd "$(dirname "$0")/.."

python=${1:-python3}
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    echo "Python 3.11 or newer is needed; name one with: make PYTHON=python3.12" >&2
    exit 1
fi
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
        scripts/apt-quietly.sh python3-venv
    else
        echo "Python's venv module is missing; install it (Debian, Ubuntu: apt-get install python3-venv)." >&2
        exit 1
    fi
fi
[ -x .venv/bin/python ] || "$python" -m venv .venv
echo "Installing into .venv (a few minutes the first time) ..."
scripts/pip-quietly.sh --upgrade 'pip>=25.1' # the first that knows --group
scripts/pip-quietly.sh --editable '.[pyqt6]' --group dev
touch .venv/.ready
