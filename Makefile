# Two commands do everything on a fresh machine with Python, git and make: `make demo` and `make test`.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

.PHONY: demo test check campaign bench lint types imports clean help

help:            ## what each target does
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $(READY)

demo: $(READY)   ## the main job on a throw-away repository: live screen, simulated agents, no network
	@$(BIN)/wavetree demo $(ARGS)

test: $(READY)   ## the tests, with a sample of the long campaigns
	@$(BIN)/python -m pytest -n auto --dist worksteal $(ARGS)

lint: $(READY)   ## ruff
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: $(READY)  ## mypy --strict
	@$(BIN)/mypy

imports: $(READY) ## import-linter: the direction of imports
	@$(BIN)/lint-imports --no-cache

check: lint types imports test  ## everything a commit must pass

campaign: $(READY) ## the long campaigns whole: every crash point, long fuzzing, soak
	@WAVETREE_CAMPAIGN=full $(BIN)/python -m pytest -n auto --dist worksteal -m campaign --timeout 3600 $(ARGS)

bench: $(READY)  ## speed, against what a user would otherwise use
	@$(BIN)/python -m benchmarks $(ARGS)

clean:           ## removes the virtual environment and caches
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist
