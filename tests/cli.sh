#!/bin/sh
# Tests of the commands as a person types them, in a copy of the kit, in a folder
# with a space in its name.
#
# Prints a line for each check that fails, and the numbers at the end.
set -u

passed=0
failed=0
top=$(pwd)
tmp=$(mktemp -d) || exit 2
kit="$tmp/the kit"
all=$(($(find labs/.starter -mindepth 1 -maxdepth 1 -type d | wc -l) * 100)) # points
# Marks every process that is started here, so that left ones can be found.
CLI_TEST_MARK=cli-$$
export CLI_TEST_MARK
unset MAKEFLAGS MFLAGS MAKELEVEL CROSSOVER_BUILD IMPL LAB TEST SEED RECORD N WORKERS MAX FROM
trap 'cd /; rm -rf "$tmp"' EXIT
trap 'exit 2' INT TERM HUP

ok() {
	passed=$((passed + 1))
}

not_ok() {
	failed=$((failed + 1))
	echo "not ok  $*"
	sed 's/^/        /' "$tmp/out" "$tmp/err" 2>/dev/null | tail -n 12
}

# check NAME COMMAND...: the command must succeed.
check() {
	name=$1
	shift
	if "$@"; then ok; else not_ok "$name"; fi
}

# Runs make there; leaves its output in $tmp/out and $tmp/err, status in $status.
kit_make() {
	(cd "$kit" && make "$@") >"$tmp/out" 2>"$tmp/err" </dev/null
	status=$?
}

says() {
	grep -q -- "$1" "$tmp/out" "$tmp/err"
}

fits_80_columns() {
	! LC_ALL=C awk 'length($0) > 80 { found = 1 } END { exit !found }' "$tmp/out"
}

# Processes of this test that are still there, "pid command line", but for this
# script and the tools that look. The mark of those that are not dumpable can be
# read by root alone; their command lines name the plug-in of the test.
left_processes() {
	{
		grep -lz "^CLI_TEST_MARK=$CLI_TEST_MARK" /proc/[0-9]*/environ 2>/dev/null
		grep -lz 'build/sleeper/' /proc/[0-9]*/cmdline 2>/dev/null
	} | tr -dc '0-9\n' | sort -nu | while read -r pid; do
		command=$(tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline")
		case $command in
		"" | *cli.sh* | grep\ * | tr\ * | sort\ *) ;;
		*) echo "$pid $command" ;;
		esac
	done 2>/dev/null
}

# All points of $1, but for those of speed that cannot be measured here and now.
full_points() {
	awk -v all="$1" '/^Total / { open = /open$/ ? $(NF - 1) : 0
		good = $2 + open == all && $4 == all }
		END { exit !good }' "$tmp/out"
}

none_left() {
	tries=0
	while [ -n "$(left_processes)" ] && [ $tries -lt 20 ]; do
		tries=$((tries + 1))
		sleep 0.1
	done
	left_processes >"$tmp/err"
	[ ! -s "$tmp/err" ]
}

# An implementation with one lab, from a file.
implement() {
	mkdir -p "$kit/$1/$2" && cp "$3" "$kit/$1/$2/"
}

# --- the grades -----------------------------------------------------------------

test_starters() {
	kit_make check IMPL=labs/.starter
	check "untouched starters: make fails" [ "$status" -eq 2 ]
	check "starters: 01 is not started" says '^01_serial  *not started  *0 of 100 points'
	check "starters: 02 is not started" says '^02_fork  *not started  *0 of 100 points'
	check "starters: no points" says "^Total  *0 of $all points"
	check "starters: what to do next" says '^Next: read labs/01_serial/README.md'
	check "starters: 80 columns" fits_80_columns
}

test_solutions() {
	kit_make check IMPL=solutions
	check "solutions: make succeeds" [ "$status" -eq 0 ]
	check "solutions: all points" full_points "$all"
	check "solutions: no colour in a file" eval "! grep -q '$(printf '\033')' '$tmp/out'"
	check "solutions: the record is there" grep -q "\"max_points\": $all" "$kit/build/record.json"
	check "the record has the machine" grep -q '"cpus": [1-9]' "$kit/build/record.json"
	kit_make check IMPL=solutions LAB=02 RECORD="$tmp/my record.json" SEED=7
	check "LAB=02 alone: 100 points" full_points 100
	check "RECORD= names the record" grep -q '"seed": 7' "$tmp/my record.json"
	kit_make check IMPL=solutions/ LAB=02,01
	check "LAB=02,01: both" full_points 200
	kit_make check IMPL=solutions LAB=2 TEST=reaps_every_child
	check "TEST=: one test" says '^Passed. The whole lab: make check LAB=02 IMPL=solutions'
	kit_make check IMPL=solutions TEST=cpu_count_respects_affinity
	check "TEST= finds its lab" says '^01_serial  *1 of  1 tests passed'
}

test_failures() {
	kit_make check IMPL=tests/wrong/02_fork/wait_once_for_all.c
	check "a failure fails" [ "$status" -eq 2 ]
	check "a failure: the diagnosis" says '    zombie: '
	check "a failure: the next step" says '    Next step: '
	check "a failure: the page" says 'See docs/diagnoses.md#zombie'
	check "a failure: what to do first" says '^Next: mend reaps_every_child (zombie), then type:'
	check "a failure: 80 columns" fits_80_columns
	check "a failure: in the record" grep -q '"diagnosis": "zombie"' "$kit/build/record.json"
	kit_make check IMPL=tests/wrong/02_fork/end_of_list_missed.c LAB=02
	check "a crash: file and line" says 'tests/wrong/02_fork/end_of_list_missed.c:[0-9][0-9]*'
	check "every code has its page" every_code_has_a_page
	mkdir -p "$kit/printing/02_fork"
	cat >"$kit/printing/02_fork/printing.c" <<'EOC'
#include <stdio.h>
#include "run_workers.h"
int run_workers(int workers, worker_fn *body, void *context, int statuses[])
{
	(void)workers, (void)body, (void)context, (void)statuses;
	puts("printed by the student");
	return 0;
}
EOC
	kit_make check IMPL=printing
	check "what the student printed is shown" says '    | printed by the student'
}

