# The commands of a clone. `make demo` and `make test` need Python 3.11 or later and nothing else.
# Both set up .venv from lock files with hashes; a second call finds everything in place.

VENV   ?= .venv
PYTHON ?=
BIN    := $(VENV)/bin
UV     ?= uv

PIP_INSTALL := $(BIN)/python -m pip install --disable-pip-version-check --no-input -qq
PEERS  := .venv-peers
MLSERVER := .venv-mlserver
PYTEST      := $(BIN)/python -m pytest -q
QUICK       := domain settings registry pipeline experiments monitoring local_models explainers ai_features storage/test_bundle_files.py
BANDIT      := $(BIN)/bandit --quiet --recursive --severity-level medium src scripts
SECTION     := printf '\n== %s\n'

export OMP_NUM_THREADS ?= 1

.DEFAULT_GOAL := help
.PHONY: help demo test lint types imports security docs unit test-pythons serve setup lock lock-upgrade clean
.DELETE_ON_ERROR:
.NOTPARALLEL:

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(VENV)/.ready-to-run ## score the leads of a sample CRM, from nothing to reasons
	@$(BIN)/hotcrm-ai demo

serve: $(VENV)/.ready-to-run ## start the HTTP server on 127.0.0.1
	@$(BIN)/hotcrm-ai serve

test: lint types imports security docs browser unit ## lint, types, import rules, known weaknesses, documentation and all tests

lint: $(VENV)/.ready-to-develop ## ruff: rules and format
	@$(SECTION) 'Lint (ruff)'
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(VENV)/.ready-to-develop ## mypy, strict: the package and the use of its public names
	@$(SECTION) 'Types (mypy, strict)'
	@$(BIN)/mypy

imports: $(VENV)/.ready-to-develop ## import-linter: the rooms import downwards only
	@$(SECTION) 'Rooms (import-linter)'
	@$(BIN)/lint-imports --config import-linter.ini

security: $(VENV)/.ready-to-develop ## bandit over the code; known weaknesses of what is locked, where the index tells of them
	@$(SECTION) 'Security (bandit, pip-audit)'
	@$(BANDIT) 2>/dev/null || $(BANDIT)
	@$(BIN)/python scripts/audit_dependencies.py requirements/run.txt

docs: $(VENV)/.ready-to-develop ## run every example, find what is undocumented
	@$(SECTION) 'Documentation (examples run, everything is documented)'
	@$(PYTEST) tests/docs -n 2

unit: $(VENV)/.ready-to-develop ## all other tests: on two cores at once, and what measures time on its own
	@$(SECTION) 'Tests (pytest, two at a time)'
	@$(PYTEST) tests --ignore=tests/docs -m 'not alone' -n 2 --dist loadfile
	@$(SECTION) 'Tests that measure time (pytest, one at a time)'
	@$(PYTEST) tests --ignore=tests/docs -m alone

