#!/bin/sh
# Opens gdb at a test's call of the student's functions, in the process that makes it.
#
#   harness/debug.sh PROGRAM PLUGIN TEST SEED     (from `make debug`)
#
# The test runs without its limits of time, and waits where it is about to make call
# number CALL of the test (1). When gdb ends, so does everything else.
set -u

harness/setup.sh debug || exit 2
name=debug-$$
program=
stop() {
	[ -z "$program" ] && return
	kill "$program" 2>/dev/null
	wait "$program" 2>/dev/null
	program=
}
trap stop EXIT
trap 'exit 2' TERM HUP
trap '' INT # Ctrl-C is gdb's

# In a session of its own: Check answers SIGTERM by sending it to its whole group.
CROSSOVER_SLOW=3600 CROSSOVER_DEBUG=$name CROSSOVER_CALL=${CALL:-1} \
	setsid "$1" --plugin="$2" --test="$3" --seed="$4" >build/debug.txt 2>&1 </dev/null &
program=$!

# The pid of the process that waits.
waiting() {
	grep -lx -- "$name" /proc/[0-9]*/comm 2>/dev/null | tr -dc '0-9\n' | head -n 1
}

while [ -z "$(waiting)" ]; do
	if ! kill -0 "$program" 2>/dev/null; then
		echo "crossover: the test ended before call ${CALL:-1}. It said:" >&2
		cat build/debug.txt >&2
		exit 2
	fi
	sleep 0.05
done

functions=$(nm -D --defined-only "$2" | awk '$2 == "T" { print $3 }')
echo "$3: the first stop is the call that the test makes. To go into a worker,"
echo "type 'set follow-fork-mode child' before the fork. 'quit' ends it all."
pid=$(waiting)
file=$(realpath "$2")
base=$(awk -v file="$file" 'index($0, file) > 0 { sub(/-.*/, "", $1); print "0x" $1; exit }' "/proc/$pid/maps")
set -- -q -p "$pid" -iex "set auto-solib-add off" -iex "set debuginfod enabled off" \
	-ex "set pagination off" -ex "set confirm off" -ex "add-symbol-file $2 -o $base"
for function in $functions; do
	set -- "$@" -ex "break $function"
done
gdb "$@" -ex "set var crossover_debug_go = 1" -ex continue
stop
