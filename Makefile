# Every target sets itself up: .venv is made from the hashed lock, with uv when it is there, else with pip.
PYTHON ?= python3
CORES ?= all
BIN := .venv/bin
READY := .venv/ready

.PHONY: figures claims test test-all lint docs lock clean
.DELETE_ON_ERROR:

figures: $(READY)
	$(BIN)/snakemake --cores $(CORES)

claims: $(READY)
	$(BIN)/snakemake --cores $(CORES) claims

test: $(READY)
	$(BIN)/python -m pytest -m "not slow"

test-all: $(READY)
	$(BIN)/python -m pytest

lint: $(READY)
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/lint-imports
	$(BIN)/snakefmt --check Snakefile workflow && $(BIN)/snakemake --lint

# only for those who change a model in src/stdp_backprop/config: writes config/README.md and the schema anew
docs: $(READY)
	$(BIN)/python -m stdp_backprop.config

# only for those who change a dependency: writes requirements.lock anew from pyproject.toml
lock:
	uv pip compile --universal --python-version 3.11 --extra dev --generate-hashes --no-emit-index-url \
	    --no-annotate --custom-compile-command "make lock" --upgrade pyproject.toml -o requirements.lock

clean:
	rm -rf results logs .snakemake

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and f"Python 3.11 or newer is needed; {sys.executable} is {sys.version.split()[0]}. Name another: make PYTHON=/path/to/python3.12")'
	@if command -v uv > /dev/null; then \
	    uv venv --quiet --clear --python "$(PYTHON)" .venv && \
	    uv pip install --python $(BIN)/python --require-hashes -r requirements.lock && \
	    uv pip install --python $(BIN)/python --quiet --no-deps --no-build-isolation -e . ; \
	else \
	    echo "Setting up .venv with pip (about a minute) ..." && \
	    "$(PYTHON)" -m venv --clear .venv && \
	    $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock && \
	    $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e . ; \
	fi
	@touch $@
