# The README's commands. Each sets up what it needs in .venv and nowhere else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

# Half of the time tests wait for lines as slow as real ones, so there are twice as many as cores.
WORKERS ?= $(shell expr 2 '*' $$(nproc))

.PHONY: demo test bench check clean

demo: $(VENV)/ready-run
	$(BIN)/sealkit demo --suite p256
	$(BIN)/sealkit demo --suite sm2

test: check
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

# What must be clean before the tests are worth running.
check: $(VENV)/ready-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tools/maintain/generate_registry.py --check
	$(BIN)/python tools/maintain/generate_clauses.py --check
	$(BIN)/python tools/maintain/generate_c.py --check
	$(BIN)/python tools/maintain/generate_dissectors.py --check
	$(BIN)/python tools/maintain/generate_vectors.py --check

bench: $(VENV)/ready-dev
	$(BIN)/python tools/maintain/bench.py

$(VENV)/ready-run: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[gm]'
	touch $@

$(VENV)/ready-dev: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[gm,hsm,station,mutants,dev]'
	touch $(VENV)/ready-run $@

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
