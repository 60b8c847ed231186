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

# One worker more than cores, four at most: much of a test is waiting for a disk, a process or a browser. A worker that has
# opened the policy takes 2.5 GB.
CORES := $(shell getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)
TEST_WORKERS ?= $(shell echo $$(( $(CORES) > 3 ? 4 : $(CORES) + 1 )))
PYTEST := $(APP)/bin/python -m pytest
SPREAD := -n $(TEST_WORKERS) --dist loadfile --no-loadscope-reorder

export OMP_NUM_THREADS := 1
export RASA_TELEMETRY_ENABLED := false
# Python keeps what it compiled, whatever the surroundings say: without, Rasa takes 14 s more at every start.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

.PHONY: run
run: $(APP)/.installed $(RASA)/.installed ## set up what is missing, start everything, print the address
	@$(APP)/bin/python -m bot.launch

.PHONY: demo-web
demo-web: $(APP)/.installed $(RASA)/.installed ## start everything, and a made-up salon site that shows the widget
	@$(APP)/bin/python -m bot.launch.demo_web

.PHONY: demo
demo: $(APP)/.installed $(RASA)/.installed ## start everything with made-up data of its own, and print a link for each role
	@$(APP)/bin/python -m bot.launch.demo_run

.PHONY: demo-links
demo-links: $(APP)/.installed ## new links for a demo that runs
	@$(APP)/bin/python -m bot.launch.demo_run --links

.PHONY: run-grown
run-grown: $(APP)/.installed $(RASA)/.installed ## as run, but three Rasas and two of most others behind HAProxy, on your PostgreSQL
	@$(APP)/bin/python -m bot.launch --grown

.PHONY: roll-grown
roll-grown: $(APP)/.installed ## restart what run-grown runs, one process after the other
	@$(APP)/bin/python -m bot.launch --grown --roll

.PHONY: stop
stop: $(APP)/.installed ## stop what an earlier `make run` or `make demo` left running
	@$(APP)/bin/python -m bot.launch --stop

.PHONY: test
test: $(APP)/.dev $(RASA)/.dev ## set up what the tests need and run them all (TEST_WORKERS=0: serially)
	@$(PYTEST) $(SPREAD)

.PHONY: test-fast
test-fast: $(APP)/.dev ## the tests that need no database, browser, process or model
	@$(PYTEST) $(SPREAD) -m "not dear"

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

.PHONY: prove-engines
prove-engines: $(APP)/.dev ## FAISS and pgvector beside an exact search: 1,000 questions a policy, 5,000 across companies while they are indexed anew
	@MADOGUCHI_PROOF_QUESTIONS=1000 MADOGUCHI_PROOF_CROSSINGS=5000 $(APP)/bin/python -m pytest -q -n0 -s -o timeout=7200 \
		tests/unit/policy/test_vector_engines.py tests/unit/policy/pgvector

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

.PHONY: prove-audit
prove-audit: $(APP)/.dev ## 10,000 single changes to the trails on each database, all of them found; 1,000 orphans of each sort
	@MADOGUCHI_PROOF_CHANGES=10000 $(APP)/bin/python -m pytest -q -s -n0 -o timeout=7200 tests/unit/register/digests/test_every_change.py
	@MADOGUCHI_PROOF_ORPHANS=1000 $(APP)/bin/python -m pytest -q -n0 -o timeout=3600 tests/unit/register/test_orphans.py

.PHONY: prove-walls
prove-walls: $(APP)/.dev ## on each database 10,000 times one company asks for another's object by any of our functions: nothing is told
	@MADOGUCHI_PROOF_WALLS=10000 $(APP)/bin/python -m pytest -q -s -n0 -o timeout=7200 tests/unit/storage/test_walls.py

.PHONY: prove-deliveries
prove-deliveries: $(APP)/.dev ## 1,000 events of LINE and of Slack, ten times each, through two crashes: 1,000 turns; Rasa away and back
	@MADOGUCHI_PROOF_EVENTS=1000 $(APP)/bin/python -m pytest -q -n0 -o timeout=7200 \
		tests/faults/test_deliveries.py tests/faults/test_rasa_away.py

.PHONY: prove-crashes
prove-crashes: $(APP)/.dev ## a death at every named place on both databases; a writer killed 1,000 times on SQLite, 200 on PostgreSQL
	@MADOGUCHI_PROOF_PASSINGS=2 MADOGUCHI_PROOF_KILLS=1000 $(APP)/bin/python -m pytest -q -n0 -s -o timeout=7200 \
		tests/faults/test_crash_points.py tests/faults/test_killed_writer.py

