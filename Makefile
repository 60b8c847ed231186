# One target a task; `make` alone lists them. Long steps say what they do, and are skipped when their result is current.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

APP := .venv
RASA := .venv-rasa
BENCH := .venv-bench
APP_PYTHON ?= 3.11
RASA_PYTHON := 3.10
UV_VERSION := 0.13.9
TORCH := torch==2.13.0

# uv from the path, or a pinned one of our own in .tools.
UV := $(shell command -v uv 2>/dev/null || echo .tools/bin/uv)
# Where a CPU build of torch lies on disk, pip's own variable says so; elsewhere uv asks PyTorch's CPU index. Without
# either, the resolver takes gigabytes of CUDA.
ifneq ($(wildcard $(PIP_FIND_LINKS)/torch-*),)
TORCH_SOURCE := --find-links $(PIP_FIND_LINKS)
else
TORCH_SOURCE := --torch-backend=cpu
endif

# The tests run on every core, on four at most: a worker that has opened the policy takes 2.5 GB. One core: serially.
CORES := $(shell getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)
TEST_WORKERS ?= $(shell echo $$(( $(CORES) < 2 ? 0 : $(CORES) > 4 ? 4 : $(CORES) )))
PYTEST := $(APP)/bin/python -m pytest
SPREAD := -n $(TEST_WORKERS) --dist loadfile --no-loadscope-reorder

export OMP_NUM_THREADS := 1
export RASA_TELEMETRY_ENABLED := false

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

.PHONY: run
run: $(APP)/.installed $(RASA)/.installed ## set up what is missing, start everything, print the address
	@$(APP)/bin/python -m bot.launch

.PHONY: demo-web
demo-web: $(APP)/.installed $(RASA)/.installed ## start everything, and a made-up salon site that shows the widget
	@$(APP)/bin/python -m bot.launch.demo_web

.PHONY: stop
stop: $(APP)/.installed ## stop what an earlier `make run` left running
	@$(APP)/bin/python -m bot.launch --stop

.PHONY: test
test: $(APP)/.dev $(RASA)/.dev ## set up what the tests need and run them all (TEST_WORKERS=0: serially)
	@$(PYTEST) $(SPREAD)

.PHONY: test-fast
test-fast: $(APP)/.dev ## the tests that start no process and no browser
	@$(PYTEST) $(SPREAD) -m "not stack and not browser and not postgres"

.PHONY: check
check: $(APP)/.dev $(RASA)/.dev ## linters, types, layers, and that the documentation tells the truth
	@$(APP)/bin/ruff check
	@$(APP)/bin/ruff format --check
	@$(APP)/bin/mypy
	@$(APP)/bin/mypy --config-file mypy-components.ini --python-executable $(RASA)/bin/python
	@$(APP)/bin/lint-imports
	@$(APP)/bin/python -m pytest -q tests/docs

.PHONY: prove-parts
prove-parts: $(APP)/.dev ## 2,000 generated messages: every part of every answer is fixed, computed or an exact quote
	@MADOGUCHI_PROOF_MESSAGES=2000 $(APP)/bin/python -m pytest -q tests/unit/policy/test_every_part.py

.PHONY: prove-once
prove-once: $(APP)/.dev ## 500 rounds of two presses at once on both databases: one submit each
	@MADOGUCHI_PROOF_ROUNDS=500 $(APP)/bin/python -m pytest -q --timeout 3600 tests/unit/register/test_pages_concurrency.py

.PHONY: prove-codes
prove-codes: $(APP)/.dev ## 200 rounds of 50 guesses at once, at most 3 compared; 2,000 samples of what could betray a number
	@MADOGUCHI_PROOF_ROUNDS=200 $(APP)/bin/python -m pytest -q -s --timeout 3600 tests/unit/register/identity/test_guessing.py
	@$(APP)/bin/python -m bench.codes

.PHONY: prove-life
prove-life: $(APP)/.dev ## 2,000 random lives of a request on each database: no step, date or notice that may not be
	@MADOGUCHI_PROOF_SEQUENCES=2000 $(APP)/bin/python -m pytest -q -o timeout=3600 tests/unit/register/test_life_machine.py

.PHONY: prove-deliveries
prove-deliveries: $(APP)/.dev ## 1,000 events of LINE and of Slack, ten times each, through two crashes: 1,000 turns; Rasa away and back
	@MADOGUCHI_PROOF_EVENTS=1000 $(APP)/bin/python -m pytest -q -n0 -o timeout=7200 tests/faults

.PHONY: prove-signatures
prove-signatures: $(APP)/.dev ## 10,000 flipped bits each of what LINE and Slack signed: all refused, nothing told
	@MADOGUCHI_PROOF_FLIPS=10000 $(APP)/bin/python -m pytest -q -o timeout=1800 \
		tests/unit/channels/line/test_signatures.py tests/unit/channels/slack/test_signature.py

.PHONY: demo-line
demo-line: $(APP)/.dev $(RASA)/.dev ## a conversation on LINE, through a fake of its server; ARGS=--talk to type yourself
	@$(APP)/bin/python -m tests.support.line_demo $(ARGS)

