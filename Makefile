# Every target first creates .venv from the hashed lock file, with uv if it is available and otherwise with pip.
PYTHON ?= python3
CORES ?= all
VENV := .venv
BIN := $(VENV)/bin
# several processes, whole files of tests to each, the long ones first
PYTEST := $(BIN)/python -m pytest -n auto --maxprocesses 8 --dist loadfile --no-loadscope-reorder
READY := $(VENV)/ready

.PHONY: figures claims report crate archive import verify test test-statistics test-workflow test-slow test-all mutants test-browser test-crate test-cluster benchmark benchmark-peers slurm test-unit test-pythons test-deployment \
    lint docs readme lock clean
.DELETE_ON_ERROR:

figures: $(READY)
	$(BIN)/snakemake --cores $(CORES)

claims: $(READY)
	$(BIN)/snakemake --cores $(CORES) claims

report: $(READY)
	$(BIN)/snakemake --cores $(CORES) report
	@echo "The report: $(CURDIR)/results/report/index.html"

# after a build: ro-crate-metadata.json, which makes this folder a Workflow Run RO-Crate
crate: $(READY)
	$(BIN)/python -m stdp_backprop.pipeline.crate

# `archive` packs this build into a ZIP file; `import` takes over a build made elsewhere, checked file by file (FROM=folder-or-archive)
archive: $(READY)
	$(BIN)/python -m stdp_backprop.pipeline.archive

import: $(READY)
	@test -n "$(FROM)" || { echo "Say where from: make import FROM=folder-or-archive"; exit 1; }
	$(BIN)/python -m stdp_backprop.pipeline.archive "$(FROM)"

# after a build: compare the findings with the recorded ones; bytes differ between processors, findings must not
verify: $(READY)
	$(BIN)/python -m stdp_backprop.pipeline.verify

# the science and one quick build of everything
test: test-unit
	$(BIN)/python -m pytest tests/workflow/test_quick_build.py

test-unit: $(READY)
	$(PYTEST) -m "not slow" tests/unit

# the unit tests under every supported version of Python that is found; it reports which versions are missing
test-pythons:
	bash tests/pythons/run.sh

# random trials against closed forms; random configurations, each built whole
test-statistics: $(READY)
	$(PYTEST) -m "not slow" tests/statistics tests/generated

# the workflow as a whole: kills, damage, two runs, rejected configurations, other environments, the site, the crate
test-workflow: $(READY) .venv-crate/ready .venv-deployment/ready
	$(PYTEST) -m "not slow" tests/workflow

test-slow: $(READY)
	$(PYTEST) -m slow tests

test-all: test test-statistics test-workflow test-slow mutants

# every deliberately broken line must make the tests named beside it fail
mutants: $(READY)
	$(BIN)/python -m pytest -q tests/mutations

# the site in a real browser; without one, `make test` leaves these tests out
test-browser: $(READY)
	@command -v chromium > /dev/null || \
	    { apt-get update --quiet && apt-get install --yes --quiet --no-install-recommends chromium; } || \
	    { echo "Chromium is needed, and installing it needs root: apt-get install chromium"; exit 1; }
	@if command -v uv > /dev/null; then \
	    uv pip install --quiet --python $(BIN)/python --require-hashes --no-deps -r requirements/browser.lock; \
	else \
	    $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements/browser.lock; \
	fi
	$(BIN)/python -m pytest tests/workflow/test_report_in_browser.py

# the RO-Crate of a build against its profile
test-crate: $(READY) .venv-crate/ready
	$(BIN)/python -m pytest tests/workflow/test_crate.py

# conda's own parser on the environments, `snakedeploy deploy-workflow` on this repository
test-deployment: $(READY) .venv-deployment/ready
	$(BIN)/python -m pytest tests/workflow/test_environments.py tests/workflow/test_deployment.py

# the validator of crates and the tools of conda need other versions than the project: environments of their own
.venv-%/ready: requirements/%.lock
	"$(PYTHON)" -m venv --clear $(@D)
	$(@D)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