.PHONY: prove-restore
prove-restore: $(APP)/.dev ## 100,000 requests on each database, backed up while filing goes on, lost and restored: none missing, no number twice
	@MADOGUCHI_PROOF_REQUESTS=100000 $(APP)/bin/python -m pytest -q -n0 -s -o timeout=7200 tests/faults/test_restore.py

.PHONY: faults
faults: $(APP)/.dev $(RASA)/.dev ## 17 members through every fault of docs/faults.md on both databases: nothing false, lost or doubled
	@MADOGUCHI_PROOF_FAULTS=17 $(APP)/bin/python -m pytest -q -n0 -s \
		tests/faults/test_table.py tests/faults/test_database_comes_late.py tests/product/test_faults.py

.PHONY: prove-grown
prove-grown: $(APP)/.dev $(RASA)/.dev ## under load, kill one of each process of the grown layout, then restart all in turn: no turn lost or doubled
	@MADOGUCHI_PROOF_GROWN=1 $(APP)/bin/python -m pytest -q -n0 -s -o timeout=5400 tests/product/test_grown.py

.PHONY: prove-canaries
prove-canaries: $(APP)/.dev $(RASA)/.dev ## 1,000 canaries, half on each database, through every flow and failure: in no log, tracker, figure, page or file
	@MADOGUCHI_PROOF_CANARIES=1000 $(APP)/bin/python -m pytest -q -n0 -s -o timeout=7200 tests/product/test_nothing_in_clear.py
	@MADOGUCHI_PROOF_CANARIES=500 $(APP)/bin/python -m pytest -q -n0 -s -o timeout=7200 tests/faults/test_canaries.py

.PHONY: prove-forgetting
prove-forgetting: $(APP)/.dev ## 500 sets of random ages and holds on each database, 50 whole requests in the files of SQLite: just what is over goes
	@MADOGUCHI_PROOF_AGES=500 MADOGUCHI_PROOF_REQUESTS=50 $(APP)/bin/python -m pytest -q -n0 -o timeout=3600 \
		tests/unit/register/forgetting tests/unit/channels/forgetting tests/docs/test_retention.py

.PHONY: prove-signatures
prove-signatures: $(APP)/.dev ## 10,000 flipped bits each of what LINE and Slack signed: all refused, nothing told
	@MADOGUCHI_PROOF_FLIPS=10000 $(APP)/bin/python -m pytest -q -o timeout=1800 \
		tests/unit/channels/line/test_signatures.py tests/unit/channels/slack/test_signature.py

# Two processes, each with a seed of its own: FUZZ_SEED and the one after it. The figures are printed.
FUZZ_SEED ?= 1
.PHONY: fuzz
fuzz: $(APP)/.dev ## 1,000,000 torn inputs to all readers and renderers, 20,000 requests by Schemathesis on each database
	@MADOGUCHI_PROOF_INPUTS=505000 MADOGUCHI_PROOF_SEED=$(FUZZ_SEED) \
		$(PYTEST) -q -s -n0 -o timeout=7200 tests/abuse/test_readers.py & first=$$!; \
	MADOGUCHI_PROOF_INPUTS=505000 MADOGUCHI_PROOF_SEED=$$(( $(FUZZ_SEED) + 1 )) \
		$(PYTEST) -q -s -n0 -o timeout=7200 -k torn tests/abuse/test_readers.py || { wait $$first; exit 1; }; wait $$first
	@MADOGUCHI_PROOF_REQUESTS=20000 $(PYTEST) -q -s -n0 -o timeout=7200 -o log_level=ERROR tests/abuse/test_over_http.py

PIP_AUDIT := pip-audit==2.9.0
.PHONY: audit
audit: $(UV) ## ask for known faults of every pinned package (needs the Internet); docs/dependencies.md holds the verdicts
	@status=0; for pins in app dev rasa; do echo "$$pins:"; \
		$(UV) tool run -q --from $(PIP_AUDIT) pip-audit --strict --no-deps --disable-pip -r requirements/$$pins.txt || status=1; \
	done; exit $$status

