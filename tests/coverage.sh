#!/bin/sh
# What the tests run of the harness and the solutions, as an lcov report.
#
# Two things make gcov wrong for forked code, and both are mended here: with
# -std=c11 gcc does not see fork and counts twice what came before it, hence
# gnu11; and _exit does not write the counters, hence tests/coverage_exit.c, which
# is linked into every program and plug-in in front of _exit. What a signal kills
# is still lost: the report is a lower bound.
set -eu

build=build/coverage
flags="--coverage -fprofile-update=atomic"
rm -rf "$build"
mkdir -p "$build"
cc=${CC:-cc}
$cc -std=gnu11 -O0 -g -fPIC -c tests/coverage_exit.c -o "$build/coverage_exit.o"
wrap="-Wl,--wrap=_exit $PWD/$build/coverage_exit.o"

echo "Building with counters ..."
make --no-print-directory BUILD="$build" STANDARD=-std=gnu11 OPTIMISE=-O0 \
	EXTRA="$flags -DCROSSOVER_COVERAGE $wrap" programs unit-programs >"$build/log" 2>&1 || {
	tail -n 20 "$build/log"
	exit 1
}

echo "Running the tests (those that compare speeds or limits may differ here) ..."
export CROSSOVER_BUILD="$build" CROSSOVER_KEEP_USER=1 CROSSOVER_SLOW=3
export PLUGIN_CFLAGS="$flags -O0 $wrap"
"$build/crossover" check --impl=solutions --record="$build/record.json" >>"$build/log"
for unit in "$build"/tests/harness/*; do
	case $unit in *.o | *.d | *.gcno | *.gcda) continue ;; esac
	"$unit" >>"$build/log" 2>&1 </dev/null || true
done
"$build/tests/verdicts" >>"$build/log" 2>&1 </dev/null || true

# shellcheck disable=SC2129 # one log for all
lcov --quiet --capture --directory . --output-file "$build/all.info" \
	--ignore-errors source,gcov >>"$build/log" 2>&1
lcov --quiet --extract "$build/all.info" "*/harness/*" "*/solutions/*" \
	--output-file "$build/kit.info" >>"$build/log" 2>&1
lcov --quiet --remove "$build/kit.info" "*/tests/*" \
	--output-file "$build/kit.info" >>"$build/log" 2>&1
genhtml --quiet --output-directory "$build/html" "$build/kit.info" >>"$build/log" 2>&1
lcov --list "$build/kit.info" 2>/dev/null | grep -v '^Reading'
find . -name '*.gcda' -not -path "./$build/*" -delete

# Two lines of a solution that must have been counted: one that only children run,
# just before they end in _exit, and one that only the caller runs.
for text in '_exit(body(' 'return not_zero'; do
	line=$(grep -n "$text" solutions/02_fork/run_workers.c | cut -d: -f1)
	hits=$(awk -v line="$line" '/^SF:/ { here = /solutions\/02_fork\/run_workers.c$/ }
		here && $0 ~ "^DA:" line "," { split($0, part, ","); print part[2] }' "$build/kit.info")
	if [ "${hits:-0}" -eq 0 ]; then
		echo "coverage: line $line of run_workers.c was run but not counted" >&2
		exit 1
	fi
done
echo
echo "The page: $build/html/index.html"
