# Crossover: every command. `make` or `make help` lists them.
#
# Settings, given on the command line: make check LAB=02 TEST=reaps_every_child

IMPL    =
LAB     =
TEST    =
SEED    =
RECORD  =
N       =
WORKERS =
MAX     =
FROM    =
CODE    =
CALL    =
STAGES  =
LOADS   =
export IMPL LAB TEST SEED RECORD N WORKERS MAX FROM CODE CALL STAGES LOADS

# How it is built. The compiler also compiles the students' files.
CC      ?= cc
BUILD   = build
OPTIMISE = -O2
WARNINGS = -Wall -Wextra -Wpedantic -Wshadow -Wconversion
STANDARD = -std=c11
CFLAGS  = $(STANDARD) $(OPTIMISE) -g $(WARNINGS) $(EXTRA)
export CC
export CROSSOVER_BUILD = $(BUILD)

# What it is built from: rooms, labs and suites are found, not listed.
ROOMS    = task supervise explain speed report grade
INCLUDES = $(addprefix -Iharness/,$(ROOMS)) \
           $(patsubst labs/.starter/%,-Ilabs/.starter/%,$(wildcard labs/.starter/*)) \
           -Itests/labs/maps -Itests/labs/pools -Itests/bench
LIBRARY  = $(call objects,$(wildcard harness/task/*.c harness/supervise/*.c \
             harness/explain/*.c harness/speed/*.c harness/report/*.c)) \
           $(call objects,$(filter-out harness/grade/main.c,$(wildcard harness/grade/*.c)))
SUITES   = $(patsubst tests/labs/%,$(BUILD)/check/%,$(wildcard tests/labs/[0-9]*))
MAPS     = $(call objects,$(wildcard tests/labs/maps/*.c tests/labs/pools/*.c))
UNITS    = $(patsubst %.c,$(BUILD)/%,$(wildcard tests/harness/*.c))
# The benchmark has the solutions in it, and of the harness only what measures: with all
# of it, each fork and pipe would go through the harness's own definitions and be dearer.
BENCH_PURE = $(call objects,tests/bench/plan.c tests/bench/bars.c tests/bench/tables.c)
BENCH    = $(call objects,$(filter-out tests/bench/trust.c tests/bench/deaths%.c, \
             $(wildcard tests/bench/*.c)) \
             $(wildcard solutions/0[2-5]_*/*.c) $(wildcard harness/report/figure*.c) \
             harness/report/text.c harness/explain/command.c harness/task/clock.c \
             harness/task/reference.c $(addprefix harness/speed/,ceiling.c cpus.c estimate.c \
             machine.c number.c))
OPENMP   = $(shell echo 'int main(void) { return 0; }' | \
             $(CC) -fopenmp -x c - -o /dev/null 2>/dev/null && echo -fopenmp)
EXPORTS  = -Wl,--dynamic-list=harness/supervise/exports.list
LIBS     = $(shell pkg-config --libs check jansson) -ldl -lrt -lm -pthread
# Whole, or the linker leaves out exported calls that another library has too.
HARNESS  = -Wl,--whole-archive $(BUILD)/libharness.a -Wl,--no-whole-archive
objects  = $(patsubst %.c,$(BUILD)/%.o,$(1))
ifeq ($(MAKELEVEL),0)
JOBS := $(shell nproc 2>/dev/null || echo 1)
MAKEFLAGS += --jobs=$(JOBS)
endif

.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: help check next hint explain watch debug trace report setup test test-all unit book run plot bench bench-deaths bench-races trust race memcheck \
        coverage sanitize lint reset clean programs unit-programs memcheck-program

# help: list the commands
help:
	@awk '/^# [a-z-]+: / { line = $$0; sub(/^# /, "", line); \
	     split(line, part, ": "); printf "  make %-10s %s\n", part[1], \
	     substr(line, length(part[1]) + 3) }' Makefile
	@echo "Settings, as in README.md: IMPL= LAB= TEST= SEED= RECORD= N= WORKERS= ..."

# check: grade your labs, or IMPL=folder; LAB= and TEST= for less
check: programs
	@exec $(BUILD)/crossover check --impl="$$IMPL" --lab="$$LAB" --test="$$TEST" \
	    --seed="$$SEED" --record="$$RECORD"

