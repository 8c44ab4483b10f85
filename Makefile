# One word per task. Everything happens in .venv, made from the hash-locked requirements.
.DEFAULT_GOAL := help
.PHONY: help demo test coverage check fix bench bench-large torture fuzz lock shots manifest clean

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes

help:
	@echo "make demo      the story on a local Slack and a local VOD, then keep serving (ONCE=1: end after it; SOCKET=1: Socket Mode)"
	@echo "make test      every test"
	@echo "make coverage  how much of the code most of the tests go through; fails below 85 %"
	@echo "make check     the gates: ruff, mypy, import-linter"
	@echo "make fix       format, and repair what ruff can"
	@echo "make bench     the store, and lists of 1,000 and 20,000 videos from file to file, next to what bounds them (about 10 minutes)"
	@echo "make bench-large  a list of 100,000 videos from file to file on both engines (about 25 minutes)"
	@echo "make torture   100,000 steps against a model of the promises; bots killed, stopped, lied to, set back and cut off, on both engines (about 40 minutes; SEED=n: again)"
	@echo "make fuzz      50,000 damaged requests of Slack's, each to be answered (about 10 minutes; SEED=n: again)"
	@echo "make shots     pictures of the workbench into build/shots (needs chromium and Node; SHOTS_LANGUAGE=zh-CN: in Chinese)"
	@echo "make lock      resolve the dependencies anew into requirements*.txt"
	@echo "make manifest  write manifest.json anew"

# uv installs the same files in a tenth of pip's time; it does not know pip's settings, so where it cannot, pip does.
.venv/installed: requirements-dev.txt
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed." if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv
	@echo "Installing everything into .venv; this takes a minute or two…"
	@sed -n '/^uv==/,/[^\\]$$/p' requirements-dev.txt > .venv/uv.txt
	@$(PIP) -r .venv/uv.txt && $(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-dev.txt || \
		$(PIP) -r requirements-dev.txt
	@touch $@

# Node builds the workbench's page; where there is none, a wheel carries one. Without either the story is still told.
.venv/node: .venv/installed requirements-node.txt
	@command -v npm >/dev/null || \
		$(PIP) -r requirements-node.txt || true
	@touch $@

demo: $(if $(ONCE),.venv/installed,.venv/node)
	@$(BIN)/python -m demo $(if $(ONCE),--once) $(if $(SOCKET),--socket-mode)

# What measures runs alone, the rest side by side, on a disk of memory where there is room: what a bot stored is as
# safe there from kill -9.
ROOM := $(shell df --output=avail -k /dev/shm 2>/dev/null | tail -1)
BESIDE := $(if $(shell test 0$(ROOM) -gt 4000000 && echo yes),TMPDIR=/dev/shm) $(BIN)/python -m pytest -n 2

test: .venv/installed
	$(BESIDE) --dist loadfile -m "not alone and not untraced"
	$(BESIDE) --dist loadfile -m "untraced and not alone"
	$(BIN)/python -m pytest -m alone

# Of the tests that measuring does not slow down to twice their time.
coverage: .venv/installed
	$(BESIDE) --dist loadfile -m "not alone and not untraced" --cov --cov-report=term

check: .venv/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fix: .venv/installed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: .venv/installed
	$(BIN)/python -m benchmarks

bench-large: .venv/installed
	$(BIN)/python -m benchmarks --lists --videos 100000

torture: .venv/installed
	$(BIN)/python -m tests.deletion.promises_run --steps 100000 $(if $(SEED),--seed $(SEED))
	$(BIN)/python -W ignore -m tests.torture $(if $(SEED),--seed $(SEED))

fuzz: .venv/installed
	$(BIN)/python -W ignore -m tests.handlers.slack.fuzzing --inputs 50000 $(if $(SEED),--seed $(SEED))

lock: .venv/installed
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-strip-extras \
		--no-emit-index-url pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-strip-extras \
		--no-emit-index-url --group dev -c requirements.txt pyproject.toml -o requirements-dev.txt

shots: .venv/node
	$(BIN)/python -m demo --shots build/shots/$(SHOTS_LANGUAGE) --language $(or $(SHOTS_LANGUAGE),en)

manifest: .venv/installed
	$(BIN)/python -m bot manifest > manifest.json

clean:
	rm -rf .venv build .coverage* .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
