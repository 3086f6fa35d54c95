#!/bin/sh
# The kit's own tests:  tests/run.sh quick | all | unit
#
#   unit   the Check suites of tests/harness, one program per room
#   quick  these, the command line, every wrong and right solution, and some deaths in pools
#   all    quick, with every test on every wrong solution
#
# The last line is "N passed, N failed, N skipped": what speed tests cannot measure
# here and now is skipped, and said. A suite that ran fewer tests than its
# source has counts the missing ones as failed.
set -u

mode=$1
build=${CROSSOVER_BUILD:-build}
passed=0
failed=0
skipped=0
log=$(mktemp) || exit 2
trap 'rm -f "$log"' EXIT
trap 'exit 2' INT TERM HUP

# One Check program: its summary is "100%: Checks: 12, Failures: 0, Errors: 0".
run_unit() {
	name=$(basename "$1" .c)
	expected=$(grep -c '^START_TEST' "$1" || echo 1)
	timeout 300 "$build/tests/harness/$name" >"$log" 2>&1 </dev/null
	summary=$(grep -o 'Checks: [0-9]*, Failures: [0-9]*, Errors: [0-9]*' "$log" | tail -n 1)
	ran=0
	good=0
	if [ -n "$summary" ]; then
		ran=$(echo "$summary" | tr -dc '0-9 ' | awk '{ print $1 }')
		good=$(echo "$summary" | tr -dc '0-9 ' | awk '{ print $1 - $2 - $3 }')
	fi
	[ "$ran" -gt "$expected" ] && expected=$ran # a test may be run with several values
	passed=$((passed + good))
	if [ "$good" -ne "$expected" ]; then
		failed=$((failed + expected - good))
		echo "not ok  tests/harness/$name: $good of $expected tests passed"
		tail -n 20 "$log"
	else
		echo "ok      tests/harness/$name: $good tests"
	fi
}

# A program whose last line is "name: N passed, N failed" or "..., N skipped".
run_counted() {
	timeout 3000 "$@" >"$log" 2>&1 </dev/null
	last=$(tail -n 1 "$log")
	left=$(echo "$last" | sed -n 's/, \([0-9]*\) skipped$/ \1/p' | sed 's/.* //')
	last=${last%, * skipped}
	good=$(echo "$last" | sed -n 's/.*: \([0-9]*\) passed, [0-9]* failed$/\1/p')
	bad=$(echo "$last" | sed -n 's/.*: [0-9]* passed, \([0-9]*\) failed$/\1/p')
	grep -e '^not ok' -e '^skipped' "$log"
	if [ -z "$good" ] || [ "$((good + bad))" -eq 0 ]; then
		echo "not ok  $1 did not come to its end"
		tail -n 20 "$log"
		bad=1
	else
		echo "$last"
	fi
	passed=$((passed + ${good:-0}))
	failed=$((failed + bad))
	skipped=$((skipped + ${left:-0}))
}

for source in tests/harness/*.c; do
	run_unit "$source" # without any, its name is the pattern, and it fails
done
if [ "$mode" != unit ]; then
	run_counted tests/cli.sh
	if [ "$mode" = all ]; then
		run_counted "$build/tests/verdicts" --all
	else
		run_counted "$build/tests/verdicts"
	fi
	N=20 IMPL='' LAB='' SEED=''
	export N IMPL LAB SEED
	run_counted "$build/tests/bench/deaths"
fi

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
