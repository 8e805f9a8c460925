# Every target sets up what it needs on a fresh machine; `make help` lists them.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help demo test test-gis test-datumaro test-versions package faults fuzz thorough monkey lint bench bench-imagery bench-labelfile bench-formats bench-masks bench-window bench-bench bench-stroke bench-targets bench-start bench-composite bench-limits docs clean

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

export SCENE BANDS LABELS ONTOLOGY OUT

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16
	@echo 'make demo SCENE=path BANDS=blue,green,red,nir takes a scene of your own, LABELS=path its labels.'

demo: $(READY) ## a scene becomes georeferenced labels: pictures, GeoJSON, GeoPackage, masks, a napari window
	@scripts/system-libraries.sh
	@scripts/demo.sh

test: $(READY) ## style, types, architecture and all tests, windows included
	@scripts/system-libraries.sh
	@$(MAKE) --no-print-directory lint
	@scripts/test.sh

test-gis: $(READY) ## what QGIS makes of our files; installs QGIS on Debian and Ubuntu
	@scripts/system-libraries.sh gis
	@$(BIN)/python -m pytest -m gis

test-datumaro: $(READY) ## what datumaro makes of our training formats, in an environment of its own
	@test -x .venv-datumaro/bin/python || { "$(PYTHON)" -m venv .venv-datumaro && .venv-datumaro/bin/pip install -q "datumaro>=1.10"; }
	@GEOLABEL_DATUMARO=$(CURDIR)/.venv-datumaro/bin/python $(BIN)/python -m pytest tests/formats/test_datumaro.py

faults: $(READY) ## kill -9, flipped bits and two writers, in many rounds
	@$(BIN)/python tests/faults/faultlab.py kill --rounds 200
	@$(BIN)/python tests/faults/faultlab.py flip --rounds 1000
	@$(BIN)/python tests/faults/faultlab.py pair --rounds 2000

thorough: $(READY) ## all tests, with many more rounds, examples of laws and large things made again
	@scripts/system-libraries.sh
	@THOROUGH=1 scripts/test.sh

monkey: $(READY) ## random actions on a real window, SEEDS=200 times ACTIONS=1000, JOBS at once; goes on where it was stopped
	@scripts/system-libraries.sh
	@scripts/on-screen.sh $(BIN)/python tests/monkey/monkeylab.py --seeds $(or $(SEEDS),200) --actions $(or $(ACTIONS),1000) $(if $(JOBS),--jobs $(JOBS))

fuzz: $(READY) ## mutated files at every reader of labels and ontologies, 60 seconds each (SECONDS_EACH=)
	@scripts/pip-quietly.sh --group fuzz
	@for reader in $$($(BIN)/python -c "import runpy; print(*runpy.run_path('tests/fuzz/fuzz_readers.py')['READERS'])"); do \
	  echo "$$reader"; $(BIN)/python tests/fuzz/fuzz_readers.py $$reader --seconds $${SECONDS_EACH:-60} 2>&1 | tail -2 || exit 1; done

test-versions: ## other versions of Python, of napari and of the Qt binding (VERSIONS="lowest pyside6"); takes an hour
	@scripts/system-libraries.sh
	@scripts/test-versions.sh $(VERSIONS)

package: $(READY) ## sdist and wheel, tried with nothing but pip, their licences and bill of materials
	@PYTHON=$(PYTHON) scripts/package.sh

lint: $(READY) ## style, types and architecture alone
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: $(READY) ## all benchmarks beside their peers, under 20 minutes, into docs/performance.md; PARTS="masks start" runs some
	@scripts/system-libraries.sh
	@scripts/pip-quietly.sh --group bench
	@scripts/on-screen.sh $(BIN)/python -m benchmarks $(PARTS)

bench-targets: $(READY) ## the table of targets and the pictures, anew from the figures in docs/performance
	@$(BIN)/python -m benchmarks.targets
	@$(BIN)/python -m benchmarks.pictures

bench-start: $(READY) ## start-up and imports
	@$(BIN)/python -m benchmarks.bench_start

bench-composite: $(READY) ## composites and indices beside numpy
	@$(BIN)/python -m benchmarks.bench_composite

bench-limits: $(READY) ## how far we are from what the machine can do; makes 1.1 GB of data once
	@$(BIN)/python -m benchmarks.bench_limits

bench-imagery: $(READY) ## a large scene side by side with peers; makes 1.1 GB of data once
	@scripts/system-libraries.sh
	@scripts/pip-quietly.sh --group bench
	@$(BIN)/python -m benchmarks.bench_imagery

bench-labelfile: $(READY) ## a label file of 100,000 annotations beside plain SQLite; takes some minutes
	@$(BIN)/python -m benchmarks.bench_label_file

bench-stroke: $(READY) ## a stroke of the brush on a small and on a large scene
	@scripts/system-libraries.sh
	@scripts/on-screen.sh $(BIN)/python -m benchmarks.bench_stroke

bench-masks: $(READY) ## polygons to masks and back beside rasterio, GDAL and geocube; takes some minutes
	@scripts/pip-quietly.sh --group bench
	@$(BIN)/python -m benchmarks.bench_masks

bench-formats: $(READY) ## GeoJSON, GeoPackage and FlatGeobuf beside geopandas and pyogrio, 100,000 and a million polygons
	@$(BIN)/python -m benchmarks.bench_formats --keep

bench-window: $(READY) ## the same scenes in a real napari window, and how long it stands still at most
	@scripts/system-libraries.sh
	@scripts/on-screen.sh $(BIN)/python -m benchmarks.bench_window

bench-bench: $(READY) ## the bench with 100 to 100,000 annotations in a real window; takes some minutes
	@scripts/system-libraries.sh
	@scripts/on-screen.sh $(BIN)/python -m benchmarks.bench_bench

docs: $(READY) ## the documentation as a web site in site/
	@scripts/pip-quietly.sh --group docs
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

clean: ## remove everything that make has made
	rm -rf .venv .venv-versions demo test-artefacts site build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): pyproject.toml
	@scripts/virtual-environment.sh "$(PYTHON)"
