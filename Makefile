# Everything from a fresh clone. Needs Python 3.11 or later, git and make; all else is installed into .venv.
# `make` alone lists the targets.

VENV := .venv
BIN := $(VENV)/bin
RUNS := runs

# The first interpreter that is new enough; choose another with `make PYTHON=/path/to/python ...`.
NEW_ENOUGH := -c 'import sys; sys.exit(sys.version_info < (3, 11))'
PYTHON = $(shell for p in python3 python3.11 python3.12 python3.13; do $$p $(NEW_ENOUGH) 2>/dev/null && echo $$p && break; done)

# pip is quiet, so a line says what it is doing. A constraint, not a lock: it fixes the versions the tests ran with.
INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

# Another active environment must not leak into this one.
unexport PYTHONPATH PYTHONHOME VIRTUAL_ENV
# The tests start some hundred processes: where none keeps its bytecode, each compiles the whole package anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:
.PHONY: help demo test quick soak lint style picture findings screenshot docs reproduce reproduce-hosting-capacity reproduce-reserve reproduce-battery reproduce-market reproduce-microgrids reproduce-restoration reproduce-learning bench clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(VENV)/.core ## install tieline and answer one question: how much PV fits on the IEEE 123-node feeder
	$(BIN)/tieline run hosting-capacity --feeder ieee123 --out $(RUNS)/demo --force
	@echo "The report: $(CURDIR)/$(RUNS)/demo/report.html (open it in a browser)."

# Three processes on two cores: the tests of the service wait for servers, files and locks half of their time. Each takes about 5 GB.
test: style ## install the development tools, check the code and run the whole test suite
	$(call beside_types,$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder)

# SOAK is a factor on what the suite does, SEED moves on to draws that no run has seen; inputs that fail are kept.
SOAK := 50
SEED := 0
# Rounds in which processes of the service are killed: about a second each.
CRASHES := 2000
# Of bids at 200 a second on a served market.
LOAD_SECONDS := 600
soak: $(VENV)/.dev ## run the random tests with many more draws (SOAK=50, SEED=0); prints counts, keeps what failed in runs/soak
	TIELINE_SOAK=$(SOAK) TIELINE_SEED=$(SEED) TIELINE_SOAK_FOLDER=$(RUNS)/soak $(BIN)/python -m pytest tests/soak tests/service/store/test_crashes.py -s
	$(BIN)/tieline bench service --rounds $(CRASHES) --lanes 2 --load-seconds $(LOAD_SECONDS) --page docs/results/service.md

quick: style ## lint and the tests that are fast, for daily work: about a minute
	$(call beside_types,$(BIN)/python -m pytest -q --quick)

picture: $(VENV)/.made ## draw docs/architecture.svg from the imports
	$(BIN)/python tools/draw_house.py docs/architecture.svg

findings: $(VENV)/.made ## write what `tieline explain` says of finding codes from the source
	$(BIN)/python tools/docs_site/finding_file.py

screenshot: $(VENV)/.core ## take the picture of a report in README.md anew; needs Chromium
	$(BIN)/tieline run hosting-capacity-map --feeder ieee123 --out $(RUNS)/map --force
	$(BIN)/python tools/screenshot.py $(RUNS)/map/report.html docs/_static/report.png

docs: $(VENV)/.docs ## build the site, with every example and study on it run anew: build/site/index.html (about ten minutes)
	$(BIN)/python -m sphinx --fail-on-warning --keep-going -q -b html docs build/site
	@echo "The site: $(CURDIR)/build/site/index.html (open it in a browser)."

lint: style ## style, types and import order
	$(BIN)/pyright

style: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

# Types are checked while tests run: one process computes for minutes where tests often wait. What it says of wrong types stands
# behind the tests; without any, their closing line stays the last.
beside_types = @types=$$(mktemp); $(BIN)/pyright >$$types 2>&1 & pyright=$$!; \
	$(1); tests=$$?; \
	wait $$pyright || { cat $$types; tests=1; }; \
	rm -f $$types; exit $$tests

reproduce: reproduce-hosting-capacity reproduce-reserve reproduce-battery reproduce-market reproduce-microgrids reproduce-restoration reproduce-learning ## run every published case, with all trainings

