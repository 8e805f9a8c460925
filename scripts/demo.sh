#!/usr/bin/env bash
# Run `geolabel demo` on the scene that $SCENE names, with the band names of $BANDS, the labels of $LABELS, the
# ontology of $ONTOLOGY, into the folder of $OUT; each may be absent. Without a screen it draws on a virtual one.
set -euo pipefail
cd "$(dirname "$0")/.."

command=(.venv/bin/geolabel demo)
[ -z "${BANDS:-}" ] || command+=(--bands "$BANDS")
[ -z "${LABELS:-}" ] || command+=(--labels "$LABELS")
[ -z "${ONTOLOGY:-}" ] || command+=(--ontology "$ONTOLOGY")
[ -z "${OUT:-}" ] || command+=(--out "$OUT")
[ -z "${SCENE:-}" ] || command+=(-- "$SCENE")
exec "${command[@]}"
