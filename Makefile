# What people can rely on. `make` alone lists it.
.DEFAULT_GOAL := help
.PHONY: help setup tools run test check format fuzz bench faults recovery messages clean lock sbom

MANAGE := .venv/bin/python manage.py
PYTEST := .venv/bin/python -m pytest
WORKERS ?= 2
WITH_COVERAGE := $(if $(COV),--cov --cov-report=term-missing:skip-covered,)
TEMPLATES := $(wildcard templates)

help: ## This list
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile | expand -t 20

setup: ## Install everything: system packages, Python, pages, database, law. Quick when nothing is missing
	@bin/setup

tools:
	@bin/setup tools

run: setup ## Demonstration data, served on http://127.0.0.1:8000 (prints the accounts)
	@DEMO=1 $(MANAGE) demo
	@DEMO=1 $(MANAGE) demo_complaints
	@DEMO=1 $(MANAGE) demo_kpi
	@echo "Serving http://127.0.0.1:8000 (Ctrl-C ends)"
	@DEMO=1 EMBEDDED_WORKER=1 .venv/bin/waitress-serve --listen=127.0.0.1:8000 --threads=8 config.wsgi:application

test: setup ## All tests, on SQLite and on PostgreSQL (COV=1: with branch coverage; ARGS="-k name")
	@echo "== SQLite"
	@env -u DATABASE_URL $(PYTEST) -n $(WORKERS) $(WITH_COVERAGE) $(ARGS)
	@echo "== PostgreSQL"
	@bin/postgres run $(PYTEST) -n $(WORKERS) $(if $(COV),$(WITH_COVERAGE) --cov-append,) $(ARGS)

check: tools ## Format, lint, types, contracts, templates, migrations, translations
	@bin/check

format: tools ## Put code and templates into the form that `make check` wants
	@.venv/bin/ruff format -q . bin/check_translations
	@.venv/bin/ruff check -q --fix . bin/check_translations
	@$(if $(TEMPLATES),.venv/bin/djlint --quiet --reformat $(TEMPLATES) || true)

fuzz: setup ## 10,000 malformed forms and 10,000 malformed files (FUZZ=1000: fewer)
	@rm -f .cache/fuzz.json
	@FUZZ=$(or $(FUZZ),10000) $(PYTEST) -q -s -n 0 -p no:randomly tests/config/test_fuzz.py

bench: setup ## Benchmarks, on PostgreSQL, one process (ARGS="-k name")
	@bin/postgres run $(PYTEST) --benchmark-only -p no:randomly $(ARGS)

faults: setup ## Kill, freeze and starve it under load, on both databases: nothing may be lost (LONG=1: 200 kills)
	@rm -f .cache/faults.jsonl
	@status=0; for database in sqlite postgresql; do \
	    .venv/bin/python -m tests.faults $$database --out .cache/faults.jsonl $(if $(LONG),--long,) $(ARGS) || status=1; done; exit $$status

recovery: setup ## Restore 100,000 applications, upgrade 10,000 from each release, on both databases (CASES=1000: fewer)
	@rm -f .cache/recovery.jsonl
	@status=0; for database in sqlite postgresql; do for what in restore upgrade; do \
	    .venv/bin/python -m tests.recovery $$what $$database --out .cache/recovery.jsonl $(if $(CASES),--cases $(CASES),) || status=1; \
	  done; done; exit $$status

messages: tools ## Take new texts into locale/ (then translate; `make check` says what is missing)
	@.venv/bin/python bin/check_translations --update

lock: ## Take newer versions of the Python and npm packages
	@bin/lock

sbom: tools ## The inventory of parts (CycloneDX, sbom/), from the lock files; fails where one is older than it may be
	@.venv/bin/python bin/sbom

clean: ## Remove what set-up made (the data stay)
	@bin/postgres stop 2>/dev/null || true
	@rm -rf .venv .cache node_modules static/build data/static
	@find . -name __pycache__ -type d -prune -exec rm -rf {} + ; find locale -name '*.mo' -delete