every_code_has_a_page() {
	grep -o '^	\[[A-Z_]*\] = "[a-z-]*"' "$top/harness/explain/diagnosis.c" | sed 's/.*"\(.*\)"/\1/' |
		grep . >"$tmp/codes"
	while read -r code; do
		grep -q "^## $code\$" "$top/docs/diagnoses.md" || {
			echo "no section for $code" >"$tmp/err"
			return 1
		}
	done <"$tmp/codes"
	[ "$(wc -l <"$tmp/codes")" -ge 37 ]
}

# Every diagnosis that the judges and suites can give has a wrong solution that
# must get it (does-not-compile has test_compile_errors).
test_every_diagnosis() {
	grep -ho '^	\[[A-Z_]*\] = "[a-z-][a-z-]*"' "$top/harness/explain/diagnosis.c" |
		sed 's/^	\[\([A-Z_]*\)\] = "\(.*\)"/\1 \2/' >"$tmp/codes"
	while read -r name code; do
		grep -rqw "$name" "$top"/harness/explain/judge*.c "$top/harness/memcheck" "$top/tests/labs" ||
			continue
		[ "$code" = does-not-compile ] ||
			check "$code has a wrong solution" grep -rqx " \* Diagnosis: $code" "$top/tests/wrong"
	done <"$tmp/codes"
}

# A file too few, one too many, a header that was changed.
check_files() {
	mkdir -p "$kit/files/01_serial" "$kit/files/02_fork"
	cp "$top/solutions/01_serial/serial.c" "$kit/files/01_serial/"
	ln -s nowhere "$kit/files/01_serial/.#serial.c"
	kit_make check IMPL=files
	check "no .c file: make fails" [ "$status" -eq 2 ]
	check "no .c file: 0 of 100" says '^02_fork  *does not compile  *0 of 100 points'
	check "no .c file: said so" says 'there is no .c file in files/02_fork'
	check "an editor's hidden file is left alone" says '^01_serial .* 100 of 100 points'
	cp "$top/solutions/02_fork/run_workers.c" "$kit/files/02_fork/"
	cp "$top/solutions/02_fork/run_workers.c" "$kit/files/02_fork/old.c"
	kit_make check IMPL=files LAB=02
	check "a function twice is explained" says 'run_workers is defined twice'
	rm "$kit/files/02_fork/old.c"
	sed 's/int statuses/long statuses/' "$top/labs/02_fork/run_workers.h" \
		>"$kit/files/02_fork/run_workers.h"
	kit_make check IMPL=files LAB=02
	check "a changed header is named" says 'files/02_fork/run_workers.h was changed'
	cp -r "$kit/labs/02_fork" "$kit/labs/02_fork (copy)"
	kit_make check IMPL=solutions
	check "a copy of a lab's folder is no lab" full_points "$all"
}

# Student code that writes over what it shares with the supervisor, and source
# that no compiler comes to the end of.
test_hostile_code() {
	mkdir -p "$kit/hostile/02_fork"
	cat >"$kit/hostile/02_fork/hostile.c" <<'EOC'
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "run_workers.h"
int run_workers(int workers, worker_fn *body, void *context, int statuses[])
{
	char line[512];
	unsigned long start, end;
	(void)workers, (void)body, (void)context, (void)statuses;
	FILE *maps = fopen("/proc/self/maps", "r");
	while (maps != NULL && fgets(line, sizeof line, maps) != NULL)
		if (strstr(line, "rw-s") != NULL && sscanf(line, "%lx-%lx", &start, &end) == 2)
			memset((void *)start, 0x7f, end - start);
	for (;;)
		pause();
}
EOC
	kit_make check IMPL=hostile
	check "hostile code gets no points" says '^Total  *0 of 100 points'
	check "hostile code: make fails" [ "$status" -eq 2 ]
	check "hostile code: nothing is left" none_left
	mkfifo "$kit/hostile/02_fork/endless.h"
	echo '#include "endless.h"' >"$kit/hostile/02_fork/hostile.c"
	kit_make check IMPL=hostile
	check "an endless include ends" says 'done after 20 s'
	rm "$kit/hostile/02_fork/endless.h"
}

test_compile_errors() {
	implement broken 01_serial "$top/solutions/01_serial/serial.c"
	implement broken 02_fork "$top/solutions/02_fork/run_workers.c"
	sed -i 's/^int run_workers/in run_workers/' "$kit/broken/02_fork/run_workers.c"
	kit_make check IMPL=broken
	check "a compile error fails" [ "$status" -eq 2 ]
	check "a compile error: file and line" says 'does-not-compile: broken/02_fork/run_workers.c:[0-9]'
	check "a compile error: the other lab is graded" says '^01_serial .* 100 of 100 points'
	check "a compile error: 0 points" says '^02_fork  *does not compile  *0 of 100 points'
	check_files
	sed -i 's/^in run_workers/static int run_workers_/' "$kit/broken/02_fork/run_workers.c"
	kit_make check IMPL=broken LAB=02
	check "a missing function is named" says 'no function .run_workers.'
	sed -i 's/^static int run_workers_/int run_workers/; s/calloc(/kalloc(/' \
		"$kit/broken/02_fork/run_workers.c"
	kit_make check IMPL=broken LAB=02
	check "an undefined call is named" says 'kalloc'
}

# --- bad input --------------------------------------------------------------------

# One clear line, status 2, nothing done.
refuses() {
	what=$1
	pattern=$2
	shift 2
	rm -f "$kit/build/record.json"
	kit_make "$@"
	check "$what: status" [ "$status" -eq 2 ]
	check "$what: names it" says "^crossover: $pattern"
	check "$what: one line" [ "$(grep -vc '^make' "$tmp/err")" -eq 1 ]
	check "$what: nothing on standard output" [ ! -s "$tmp/out" ]
	check "$what: no record" [ ! -e "$kit/build/record.json" ]
}

