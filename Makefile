# Two commands do everything: `make ask Q="…" REPO=path` and `make test`.
# Both set up a virtual environment first, from wheels, and again whenever pyproject.toml changes.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
REPO ?= .
ARGS ?=
STAMP := $(VENV)/.installed
DEV := $(VENV)/.installed-dev

EXTENSION := vscode-extension
NODE := $(VENV)/.installed-node
MODULES := $(EXTENSION)/node_modules/.package-lock.json
NPM := PATH="$(abspath $(BIN)):$$PATH" npm --prefix $(EXTENSION) --silent
# Python compiles what it imports, so pip need not compile everything: that is a third of installing.
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --prefer-binary --no-compile
# Targets side by side, each one's output in one piece where make can do that; one that fails fails all.
BESIDE := $(MAKE) --no-print-directory -j $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)

# Unit tests have their files in memory where there is room for them: on a disk they wait for it half of the time.
# Bytecode is kept: without it every process compiles what it imports.
unexport PYTHONDONTWRITEBYTECODE
ROOM := $(shell df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 && $$4 > 2000000 {print $$6}')
UNIT = $(if $(ROOM),TMPDIR=$(ROOM)) $(BIN)/pytest -m "not slow" -n auto --dist worksteal -o tmp_path_retention_policy=failed

.PHONY: ask setup test check lint extension vscode test-extension test-panel format bench clean

# Through the environment, so that neither make nor the shell expands what a question holds.
unexport Q REPO
ask: export MEMLS_ASK_QUESTION := $(value Q)
ask: export MEMLS_ASK_REPO := $(value REPO)
ask: $(STAMP)
	@test -n "$$MEMLS_ASK_QUESTION" || { \
		echo 'usage: make ask Q="your question" [REPO=path] [ARGS="--window 4096"]' >&2; exit 2; }
	@$(BIN)/memls ask --repo "$$MEMLS_ASK_REPO" $(ARGS) -- "$$MEMLS_ASK_QUESTION"

check: lint
	@HYPOTHESIS_PROFILE=$${HYPOTHESIS_PROFILE:-quick} $(UNIT)

lint: $(DEV)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

# More examples of each property than `check`, and whole processes.
# With MEMLS_TEST_EDITORS=1 and MEMLS_TEST_VSCODE=1 also in real editors, where they are installed.
test: setup
	@$(BESIDE) lint extension $(if $(filter 1,$(MEMLS_TEST_VSCODE)),vscode)
	@$(UNIT)
	@$(BIN)/pytest -m "slow and not vscode" -n auto
	@if [ "$$MEMLS_TEST_VSCODE" = 1 ]; then $(MAKE) --no-print-directory test-panel; fi

# All that `test` needs: packages of Python and of Node, which is one of Python's.
setup: $(NODE)
	@$(BESIDE) $(DEV) $(MODULES)

# What the tests in real VS Code are run with: fetched once, then at hand.
vscode: $(MODULES)
	@PATH="$(abspath $(BIN)):$$PATH" node $(EXTENSION)/test/vscode/run.mjs --only-install

# The VS Code extension: types, lint, unit tests, the package.
extension: $(MODULES)
	@$(NPM) run lint
	@$(NPM) test
	@$(NPM) run package

# The chat panel in a browser, and the extension in real VS Code (code-server). Both want chromium.
test-extension: extension test-panel

test-panel: $(MODULES)
	@$(NPM) run test:panel
	@MEMLS_TEST_PYTHON="$(abspath $(BIN)/python)" $(NPM) run test:web
	@MEMLS_TEST_VSCODE=1 $(BIN)/pytest tests/editors/test_vscode.py

format: $(DEV)
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

clean:
	rm -rf $(VENV) $(EXTENSION)/node_modules $(EXTENSION)/dist .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "memls needs Python 3.11 or newer: make PYTHON=python3.12 …")'
	@echo "setting up $(VENV) …" >&2
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"

$(STAMP): pyproject.toml | $(BIN)/python
	@$(PIP) -e .
	@touch $@

$(NODE): pyproject.toml | $(BIN)/python
	@$(PIP) --group extension
	@touch $@

$(MODULES): $(EXTENSION)/package-lock.json $(EXTENSION)/package.json | $(NODE)
	@$(NPM) ci --no-audit --no-fund
	@touch $@

$(DEV): pyproject.toml | $(BIN)/python
	@$(PIP) -e . --group dev
	@touch $(STAMP) $@
