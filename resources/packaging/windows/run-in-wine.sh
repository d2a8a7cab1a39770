#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs a Windows program under Wine with its DLLs and plugins found: run-in-wine.sh PROGRAM.exe [arguments].
# SR_WITHOUT_DLL names a library that shall not be there. The prefix is the build folder's own (SR_WINEPREFIX, or `wine` beside CMakeCache.txt above the program).
set -eu
root=${SR_WIN64_ROOT:-/opt/win64}
gcc=$(dirname "$(x86_64-w64-mingw32-g++-posix -print-file-name=libstdc++-6.dll)")

build_of() { # the folder of CMakeCache.txt above a file
  dir=$(cd "$(dirname "$1")" && pwd)
  while [ "$dir" != / ] && [ ! -e "$dir/CMakeCache.txt" ]; do dir=$(dirname "$dir"); done
  echo "$dir"
}
if [ -z "${SR_WINEPREFIX:-}" ]; then
  build=$(build_of "$1")
  if [ "$build" = / ]; then SR_WINEPREFIX=${TMPDIR:-/tmp}/switchroom-wine; else SR_WINEPREFIX=$build/wine; fi
fi

windows_path() { echo "Z:$1" | tr / '\\'; }
export WINEPREFIX="$SR_WINEPREFIX" WINEDEBUG="${WINEDEBUG:--all}" WINEDLLOVERRIDES="mscoree,mshtml,winemenubuilder.exe${SR_WITHOUT_DLL:+,$SR_WITHOUT_DLL}=d" LC_ALL=C.UTF-8
WINEPATH="$(windows_path "$root/bin");$(windows_path "$gcc");$(windows_path /usr/x86_64-w64-mingw32/lib)"
QT_PLUGIN_PATH=$(windows_path "$root/plugins")
# Without it Qt says what it has to say to the debugger only.
export WINEPATH QT_PLUGIN_PATH QT_FORCE_STDERR_LOGGING=1
# The first program starts Wine's services, which keep its output open: whoever waits for the end of that would wait
# for them. So they are started apart, and stay for a minute after the last program.
wineserver -k0 2>/dev/null || { wineserver -p60 && wine wineboot; } </dev/null >/dev/null 2>&1
# The desktop comes and goes with the programs that have windows, and keeps the standard error of whichever started it.
[ -p /dev/stderr ] || exec wine "$@"
errors=$(mktemp)
code=0; wine "$@" 2>"$errors" || code=$?
cat "$errors" >&2
rm -f "$errors"
exit $code
