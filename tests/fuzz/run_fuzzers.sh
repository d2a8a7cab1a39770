#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs every harness for some seconds on its seeds; fails on a finding and below the edge count recorded in edges.txt.
#   tests/fuzz/run_fuzzers.sh BUILD_DIR SECONDS [--record]
set -euo pipefail
build=$1; seconds=$2; record=${3:-}
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
passed=0; failed=0
[ -z "$record" ] || : >"$here/edges.txt"
for source in "$here"/fuzz_*.cpp; do
  name=$(basename "$source" .cpp)
  mkdir -p "$work/$name"
  seeds=$here/corpus/${name#fuzz_}
  [ -d "$seeds" ] || { echo "$name has no seeds in $seeds"; failed=$((failed + 1)); continue; }
  if ! "$build/tests/fuzz/$name" -max_total_time="$seconds" -rss_limit_mb=2048 -timeout=10 -print_final_stats=1 \
      -artifact_prefix="$work/" "$work/$name" "$seeds" >"$work/$name.log" 2>&1; then
    echo "FAILED $name"; tail -n 40 "$work/$name.log"
    for finding in "$work"/crash-* "$work"/timeout-* "$work"/oom-* "$work"/leak-*; do
      [ -f "$finding" ] && { echo "input (base64):"; base64 "$finding" | head -n 40; rm -f "$finding"; }
    done
    failed=$((failed + 1)); continue
  fi
  edges=$(grep -oE 'cov: [0-9]+' "$work/$name.log" | tail -n 1 | cut -d' ' -f2); edges=${edges:-0}
  runs=$(grep -oE 'stat::number_of_executed_units: +[0-9]+' "$work/$name.log" | grep -oE '[0-9]+$' || echo 0)
  if [ -n "$record" ]; then echo "$name $((edges * 9 / 10))" >>"$here/edges.txt"; fi
  least=$(awk -v n="$name" '$1 == n { print $2 }' "$here/edges.txt"); least=${least:-0}
  if [ "$edges" -lt "$least" ]; then echo "FAILED $name: $edges edges, $least recorded"; failed=$((failed + 1)); continue; fi
  echo "$name: $runs runs, $edges edges (at least $least)"
  passed=$((passed + 1))
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
