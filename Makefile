# Every task of the project; `make` alone lists them.
# The environment in .venv is made on first use, from the hashed locks in requirements/, and again
# whenever a lock changes. Wants Python 3.11, 3.12 or 3.13 and nothing else.

.DEFAULT_GOAL := help
.PHONY: help run install test test-e2e screenshots lint lint-deploy wheelhouse format typecheck migrate migrations shell bench docs demo reset lock clean messages

VENV := .venv
PY := $(VENV)/bin/python
ARGS ?=
LOCK ?= base
LANGUAGES := fr sw pt ar

# A folder of packages beside the Makefile is all that an installation needs: it asks no server then.
WHEELHOUSE := $(wildcard wheelhouse)
OFFLINE := $(if $(WHEELHOUSE),--no-index --find-links $(WHEELHOUSE))

# One stamp for each lock: the larger locks contain the smaller ones.
stamp = $(VENV)/.stamp-$(1)-$(shell cksum < requirements/$(1).txt | cut -d' ' -f1)
BASE := $(call stamp,base)
DEV := $(call stamp,dev)
E2E := $(call stamp,e2e)

help: ## List the targets
	@awk 'BEGIN { FS = ":.*## " } /^[a-z0-9-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

run: $(BASE) ## Run everything: database, cache, web server, worker (PORT=5000, HOST=127.0.0.1)
	@exec $(PY) -m ipms.embedded.run

install: $(BASE) ## Make the environment of production alone

test: $(DEV) ## Run the tests, in parallel, on servers of their own (ARGS="-k ledger")
	$(PY) -m pytest -n auto -m "not e2e" $(ARGS)

test-e2e: $(E2E) ## Run the browser tests; they need chromium
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null \
		|| { echo "The browser tests need chromium: on Debian, apt-get install chromium." >&2; exit 1; }
	$(PY) -m pytest -n auto -m e2e $(ARGS)

lint: $(DEV) ## Check style, types, import directions and missing migrations
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(VENV)/bin/lint-imports
	$(PY) -W "ignore:Got an error checking" manage.py makemigrations --check --dry-run

lint-deploy: $(DEV) ## Check what lies in deploy/, without an engine: image, compose file, units
	@if [ -x $(VENV)/bin/hadolint ]; then $(VENV)/bin/hadolint deploy/Dockerfile; \
		else echo "hadolint has no program for this machine: the Dockerfile is not linted."; fi
	$(PY) -m pytest tests/test_deploy_files.py

format: $(DEV) ## Bring the code into the style of the house
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

typecheck: $(DEV) ## Check the types alone
	$(PY) -m mypy

migrate: $(BASE) ## Bring the database up to date
	$(PY) manage.py migrate $(ARGS)

migrations: $(BASE) ## Write the migrations that the models want (ARGS="inventory -n lot_expiry_index")
	$(PY) manage.py makemigrations $(ARGS)

shell: $(BASE) ## Open a Python shell with the models loaded
	@$(PY) manage.py shell $(ARGS)

bench: $(DEV) ## Measure postings, lists and search beside what the database could do
	$(PY) -m bench $(ARGS)

screenshots: $(E2E) ## Take the pictures of docs/tour.md anew; wants chromium (ARGS="labels home-dark")
	$(PY) -m tests.e2e.screenshots $(ARGS)

messages: $(BASE) ## Collect the texts into locale/ and compile their translations; wants GNU gettext
	@command -v msgfmt >/dev/null || { echo "make messages needs GNU gettext: on Debian, apt-get install gettext." >&2; exit 1; }
	$(PY) manage.py makemessages $(addprefix --locale ,$(LANGUAGES)) --no-obsolete --no-wrap --add-location file \
		--ignore .venv --ignore var --ignore wheelhouse
	$(PY) manage.py compilemessages --ignore .venv --ignore var --ignore wheelhouse

docs: $(BASE) ## Write the database schema's page anew
	$(PY) manage.py generate_schema_docs

demo: $(BASE) ## Load the demo data and its accounts into an empty database
	$(PY) manage.py load_demo --yes-demo $(ARGS)

reset: $(BASE) ## Delete the data folder, database and all (asks first; YES=1 does not)
	@$(PY) -m ipms.embedded.reset

lock: $(DEV) ## Compile requirements/*.in to hashed locks (ARGS=--upgrade for newer versions)
	@command -v uv >/dev/null || { echo "make lock needs uv: pip install uv." >&2; exit 1; }
	for name in base dev e2e; do \
		uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header --universal \
			--python-version 3.11 $(ARGS) requirements/$$name.in -o requirements/$$name.txt || exit 1; \
	done

wheelhouse: $(BASE) ## Download all packages for a site without internet (LOCK=dev for tests too, ARGS="--platform …")
	@# Also what this machine's own Python does not need: another 3.11 may.
	@sed "s/ ; [^\\\\]*//" requirements/$(LOCK).txt > $(VENV)/wheelhouse.txt
	$(PY) -m pip download --quiet --disable-pip-version-check --require-hashes --only-binary=:all: \
		--dest wheelhouse $(ARGS) -r $(VENV)/wheelhouse.txt
	@echo "wheelhouse/ holds $$(ls wheelhouse | wc -l) packages, $$(du -sh wheelhouse | cut -f1): copy it with the project."

clean: ## Delete the environment and every cache; the data folder stays
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The larger locks contain the smaller ones, so their stamps hold for those too.
$(BASE): ; @$(call install,base)
	@touch $@
$(DEV): ; @$(call install,dev)
	@touch $(BASE) $@
$(E2E): ; @$(call install,e2e)
	@touch $(BASE) $(DEV) $@

define install
set -e; \
if ! $(PY) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	python=; \
	for name in python3 python3.13 python3.12 python3.11; do \
		if $$name -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; then \
			python=$$name; break; \
		fi; \
	done; \
	[ -n "$$python" ] || { echo "IPMS needs Python 3.11, 3.12 or 3.13, and none was found: install one." >&2; exit 1; }; \
	$$python -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "Python's venv module is missing: on Debian, apt-get install python3-venv." >&2; exit 1; }; \
	echo "Making the environment in $(VENV)"; \
	rm -rf $(VENV); \
	$$python -m venv $(VENV); \
fi; \
echo "Installing requirements/$(1).txt (the first time takes about half a minute)"; \
rm -f $(VENV)/.stamp-$(1)-*; \
if ! { command -v uv >/dev/null && uv pip install --quiet --python $(PY) $(OFFLINE) --require-hashes -r requirements/$(1).txt; }; then \
	$(PY) -m pip install -qq --disable-pip-version-check $(OFFLINE) --require-hashes -r requirements/$(1).txt \
		|| { echo "The packages of requirements/$(1).txt could not be installed: see pip's message above." \
			$(if $(WHEELHOUSE),"They are taken from wheelhouse/ alone: make wheelhouse LOCK=$(1) fills it.") >&2; exit 1; }; \
fi; \
pwd > "$$($(PY) -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/ipms-checkout.pth"
endef
