#!/bin/sh
# `make bench-races`: how far has_no_race can be trusted, N=50.
#
# Every racy program of tests/wrong is graded N times, and must be found each time in the
# lines that are marked in it. The solutions and everything in tests/right must not be
# reported in 8 N calls of each map, and programs of a pool; nor in 2 N of them beside a
# busy process, on one CPU, and with 16 workers.
set -u

n=${N:-50}
[ -n "$n" ] || n=50
failed=0
busy=
trap '[ -z "$busy" ] || kill "$busy" 2>/dev/null' EXIT
trap 'exit 2' INT TERM HUP

# found FILE: in how many of N runs.
found() {
	count=0
	for _ in $(seq "$n"); do
		build/tests/verdicts "$1" >/dev/null 2>&1 && count=$((count + 1))
	done
	[ "$count" -eq "$n" ] || failed=$((failed + 1))
	printf '%-60s found in %d of %d runs\n' "${1#tests/}" "$count" "$n"
}

# quiet IMPL LAB ROUNDS HOW [COMMAND...]: whether nothing is reported.
quiet() {
	impl=$1 lab=$2 rounds=$3 how=$4
	shift 4
	if RACE_ROUNDS=$rounds "$@" build/crossover check --impl="$impl" --lab="$lab" \
		--test=has_no_race --record=build/bench-races.json >build/bench-races.txt; then
		said=nothing
	else
		said=$(sed -n 's/^    \([a-z-]*\): .*/\1/p' build/bench-races.txt | head -n 1)
		failed=$((failed + 1))
	fi
	printf '%-44s %5d calls, %-16s %s\n' "${impl#tests/} $lab" "$rounds" "$how" "$said"
}

in_all_ways() {
	quiet "$1" "$2" $((8 * n)) alone
	quiet "$1" "$2" $((2 * n)) "on one CPU" taskset -c 0
	quiet "$1" "$2" $((2 * n)) "16 workers" env RACE_WORKERS=16
	while :; do :; done &
	busy=$!
	quiet "$1" "$2" $((2 * n)) "beside a busy one"
	kill "$busy"
	wait "$busy" 2>/dev/null
	busy=
}

for file in tests/wrong/*/*.c; do
	if grep -q '^ \* Diagnosis: race$' "$file"; then found "$file"; fi
done
for lab in 04 05 06; do
	in_all_ways solutions "$lab"
	for file in tests/right/"$lab"*/*.c; do
		in_all_ways "$file" "$lab"
	done
done
echo "races: $failed lines are not as they should be"
[ "$failed" -eq 0 ]
