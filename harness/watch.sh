#!/bin/sh
# `make watch LAB=03`: checks again whenever a file of the lab is saved; Ctrl-C ends it.
#
# entr waits for the files; when one is added, it is started anew (-d).
set -u

harness/setup.sh watch || exit 2
folder=
for each in "${IMPL:-labs}/${LAB:-none}"*/; do
	[ -d "$each" ] && folder=$each
done
if [ -z "$LAB" ] || [ -z "$folder" ]; then
	echo "crossover: LAB= must name the one lab to watch, such as LAB=02" >&2
	exit 2
fi

unset MAKEFLAGS MFLAGS MAKELEVEL # each check is a make of its own
trap 'exit 0' INT TERM HUP
quiet=
[ -t 0 ] || quiet=-n # without a terminal there are no keys to wait for
while :; do
	for file in "$folder"*.[ch]; do
		printf '%s\n' "$file"
	done | entr -d $quiet make --no-print-directory check IMPL="$IMPL" LAB="$LAB" TEST="$TEST" \
		SEED="$SEED" RECORD="$RECORD"
	[ $? -eq 2 ] || exit 0 # 2: a file was added
done
