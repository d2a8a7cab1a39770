#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs every harness for some seconds on its seeds; fails on a finding, without seeds, and below the edge count
# recorded in edges.txt. --record writes that count anew: 80 % of what this run reached, since runs differ.
#   tests/fuzz/run_fuzzers.sh BUILD_DIR SECONDS [--record]
set -euo pipefail
build=$1; seconds=$2; record=${3:-}
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
passed=0; failed=0
for source in "$here"/fuzz_*.cpp; do
  name=$(basename "$source" .cpp)
  mkdir -p "$work/$name"
  seeds=$here/corpus/${name#fuzz_}
  [ -n "$(ls -A "$seeds" 2>/dev/null)" ] || { echo "FAILED $name: no seeds in $seeds"; failed=$((failed + 1)); continue; }
  if ! "$build/tests/fuzz/$name" -max_total_time="$seconds" -rss_limit_mb=2048 -timeout=10 -print_final_stats=1 \
      -artifact_prefix="$work/" "$work/$name" "$seeds" >"$work/$name.log" 2>&1; then
    echo "FAILED $name"; tail -n 40 "$work/$name.log"
    for finding in "$work"/crash-* "$work"/timeout-* "$work"/oom-* "$work"/leak-*; do
      if [ -f "$finding" ]; then echo "input (base64):"; base64 "$finding" | head -n 40; rm -f "$finding"; fi
    done
    failed=$((failed + 1)); continue
  fi
  edges=$(grep -oE 'cov: [0-9]+' "$work/$name.log" | tail -n 1 | cut -d' ' -f2 || true); edges=${edges:-0}
  runs=$(grep -oE 'stat::number_of_executed_units: +[0-9]+' "$work/$name.log" | grep -oE '[0-9]+$' || true)
  if [ -n "$record" ]; then
    least=$((edges * 8 / 10)); echo "$name $least" >>"$work/edges.txt"
  else
    least=$(awk -v n="$name" '$1 == n { print $2 }' "$here/edges.txt" 2>/dev/null || true)
  fi
  if [ -z "$least" ] || [ "$least" -eq 0 ] || [ "$edges" -lt "$least" ]; then
    echo "FAILED $name: $edges edges, ${least:-none} recorded"; failed=$((failed + 1)); continue
  fi
  echo "$name: ${runs:-0} runs, $edges edges (at least $least)"
  passed=$((passed + 1))
done
if [ -n "$record" ] && [ "$failed" -eq 0 ]; then mv "$work/edges.txt" "$here/edges.txt"; fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