test_bad_input() {
	mkdir -p "$kit/empty"
	refuses LAB=99 'LAB=99: no such lab; there are 01_serial, 02_fork, 03_pipes' check LAB=99
	refuses LAB=x 'LAB=x: no such lab' check LAB=x
	refuses LAB=, 'LAB=,: names no lab' check LAB=,
	refuses TEST=typo 'TEST=reaps_every_chil.*did you mean reaps_every_child' \
		check TEST=reaps_every_chil
	refuses 'TEST= of another lab' 'TEST=many_workers: no such test in this lab' \
		check LAB=01 TEST=many_workers
	refuses 'IMPL= missing' 'IMPL=nowhere: there is no such' check IMPL=nowhere
	refuses 'IMPL= empty' 'IMPL=empty: no lab in it' check IMPL=empty
	refuses 'IMPL= without that lab' 'LAB=01: there is no printing/01_serial' check IMPL=printing LAB=01
	refuses SEED=x 'SEED=x: expected a whole number' check SEED=x
	refuses RECORD= 'RECORD=/nowhere/r.json: cannot write there' check RECORD=/nowhere/r.json
	refuses N=abc 'N=abc: expected a whole number' book N=abc
	refuses N=0 'N=0: expected a whole number from 1 to 4294967296' book N=0
	refuses N=-1 'N=-1: expected a whole number' run LAB=02 N=-1
	refuses N=2^32+1 'N=4294967297: expected a whole number' book N=4294967297
	refuses N=huge 'N=99999999999999999999: expected' book N=99999999999999999999
	refuses WORKERS=0 'WORKERS=0: expected a whole number' run LAB=02 WORKERS=0
	refuses 'run without a lab' 'LAB= must name the one lab' run
	refuses 'run of a lab without a map' 'LAB=07: there is no map of its own in 07_crossover .*LAB=01 to 05' run LAB=07
	refuses 'reset without a lab' 'LAB= must name the one lab' reset
	refuses 'reset of no lab' 'LAB=99: no such lab' reset LAB=99
}

# --- the other commands -----------------------------------------------------------

test_book_and_run() {
	kit_make book N=1000 WORKERS=2
	check "book succeeds" [ "$status" -eq 0 ]
	check "book: the sum" says 'the squares add up to 28,\?[0-9]*, as they must'
	check "book: the pool" says '^pool_map, 2 '
	check "book: the book's figures" says 'the book, serial  *32.950 s '
	check "book: no bar in a file" eval "! grep -q '#####' '$tmp/out' '$tmp/err'"
	kit_make run LAB=02 IMPL=solutions N=100 WORKERS=3
	check "run: the sum of 100" says 'add up to 2,806'
	check "run: the workers" says 'parallel, 3 processes'
	kit_make run LAB=01 IMPL=solutions N=100
	check "run LAB=01" says 'add up to 2,806'
	kit_make run LAB=03 IMPL=solutions N=100 WORKERS=3
	check "run LAB=03" says '^pipe_map, 3 '
	check "run LAB=03: the sum" says 'add up to 2,806'
	kit_make run LAB=04 IMPL=solutions N=100
	check "run LAB=04: both maps" says '^shared_map_dynamic, '
	check "run LAB=04: the sum" says 'add up to 2,806'
	kit_make run LAB=05 IMPL=solutions N=100
	check "run LAB=05: the pool" says '^pool_map, '
	check "run LAB=05: the sum" says 'add up to 2,806'
	kit_make run LAB=03 N=100000 IMPL=tests/wrong/03_pipes/waits_before_it_reads.c
	check "run: a hang is explained" says 'pipe-deadlock: the caller waits for worker 0'
	kit_make run LAB=02 IMPL=labs/.starter
	check "run of a starter fails" [ "$status" -eq 2 ]
	check "run of a starter says so" says 'not started: run_workers is not written yet'
	kit_make run LAB=01 N=100 IMPL=tests/wrong/01_serial/number_not_squared.c
	check "run: a wrong sum fails" [ "$status" -eq 2 ]
	check "run: a wrong sum is shown" says 'Wrong: the squares add up to'
	kit_make help
	check "help lists check" says '  make check '
	check "help fits 80 columns" fits_80_columns
}

# Numbers, two pictures, text and words; and the same from the numbers again.
test_plot() {
	kit_make plot MAX=1000 IMPL=solutions
	check "plot succeeds" [ "$status" -eq 0 ]
	check "plot: every way" says '^  D  shared_map_dynamic '
	check "plot: the pool" says '^  E  pool_map_hot '
	check "plot: the words" says 'Serial wins '
	check "plot: why" says '^Why: to start '
	check "plot: 80 columns" fits_80_columns
	check "plot: no bar and no colour in a file" \
		eval "! grep -q '####\|$(printf '\033')' '$tmp/out' '$tmp/err'"
	check "plot: a line for each round" [ "$(grep -c '^1000,' "$kit/build/crossover.csv")" -eq 31 ]
	check "plot: SVG" grep -q 'number of random points' "$kit/build/crossover.svg"
	check "plot: PNG" eval "head -c 8 '$kit/build/crossover.png' | grep -q PNG"
	sed -n '/^Squares/,/^Drawn/p' "$tmp/out" >"$tmp/first"
	cp "$kit/build/crossover.csv" "$kit/numbers.csv"
	cp "$kit/build/crossover.svg" "$tmp/first.svg"
	kit_make plot FROM=numbers.csv
	check "plot FROM= succeeds" [ "$status" -eq 0 ]
	sed -n '/^Squares/,/^Drawn/p' "$tmp/out" >"$tmp/second"
	check "plot FROM= says the same" cmp -s "$tmp/first" "$tmp/second"
	check "plot FROM= draws the same" cmp -s "$tmp/first.svg" "$kit/build/crossover.svg"
	check "plot FROM= does not measure" eval "! grep -q '^Measuring' '$tmp/out'"
	sed '20s/,[^,]*$/,x/' "$kit/numbers.csv" >"$kit/broken.csv"
	refuses 'damaged numbers' 'FROM=broken.csv:20: expected seconds above 0, not "x"' \
		plot FROM=broken.csv
	refuses 'no numbers' 'FROM=nowhere.csv: No such file' plot FROM=nowhere.csv
	refuses MAX=9 'MAX=9: expected a whole number from 10 to 10000000' plot MAX=9
}

# What does not pass is left out, and said so.
test_plot_of_some() {
	mkdir -p "$kit/mixed/03_pipes"
	cp -r "$top/solutions/02_fork" "$kit/mixed/"
	cp "$top"/tests/wrong/03_pipes/remainder_lost.c "$kit/mixed/03_pipes/"
	kit_make plot MAX=1000 IMPL=mixed WORKERS=3
	check "plot of some: succeeds" [ "$status" -eq 0 ]
	check "plot of some: what is left out" says 'pipe_map is not drawn (n = 1,000): wrong-result'
	check "plot of some: where to look" says 'make check LAB=03 IMPL=mixed'
	check "plot of some: the rest is drawn" says '^  A  run_workers '
	check "plot of some: whose loop" says "Serial is the kit's own loop"
	check "plot of some: in the numbers" grep -q '^n,round,serial,run_workers$' "$kit/build/crossover.csv"
	kit_make plot MAX=100 IMPL=labs/.starter
	check "plot of starters: fails" [ "$status" -eq 2 ]
	check "plot of starters: says why" says 'run_workers is not drawn: run_workers is not written yet'
	command -v taskset >/dev/null || return
	(cd "$kit" && taskset -c 0 make plot MAX=100 LAB=02 IMPL=mixed) >"$tmp/out" 2>"$tmp/err" </dev/null
	check "plot on one CPU" says '^With one CPU, parallel never wins'
}

