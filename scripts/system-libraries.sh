#!/usr/bin/env bash
# See that the libraries are there that a Qt window with OpenGL needs on Linux, and install what is missing where we may.
# Usage: scripts/system-libraries.sh [gis]     gis: QGIS as well
set -euo pipefail
cd "$(dirname "$0")/.."

[ "$(uname -s)" = Linux ] || exit 0 # Qt's wheels bring all that macOS and Windows need

# what must be there : the Debian package that brings it
libraries="
libEGL.so.1:libegl1
libGL.so.1:libgl1
libxkbcommon-x11.so.0:libxkbcommon-x11-0
libxcb-cursor.so.0:libxcb-cursor0
libxcb-icccm.so.4:libxcb-icccm4
libxcb-keysyms.so.1:libxcb-keysyms1
libxcb-image.so.0:libxcb-image0
libxcb-render-util.so.0:libxcb-render-util0
libxcb-xinerama.so.0:libxcb-xinerama0
libxcb-shape.so.0:libxcb-shape0
libdbus-1.so.3:libdbus-1-3
libfontconfig.so.1:libfontconfig1
"
missing=()
known=$(PATH="$PATH:/sbin:/usr/sbin" ldconfig -p 2>/dev/null || true)
for pair in $libraries; do
    grep -qF "${pair%%:*} " <<<"$known" || missing+=("${pair##*:}")
done
if command -v dpkg-query >/dev/null; then
    # a driver that draws without a graphics card is loaded by name, so ldconfig does not list it
    [ "$(dpkg-query -Wf '${db:Status-Status}' libgl1-mesa-dri 2>/dev/null)" = installed ] || missing+=(libgl1-mesa-dri)
fi
if [ -z "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
    command -v Xvfb >/dev/null && command -v xvfb-run >/dev/null || missing+=(xvfb)
    command -v xauth >/dev/null || missing+=(xauth)
fi
if [ "${1:-}" = gis ]; then
    /usr/bin/python3 -c 'import qgis.core' 2>/dev/null || missing+=(qgis python3-qgis qgis-providers)
    command -v ogrinfo >/dev/null || missing+=(gdal-bin)
fi

[ ${#missing[@]} -gt 0 ] || exit 0
if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    scripts/apt-quietly.sh "${missing[@]}"
elif command -v apt-get >/dev/null; then
    echo "Libraries are missing; install them with: sudo apt-get install --no-install-recommends ${missing[*]}" >&2
    exit 1
else
    echo "Libraries are missing; install what your system calls these Debian packages: ${missing[*]}" >&2
    exit 1
fi
