#!/bin/sh
# Every file with all warnings, under each compiler that is here; then cppcheck
# and shellcheck where they are. Nothing may be said.
set -u

status=0
flags="-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror -O2"
includes="-Iharness/task -Iharness/supervise -Iharness/explain -Iharness/speed
	-Iharness/report -Iharness/grade -Iharness/memcheck -Itests/bench"
for suite in tests/labs/*; do
	includes="$includes -Ilabs/.starter/${suite##*/} -I$suite"
done
own=$(find harness tests/labs tests/harness tests/bench tests/verdicts.c tests/verdicts_jobs.c tests/coverage_exit.c -name '*.c' \
	-not -path '*/plugins/*')
students=$(find labs solutions tests/right tests/wrong -name '*.c')

for compiler in gcc clang; do
	command -v $compiler >/dev/null 2>&1 || continue
	echo "$compiler: $(echo "$own" "$students" | wc -w) files"
	# shellcheck disable=SC2086 # words are meant to be split
	for file in $own; do
		$compiler -std=c11 $flags $includes -fsyntax-only "$file" || status=1
	done
	# shellcheck disable=SC2086
	for file in $students; do
		$compiler -std=gnu11 $flags $includes -fsyntax-only "$file" || status=1
	done
done

if command -v cppcheck >/dev/null 2>&1; then
	echo "cppcheck"
	# shellcheck disable=SC2086
	cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr \
		--error-exitcode=1 --suppress=missingIncludeSystem $includes harness solutions labs \
		tests/labs tests/verdicts.c tests/verdicts_jobs.c || status=1
fi
if command -v shellcheck >/dev/null 2>&1; then
	echo "shellcheck"
	shellcheck harness/*.sh tests/*.sh tests/bench/*.sh .ci/run || status=1
fi
[ $status -eq 0 ] && echo "lint: nothing to say"
exit $status
