# Every target sets up what it needs in .venv: nothing to install first but Python 3.11+, make and git.
PYTHON ?= python3
BIN := .venv/bin
export PYTHONDONTWRITEBYTECODE :=
export TF_CPP_MIN_LOG_LEVEL := 3

.PHONY: help setup grade check test fuzz verify proven attacks kills nightly benchmark elsewhere release wheel lock clean
.DEFAULT_GOAL := grade

help:  ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 12

setup: .venv/ready  ## an environment in .venv, with all libraries as pinned in requirements.lock

.venv/ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, this is " + sys.version.split()[0] + "; try: make PYTHON=python3.11")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@echo "compiling bytecode: an import of TensorFlow costs two thirds less afterwards"
	-$(BIN)/python -m compileall -q -j 0 .venv/lib >/dev/null
	@touch $@

grade: setup  ## grade a sample class on the real pipeline, into demo/
	$(BIN)/autograder demo

check: setup  ## lint, types, fast tests: three to four minutes
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -m "not slow" -n 2 --dist loadfile

# slow tests wait for a third of their time: three at once on two cores
test: check  ## everything, the slow tests too
	$(BIN)/python -m pytest -m slow -n 3 --dist loadfile --no-loadscope-reorder

fuzz: setup  ## thousands of damaged and forged files into everything that reads some: an hour
	HYPOTHESIS_PROFILE=nightly $(BIN)/python -m pytest --timeout 7200 -n 2 --dist worksteal tests/test_fuzz_*.py

verify: setup  ## grade the graders: reference, untouched release, every known submission
	$(BIN)/autograder verify

proven: setup  ## mutants and spellings of the reference: docs/proven.md, an hour
	mkdir -p runs
	$(BIN)/autograder mutate --json runs/mutated.json; $(BIN)/autograder respell --json runs/respelled.json
	$(BIN)/python benchmarks/proven.py runs/mutated.json runs/respelled.json >runs/proven.md

attacks: setup  ## every attack and broken notebook, graded beside honest bystanders: half an hour
	$(BIN)/autograder attack

kills: setup  ## kill a hundred processes of batches at random: everyone is graded once, nothing is left
	$(BIN)/python benchmarks/kills.py 100

nightly: test fuzz verify proven attacks kills  ## all of these: three hours

benchmark: setup  ## measure what grading costs beside nbgrader and otter-grader: docs/performance.md, an hour and a quarter
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --editable '.[benchmarks]'
	$(BIN)/python benchmarks/performance.py

elsewhere: setup  ## the notebooks beside labkit alone, in fresh environments with Keras 3.10 and the newest: half an hour
	$(BIN)/python benchmarks/elsewhere.py

release: setup  ## make what students get from source/: release/, and handout/ with a zip each
	$(BIN)/autograder release

wheel: setup  ## the wheel, engine and course, into dist/
	$(BIN)/python -m hatchling build -t wheel

lock:  ## pin all libraries anew, with hashes (needs uv)
	uv pip compile --universal --generate-hashes --no-header --no-annotate --python-version 3.11 \
	  --extra dev --extra cluster --extra jax --extra postgresql pyproject.toml --output-file requirements.lock

clean:  ## remove what is made here: environment, runs, sample class, caches
	rm -rf .venv dist runs demo handout autograded feedback gradebook.db .mypy_cache .ruff_cache .pytest_cache