# torch stands in no compiled file (see TORCH), and is shipped all the same. A flat list of pins has no graph of who needs
# whom, which the tool would warn of.
CYCLONEDX := cyclonedx-bom==7.5.0
.PHONY: sbom
sbom: $(UV) ## list every pinned package in var/sbom as a CycloneDX bill of materials (the tool is fetched once)
	@mkdir -p var/sbom
	@for pins in app dev rasa; do more=$$([ $$pins != app ] || echo $(TORCH)); \
		printf '%s\n' "$$(cat requirements/$$pins.txt)" "$$more" | \
		PYTHONWARNINGS=ignore::UserWarning $(UV) tool run -q --from $(CYCLONEDX) cyclonedx-py requirements --output-reproducible \
			--pyproject pyproject.toml -o var/sbom/$$pins.cdx.json - || exit 1; \
		python3 -m tests.support.sbom var/sbom/$$pins.cdx.json requirements/$$pins.txt $$more || exit 1; done

.PHONY: prove-deploying
prove-deploying: $(APP)/.dev $(RASA)/.dev ## as root: every process starts from its image's files alone, read-only, and the product answers
	@MADOGUCHI_PROOF_REHEARSAL=1 $(APP)/bin/python -m pytest -q -n0 -s tests/deploy

.PHONY: prove-secrets
prove-secrets: $(APP)/.dev ## 10,000 moved ciphertexts, 1,000,000 nonces, rotations of 100,000 rows while read and killed 20 times
	@MADOGUCHI_PROOF_MOVES=10000 MADOGUCHI_PROOF_SEALS=1000000 MADOGUCHI_PROOF_ROWS=100000 MADOGUCHI_PROOF_KILLS=20 \
		$(APP)/bin/python -m pytest -q -s -n0 tests/unit/storage/test_keys.py tests/unit/storage/test_rotation.py \
		tests/unit/storage/test_sealed_columns.py tests/unit/storage/test_period_keys.py \
		tests/unit/storage/test_key_destruction.py

.PHONY: demo-line
demo-line: $(APP)/.dev $(RASA)/.dev ## a conversation on LINE, through a fake of its server; ARGS=--talk to type yourself
	@$(APP)/bin/python -m tests.support.line_demo $(ARGS)

.PHONY: demo-slack
demo-slack: $(APP)/.dev $(RASA)/.dev ## a conversation on Slack, through a fake of its server; ARGS=--talk to type yourself
	@$(APP)/bin/python -m tests.support.slack_demo $(ARGS)

.PHONY: bench
bench: $(APP)/.dev $(RASA)/.dev ## time our turns beside a stock Rasa assistant's; write docs/speed.md and its chart
	@$(APP)/bin/python -m bench.turn
	@$(APP)/bin/python -m bench.turn.growth
	@$(APP)/bin/python -m bench.turn.report
	@$(RASA)/bin/python bench/turn/chart.py var/bench/turn.json docs/images/speed.svg

.PHONY: soak
soak: $(APP)/.dev $(RASA)/.dev ## 5 turns a second for two hours: what memory, descriptors and waits do meanwhile
	@$(APP)/bin/python -m bench.soak --minutes 120

.PHONY: bench-acks
bench-acks: $(APP)/.dev ## time the acknowledgement of webhooks at 50 events a second, Rasa running and stopped; 500 ms at p99
	@$(APP)/bin/python -m bench.acknowledgements
	@$(APP)/bin/python -m bench.acknowledgements --postgresql

.PHONY: bench-console
bench-console: $(APP)/.dev ## ask every list of the console at 100,000 requests and 1,000,000 turns, on both databases
	@$(APP)/bin/python -m bench.console_lists
	@$(APP)/bin/python -m bench.console_lists --postgresql

.PHONY: bench-purging
bench-purging: $(APP)/.dev ## how long filing takes beside a purge and without one, on both databases; at p99 a fifth more at most
	@$(APP)/bin/python -m bench.purging
	@$(APP)/bin/python -m bench.purging --postgresql

.PHONY: bench-filing
bench-filing: $(APP)/.dev ## what filing costs beside a bare insert of two rows, on both databases as in production
	@$(APP)/bin/python -m bench.filing

.PHONY: names
names: $(APP)/.dev ## recall and false masks of names in typed text, on both halves of bench/names
	@$(APP)/bin/python -m bench.names

.PHONY: pictures
pictures: $(APP)/.dev ## take the documentation's pictures of widget and console anew, into var/pictures
	@mkdir -p var/pictures
	@MADOGUCHI_PICTURES=var/pictures $(APP)/bin/python -m pytest -q -n0 tests/browser/embedding/test_pictures.py \
		"tests/browser/console/test_screens.py::test_whoever_follows_the_links_they_are_shown_meets_no_barrier[officer]"

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
system-deps: ## as root, on Debian: PostgreSQL's server, HAProxy, Redis, Chromium and Japanese fonts for the tests
	apt-get update -qq
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql haproxy redis-server chromium fonts-noto-cjk procps

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
