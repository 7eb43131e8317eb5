PYTHON ?= python3
BIN := .venv/bin
SOURCES := bot cogs storage playground tests

.PHONY: help play demo run doctor test witness check format bench bench.all bench.write soak lock clean

help: ## list these targets
	@sed -n 's/^\([a-z.]*\):.*## /\1 — /p' $(MAKEFILE_LIST)

.venv: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo 'Atelier needs Python 3.11 or newer: set PYTHON=/path/to/it.' >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch .venv

play: .venv ## run the bot in a local playground; no account needed
	$(BIN)/python -m bot playground

demo: .venv ## play a conversation with the real bot; images go to demo/
	$(BIN)/python -m playground.demo

run: .venv ## run the bot on Discord with the settings in .env
	$(BIN)/python -m bot run

doctor: .venv ## check the settings, one line each
	$(BIN)/python -m bot doctor

# Most tests wait for other processes, so more of them run at once than there are processors.
test: .venv ## run all tests; no network needed
	$(BIN)/python -m pytest -n 6 --dist worksteal

witness: ## install a platform API by other people, which some tests talk to; needs npm, and Node 20 or newer
	rm -rf .witness
	mkdir .witness
	cp tests/witness/package.json tests/witness/package-lock.json .witness/
	npm ci --prefix .witness --ignore-scripts --engine-strict --no-audit --no-fund --silent

check: .venv ## check lint, format and types
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/mypy

format: .venv ## fix lint and format
	$(BIN)/ruff check --fix $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

# BENCH="press counts" measures these parts only; BENCH="--bot-from CHECKOUT" also measures another version.
bench: .venv ## measure what a press, a start and a large database cost; 10 to 15 minutes
	$(BIN)/python -m tests.bench $(BENCH)

bench.all: .venv ## the same, and thousands of running tasks and hostile answers; about half an hour
	$(BIN)/python -m tests.bench all $(BENCH)

bench.write: .venv ## as bench, and write the tables and the plot into docs/performance.md
	$(BIN)/python -m tests.bench --write $(BENCH)

soak: .venv ## run a busy server, a hostile member, then 100 kills; fails if anything grows, blocks or is lost (SOAK_MINUTES=4)
	$(BIN)/python -m tests.bench.soak
	$(BIN)/python -m tests.bench.hostile
	KILL_ROUNDS=100 $(BIN)/python -m pytest tests/faults/test_kill_progress.py

lock: ## pin the dependencies again; needs uv
	uv pip compile pyproject.toml --group dev --universal --generate-hashes --no-emit-index-url --no-header -o requirements.lock

clean: ## remove everything that was generated
	rm -rf .venv .witness build demo *.egg-info .mypy_cache .pytest_cache .ruff_cache