# Every program but gnuplot, and nobody who could install it.
test_plot_without_gnuplot() {
	mkdir -p "$tmp/programs"
	for folder in /usr/local/bin /usr/bin /bin; do
		find "$folder/" -mindepth 1 -maxdepth 1 -not -name 'gnuplot*' -not -name sudo \
			-exec ln -s -t "$tmp/programs" {} + 2>/dev/null
	done
	ln -sf /bin/false "$tmp/programs/apt-get"
	(cd "$kit" && PATH="$tmp/programs" make plot FROM=numbers.csv) >"$tmp/out" 2>"$tmp/err" </dev/null
	check "no gnuplot: succeeds" [ $? -eq 0 ]
	check "no gnuplot: which package" says 'apt install .*gnuplot-nox'
	check "no gnuplot: said once more below" says 'was not drawn: gnuplot is not installed'
	check "no gnuplot: text all the same" says '^  D  shared_map_dynamic '
	check "no gnuplot: no old picture" [ ! -e "$kit/build/crossover.svg" ]
}

# What was measured is kept.
test_plot_interrupted() {
	rm -f "$kit"/build/crossover.*
	(cd "$kit" && exec setsid make plot IMPL=mixed LAB=02) >"$tmp/out" 2>"$tmp/err" </dev/null &
	group=$!
	tries=0
	while ! says '^Measuring' && [ $tries -lt 500 ]; do
		tries=$((tries + 1))
		sleep 0.02
	done
	sleep 1.5
	kill -s INT -- "-$group"
	wait $group 2>/dev/null
	status=$?
	check "plot interrupted: make fails" [ $status -ne 0 ]
	check "plot interrupted: said so" says 'crossover: interrupted, what was measured is drawn'
	check "plot interrupted: the words" says 'Serial wins'
	check "plot interrupted: the numbers" grep -q '^10,31,' "$kit/build/crossover.csv"
	check "plot interrupted: the picture" [ -s "$kit/build/crossover.svg" ]
	check "plot interrupted: no process is left" none_left
	check "plot interrupted: no other file is left" \
		[ "$(find "$kit/build" -maxdepth 1 -name 'crossover.*' | wc -l)" -eq 4 ]
}

# The peers are there, or it is said which package they need.
test_bench() {
	kit_make bench MAX=30 N=1
	check "bench succeeds" [ "$status" -eq 0 ]
	check "bench: the ways" says '^        n serial   fork  pipes shared   pool   idle'
	check "bench: OpenMP, or why not" says ' openmp\|install libomp-dev'
	check "bench: Python, or why not" says ' py for py map$\|install python3-numpy'
	check "bench: the bars" says '^[0-8] reached, [0-8] missed, [0-8] not measured'
	check "bench: 80 columns" fits_80_columns
	check "bench: no bar in a file" eval "! grep -q '####' '$tmp/out' '$tmp/err'"
	check "bench: the numbers" grep -q '^30,1,0.0000' "$kit/build/bench.csv"
	check "bench: the text again" grep -q '^one apply on a hot pool' "$kit/build/bench.txt"
	check "bench: SVG" grep -q 'number of random points' "$kit/build/bench.svg"
	check "bench: no process is left" none_left
	refuses 'bench MAX=9' 'MAX=9: expected a whole number from 10 to 1000000' bench MAX=9
	refuses 'bench N=32' 'N=32: expected a whole number from 1 to 31' bench N=32
	refuses 'bench N=3x' 'N=3x: expected a whole number' bench N=3x
}

# Nobody who could install them; the programs of test_plot_without_gnuplot.
test_bench_without_peers() {
	mkdir -p "$tmp/without"
	echo 'raise ImportError' >"$tmp/without/numpy.py"
	rm "$kit/build/tests/bench/openmp.o" "$kit/build/tests/bench/bench"
	(cd "$kit" && PATH="$tmp/programs" PYTHONPATH="$tmp/without" make bench MAX=10 N=1 OPENMP=) \
		>"$tmp/out" 2>"$tmp/err" </dev/null
	check "bench without peers: succeeds" [ $? -eq 0 ]
	check "bench without peers: the others" says '^        n serial   fork  pipes shared   pool   idle$'
	check "bench without peers: OpenMP's package" says 'libomp-dev'
	check "bench without peers: Python's package" says 'install python3-numpy'
	check "bench without peers: gnuplot's package" says 'install gnuplot-nox'
	check "bench without peers: no old picture" [ ! -e "$kit/build/bench.svg" ]
	check "bench without peers: its bars" says 'against OpenMP.* - <= .* not measured$'
	rm "$kit/build/tests/bench/openmp.o" "$kit/build/tests/bench/bench"
}

# A wrong result is an error, and no time.
test_bench_of_wrong_ways() {
	cp "$top"/tests/wrong/03_pipes/remainder_lost.c "$kit/solutions/03_pipes/pipe_map.c"
	kit_make bench MAX=10 N=1
	check "bench of a wrong way: fails" [ "$status" -eq 2 ]
	check "bench of a wrong way: which" says '^crossover: wrong result of pipes at n = '
	check "bench of a wrong way: no table" eval "! grep -q '^Bars' '$tmp/out'"
	check "bench of a wrong way: no process is left" none_left
	cp "$top/solutions/03_pipes/pipe_map.c" "$kit/solutions/03_pipes/"
	mv "$kit/solutions" "$tmp/solutions"
	refuses 'bench without solutions' 'make bench measures the solutions, and there are none' bench
	mv "$tmp/solutions" "$kit/solutions"
}

test_bench_interrupted() {
	(cd "$kit" && exec setsid make bench) >"$tmp/out" 2>"$tmp/err" </dev/null &
	group=$!
	tries=0
	while ! says '^Measuring' && [ $tries -lt 500 ]; do
		tries=$((tries + 1))
		sleep 0.02
	done
	sleep 0.5
	kill -s "$1" -- "-$group"
	wait $group 2>/dev/null
	check "bench, SIG$1: make fails" [ $? -ne 0 ]
	check "bench, SIG$1: no process is left" none_left
}

