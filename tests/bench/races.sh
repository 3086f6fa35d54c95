#!/bin/sh
# `make bench-races`: how far has_no_race can be trusted, N=50.
#
#   tests/bench/races.sh [wrong | right]     one half of it
#
# Every racy program of tests/wrong is graded N times, and must be found each time in the
# lines that are marked in it. The solutions and everything in tests/right must not be
# reported in 8 N runs; nor in 2 N beside a busy process, on one CPU, and with 16 workers.
# A run is a call of each map (four make a round), or a program of a pool.
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
	printf '%-44s %4d rounds, %-17s %s\n' "${impl#tests/} $lab" "$rounds" "$how" "$said"
}

in_all_ways() {
	runs=$((2 * n))
	[ "$2" = 04 ] && runs=$((n / 2 + 1))
	quiet "$1" "$2" $((4 * runs)) alone
	quiet "$1" "$2" "$runs" "on one CPU" taskset -c 0
	quiet "$1" "$2" "$runs" "16 workers" env RACE_WORKERS=16
	while :; do :; done &
	busy=$!
	quiet "$1" "$2" "$runs" "beside a busy one"
	kill "$busy"
	wait "$busy" 2>/dev/null
	busy=
}

half=${1:-both}
for file in tests/wrong/*/*.c; do
	[ "$half" = right ] && break
	if grep -q '^ \* Diagnosis: race$' "$file"; then found "$file"; fi
done
for lab in 04 05 06; do
	[ "$half" = wrong ] && break
	in_all_ways solutions "$lab"
	for file in tests/right/"$lab"*/*.c; do
		in_all_ways "$file" "$lab"
	done
done
echo "races: $failed lines are not as they should be"
[ "$failed" -eq 0 ]
