# Everything here sets itself up: Python 3.11 or later and make are enough.
PYTHON ?= python3
VENV   ?= .venv
PEERS   := .bench/venv
EXTRACT ?= fixtures/south-west-london

ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
PEERS_BIN := $(PEERS)/Scripts
else
BIN := $(VENV)/bin
PEERS_BIN := $(PEERS)/bin
endif

.PHONY: audit test lint docs slow bench soak sbom audit-dependencies clean

audit: $(VENV)/run.stamp            ## audit EXTRACT (the sample trusts unless given)
	@$(BIN)/python -m msds_audit check "$(EXTRACT)" --fail-on never
	@echo "(here msds-audit is $(BIN)/msds-audit)"

test: $(VENV)/dev.stamp lint        ## everything that must pass
	@$(BIN)/python -m pytest -n 2 --dist loadfile -m "not slow"

lint: $(VENV)/dev.stamp
	@$(BIN)/python -m ruff format --check .
	@$(BIN)/python -m ruff check .
	@$(BIN)/python -m mypy

docs: $(VENV)/dev.stamp             ## write again what is generated
	@$(BIN)/python -m msds_audit rules docs rules
	@$(BIN)/python docs/generate.py
	@$(BIN)/python tools/dependencies.py page

slow: $(VENV)/dev.stamp             ## the slow checks
	@$(BIN)/python -m pytest -m slow

bench: $(VENV)/dev.stamp $(PEERS)/peers.stamp   ## measures, and compares with other tools: 45 minutes
	@$(BIN)/python -m bench

SECONDS ?= 300
SEED ?= 1
soak: $(VENV)/dev.stamp             ## odd inputs drawn by chance, for so many SECONDS
	@$(BIN)/python tests/soak.py --seconds $(SECONDS) --seed $(SEED) --out soak.json

sbom: $(VENV)/run.stamp             ## a bill of materials, CycloneDX 1.6
	@$(BIN)/python tools/dependencies.py sbom sbom.cdx.json
	@echo "Wrote sbom.cdx.json."

audit-dependencies: $(VENV)/run.stamp  ## is a vulnerability known of what is locked? needs the network
	@$(BIN)/python tools/audit_dependencies.py $(VENV)/pip-audit

INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
STAMP = @$(BIN)/python -c "import pathlib, sys; [pathlib.Path(one).touch() for one in sys.argv[1:]]"

$(VENV)/made.stamp:
	@echo "Setting up $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)
	$(STAMP) $@

$(VENV)/run.stamp: $(VENV)/made.stamp pyproject.toml requirements.lock
	@$(INSTALL) --require-hashes -r requirements.lock
	@$(INSTALL) --no-deps --editable .
	$(STAMP) $@

# What the command needs is among what its tests need, and is installed with it.
$(VENV)/dev.stamp: $(VENV)/made.stamp pyproject.toml requirements.lock requirements-dev.lock
	@$(INSTALL) --require-hashes -r requirements-dev.lock
	@$(INSTALL) --no-deps --editable .
	$(STAMP) $(VENV)/run.stamp $@

$(PEERS)/peers.stamp: bench/requirements.txt
	@echo "Setting up $(PEERS) ..."
	@$(PYTHON) -m venv $(PEERS)
	@$(PEERS_BIN)/python -m pip install --quiet --disable-pip-version-check -r bench/requirements.txt
	@$(PEERS_BIN)/python -c "import pathlib; pathlib.Path('$@').touch()"

clean:
	@$(PYTHON) -c "import shutil; [shutil.rmtree(one, ignore_errors=True) for one in ('$(VENV)', '.bench')]"
