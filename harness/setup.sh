#!/bin/sh
# Finds out what is missing, and installs it where that can be done.
#
#   harness/setup.sh core      what `make check` needs (only if it is missing)
#   harness/setup.sh memcheck  and `make memcheck`
#   harness/setup.sh plot      and the pictures of `make plot`
#   harness/setup.sh bench     and the peers and the figure of `make bench`
#   harness/setup.sh debug     and `make debug`
#   harness/setup.sh watch     and `make watch`
#   harness/setup.sh coverage  and `make coverage`
#   harness/setup.sh all       everything
#
# Ends with status 0 when it is all there, 2 when it is not.
set -u

# The one list: nothing else is ever asked for.
APT="gcc check libjansson-dev pkg-config valgrind libexpat1-dev lcov cppcheck gnuplot-nox entr gdb binutils"
DNF="gcc check-devel jansson-devel pkgconf-pkg-config valgrind expat-devel lcov cppcheck gnuplot entr gdb binutils"
PACMAN="gcc check jansson pkgconf valgrind expat lcov cppcheck gnuplot entr gdb binutils"
BREW="gcc check jansson pkg-config valgrind expat lcov cppcheck gnuplot entr gdb binutils"

# The peers of the benchmark: large, so that nobody gets them who does not ask for them.
case $1 in bench | all)
	APT="$APT python3-numpy"
	DNF="$DNF python3-numpy"
	PACMAN="$PACMAN python-numpy"
	BREW="$BREW numpy"
	case ${CC:-cc} in *clang*) # gcc brings OpenMP with it
		APT="$APT libomp-dev"
		DNF="$DNF libomp-devel"
		PACMAN="$PACMAN openmp"
		BREW="$BREW libomp"
		;;
	esac
	;;
esac

if [ "$(uname -s)" != Linux ]; then
	echo "crossover: this kit needs Linux: it reads /proc and uses futexes and prctl." >&2
	echo "On Windows use WSL 2; on macOS a Linux virtual machine or container." >&2
	exit 2
fi

has_numpy() {
	python3 -c 'import numpy' 2>/dev/null || /usr/bin/python3 -c 'import numpy' 2>/dev/null
}

has_openmp() {
	echo 'int main(void) { return 0; }' |
		${CC:-cc} -fopenmp -x c - -o /dev/null 2>/dev/null
}

# Names what is missing of a command's needs, one word each.
missing() {
	command -v "${CC:-cc}" >/dev/null 2>&1 || echo "a-C-compiler"
	if command -v pkg-config >/dev/null 2>&1; then
		pkg-config --exists check || echo check
		pkg-config --exists jansson || echo jansson
	else
		echo pkg-config check jansson
	fi
	case $1 in memcheck | all)
		command -v valgrind >/dev/null 2>&1 || echo valgrind
		pkg-config --exists expat 2>/dev/null || echo expat
		;;
	esac
	case $1 in bench | all)
		has_numpy || echo numpy
		has_openmp || echo OpenMP
		;;
	esac
	case $1 in plot | bench | all)
		command -v gnuplot >/dev/null 2>&1 || echo gnuplot
		;;
	esac
	case $1 in debug | all)
		command -v gdb >/dev/null 2>&1 || echo gdb
		command -v nm >/dev/null 2>&1 || echo binutils
		;;
	esac
	case $1 in watch | all)
		command -v entr >/dev/null 2>&1 || echo entr
		;;
	esac
	case $1 in coverage | all)
		command -v lcov >/dev/null 2>&1 || echo lcov
		;;
	esac
	case $1 in all)
		command -v cppcheck >/dev/null 2>&1 || echo cppcheck
		;;
	esac
}

# How to become root, or nothing. Without a terminal sudo must not ask.
root_command() {
	if [ "$(id -u)" = 0 ]; then
		echo env
	elif command -v sudo >/dev/null 2>&1; then
		if [ -t 0 ]; then echo sudo; else sudo -n true 2>/dev/null && echo sudo -n; fi
	fi
}

install_by_apt() {
	as_root=$(root_command)
	if ! command -v apt-get >/dev/null 2>&1 || [ -z "$as_root" ]; then
		return 1
	fi
	echo "Installing them with: ${as_root#env} apt-get install --no-install-recommends $APT" |
		tr -s ' ' | fold -s -w 80
	# shellcheck disable=SC2086 # the words are meant to be split
	{
		$as_root apt-get update -q
		$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $APT
	} >/dev/null 2>"$log" </dev/null
}

lacking=$(missing "$1" | tr '\n' ' ')
[ -z "$lacking" ] && exit 0

echo "Crossover needs packages that are not installed. Missing: $lacking" | fold -s -w 80
log=$(mktemp) || exit 2
trap 'rm -f "$log"' EXIT
trap 'exit 2' INT TERM HUP
if install_by_apt && [ -z "$(missing "$1")" ]; then
	echo "Installed."
	exit 0
fi
tail -n 3 "$log" >&2
cat >&2 <<EOM
crossover: they could not be installed from here. Run the one line that fits
your system, then try again:

sudo apt install $APT

sudo dnf install $DNF

sudo pacman -S $PACMAN

brew install $BREW
EOM
exit 2