# half an hour; writes its tables to docs/performance.md and benchmarks/NOTES.md
benchmark: $(READY) benchmark-peers
	$(BIN)/python -m benchmarks

# what `snakemake --workflow-profile workflow/profiles/slurm` needs on a cluster (docs/cluster.md)
slurm: $(READY)
	@if command -v uv > /dev/null; then \
	    uv pip install --quiet --python $(BIN)/python --require-hashes --no-deps -r requirements/slurm.lock; \
	else \
	    $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements/slurm.lock; \
	fi

# the quick build and a sweep through a real Slurm that loses a node; installs it (as root, on Debian), starts and stops it
test-cluster: $(READY)
	bash tests/cluster/run.sh

lint: $(READY)
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/lint-imports
	$(BIN)/snakefmt --check Snakefile workflow && $(BIN)/snakemake --lint
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yml

# only for those who change a model in src/stdp_backprop/config, a reference or a figure: writes the documents generated from them anew
docs: $(READY)
	$(BIN)/python -m stdp_backprop.pipeline.documents

# after a build: the table of verdicts in README.md, and the numbers that docs/ quotes
readme: $(READY)
	$(BIN)/python -m stdp_backprop.pipeline.readme

# Brian2 and NEST for benchmarks/spikes.py, each in an environment of its own (Python 3.11 or 3.12: Brian2 needs numpy 1)
benchmark-peers: $(patsubst benchmarks/peers/%.lock,benchmarks/peers/.venv-%/ready,$(wildcard benchmarks/peers/*.lock))

benchmarks/peers/.venv-%/ready: benchmarks/peers/%.lock
	"$(PYTHON)" -m venv --clear $(@D)
	$(@D)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

# only for those who change a dependency: writes the locks anew from pyproject.toml and benchmarks/peers
lock:
	uv pip compile --universal --python-version 3.11 --extra dev --extra learning --generate-hashes \
	    --no-emit-index-url --no-annotate --custom-compile-command "make lock" --upgrade pyproject.toml -o requirements/main.lock
	uv pip compile --universal --python-version 3.11 --group pyproject.toml:browser --constraint requirements/main.lock \
	    --generate-hashes --no-emit-index-url --no-annotate --custom-compile-command "make lock" --upgrade \
	    -o requirements/browser.lock
	uv pip compile --universal --python-version 3.11 --group pyproject.toml:crate \
	    --generate-hashes --no-emit-index-url --no-annotate --custom-compile-command "make lock" --upgrade \
	    -o requirements/crate.lock
	uv pip compile --universal --python-version 3.11 --group pyproject.toml:deployment \
	    --generate-hashes --no-emit-index-url --no-annotate --custom-compile-command "make lock" --upgrade \
	    -o requirements/deployment.lock
	for peer in brian2 nest; do \
	    uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate \
	        --custom-compile-command "make lock" --upgrade benchmarks/peers/$$peer.in -o benchmarks/peers/$$peer.lock; \
	done
	$(PYTHON) -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]["slurm"])' | \
	uv pip compile --universal --python-version 3.11 - --constraint requirements/main.lock --generate-hashes \
	    --no-emit-index-url --no-annotate --custom-compile-command "make lock" --upgrade -o requirements/slurm.lock

clean:
	rm -rf results logs .snakemake

$(READY): requirements/main.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and f"Python 3.11 or newer is needed; {sys.executable} is {sys.version.split()[0]}. Name another: make PYTHON=/path/to/python3.12")'
	@if command -v uv > /dev/null; then \
	    uv venv --quiet --clear --python "$(PYTHON)" $(VENV) && \
	    uv pip install --python $(BIN)/python --require-hashes -r requirements/main.lock && \
	    uv pip install --python $(BIN)/python --quiet --no-deps --no-build-isolation -e . ; \
	else \
	    echo "Setting up $(VENV) with pip (about a minute) ..." && \
	    "$(PYTHON)" -m venv --clear $(VENV) && \
	    $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/main.lock && \
	    $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e . ; \
	fi
	@touch $@
