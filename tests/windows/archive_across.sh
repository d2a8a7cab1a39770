#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# One archive moves between Linux and Windows, both ways: what one side wrote the other lists, verifies, decrypts and
# adds to, with the maker's catalog as it stands. Keys come by the recovery passphrase. And what both make of one capture is
# the same: sound octet for octet, rows of the catalog, facts of the sidecar.
. "$(dirname "$0")/common.sh"
linux_ctl=$source_dir/build/release/app/switchroomctl
[ -x "$linux_ctl" ] || skip "no Linux build in build/release"
capture=$fixtures/generated/sipp-call-g711a-dtmf-2way.pcapng
other=$fixtures/sipp/pcap/g711a.pcap
[ -e "$capture" ] && [ -e "$other" ] || skip "no ../shared/fixtures"
run() { # linux|windows FOLDER COMMAND arguments...: paths are given as Linux knows them
  local side=$1 config=$work/$1-config archive=$2; shift 2
  if [ "$side" = linux ]; then "$linux_ctl" "$@" --archive "$archive" --config "$config"
  else
    local given=()
    for word in "$@"; do case $word in /*) given+=("$(windows_path "$word")") ;; *) given+=("$word") ;; esac; done
    windows switchroomctl "${given[@]}" --archive "$(windows_path "$archive")" --config "$(windows_path "$config")"
  fi
}
uids() { run "$1" "$2" list --json | grep -o '"uid":"[^"]*"' | sort; }
rows() { # linux|windows: what its catalog holds of the recordings
  python3 - "$work/$1-config"/catalog/*.sqlite <<'END'
import sqlite3, sys
database = sqlite3.connect(sys.argv[1])
assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
for table in ("calls", "details"):
    columns = [c[1] for c in database.execute(f"PRAGMA table_info({table})") if c[1] != "id"]
    for row in sorted(database.execute(f"SELECT {','.join(columns)} FROM {table}")):
        print(table, row)
END
}

across() { # MAKER OTHER
  local maker=$1 guest=$2 archive=$work/$1-archive
  echo "-- made on $maker, taken to $guest"
  run "$maker" "$archive" import "$capture" --seal >/dev/null 2>"$work/said"
  grep -o '[a-z]\{5\}\(-[a-z]\{5\}\)\{7\}' "$work/said" >"$work/words" || fail "no recovery passphrase: $(cat "$work/said")"
  rows "$maker" >"$work/rows-$maker"
  mkdir -p "$work/$guest-config/catalog"
  cp "$work/$maker-config"/catalog/*.sqlite "$work/$guest-config/catalog/"
  run "$guest" "$archive" key import --recovery <"$work/words" >/dev/null
  run "$guest" "$archive" verify 2>/dev/null || fail "$guest finds faults in what $maker wrote"
  [ "$(uids "$guest" "$archive")" = "$(uids "$maker" "$archive")" ] || fail "the lists differ"
  rows "$guest" | diff "$work/rows-$maker" - || fail "$guest changed the catalog of $maker"
  run "$guest" "$archive" import "$other" --seal >/dev/null 2>&1
  run "$maker" "$archive" verify 2>/dev/null || fail "$maker finds faults in what $guest added"
  [ "$(uids "$maker" "$archive" | wc -l)" -eq 2 ] || fail "$maker does not list what $guest added"
  # The clear sound is the same octets, whoever decrypts.
  for side in "$maker" "$guest"; do
    for uid in $(uids "$maker" "$archive" | sed 's/.*:"\(.*\)"/\1/'); do
      run "$side" "$archive" export "$uid" -o "$work/clear-$side" >/dev/null
    done
  done
  diff -r "$work/clear-$maker" "$work/clear-$guest" || fail "the clear sound differs"
  rm -rf "$work"/clear-*
}

same_on_both() { # one capture, clear, into an archive of each
  echo "-- the same capture on both"
  for side in linux windows; do
    run $side "$work/$side-own" import "$capture" "$other" >/dev/null 2>&1
    rows $side >"$work/rows-$side"
    for uid in $(uids $side "$work/$side-own" | sed 's/.*:"\(.*\)"/\1/'); do run $side "$work/$side-own" show "$uid" --json; done |
      tr -d '\r' >"$work/shown-$side"
    (cd "$work/$side-own" && sha256sum 20*/*.wav) >"$work/sums-$side"
  done
  [ "$(wc -l <"$work/sums-linux")" -eq 2 ] || fail "not two recordings"
  for what in sums rows shown; do
    diff "$work/$what-linux" "$work/$what-windows" || fail "the two systems make different $what"
  done
}

across linux windows
rm -rf "$work"/*-config
across windows linux
rm -rf "$work"/*-config
same_on_both
