# `make run` and `make test` each work alone on a fresh machine: they make what they need.
# Every target says in one line what it does: make help

.DELETE_ON_ERROR:
.PHONY: help env env-cluster env-bench run test test-postgresql soak check format lint types imports docs-check \
	rulebooks bench docs lock clean FORCE

PY := .venv/bin/python
# What `npm run build` makes: the report's charts, the desk's charts and its look.
MADE := yihu/report/assets/echarts.min.js yihu/web/static/made/echarts.min.js \
	yihu/web/static/made/tabler.min.css yihu/exchange/assets/NotoSansSC-Regular.ttf
FIELD := yihu/web/field_files/index.html
# When a question is asked: one reader for phones and for the desk's forms.
CONDITIONS := yihu/web/static/made/conditions.js
SOURCES := yihu tests tools $(wildcard bench) hatch_build.py
# With YIHU_NO_SKIP=1 a skipped test is a failure, so everything a test may ask for is installed.
ENV := env $(if $(YIHU_NO_SKIP),env-cluster env-bench)
# Half of what a worker does is to wait, for a browser or a server of its own: two for each core.
# More than eight only wait.
CORES := $(or $(shell nproc 2>/dev/null || getconf _NPROCESSORS_ONLN 2>/dev/null),2)
WORKERS := $(shell echo $$((2 * $(CORES) > 8 ? 8 : 2 * $(CORES))))
PYTEST ?= -n $(WORKERS) --dist worksteal
# What asks the books runs on both databases; the rest knows none. A browser sees the same pages.
DESK := $(wildcard $(addprefix tests/,access api book card check demo exchange exchange_out ledger \
	places safety statistics sync visit web web_statistics stories))
ON_POSTGRESQL = tools/on_postgresql.sh $(PY) -m pytest $(PYTEST) -m "not browser and not sqlite" $(DESK)
TESTED := build/tested$(if $(YIHU_NO_SKIP),-without-skips)
FILES := $(wildcard $(shell git -c core.quotepath=off ls-files --cached --others \
	--exclude-standard 2>/dev/null))

# Trust what this machine trusts, as tools/env.sh does.
CERTIFICATES := $(wildcard /etc/ssl/certs/ca-certificates.crt)
export NODE_EXTRA_CA_CERTS ?= $(CERTIFICATES)
export UV_SYSTEM_CERTS ?= $(if $(CERTIFICATES),1,0)
# Tests start hundreds of processes; each would translate two thousand modules anew, four seconds
# of work, where a machine forbids to keep what was translated. Empty is as if it were not set.
export PYTHONDONTWRITEBYTECODE :=

help: ## show this list
	@sed -n 's/^\([a-z-]*\):.*## /\1: /p' Makefile | while IFS=: read -r name says; do \
		printf '%-12s%s\n' "$$name" "$$says"; done

env: .venv/stamps/dev .venv/stamps/package $(MADE) $(FIELD) $(CONDITIONS) ## make .venv and all that belongs in it

env-cluster: env .venv/stamps/cluster ## add Spark

env-bench: env .venv/stamps/bench ## add the peers of the benchmark

.venv/stamps/dev: requirements/dev.txt
.venv/stamps/cluster: requirements/cluster.txt | .venv/stamps/dev .venv/stamps/package
.venv/stamps/bench: requirements/bench.txt | .venv/stamps/cluster
.venv/stamps/%:
	tools/env.sh $<
	@mkdir -p $(@D) && touch $@

.venv/stamps/package: pyproject.toml hatch_build.py .venv/stamps/dev
	tools/env.sh --package
	@touch $@

$(MADE) &: package.json package-lock.json tools/charts.js tools/desk_charts.js tools/desk.css \
		tools/fonts.js
	@command -v npm >/dev/null || { echo "npm was not found; charts, look and field app are built with it." \
		"Install Node 20.19 or newer with npm (Debian: apt-get install nodejs npm)." >&2; exit 1; }
	npm ci --silent
	npm run --silent build
	@touch $(MADE) $(FIELD) $(CONDITIONS)

