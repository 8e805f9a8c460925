#!/usr/bin/env bash
# Run a command that opens windows: as it is where there is a screen, on a virtual one elsewhere.
# The user's own napari settings are left alone.
set -euo pipefail

settings=$(mktemp -d)
trap 'rm -rf "$settings"' EXIT
export NAPARI_CONFIG=${NAPARI_CONFIG:-$settings/settings.yaml}
if [ -z "${XDG_RUNTIME_DIR:-}" ]; then
    export XDG_RUNTIME_DIR=$settings/runtime
    mkdir -m 700 "$XDG_RUNTIME_DIR"
fi
if [ "$(uname -s)" != Linux ] || [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
    "$@"
else
    xvfb-run -a -s "-screen 0 1600x1000x24" "$@"
fi
