# make run      the service on http://127.0.0.1:8000 with reload, PostgreSQL and a demo account (PORT=8001 make run)
# make test     the tests
# make check    everything that has to pass: style, types, migrations, production settings, tests
# make bench    the benchmark, beside other stacks
# make manage   a command of manage.py: make manage cmd="apitoken demo@example.com", once `make run` has made a database
#
# Each target brings its virtual environment, .venv, up to date first. PYTHON=python3.13 chooses what it is made with.

PYTHON ?= python3
VENV := .venv/bin/

# What `check --deploy` has to approve of: the settings of a production server, with a secret that nobody keeps.
PRODUCTION = env ENV_FILE=/dev/null DEBUG=0 ALLOWED_HOSTS=todo.example.com \
	SECRET_KEY="$$($(VENV)python -c 'import secrets; print(secrets.token_urlsafe(50))')"
# A Ctrl-C waits until Python is ready for it (where env is GNU's): while it starts, it would print a traceback.
LATER := $(shell env --block-signal=INT true 2>/dev/null && echo env --block-signal=INT)
INSTALL = @command -v $(PYTHON) >/dev/null || { echo "todoproject: Python 3.11 or later is needed, and there is no $(PYTHON)" >&2; exit 1; }; \
	$(LATER) $(PYTHON) .ci/environment.py

.PHONY: help run test check bench manage
.NOTPARALLEL:

help:
	@sed -n '/^$$/q; s/^# \{0,1\}//p' Makefile

run:
	$(INSTALL) requirements-run.txt
	@exec $(LATER) $(VENV)python -m todoproject.development

manage:
	$(INSTALL) requirements-run.txt
	@exec $(VENV)python manage.py $(or $(cmd),help)

test:
	$(INSTALL) requirements-dev.txt
	@exec $(VENV)python -m pytest

check:
	$(INSTALL) requirements-dev.txt requirements-bench.txt
	$(VENV)ruff check
	$(VENV)ruff format --check
	@echo "mypy"
	@$(PRODUCTION) DATABASE_URL=postgresql:///todo $(VENV)mypy . .ci/environment.py  # Django's plugin reads the settings
	@echo "manage.py makemigrations --check"
	@$(PRODUCTION) $(VENV)python -m todoproject.development.embedded -- $(VENV)python manage.py makemigrations --check --dry-run
	@echo "manage.py check --deploy"
	@$(PRODUCTION) DATABASE_URL=postgresql:///todo $(VENV)python manage.py check --deploy --fail-level WARNING
	@$(VENV)python -m coverage erase
	$(VENV)python -m coverage run -m pytest
	@$(VENV)python -m coverage combine --quiet
	$(VENV)python -m coverage report --skip-covered

bench:
	$(INSTALL) requirements-run.txt requirements-bench.txt
	@exec $(VENV)python -m benchmarks