# next: what to do now
next: programs
	@exec $(BUILD)/crossover next

# hint: one more hint, for the test that you are at: LAB=03 TEST=
hint: programs
	@exec $(BUILD)/crossover hint --lab="$$LAB" --test="$$TEST"

# explain: what a diagnosis means: CODE=zombie
explain: programs
	@exec $(BUILD)/crossover explain --code="$$CODE"

# watch: check again whenever a file of the lab is saved: LAB=03 TEST=
watch: programs
	@harness/watch.sh

# debug: gdb at the call that a test makes: LAB=03 TEST=... CALL=1
debug: programs
	@exec $(BUILD)/crossover debug --impl="$$IMPL" --lab="$$LAB" --test="$$TEST" --seed="$$SEED"

# trace: a timeline of your own run: LAB=03 WORKERS=3 N=24
trace: programs
	@exec $(BUILD)/crossover trace --impl="$$IMPL" --lab="$$LAB" --n="$$N" --workers="$$WORKERS"

# report: the last check as one HTML page, build/report.html: RECORD=
report: programs
	@exec $(BUILD)/crossover report --record="$$RECORD"

# book: the book's 10,000,000 numbers, serial, then parallel; N=
book: programs
	@exec $(BUILD)/crossover book --impl="$${IMPL:-$(firstword $(wildcard solutions labs))}" --n="$$N" \
	    --workers="$$WORKERS"

# run: your own code on that example: LAB=02 N=100000 WORKERS=2
run: programs
	@exec $(BUILD)/crossover run --impl="$$IMPL" --lab="$$LAB" --n="$$N" --workers="$$WORKERS"

# plot: the book's figure from your own code: MAX=100000 FROM=file.csv
plot: programs
	@harness/setup.sh plot || echo "Going on without gnuplot: numbers and text, no pictures."
	@exec $(BUILD)/crossover plot --impl="$$IMPL" --lab="$$LAB" --max="$$MAX" --from="$$FROM" \
	    --workers="$$WORKERS"

# bench: the solutions beside OpenMP and the book's Pool: MAX=1000 N=3
ifeq ($(wildcard solutions/05_pool/pool.c),)
bench:
	@echo "crossover: make bench measures the solutions, and there are none here." >&2; exit 2
else
bench: $(BUILD)/tests/bench/bench
	@harness/setup.sh bench || echo "Going on without what is missing."
	@exec $(BUILD)/tests/bench/bench
endif

# reset: put a starter back, your file is kept beside it: LAB=02
reset: programs
	@exec $(BUILD)/crossover reset --lab="$$LAB"

# memcheck: the labs under Valgrind: errors and leaks, test by test
memcheck: programs memcheck-program
	@exec $(BUILD)/memcheck --impl="$$IMPL" --lab="$$LAB" --test="$$TEST" --seed="$$SEED" \
	    --record="$${RECORD:-$(BUILD)/memcheck.json}"

# test: the kit's own tests
test: programs unit-programs memcheck-program
	@tests/run.sh quick

# test-all: the same, with every test on every wrong solution
test-all: programs unit-programs memcheck-program
	@tests/run.sh all

# trust: how far the speed verdict can be trusted, under load: N=30
trust: programs $(BUILD)/tests/bench/trust
	@exec $(BUILD)/tests/bench/trust

# race: look longer for races in labs 04 to 06: LAB=05 N=30 (seconds)
race: programs
	@RACE_SECONDS="$${N:-30}" exec $(BUILD)/crossover check --impl="$$IMPL" \
	    --lab="$${LAB:-04,05,06}" --test=has_no_race --seed="$$SEED" \
	    --record="$${RECORD:-$(BUILD)/race.json}"

# bench-deaths: the pools of the solutions, with N=200 workers killed
bench-deaths: programs $(BUILD)/tests/bench/deaths
	@exec $(BUILD)/tests/bench/deaths

# bench-races: whether races are found, and nothing else: N=50
bench-races: programs $(BUILD)/tests/verdicts
	@tests/bench/races.sh