reproduce-hosting-capacity: $(VENV)/.core
	$(BIN)/tieline run hosting-capacity --out $(RUNS)/hosting-capacity --force

reproduce-reserve: $(VENV)/.dev
	$(BIN)/tieline train reserve --out $(RUNS)/reserve-policies --force
	$(BIN)/tieline run reserve --policy $(RUNS)/reserve-policies --out $(RUNS)/reserve --force
	$(BIN)/tieline bench reserve --page docs/results/reserve.md

reproduce-battery: $(VENV)/.dev
	$(BIN)/tieline run battery --out $(RUNS)/battery --force
	$(BIN)/tieline bench battery ieee33 ieee123 case141 --page docs/results/battery.md
	$(BIN)/tieline bench tree-search --page docs/results/tree-search.md

reproduce-market: $(VENV)/.dev
	$(BIN)/tieline train market --case ieee123 --out $(RUNS)/market-policies --force
	$(BIN)/tieline run market --case ieee33 --out $(RUNS)/market-ieee33 --force
	$(BIN)/tieline run market --case ieee69 --out $(RUNS)/market-ieee69 --force
	$(BIN)/tieline run market --case ieee123 --every-minutes 1 --policy $(RUNS)/market-policies --out $(RUNS)/market-ieee123 --force
	$(BIN)/tieline bench market --policies $(RUNS)/market-policies --page docs/results/market.md

reproduce-microgrids: $(VENV)/.dev
	$(BIN)/tieline train microgrids --out $(RUNS)/microgrids-policies --force
	$(BIN)/tieline run microgrids --case held-out --policy $(RUNS)/microgrids-policies --out $(RUNS)/microgrids --force
	$(BIN)/tieline bench microgrids --page docs/results/microgrids.md

reproduce-restoration: $(VENV)/.dev
	$(BIN)/tieline train restoration --feeder ieee36 --out $(RUNS)/restoration-policies --force
	$(BIN)/tieline train restoration --feeder case141 --out $(RUNS)/restoration-policies-case141 --force
	$(BIN)/tieline run restoration --policy $(RUNS)/restoration-policies --out $(RUNS)/restoration --force
	$(BIN)/tieline bench restoration --page docs/results/restoration.md

reproduce-learning: $(VENV)/.dev
	$(BIN)/tieline bench learning --parts $(RUNS)/learning --page docs/results/learning.md

bench: $(VENV)/.bench ## measure speed against other power-flow programs (reported, never a test)
	$(BIN)/tieline bench powerflow

clean: ## remove the environment, caches and run folders
	rm -rf $(VENV) $(RUNS) build dist .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +

# One stamp per set of packages, so that `make demo` does not wait for the development tools.
$(VENV)/.made:
	@test -n "$(PYTHON)" || { echo "tieline needs Python 3.11 or later; none found (python3 is $$(python3 --version 2>&1)). Install one, or name it: make PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) $(NEW_ENOUGH) || { echo "tieline needs Python 3.11 or later; $(PYTHON) is $$($(PYTHON) --version 2>&1)."; exit 1; }
	@echo "Creating $(VENV) with $(PYTHON)"
	@$(PYTHON) -m venv --clear $(VENV)
	@touch $@

$(VENV)/.core: pyproject.toml constraints.txt | $(VENV)/.made
	@echo "Installing tieline (a minute or two)"
	@$(INSTALL) -e .
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(VENV)/.made
	@echo "Installing tieline and the development tools (a few minutes)"
	@$(INSTALL) -e '.[dev]'
	@touch $(VENV)/.core $@

$(VENV)/.docs: pyproject.toml constraints.txt | $(VENV)/.made
	@echo "Installing tieline and what builds the site (a few minutes)"
	@$(INSTALL) -e '.[docs]'
	@touch $(VENV)/.core $@

$(VENV)/.bench: pyproject.toml constraints.txt | $(VENV)/.made
	@echo "Installing tieline and the programs to compare with (a few minutes)"
	@$(INSTALL) -e '.[bench]'
	@touch $(VENV)/.core $@