.PHONY: demo-slack
demo-slack: $(APP)/.dev $(RASA)/.dev ## a conversation on Slack, through a fake of its server; ARGS=--talk to type yourself
	@$(APP)/bin/python -m tests.support.slack_demo $(ARGS)

.PHONY: bench
bench: $(APP)/.dev $(RASA)/.dev ## time one turn, stage by stage
	@$(APP)/bin/python -m bench.turn

.PHONY: bench-acks
bench-acks: $(APP)/.dev ## time the acknowledgement of webhooks at 50 events a second, Rasa running and stopped; 500 ms at p99
	@$(APP)/bin/python -m bench.acknowledgements
	@$(APP)/bin/python -m bench.acknowledgements --postgresql

.PHONY: names
names: $(APP)/.dev ## recall and false masks of names in typed text, on both halves of bench/names
	@$(APP)/bin/python -m bench.names

.PHONY: pictures
pictures: $(APP)/.dev ## take the documentation's pictures of the widget anew, into var/pictures
	@mkdir -p var/pictures
	@MADOGUCHI_PICTURES=var/pictures $(APP)/bin/python -m pytest -q -n0 tests/browser/embedding/test_pictures.py

.PHONY: reader
reader: $(APP)/.dev ## train the reader anew on bench/reading (an hour or so on two free cores)
	@$(APP)/bin/python -m bench.reader --held-out

.PHONY: eval
eval: $(APP)/.installed ## measure every question set of the repository and write docs/quality.md
	@$(APP)/bin/python -m bench.quality

.PHONY: prove-answers
prove-answers: $(APP)/.installed ## measure the test halves and fail when a figure lies below its bar
	@$(APP)/bin/python -m bench.proof

# The comparison sees the application's packages behind its own.
.PHONY: bench-search
bench-search: $(BENCH)/.installed ## time search at 50, 5,000 and 200,000 passages beside LangChain; write docs/quality.md
	@PYTHONPATH=$(APP)/lib/python$(APP_PYTHON)/site-packages $(BENCH)/bin/python -m bench.search

.PHONY: system-deps
system-deps: ## as root, on Debian: PostgreSQL's server, Chromium and Japanese fonts for the tests
	apt-get update -qq
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql chromium fonts-noto-cjk procps

.PHONY: lock
lock: $(UV) ## compile the pinned requirement files from their .in files
	$(UV) pip compile -q requirements/app.in -o requirements/app.txt --python-version 3.11 \
		--no-header --no-emit-package torch $(TORCH_SOURCE)
	$(UV) pip compile -q requirements/dev.in -o requirements/dev.txt --python-version 3.11 --no-header
	$(UV) pip compile -q requirements/bench.in -o requirements/bench.txt --python-version 3.11 --no-header
	$(UV) pip compile -q requirements/rasa.in -o requirements/rasa.txt --python-version 3.10 --no-header
	$(UV) pip compile -q requirements/rasa-dev.in -o requirements/rasa-dev.txt --python-version 3.10 --no-header

$(APP)/.installed: requirements/app.txt pyproject.toml | $(UV)
	@$(call require_python,$(APP_PYTHON),everything but Rasa)
	@echo "environment $(APP) (Python $(APP_PYTHON), about 2 GB): installing"
	@$(UV) venv -q --allow-existing -p $(APP_PYTHON) $(APP)
	@$(UV) pip install -q -p $(APP) $(TORCH_SOURCE) $(TORCH) -r requirements/app.txt
	@$(UV) pip install -q -p $(APP) --no-deps -e .
	@touch $@

$(APP)/.dev: $(APP)/.installed requirements/dev.txt
	@echo "environment $(APP): installing what tests and checks need"
	@$(UV) pip install -q -p $(APP) -r requirements/dev.txt
	@touch $@

$(BENCH)/.installed: requirements/bench.txt $(APP)/.installed
	@echo "environment $(BENCH) (Python $(APP_PYTHON)): installing what search is compared with"
	@$(UV) venv -q --allow-existing -p $(APP_PYTHON) $(BENCH)
	@$(UV) pip install -q -p $(BENCH) -r requirements/bench.txt
	@touch $@

$(RASA)/.installed: requirements/rasa.txt | $(UV)
	@$(call require_python,$(RASA_PYTHON),Rasa)
	@echo "environment $(RASA) (Python $(RASA_PYTHON), about 2.6 GB): installing"
	@$(UV) venv -q --allow-existing -p $(RASA_PYTHON) $(RASA)
	@$(UV) pip install -q -p $(RASA) -r requirements/rasa.txt
	@touch $@

$(RASA)/.dev: $(RASA)/.installed requirements/rasa-dev.txt
	@$(UV) pip install -q -p $(RASA) -r requirements/rasa-dev.txt
	@touch $@

.tools/bin/uv:
	@echo "uv $(UV_VERSION): installing into .tools"
	@python3 -m venv .tools
	@.tools/bin/pip install -q uv==$(UV_VERSION)

# $(1): version, $(2): what needs it.
define require_python
$(UV) python find -q $(1) >/dev/null 2>&1 || \
	{ echo "madoguchi: Python $(1) is not on this machine; $(2) needs it (pyenv install $(1), or uv python install $(1))" >&2; exit 2; }
endef