# A hang is explained, its processes are shown once and are in the record.
# What helps on the way: the state is that of the last check, whatever was checked.
test_learning() {
	cp "$kit/labs/02_fork/run_workers.c" "$tmp/run_workers.c"
	rm -f "$kit/build/progress.json" "$kit/build/hints.json"
	kit_make next
	check "next: begins with lab 01" says '^  2. Edit       labs/01_serial/serial.c$'
	kit_make check LAB=01 IMPL=solutions
	kit_make next
	check "next: other people's labs do not count" says '^Lab 01 is next'
	cp "$kit/labs/01_serial/serial.c" "$tmp/serial.c"
	cp "$top/solutions/01_serial/serial.c" "$kit/labs/01_serial/"
	cp "$top/tests/wrong/02_fork/wait_once_for_all.c" "$kit/labs/02_fork/run_workers.c"
	kit_make check LAB=01
	kit_make next
	check "next: lab 02 after lab 01" says '^Lab 02 is next'
	kit_make check LAB=02
	kit_make next
	check "next: the first failure" says '^Mend reaps_every_child (zombie)'
	check "next: how to read about it" says '  make explain CODE=zombie$'
	kit_make hint LAB=02
	check "hint: for that test" says '^Lab 02, reaps_every_child, hint 1 of [2-9]:'
	check "hint: what was found" says 'It was zombie'
	kit_make hint LAB=02
	check "hint: then the second" says '^Lab 02, reaps_every_child, hint 2 of'
	kit_make hint LAB=02 TEST=reports_signals
	check "hint: for another test" says '^Lab 02, reports_signals, hint 1 of'
	kit_make hint
	check "hint: which lab?" says 'LAB= must name'
	cp "$top/solutions/02_fork/run_workers.c" "$kit/labs/02_fork/"
	kit_make check LAB=02 TEST=reaps_every_child
	touch -d '1 minute' "$kit/labs/02_fork/run_workers.c"
	kit_make next
	check "next: edited since" says '^You have edited lab 02'
	kit_make explain CODE=zombie
	check "explain: the page" says '^## zombie$'
	check "explain: this page only" eval "[ \$(grep -c '^## ' '$tmp/out') -eq 1 ]"
	kit_make explain CODE=zombi
	check "explain: did you mean" says 'did you mean zombie?'
	cp "$tmp/run_workers.c" "$kit/labs/02_fork/"
	cp "$tmp/serial.c" "$kit/labs/01_serial/"
}

# The anchors of a page: its headings as GitHub makes them, without punctuation.
anchors() {
	sed -n 's/^##* //p' "$1" | tr '[:upper:] ' '[:lower:]-' | tr -dc 'a-z0-9_\n-'
}

# "PAGE TARGET" of each link in our pages that leads to another place of ours.
own_links() {
	find "$top" -name build -prune -o -name '*.md' -print | while read -r page; do
		awk '/^```/ { code = !code } !code' "$page" | grep -o '](\([^)]*\))' |
			sed 's/^](//; s/)$//' | grep -v '^https*:' | sed "s|^|$page |"
	done
}

