#!/usr/bin/env bash
# pip install, silent unless it fails: pip's warnings fill pages on some machines.
set -euo pipefail
cd "$(dirname "$0")/.."

log=.venv/pip.log
if ! .venv/bin/python -m pip install --disable-pip-version-check "$@" >"$log" 2>&1; then
    cat "$log" >&2
    echo "pip failed; the lines above are in $log" >&2
    exit 1
fi
