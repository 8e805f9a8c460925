#!/usr/bin/env bash
# apt-get install as root, silent unless it fails.
set -euo pipefail

log=$(mktemp)
trap 'rm -f "$log"' EXIT
export DEBIAN_FRONTEND=noninteractive
echo "Installing $* ..."
if ! { apt-get update && apt-get install -y --no-install-recommends "$@"; } >"$log" 2>&1; then
    cat "$log" >&2
    echo "apt-get failed; install by hand: $*" >&2
    exit 1
fi
