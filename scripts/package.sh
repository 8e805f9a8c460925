#!/usr/bin/env bash
# Build sdist and wheel into dist/, install each with nothing but pip into an environment of its own and use it there;
# write the list of all licences to docs/licences.md and a software bill of materials (CycloneDX) beside the packages.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/pip-quietly.sh --group package
rm -rf dist
.venv/bin/python -m build >.venv/build.log 2>&1 || { cat .venv/build.log >&2; exit 1; }

trial=$(mktemp -d)
trap 'rm -rf "$trial"' EXIT
for package in dist/*.tar.gz dist/*.whl; do
    rm -rf "$trial/venv"
    "${PYTHON:-python3}" -m venv "$trial/venv"
    "$trial/venv/bin/pip" install -qq --disable-pip-version-check "$package"
    (
        cd "$trial" # where no source lies about that could be imported instead
        export HOME=$trial
        venv/bin/geolabel --version
        venv/bin/python - <<'PY'
import napari_geolabel as geolabel
from napari_geolabel.samples import sample_path
from npe2 import PluginManager

scene = geolabel.open_scene(sample_path("coast.tif"))
labels = geolabel.open_labels(scene=scene, ontology=sample_path("coast_ontology.yaml"))
labels.import_from(sample_path("coast_truth.geojson"))
labels.export("labels.gpkg")
labels.export("mask.tif", flavour="semantic")
manager = PluginManager()
manager.discover()
print(f"{len(labels)} labels out of the sample; napari finds", manager.get_manifest("napari-geolabel").display_name)
PY
    )
    echo "$package installs and works"
done
"$trial/venv/bin/python" -m pip uninstall -q -y pip setuptools >/dev/null 2>&1 || true
.venv/bin/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible -o dist/sbom.cdx.json "$trial/venv/bin/python"
.venv/bin/python scripts/licences.py "$trial/venv/bin/python" docs/licences.md
echo "dist/ has the packages and their bill of materials; docs/licences.md lists the licences"
