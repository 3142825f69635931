# Everything runs in the checkout's own environment, .venv; `make demo` and `make test` make it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test check lint types tests format bench clean

demo: $(VENV)/installed  ## the main job, end to end, on real Django trees
	@$(BIN)/python -m devkit.demo

test: check tests  ## what CI runs

check: lint types

lint: $(VENV)/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/installed
	$(BIN)/mypy

# Two workers a core: most of the time a test waits for the processes that it talks to. Who has
# nothing left takes over from others, for a few tests take as long as all the rest.
tests: $(VENV)/installed
	$(BIN)/pytest -n $$((2 * $$(nproc))) --dist worksteal

format: $(VENV)/installed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/installed  ## the short benchmarks of bench/README.md; takes minutes
	@$(BIN)/python -m bench.calls
	@$(BIN)/python -m bench.pick

$(VENV)/installed: requirements-dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11 ..." >&2; exit 1; }
	@command -v git > /dev/null || { echo "git 2.38 or newer is needed: apt-get install git" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

clean:
	rm -rf $(VENV) .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis
