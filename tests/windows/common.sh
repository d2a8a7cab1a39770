# SPDX-License-Identifier: GPL-3.0-or-later
# Sourced by the tests of this folder: SOURCE and BUILD come as arguments; the staged programs run under Wine.
set -euo pipefail
source_dir=$1; build=$2
export SR_WINEPREFIX=$build/wine
fixtures=$source_dir/../shared/fixtures
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() { echo "FAIL: $*" >&2; exit 1; }
skip() { echo "SKIP: $*"; exit 77; }
windows_path() { echo "Z:$1" | tr / '\\'; }
windows() { "$source_dir/resources/packaging/windows/run-in-wine.sh" "$build/stage/$1.exe" "${@:2}"; }