# coverage: what the tests run, in build/coverage/html/index.html
coverage:
	@harness/setup.sh coverage
	@tests/coverage.sh

# sanitize: the unit tests under the compiler's sanitizers
sanitize:
	@$(MAKE) --no-print-directory BUILD=build/sanitize OPTIMISE=-O1 unit \
	    EXTRA='-fsanitize=address,undefined -fno-sanitize-recover=undefined -DCROSSOVER_SANITIZED'

# lint: all warnings of gcc and clang, cppcheck, shellcheck
lint:
	@tests/lint.sh

# setup: install what is missing, which harness/setup.sh lists
setup:
	@harness/setup.sh all

# clean: remove all that was built
clean:
	@rm -rf build

programs: $(BUILD)/crossover $(SUITES)
unit-programs: $(UNITS) $(BUILD)/tests/verdicts $(BUILD)/tests/bench/deaths
memcheck-program: programs
	@harness/setup.sh memcheck
	@$(MAKE) --silent --no-print-directory $(BUILD)/memcheck
unit: $(UNITS) programs
	@tests/run.sh unit

# --- how ---------------------------------------------------------------------

build/.setup: harness/setup.sh
	@harness/setup.sh core
	@mkdir -p build && touch $@

$(BUILD)/%.o: %.c Makefile | build/.setup
	@mkdir -p $(@D)
	@$(CC) $(CFLAGS) $(INCLUDES) -MMD -MP -c $< -o $@

$(BUILD)/libharness.a: $(LIBRARY)
	@rm -f $@ && ar rcs $@ $^

$(BUILD)/crossover: $(BUILD)/harness/grade/main.o $(BUILD)/libharness.a harness/supervise/exports.list
	@echo "  building $@"
	@$(CC) $(CFLAGS) $(EXPORTS) $< $(HARNESS) $(LIBS) -o $@

$(BUILD)/memcheck: $(call objects,$(wildcard harness/memcheck/*.c)) $(BUILD)/libharness.a
	@echo "  building $@"
	@$(CC) $(CFLAGS) $(filter %.o,$^) $(HARNESS) $(LIBS) $(shell pkg-config --libs expat) -o $@

# What the suites share: taken from the archive by those that need it.
$(BUILD)/libmaps.a: $(MAPS)
	@rm -f $@ && ar rcs $@ $^

# The check program of a lab: all of its suite's files.
.SECONDEXPANSION:
$(SUITES): $(BUILD)/check/%: $$(call objects,$$(wildcard tests/labs/$$*/*.c)) \
    $(BUILD)/libmaps.a $(BUILD)/libharness.a harness/supervise/exports.list
	@mkdir -p $(@D)
	@echo "  building $@"
	@$(CC) $(CFLAGS) $(EXPORTS) $(filter %.o,$^) $(BUILD)/libmaps.a $(HARNESS) $(LIBS) -o $@

$(BUILD)/libbench.a: $(BENCH_PURE)
	@rm -f $@ && ar rcs $@ $^

$(BUILD)/tests/bench/openmp.o: CFLAGS += $(OPENMP)
$(BUILD)/tests/bench/bench: $(BENCH)
	@echo "  building $@"
	@$(CC) $(CFLAGS) $(OPENMP) $(filter %.o,$^) -lrt -lm -pthread -o $@

$(BUILD)/tests/%: $(BUILD)/tests/%.o $(BUILD)/libmaps.a $(BUILD)/libbench.a $(BUILD)/libharness.a \
    harness/supervise/exports.list
	@echo "  building $@"
	@$(CC) $(CFLAGS) $(EXPORTS) $(filter %.o,$^) $(BUILD)/libmaps.a $(BUILD)/libbench.a \
	    $(HARNESS) $(LIBS) -o $@

$(BUILD)/tests/bench/deaths: $(BUILD)/tests/bench/deaths_round.o
$(BUILD)/tests/verdicts: $(BUILD)/tests/verdicts_jobs.o

-include $(wildcard $(BUILD)/harness/*/*.d $(BUILD)/solutions/*/*.d $(BUILD)/tests/*.d $(BUILD)/tests/*/*.d \
             $(BUILD)/tests/labs/*/*.d)
