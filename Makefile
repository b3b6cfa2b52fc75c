# Needs only python3, pip and make; everything else goes into $(VENV). Uses uv where there is one.

PYTHON ?= python3
VENV ?= .venv

BIN := $(VENV)/bin
UV := $(shell command -v uv 2>/dev/null)

.DEFAULT_GOAL := help
.PHONY: help demo test schemas test-deep sync-client lint evidence verify bench mutants clean
.DELETE_ON_ERROR:

help:  ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(VENV)/.demo  ## watch a failed workflow run being undone
	$(BIN)/python -m pgunwind.demo

test: $(VENV)/.dev  ## run the tests against a private PostgreSQL
	$(BIN)/python -m pytest -n 2 $(PYTEST_ARGS)

schemas: $(VENV)/.dev  ## add the packages whose schemas some tests borrow
	$(call install,schemas)

test-deep: $(VENV)/.dev  ## the tests that take long: 300 kills, 20 crashes, two minutes of races, many more examples, 10,000 calls
	PGUNWIND_DEEP=1 HYPOTHESIS_PROFILE=deep $(BIN)/python -m pytest $(PYTEST_ARGS) tests/stress tests/properties tests/fuzz \
	    tests/capture/test_judge.py tests/capture/test_concurrency.py

sync-client: $(VENV)/.dev  ## make the synchronous client from the asynchronous one
	$(BIN)/python pyclient/async_to_sync.py

lint: $(VENV)/.dev  ## check style and types of Python and SQL, function bodies too
	$(BIN)/python pyclient/async_to_sync.py --check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/sqlfluff lint --disable-progress-bar --processes 0 sql
	PYTHONPATH=tests $(BIN)/python -m lint.bodies sql

evidence: $(VENV)/.dev  ## play the acceptance tests of the reference workflow, and write a page of evidence for each
	$(BIN)/python -m pytest -q -n 0 tests/reference -k acceptance --evidence=reports/evidence $(PYTEST_ARGS)
	@echo reports/evidence/index.html

verify: lint test demo  ## all of the above, as before a commit

bench: $(VENV)/.dev  ## measure pgunwind beside other ways; BENCH_ARGS='--scale full' takes an hour
	$(call install,bench)
	PYTHONPATH=tests $(BIN)/python -m bench $(BENCH_ARGS)

mutants: $(VENV)/.dev  ## list small changes that no test notices; MUTANTS_ARGS='--seed 2 --count 30'. Hours
	PYTHONPATH=tests $(BIN)/python -m mutants $(MUTANTS_ARGS)

clean:  ## remove the virtual environment and all caches
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A stamp per set of extras: pip runs only when pyproject.toml has changed.

$(VENV)/.demo: pyproject.toml | $(BIN)/python
	$(call install,demo)
	@touch $@

$(VENV)/.dev: pyproject.toml | $(BIN)/python
	$(call install,dev)
	@touch $(VENV)/.demo $@

ifdef UV
install = $(UV) pip install --quiet --python $(BIN)/python --editable '.[$(1)]'

$(BIN)/python:
	$(UV) venv --quiet --allow-existing $(VENV)
else
# Python warnings off: building an editable install warns whoever reads it of nothing they can change.
install = PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[$(1)]'

# Debian's python3 without python3-venv makes environments, but cannot put pip into them: then the pip
# outside installs one inside. A Python with no venv module at all gets virtualenv, in a folder of its own.
OUTER_PIP = $$($(PYTHON) -c 'import os, pip; print(os.path.dirname(os.path.dirname(pip.__file__)))')

$(BIN)/python:
	@$(PYTHON) -m venv --clear $(VENV) >/dev/null 2>&1 \
	|| { echo "python3 -m venv has no pip of its own here: using the one outside" \
	    && $(PYTHON) -m venv --clear --without-pip $(VENV) \
	    && PYTHONPATH="$(OUTER_PIP)" $(BIN)/python -m pip install --quiet --ignore-installed pip; } \
	|| { echo "python3 has no working venv module: using virtualenv" \
	    && rm -rf $(VENV) \
	    && $(PYTHON) -m pip install --quiet --target $(VENV).virtualenv virtualenv \
	    && PYTHONPATH=$(VENV).virtualenv $(PYTHON) -m virtualenv --quiet $(VENV) \
	    && rm -rf $(VENV).virtualenv; } \
	|| { rm -rf $(VENV) $(VENV).virtualenv; \
	     echo "no virtual environment could be made: install python3-venv, or uv" >&2; exit 1; }
endif
