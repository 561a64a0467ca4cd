# Yinuo (一诺). `make` prints this help.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
RUN_LOCK := requirements/run.txt
DEV_LOCK := requirements/dev.txt
BENCH_LOCK := requirements/bench.txt
UV := $(BIN)/uv

help: ## This help
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sort | sed -E 's/^([a-z-]+):.*## (.*)/  make \1	\2/' | expand -t 20

env: .venv/ready ## The environment, in .venv/ (then: .venv/bin/yinuo)

.venv/ready: $(DEV_LOCK) pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Yinuo needs Python 3.11 or newer; set PYTHON=/path/to/python3.11"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@test -x $(UV) || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@$(UV) pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r $(DEV_LOCK)
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps -e .
	@$(BIN)/python -m compileall -q bot channels store
	@touch .venv/ready

demo: env ## The sample community on three phones, nothing to configure
	@$(BIN)/yinuo demo

system: ## What the tests need from the system: Chromium, a Chinese font, compose
	@command -v chromium >/dev/null 2>&1 && fc-list 2>/dev/null | grep -qi 'noto.*cjk' && exit 0; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
	  export DEBIAN_FRONTEND=noninteractive; apt-get update -qq && apt-get install -y -qq chromium fonts-noto-cjk poppler-utils >/dev/null && \
	  apt-get install -y -qq --no-install-recommends docker-compose >/dev/null; \
	else echo "install Chromium, Noto CJK fonts and poppler first: apt-get install chromium fonts-noto-cjk poppler-utils"; exit 1; fi

test: env system ## The whole suite, PostgreSQL and browser tests included
	@$(BIN)/pytest -q -n 3 --dist loadgroup tests

check: env ## Format, lint, types, import floors, the wordings
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/yinuo scripts check

format: env ## Put the code in order
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

scorecard: env ## Every line of the reliability scorecard in its full form (10,000 messages); resumable
	@$(BIN)/python tests/scorecard/run.py

bench: env ## The benchmarks at 10,000 to 1,000,000 accounts, about half an hour; writes BENCHMARKS.md
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r $(BENCH_LOCK)
	@command -v redis-server >/dev/null 2>&1 || test "$$(id -u)" != 0 || ! command -v apt-get >/dev/null 2>&1 || \
	  { apt-get update -qq && RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends redis-server >/dev/null; }
	@$(BIN)/python tests/benchmarks/run.py

bench-talk: env ## How well owners' sentences are understood
	@$(BIN)/python tests/benchmarks/talk.py

lock: env ## Renew the lock files (exact versions and hashes)
	@$(UV) pip compile pyproject.toml --universal --generate-hashes --no-emit-index-url --no-emit-find-links -q --custom-compile-command 'make lock' --group dev -o $(DEV_LOCK)
	@$(UV) pip compile pyproject.toml --universal --generate-hashes --no-emit-index-url --no-emit-find-links -q --custom-compile-command 'make lock' -c $(DEV_LOCK) -o $(RUN_LOCK)
	@$(UV) pip compile --group bench --universal --generate-hashes --no-emit-index-url --no-emit-find-links -q --custom-compile-command 'make lock' -c $(DEV_LOCK) -o $(BENCH_LOCK)

clean: ## Throw the environment and the sandbox's traces away
	@rm -rf .venv var

.PHONY: help env demo system test check format scorecard bench bench-talk lock clean