broken_links() {
	own_links >"$tmp/links"
	while read -r page target; do
		file=${target%%#*}
		[ -z "$file" ] && file=$page || file=$(dirname "$page")/$file
		anchor=${target#*#}
		[ -e "$file" ] || echo "$page: there is no $target"
		[ "$anchor" = "$target" ] || anchors "$file" | grep -qx -- "$anchor" ||
			echo "$page: there is no place $target"
	done <"$tmp/links"
}

test_links() {
	broken_links >"$tmp/out" 2>&1
	check "every link in our pages leads somewhere" [ ! -s "$tmp/out" ]
	check "links were found" [ "$(wc -l <"$tmp/links")" -gt 50 ]
}

# The chapters' programs are built and run, and what the chapters show of them is there.
test_examples() {
	for source in "$top"/docs/examples/*.c; do
		program=$(basename "$source" .c)
		"${CC:-cc}" -std=gnu11 -O1 -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror "$source" \
			-o "$tmp/$program" -pthread -lrt -lm >"$tmp/out" 2>"$tmp/err"
		check "docs/examples/$program.c: no warning" [ $? -eq 0 ]
		timeout 20 "$tmp/$program" >"$tmp/out" 2>"$tmp/err" </dev/null
		check "docs/examples/$program.c: runs" [ $? -eq 0 ]
		check "docs/examples/$program.c: says something" [ -s "$tmp/out" ]
	done
	for page in "$top"/docs/[0-9]*.md "$top/docs/races.md"; do
		[ -e "$page" ] || continue
		foreign_excerpts "$page" >"$tmp/out" 2>"$tmp/err"
		check "$(basename "$page"): its C is from a program that is built" \
			eval "[ ! -s '$tmp/out' ] && [ ! -s '$tmp/err' ]"
	done
}

# Blocks of C in a page that are not part of the file that the line before them names.
foreign_excerpts() {
	awk -v folder="$(dirname "$1")" '
		function whole(path,   text, line) {
			while ((getline line < path) > 0) text = text line "\n"
			close(path)
			return text
		}
		/^```c$/ { inside = 1; block = ""; next }
		/^```/ && inside {
			inside = 0
			if (path == "" || index(whole(folder "/" path), block) == 0)
				print FILENAME ": not in " (path == "" ? "a named file" : path) ":\n" block
			path = ""
		}
		inside { block = block $0 "\n"; next }
		match($0, /^From \[[^]]*\]\([^)]*\):$/) { path = $0; sub(/^.*\(/, "", path); sub(/\):$/, "", path) }
	' "$1"
}

checks_made() {
	grep -c '^Checking' "$tmp/watched"
}

# Waits until so many checks were made; at most half a minute.
await_checks() {
	tries=0
	while [ "$(checks_made)" -lt "$1" ] && [ $tries -lt 300 ]; do
		sleep 0.1
		tries=$((tries + 1))
	done
	[ "$(checks_made)" -ge "$1" ]
}

test_watch() {
	if ! command -v entr >/dev/null; then
		echo "skipped make watch: entr is missing"
		return
	fi
	(cd "$kit" && exec setsid make watch LAB=02) >"$tmp/watched" 2>&1 </dev/null &
	watcher=$!
	check "watch: checks at once" await_checks 1
	sleep 0.5 # until entr looks again
	echo >>"$kit/labs/02_fork/run_workers.c"
	check "watch: and when the file is saved" await_checks 2
	kill -TERM "-$watcher"
	wait "$watcher" 2>/dev/null
	check "watch: a signal leaves nothing" none_left
	cp "$tmp/run_workers.c" "$kit/labs/02_fork/"
	kit_make watch
	check "watch: which lab?" says 'LAB= must name'
}

test_debug() {
	if ! command -v gdb >/dev/null; then
		echo "skipped make debug: gdb is missing"
		return
	fi
	(cd "$kit" && printf 'backtrace 1\nprint n\nquit\n' |
		make debug IMPL=solutions LAB=03 TEST=maps_in_order CALL=2) >"$tmp/out" 2>"$tmp/err"
	check "debug: ends well" [ $? -eq 0 ]
	check "debug: stops in the student's function" says '#0  pipe_map (task='
	check "debug: in the file" says 'at solutions/03_pipes/pipe_map.c:[0-9]'
	check "debug: leaves nothing" none_left
	kit_make debug LAB=03 TEST=maps_in_orde
	check "debug: did you mean" says 'did you mean maps_in_order?'
	kit_make debug
	check "debug: which test?" says 'LAB= and TEST= must name'
	(cd "$kit" && make debug LAB=03 TEST=maps_in_order CALL=9) >"$tmp/out" 2>"$tmp/err" </dev/null
	check "debug: too few calls" says 'the test ended before call 9'
}

# The picture of a good solution, of one that starts workers one after the other, and of
# one whose last worker has most to do.
test_trace() {
	kit_make trace LAB=03 IMPL=solutions
	check "trace: succeeds" [ "$status" -eq 0 ]
	check "trace: a row for each worker" says '^worker 2  *[.#]*#'
	check "trace: they overlap" says '^- Up to 3 tasks ran side by side'
	check "trace: 80 columns" fits_80_columns
	check "trace: the picture is whole" eval "tail -n 1 '$kit/build/trace.svg' | grep -q '^</svg>'"
	check "trace: all tasks are in it" [ "$(grep -o '>task [0-9]*,' "$kit/build/trace.svg" |
		sort -u | wc -l)" -eq 24 ]
	check "trace: Chrome's format" grep -q '"traceEvents": \[' "$kit/build/trace.json"
	kit_make trace LAB=03 IMPL=tests/wrong/03_pipes/one_worker_after_the_other.c
	check "trace: one after the other" says 'the caller waits for one worker to end before'
	check "trace: and it shows" says '^caller  *F.*<.*F.*<.*F'
	kit_make trace LAB=03 IMPL=tests/wrong/03_pipes/one_worker_does_it_all.c
	check "trace: one does it all" says '^- Only one process ran tasks'
	kit_make trace LAB=03 IMPL=tests/wrong/03_pipes/job_ends_open_in_all_workers.c
	check "trace: a hang fails" [ "$status" -eq 2 ]
	check "trace: who was blocked where" says 'was still in read([0-9]*)'
	kit_make trace LAB=04 IMPL=tests/wrong/04_shared/tasks_inside_the_lock.c
	check "trace: a lock" says 'Hold no lock while a task runs'
	for lab in 01 02 04 05 06; do
		kit_make trace LAB=$lab IMPL=solutions N=12
		check "trace: lab $lab" [ "$status" -eq 0 ]
	done
	kit_make trace LAB=02
	check "trace: not started" says '^not started: '
	kit_make trace LAB=07 IMPL=solutions
	check "trace: nothing to trace" says 'there is nothing to trace'
	kit_make trace
	check "trace: which lab?" says 'LAB= must name'
}

# The page needs nothing else, and takes nothing that a student printed for its own.
test_report() {
	cat >"$tmp/record.json" <<-'EOC'
	{ "implementation": "some <b>folder", "seed": 7, "machine": { "cpus": 2, "ceiling": 1.9 },
	  "points": 5, "max_points": 20, "open_points": 4,
	  "labs": [ { "lab": "02_fork", "points": 5, "max_points": 20, "open_points": 4, "tests": [
	    { "name": "first", "verdict": "passed", "diagnosis": "", "points": 5, "max_points": 5 },
	    { "name": "second", "verdict": "failed", "diagnosis": "zombie", "points": 0,
	      "max_points": 11, "message": "3 < 4 & more", "next_step": "Wait for \"all\".",
	      "output": "<script>alert(1)</script>" },
	    { "name": "third", "verdict": "not measured", "points": 0, "max_points": 4 } ] } ] }
	EOC
	kit_make report RECORD="$tmp/record.json"
	check "report: succeeds" [ "$status" -eq 0 ]
	cp "$kit/build/report.html" "$tmp/out"
	check "report: points" says '<b>5 of 20 points</b>, 4 open'
	check "report: the test" says 'class="test not-measured".*not measured</span> <b>third</b>'
	check "report: the message" says '3 &lt; 4 &amp; more'
	check "report: the name" says '<h1>Crossover: some &lt;b&gt;folder</h1>'
	check "report: no script" eval "! grep -qi '<script' '$tmp/out'"
	check "report: what the student printed" says '&lt;script&gt;alert(1)'
	check "report: no network" eval "! grep -Eqi '(src|href)=\"?(http|//)' '$tmp/out'"
	check "report: the page of the diagnosis" says '<details id="zombie"'
	check "report: and its code" says '<pre>'
	check "report: the whole page" eval "tail -n 1 '$tmp/out' | grep -q '</html>'"
	kit_make report RECORD="$tmp/nowhere.json"
	check "report: no record" [ "$status" -eq 2 ]
	test_report_in_a_browser
}

test_report_in_a_browser() {
	browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome)
	if [ -z "$browser" ]; then
		echo "skipped make report in a browser: chromium is missing"
		return
	fi
	timeout 60 "$browser" --headless --no-sandbox --disable-gpu --user-data-dir="$tmp/browser" \
		--dump-dom "file://$tmp/out" >"$tmp/dom" 2>"$tmp/err" </dev/null
	check "report: a browser reads it" grep -q '<b>second</b>' "$tmp/dom"
}

# The longer search, and the program of the chapter.
test_races() {
	kit_make race LAB=04 N=1 SEED=21 IMPL=tests/wrong/04_shared/counter_without_a_lock.c
	check "make race: fails where there is one" [ "$status" -eq 2 ]
	check "make race: the diagnosis" says '    race: '
	check "make race: both processes" says 'while'
	check "make race: the seed" says 'SEED=[0-9]'
	check "make race: 80 columns" fits_80_columns
	check "make race: a record of its own" grep -q '"diagnosis": "race"' "$kit/build/race.json"
	kit_make race N=1 IMPL=solutions
	check "make race: the solutions have none" full_points 12
	cat >"$tmp/cc-without" <<-'EOC'
	#!/bin/sh
	case "$*" in *-fsanitize=thread*) exit 1 ;; esac
	exec cc "$@"
	EOC
	chmod +x "$tmp/cc-without"
	kit_make check LAB=04 TEST=has_no_race IMPL=solutions CC="$tmp/cc-without"
	check "a compiler that cannot: not measured" says '  not measured  has_no_race'
	check "a compiler that cannot: make succeeds" [ "$status" -eq 0 ]
	"${CC:-cc}" -std=gnu11 -O1 "$top/docs/examples/races.c" -o "$tmp/races" -pthread 2>"$tmp/err"
	"$tmp/races" >"$tmp/out" 2>>"$tmp/err"
	check "the example: a lock loses nothing" says '^under a lock   10000000$'
	check "the example: one atomic step loses nothing" says '^atomic add     10000000$'
}

test_hangs() {
	kit_make check IMPL=tests/wrong/03_pipes/write_end_open_in_the_parent.c
	check "a hang fails" [ "$status" -eq 2 ]
	check "a hang: who waits for what" says '    pipe-deadlock: the caller is blocked reading'
	check "a hang: the processes" says '^    What the processes were doing:'
	check "a hang: 80 columns" fits_80_columns
	check "a hang: in the record" grep -q '"waits_for": ' "$kit/build/record.json"
	kit_make check IMPL=tests/wrong/03_pipes/write_ends_open_in_siblings.c LAB=03
	check "the processes are shown once" [ "$(grep -c 'What the processes' "$tmp/out")" -eq 1 ]
	kit_make check IMPL=tests/wrong/04_shared/lock_left_locked.c LAB=04
	check "a lock left locked: said so" says '    lock-deadlock: '
	check "a lock: 80 columns" fits_80_columns
}

# The message names the seed, and that seed brings the same faults again.
test_seeds() {
	for file in one_write_for_the_slice read_interrupted_is_an_error; do
		kit_make check "IMPL=tests/wrong/03_pipes/$file.c" LAB=03
		check "$file: the message names the seed" says 'SEED=[0-9]'
		kit_make check "IMPL=tests/wrong/03_pipes/$file.c" LAB=03 SEED=4711
		grep -A 3 'short-transfer: \|interrupted-call: ' "$tmp/out" >"$tmp/first"
		kit_make check "IMPL=tests/wrong/03_pipes/$file.c" LAB=03 SEED=4711
		grep -A 3 'short-transfer: \|interrupted-call: ' "$tmp/out" >"$tmp/second"
		check "$file: the seed is in the message" grep -q 'SEED=4711' "$tmp/first"
		check "$file: the same seed fails the same way" \
			eval "[ \"\$(head -c 20 '$tmp/first')\" = \"\$(head -c 20 '$tmp/second')\" ]"
	done
}

test_reset() {
	echo '/* mine */' >>"$kit/labs/02_fork/run_workers.c"
	kit_make reset LAB=02
	check "reset succeeds" [ "$status" -eq 0 ]
	check "reset: the starter is back" \
		cmp -s "$kit/labs/02_fork/run_workers.c" "$top/labs/.starter/02_fork/run_workers.c"
	check "reset: the file is kept" grep -q mine "$kit"/labs/02_fork/run_workers.c.2*
	rm "$kit/labs/02_fork/run_workers.c"
	kit_make reset LAB=02
	check "reset brings a lost file back" [ -s "$kit/labs/02_fork/run_workers.c" ]
	kit_make reset LAB=02
	check "reset twice: nothing more is kept" \
		[ "$(find "$kit/labs/02_fork" -name '*.c.2*' | wc -l)" -eq 1 ]
}

# What is committed in labs/ are the starters (a student's own changes are not).
test_starters_agree() {
	git -C "$top" rev-parse HEAD >/dev/null 2>&1 || return
	for starter in "$top"/labs/.starter/*/*.[ch]; do
		name=${starter#"$top"/labs/.starter/}
		check "labs/$name is the starter" \
			eval "git -C '$top' show 'HEAD:labs/$name' | cmp -s - '$starter'"
	done
}

# The table of points in each handout is that of the suite.
test_handouts() {
	for lab in "$top"/labs/[0-9]*; do
		name=$(basename "$lab")
		(cd "$kit" && build/check/"$name" --list) | sed 's/^\([a-z0-9_]*\): \([0-9]*\) points.*/\1 \2/' \
			>"$tmp/rows"
		sed -n 's/^    \([a-z0-9]*_[a-z0-9_]*\)  *\([0-9][0-9]*\)  .*/\1 \2/p' "$lab/README.md" \
			>"$tmp/table"
		check "$name: the handout's table of points" cmp -s "$tmp/rows" "$tmp/table"
		sed 's/ .*//' "$tmp/rows" >"$tmp/names"
		sed -n 's/^## \([a-z0-9_]*\)$/\1/p' "$lab/hints.md" >"$tmp/hinted"
		check "$name: hints for every test" cmp -s "$tmp/names" "$tmp/hinted"
		check "$name: a handout of 120 lines at most" [ "$(wc -l <"$lab/README.md")" -le 120 ]
		check "$name: points add up to 100" \
			[ "$(awk '{ sum += $2 } END { print sum }' "$tmp/rows")" -eq 100 ]
	done
}

# --- packages that are missing ------------------------------------------------------

# A system where pkg-config finds nothing, and this user may not install.
test_missing_packages() {
	mkdir -p "$tmp/stubs"
	printf '#!/bin/sh\necho 1000\n' >"$tmp/stubs/id"
	printf '#!/bin/sh\nexit 1\n' >"$tmp/stubs/sudo"
	# shellcheck disable=SC2016 # for the stub to expand
	printf '#!/bin/sh\n[ "$1" = -s ] && echo Plan9\n' >"$tmp/stubs/uname"
	printf '#!/bin/sh\nexit 1\n' >"$tmp/stubs/pkg-config"
	chmod +x "$tmp"/stubs/*
	mv "$tmp/stubs/uname" "$tmp/uname"
	(cd "$kit" && PATH="$tmp/stubs:$PATH" make setup) >"$tmp/out" 2>"$tmp/err" </dev/null
	check "missing packages: status" [ $? -eq 2 ]
	check "missing packages: named" says 'Missing: .*check.*jansson'
	for system in 'apt install' 'dnf install' 'pacman -S' 'brew install'; do
		check "missing packages: $system" says "$system .*jansson"
	done
	touch "$kit/harness/setup.sh" # as if never set up
	(cd "$kit" && PATH="$tmp/stubs:$PATH" make check) >"$tmp/out" 2>"$tmp/err" </dev/null
	check "missing packages: make check stops" [ $? -eq 2 ]
	check "missing packages: and says so once" [ "$(grep -c 'Missing:' "$tmp/out")" -eq 1 ]
	mv "$tmp/uname" "$tmp/stubs/uname"
	(cd "$kit" && PATH="$tmp/stubs:$PATH" make setup) >"$tmp/out" 2>"$tmp/err" </dev/null
	check "another system: said so" says 'this kit needs Linux'
	kit_make setup
	check "nothing missing: setup succeeds" [ "$status" -eq 0 ]
}

# --- as somebody else, somewhere else ---------------------------------------------

test_ordinary_user() {
	[ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null || return
	chown -R 12345:12345 "$tmp"
	(cd "$kit" && setpriv --reuid=12345 --regid=12345 --clear-groups make check IMPL=solutions) \
		>"$tmp/out" 2>"$tmp/err" </dev/null
	check "an ordinary user gets all points" full_points "$all"
	(cd "$kit" && setpriv --reuid=12345 --regid=12345 --clear-groups \
		make check IMPL=tests/wrong/02_fork/fork_bomb.c TEST=runs_every_rank) \
		>"$tmp/out" 2>"$tmp/err" </dev/null
	check "an ordinary user's fork bomb ends" says 'extra-processes: '
	chown -R 0:0 "$tmp"
}

test_one_cpu() {
	command -v taskset >/dev/null || return
	(cd "$kit" && taskset -c 0 make check IMPL=solutions) >"$tmp/out" 2>"$tmp/err" </dev/null
	status=$?
	check "on one CPU: nothing fails" [ "$status" -eq 0 ]
	check "on one CPU: the record says so" grep -q '"cpus": 1' "$kit/build/record.json"
	# What is measured passes, and all that is not measured is speed.
	open=$(sed -n 's/^Total.* points, \([0-9]*\) open$/\1/p' "$tmp/out")
	check "on one CPU: all other points" says "^Total  *$((all - ${open:-0})) of $all points, "
	rows=$(grep -c '"category": "speed"' "$kit/build/record.json")
	check "on one CPU: speed is not measured" \
		[ "$(grep -c '^  not measured ' "$tmp/out")" -eq "$rows" ]
	check "on one CPU: why" says 'this run may use one CPU'
	check "on one CPU: how to measure it" says '^    make check LAB=02 TEST=faster_than_serial'
	check "on one CPU: what is left" says "^Nothing failed. $open points are open"
}

# --- interrupted ------------------------------------------------------------------

# An implementation whose workers daemonise and sleep, and which then waits.
write_sleeper() {
	mkdir -p "$kit/sleeper/02_fork"
	cat >"$kit/sleeper/02_fork/sleeper.c" <<'EOC'
#include <unistd.h>
#include "run_workers.h"
int run_workers(int workers, worker_fn *body, void *context, int statuses[])
{
	(void)workers, (void)body, (void)context, (void)statuses;
	if (fork() == 0) {
		setsid();
		if (fork() == 0)
			for (;;)
				sleep(1);
	}
	for (;;) /* wakes up now and then: no hang, for some seconds */
		usleep(1000);
}
EOC
}

# interrupt SIGNAL WHOM: in the middle of a call. WHOM is "group", as a terminal
# does it, or the beginning of a command line.
interrupt() {
	(cd "$kit" && exec setsid make check IMPL=sleeper LAB=02) >"$tmp/out" 2>"$tmp/err" </dev/null &
	group=$!
	tries=0
	while ! left_processes | grep -q 'build/check/02_fork --ledger.*--plugin' && [ $tries -lt 200 ]; do
		tries=$((tries + 1))
		sleep 0.02
	done
	sleep 0.3
	if [ "$2" = group ]; then
		kill -s "$1" -- "-$group"
	else
		kill -s "$1" "$(left_processes | grep "^[0-9]* $2" | head -n 1 | cut -d' ' -f1)"
	fi
	wait $group 2>/dev/null
	status=$?
}

test_interruptions() {
	write_sleeper
	for signal in INT TERM HUP; do
		interrupt $signal group
		check "SIG$signal: it was interrupted" says 'crossover: interrupted, no record was written'
		check "SIG$signal: make fails" [ $status -ne 0 ]
		check "SIG$signal leaves no process" none_left
	done
	interrupt KILL 'build/crossover check'
	check "SIGKILL of the grader: make sees it" says 'Killed'
	check "SIGKILL of the grader leaves no process" none_left
	rm -f "$kit/build/record.json"
	interrupt KILL 'build/check/02_fork --ledger'
	check "SIGKILL of the check program leaves no process" none_left
	check "the record is written all the same" \
		grep -q '"verdict": "kit error"' "$kit/build/record.json"
	check "points are open, not lost" grep -q '"open_points": 100' "$kit/build/record.json"
}

cp -a "$top" "$kit" || exit 2
ls /dev/shm >"$tmp/shm" 2>/dev/null
kit_make programs
test_starters
test_solutions
test_failures
test_every_diagnosis
test_hostile_code
test_compile_errors
test_bad_input
test_book_and_run
test_plot
test_plot_of_some
test_plot_without_gnuplot
test_plot_interrupted
test_bench
test_bench_without_peers
test_bench_of_wrong_ways
test_bench_interrupted INT
test_bench_interrupted TERM
test_links
test_examples
test_learning
test_watch
test_debug
test_trace
test_report
test_races
test_hangs
test_seeds
test_reset
test_starters_agree
test_handouts
test_missing_packages
test_one_cpu
test_interruptions
test_ordinary_user
check "/dev/shm is as it was" eval "ls /dev/shm 2>/dev/null | cmp -s - '$tmp/shm'"
echo "cli: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