# The phones' app: `npm run build` makes it too; when only its own files changed, only it is made.
$(FIELD): $(shell find fieldapp -type f 2>/dev/null) | $(MADE)
	npm run --silent field
	@touch $@

$(CONDITIONS): fieldapp/src/conditions.ts | $(MADE)
	npm run --silent conditions
	@touch $@

# A first look in a minute: make run RUN="--people 3000"
run: env ## check real households and write the report, then open the desk with its county
	@test -e out/report.html || .venv/bin/yihu report --no-open
	.venv/bin/yihu run $(RUN)

test: $(ENV) ## run all tests; what is skipped is named with its reason
	npm run --silent field-test
	$(PY) -m pytest $(PYTEST)
	$(ON_POSTGRESQL)
	@mkdir -p $(dir $(TESTED)) && touch $(TESTED)

test-postgresql: $(ENV) ## run the desk's tests on PostgreSQL alone, in a cluster made for them
	$(ON_POSTGRESQL)

AGREE := $(wildcard tests/rulebook/test_*agree*.py) tests/rulebook/test_evaluate.py
soak: $(ENV) ## draw fifty times as many random cases, new ones, on which all readers must agree
	YIHU_SOAK=$${YIHU_SOAK:-50} $(PY) -m pytest $(PYTEST) $(AGREE)

# Tests that passed are not run again by `check` until a file or the environment changes.
$(TESTED): $(or $(FILES),FORCE) | $(ENV)
	npm run --silent field-test
	$(PY) -m pytest $(PYTEST)
	$(ON_POSTGRESQL)
	@mkdir -p $(@D) && touch $@

check: format lint types imports docs-check rulebooks $(TESTED) ## all that must hold before a change lands

format: env ## is every file in the one format?
	$(PY) -m ruff format --check .

lint: env ## ruff, and the project's own rules (tools/tidy.py)
	$(PY) -m ruff check .
	$(PY) -m tools.tidy

types: env ## strict types
	$(PY) -m mypy $(SOURCES)
	npm run --silent field-types

imports: env ## do imports run one way?
	.venv/bin/lint-imports --no-logo

docs-check: env ## are the generated pages current?
	$(PY) -m tools.docs --check

rulebooks: env ## run the examples of every shipped rulebook
	@set -e; for book in $(sort $(notdir $(patsubst %/,%,$(wildcard yihu/rulebooks/*/)))); do \
		.venv/bin/yihu rulebook test "$$book"; done

bench: env-bench ## the comparison with other engines, side by side, then desk and phones at county size
	$(PY) -m bench
	$(PY) -m bench.desk
	$(PY) -m bench.phones
	tools/on_postgresql.sh $(PY) -m bench.phones

docs: env ## write the generated pages again
	$(PY) -m tools.docs

# With hashes, for every system, without an address: the file works behind any mirror.
LOCK = $(PY) -m uv pip compile --quiet --universal --generate-hashes --python-version 3.11 \
	--fork-strategy fewest --no-emit-index-url --custom-compile-command "make lock"
lock: env ## renew requirements/*.txt and package-lock.json (UPGRADE=--upgrade for newer releases)
	tools/env.sh requirements/uv.txt
	set -e; for name in base dev cluster bench uv; do \
		$(LOCK) $(UPGRADE) requirements/$$name.in -o requirements/$$name.txt; done
	npm install --package-lock-only --silent

clean: ## remove all that was made
	rm -rf .venv node_modules build dist out $(MADE) $(CONDITIONS) $(dir $(FIELD)) .pytest_cache .mypy_cache .ruff_cache \
		.hypothesis .import_linter_cache
	find yihu tests tools -name __pycache__ -prune -exec rm -rf {} +
