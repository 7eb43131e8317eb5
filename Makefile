PYTHON ?= python3
BIN := .venv/bin
SOURCES := bot cogs storage playground tests

.PHONY: help play demo run doctor test check format bench soak lock clean

help: ## what can be made
	@sed -n 's/^\([a-z.]*\):.*## /\1 — /p' $(MAKEFILE_LIST)

.venv: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo 'Atelier needs Python 3.11 or newer: set PYTHON=/path/to/it.' >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch .venv

play: .venv ## the bot in a playground, no account needed
	$(BIN)/python -m bot playground

demo: .venv ## a conversation with the real bot, printed; its pictures go to demo/
	$(BIN)/python -m playground.demo

run: .venv ## the bot on Discord, with the settings in .env
	$(BIN)/python -m bot run

doctor: .venv ## checks the settings, one line each
	$(BIN)/python -m bot doctor

# Most of these tests wait for other processes, so more of them run at once than there are processors.
test: .venv ## all tests; no network needed
	$(BIN)/python -m pytest -n 6 --dist worksteal

check: .venv ## lint, format and types
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/mypy

format: .venv ## puts the code into its format
	$(BIN)/ruff check --fix $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

bench: .venv ## measures, as ratios within one run
	$(BIN)/python -m tests.bench

soak: .venv ## some minutes of a busy server, then of a hostile member beside it: nothing may grow or block (SOAK_MINUTES=4)
	$(BIN)/python -m tests.bench.soak
	$(BIN)/python -m tests.bench.hostile

lock: ## pins the tested versions anew; needs uv
	uv pip compile pyproject.toml --group dev --universal --generate-hashes --no-emit-index-url --no-header -o requirements.lock

clean: ## what was made
	rm -rf .venv build demo *.egg-info .mypy_cache .pytest_cache .ruff_cache
