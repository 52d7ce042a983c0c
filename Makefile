# Every target sets up what it needs in .venv: nothing to install first but Python 3.11+, make and git.
PYTHON ?= python3
BIN := .venv/bin
export PYTHONDONTWRITEBYTECODE :=
export TF_CPP_MIN_LOG_LEVEL := 3

ASSIGNMENTS := functional_api residual_networks transfer_learning capstone

.PHONY: grade test check release verify setup clean
.DEFAULT_GOAL := grade

setup: .venv/ready

.venv/ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, this is " + sys.version.split()[0] + "; try: make PYTHON=python3.11")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@echo "compiling bytecode: an import of TensorFlow costs two thirds less afterwards"
	-$(BIN)/python -m compileall -q -j 0 .venv/lib >/dev/null
	@touch $@

grade: setup  ## grade a sample class on the real pipeline
	$(BIN)/autograder demo

test: check  ## everything, the slow tests too
	$(BIN)/python -m pytest -m slow

check: setup  ## lint, types, fast tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -m "not slow"

release: setup  ## generate release/ from source/ with nbgrader
	for name in $(ASSIGNMENTS); do \
	  $(BIN)/nbgrader generate_assignment --force $$name --db "sqlite:///$$(mktemp -d)/gradebook.db" || exit; \
	done

verify: setup  ## grade the graders: reference, untouched release, every recipe
	$(BIN)/autograder verify

clean:
	rm -rf .venv runs demo autograded feedback gradebook.db .mypy_cache .ruff_cache .pytest_cache
