# Everything runs in .venv, which `make` makes with nothing but Python 3.11 or later.
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed

.PHONY: film test browser conformance check lint types bench fuzz soak format clean

## The film in storyboard/, built from nothing: prints where it is.
film: $(INSTALLED)
	$(BIN)/storyboard build storyboard

## The whole test suite, on all processors.
test: $(INSTALLED)
	$(BIN)/pytest -n auto

## Providers' own clients, fetched by npm, drive the simulators.
conformance: $(INSTALLED)
	$(BIN)/pytest -m conformance tests/conformance

## Films play in Chromium, to the end; skipped where it is not installed.
browser: $(INSTALLED)
	$(BIN)/pytest -m browser tests/media/test_browser.py

## All that CI asks for, but the film.
check: lint types test

lint: $(INSTALLED)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports

types: $(INSTALLED)
	$(BIN)/mypy

## Figures: medians and ratios of one run; nothing is asserted. ONLY="noop makespan" runs these alone.
bench: $(INSTALLED)
	$(BIN)/python -m tests.benchmarks $(ONLY)

## Twenty thousand storyboards gone wrong, other ones each time.
fuzz: $(INSTALLED)
	STORYBOARD_FUZZ=20000 $(BIN)/pytest -n auto tests/fuzz

## Two thousand builds that are killed at random while their providers misbehave: see CONTRIBUTING.md.
soak: $(INSTALLED)
	$(BIN)/python tests/crash/soak.py $(SOAK)

format: $(INSTALLED)
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

# pip of Python 3.11 does; the constraints make next year's clone install what this one has.
$(INSTALLED): pyproject.toml constraints.txt src/bin/storyboard
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	$(BIN)/python -m compileall -q src  # also where Python is told to write no bytecode
	touch $(INSTALLED)

clean:
	rm -rf .venv .storyboard build dist storyboard/build
