#!/usr/bin/env bash
# Run `geolabel demo` on the scene that $SCENE names (with the band names of $BANDS, into the folder of $OUT).
set -euo pipefail
cd "$(dirname "$0")/.."

command=(.venv/bin/geolabel demo)
[ -z "${SCENE:-}" ] || command+=("$SCENE")
[ -z "${BANDS:-}" ] || command+=(--bands "$BANDS")
[ -z "${OUT:-}" ] || command+=(--out "$OUT")
if [ "$(uname -s)" = Linux ] && [ -z "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
    command+=(--no-open) # nobody would see the window: a screenshot of it is taken instead
fi
exec scripts/on-screen.sh "${command[@]}"
