# `make demo` opens the calendar on a simulated Google; `make test` and `make check` prove it.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed

.PHONY: install demo test check format messages locale tables bench picture soak mutants clean

install: $(STAMP)

$(STAMP): pyproject.toml constraints.txt hatch_build.py
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "aicalendar needs Python 3.11 or newer; say make PYTHON=python3.12")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@

demo: $(STAMP)
	@$(BIN)/aicalendar demo

test: $(STAMP) locale
	$(BIN)/pytest

check: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/lint-imports

format: $(STAMP)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# After a change of texts: takes them from the code into the .po file, where they wait to be translated
messages: $(STAMP)
	@mkdir -p build
	@$(BIN)/pybabel --quiet extract --keyword=_ --keyword=N_ --keyword=ngettext:1,2 --add-location=file --sort-by-file \
		--omit-header --output-file=build/aicalendar.pot aicalendar_tui
	@$(BIN)/pybabel --quiet update --input-file=build/aicalendar.pot --output-dir=aicalendar_tui/locale \
		--domain=aicalendar --width=118 --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date

locale: $(STAMP)
	@$(BIN)/pybabel --quiet compile --directory aicalendar_tui/locale --domain aicalendar

# .env.example, docs/settings.md, docs/keys.md and the manual page, from the tables in the code
tables: $(STAMP)
	@$(BIN)/python docs/write_tables.py
	@LANGUAGE=en $(BIN)/aicalendar --print-man-page > docs/aicalendar.1

# docs/*.svg: what the demo shows in a terminal of its own
picture: $(STAMP) locale
	@$(BIN)/python docs/picture.py

# SCHEDULES random schedules of both sides in one process, ROUNDS rounds of edits while processes are killed, then
# HOSTILE requests of a client that means no good; 0 leaves one of them out, and SEED repeats a run
soak: $(STAMP) locale
	$(if $(filter 0,$(SCHEDULES)),,$(BIN)/python -m tests.soak.schedules $(or $(SCHEDULES),10000) $(SEED))
	$(if $(filter 0,$(ROUNDS)),,$(BIN)/python -m tests.soak.kills $(or $(ROUNDS),100) $(SEED))
	$(if $(filter 0,$(HOSTILE)),,$(BIN)/python -m tests.soak.hostile $(or $(HOSTILE),10000) $(SEED))

# known defects, one at a time in a copy of the package, then rules switched off: the tests must catch each
mutants: $(STAMP) locale
	@$(BIN)/python -m tests.mutation.check
	@$(BIN)/python -m tests.mutation.rules

clean:
	rm -rf .venv build dist .pytest_cache .ruff_cache .hypothesis