.PHONY: browser
browser: ## install Chromium for the tests of the dashboard, where it is missing and may be
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || { \
	    [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && echo 'Installing Chromium (once) ...' && \
	    { apt-get install -y -qq chromium || { apt-get update -qq && apt-get install -y -qq chromium; }; } >/dev/null 2>&1; } || \
	    echo 'No Chromium: tests of the dashboard in a browser are skipped (in CI they fail). Debian, Ubuntu: sudo apt-get install chromium' >&2

test-pythons: ## the quick tests on every further Python of this machine from 3.11 on, each in a .venv of its own
	@sh requirements/pythons.sh | tail -n +2 | while read -r minor python; do \
	    $(MAKE) --no-print-directory one-python MINOR="$$minor" VENV=".venv-$$minor" PYTHON="$$python" </dev/null || exit 1; \
	done

.PHONY: setup-peers
setup-peers: $(PEERS)/.ready $(MLSERVER)/.ready ## only set up what test-peers needs

.PHONY: test-peers
test-peers: $(VENV)/.ready-to-develop $(PEERS)/.ready $(MLSERVER)/.ready ## exported models and providers against servers that others wrote
	@$(SECTION) 'Peers (moto, Azure inference server, MLflow, MLServer, ONNX runtime)'
	@HOTCRM_PEERS=$(PEERS) HOTCRM_MLSERVER=$(MLSERVER) $(PYTEST) tests/integration/test_peers_*.py

# MLServer wants other versions of what MLflow and moto bring, so it has an environment of its own.
$(PEERS)/.ready: requirements/peers.txt
$(MLSERVER)/.ready: requirements/mlserver.txt
$(PEERS)/.ready $(MLSERVER)/.ready: | $(BIN)/python
	@[ -x $(@D)/bin/python ] || $(BIN)/python -m venv $(@D)
	@$(@D)/bin/python -m pip install --disable-pip-version-check --no-input -qq --require-hashes --requirement $<
	@touch $@

.PHONY: one-python
one-python: $(VENV)/.ready-to-develop
	@$(SECTION) 'Quick tests on Python $(MINOR)'
	@$(PYTEST) $(QUICK:%=tests/%) -m 'not slow and not reference_data'

.PHONY: soak
soak: $(VENV)/.ready-to-develop ## the long rounds: processes killed again and again, on SQLite and PostgreSQL
	@$(SECTION) 'Soak (kill -9, twenty rounds on each database)'
	@HOTCRM_AI_KILL_ROUNDS=20 $(PYTEST) tests/integration/test_kill_rounds.py

.PHONY: soak-faults
soak-faults: $(VENV)/.ready-to-develop ## half an hour of 50 requests a second with a fault each minute: memory, descriptors, nothing lost
	@$(SECTION) 'Soak (Redis and PostgreSQL frozen, killed, locked)'
	@HOTCRM_AI_SOAK_MINUTES=$${HOTCRM_AI_SOAK_MINUTES:-30} $(PYTEST) -s tests/integration/test_soak.py

.PHONY: overload
overload: $(VENV)/.ready-to-develop ## three times the requests that the server can answer, for a minute in all; prints what it did
	@$(SECTION) 'Overload (three times capacity, in turns with the peak)'
	@HOTCRM_AI_OVERLOAD_SECONDS=60 $(PYTEST) tests/acceptance/test_overload.py

.PHONY: generated-calls
generated-calls: $(VENV)/.ready-to-develop ## 10,000 calls that are generated from the OpenAPI document, against a running server
	@$(SECTION) 'Generated calls (schemathesis)'
	@HOTCRM_AI_GENERATED_CALLS=10000 $(PYTEST) tests/acceptance/test_generated_calls.py

setup: $(VENV)/.ready-to-develop ## only set up .venv

clean: ## remove what the tools left behind; environments and workspaces stay
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build dist

# --- environment -------------------------------------------------------------------------------------------------

# A .venv that is already there is used as it is, whoever made it.
$(BIN)/python:
	@python="$(PYTHON)"; \
	[ -n "$$python" ] || python=$$(sh requirements/pythons.sh | awk 'NR == 1 { print $$2 }'); \
	if [ -z "$$python" ]; then \
	    echo 'No Python 3.11 or later with the module venv was found on PATH.' >&2; \
	    echo 'Install one (Debian, Ubuntu: apt install python3 python3-venv), or name it: make PYTHON=/path/to/python3.12 ...' >&2; \
	    exit 1; \
	fi; \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "$$python is no Python 3.11 or later; name another one: make PYTHON=/path/to/python3.12 ..." >&2; exit 1; }; \
	echo "Setting up $(VENV) with $$("$$python" --version) (once, a minute or two) ..."; \
	"$$python" -m venv $(VENV)

$(VENV)/.ready-to-run: requirements/run.txt pyproject.toml | $(BIN)/python
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip --upgrade >/dev/null
	@$(PIP_INSTALL) --require-hashes --requirement requirements/run.txt
	@$(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

# The development lock holds the same versions and more, so it makes the environment ready for both.
$(VENV)/.ready-to-develop: requirements/dev.txt requirements/run.txt pyproject.toml | $(BIN)/python
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip --upgrade >/dev/null
	@$(PIP_INSTALL) --require-hashes --requirement requirements/dev.txt
	@$(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	@touch $(VENV)/.ready-to-run $@

# --- locks -------------------------------------------------------------------------------------------------------

# `make lock` after a change of the dependencies keeps the versions that still fit; `make lock-upgrade` takes the newest.
# uv (https://docs.astral.sh/uv/) is needed for these two targets only. --no-config and --default-index keep machine
# settings out of the files.
COMPILE := $(UV) --no-config pip compile --quiet --universal --generate-hashes --python-version 3.11 \
    --default-index https://pypi.org/simple --no-emit-index-url --custom-compile-command 'make lock' --all-extras \
    pyproject.toml requirements/build.in

COMPILE_PEERS := $(filter-out --all-extras pyproject.toml requirements/build.in,$(COMPILE))

lock: ## write requirements/*.txt anew after a change of the dependencies (needs uv)
	@$(COMPILE) $(UPGRADE) --group dev --output-file requirements/dev.txt
	@$(COMPILE) $(UPGRADE) --constraint requirements/dev.txt --output-file requirements/run.txt
	@$(COMPILE_PEERS) $(UPGRADE) --output-file requirements/peers.txt requirements/peers.in
	@$(COMPILE_PEERS) $(UPGRADE) --output-file requirements/mlserver.txt requirements/mlserver.in

lock-upgrade: ## the same, with the newest versions of everything
	@$(MAKE) --no-print-directory lock UPGRADE=--upgrade
