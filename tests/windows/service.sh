#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# switchroomd as a service of Windows: installed, started, stopped and removed through the service manager.
. "$(dirname "$0")/common.sh"
at=(--archive "$(windows_path "$work/calls here")" --config "$(windows_path "$work/config")")
wine_tool() { "$source_dir/resources/packaging/windows/run-in-wine.sh" "$@"; }
state() { wine_tool sc query switchroomd 2>/dev/null | tr -d '\r' | sed -n 's/.*STATE *: *[0-9]* *//p'; }
become() { # STATE
  for _ in $(seq 600); do
    if [ "$(state)" = "$1" ]; then return; fi
    sleep 0.1
  done
  fail "the service is $(state), not $1"
}
trap 'windows switchroomd --uninstall-service >/dev/null 2>&1 || true; rm -rf "$work"' EXIT

windows switchroomd --version | grep "^switchroomd [0-9]" >/dev/null || fail "--version says nothing where there is no console"
windows switchroomd --help | grep -- "--archive <DIR>" >/dev/null || fail "--help says nothing where there is no console"
code=0; windows switchroomd --uninstall-service 2>/dev/null || code=$?
[ $code -eq 1 ] || fail "removing what is not there gives $code"
code=0; windows switchroomd --service "${at[@]}" 2>/dev/null || code=$?
[ $code -eq 1 ] || fail "--service without the service manager gives $code"

windows switchroomd --install-service "${at[@]}" | grep -q "service switchroomd" || fail "install"
code=0; windows switchroomd --install-service "${at[@]}" 2>/dev/null || code=$?
[ $code -eq 1 ] || fail "installing twice gives $code"
become STOPPED
wine_tool sc start switchroomd >/dev/null 2>&1 || true
become RUNNING
[ -e "$work/calls here/TMP/archive.xml" ] || fail "the service made no archive"
# It holds its --config: a second one is refused.
code=0; windows switchroomd --foreground "${at[@]}" >/dev/null 2>"$work/second" || code=$?
[ $code -eq 1 ] && grep -q "another switchroomd" "$work/second" || fail "a second service: $code $(cat "$work/second")"
wine_tool sc stop switchroomd >/dev/null 2>&1 || true
become STOPPED
windows switchroomctl verify "${at[@]}" >/dev/null || fail "verify"
# Removed while it runs: stopped first.
wine_tool sc start switchroomd >/dev/null 2>&1 || true
become RUNNING
windows switchroomd --uninstall-service | grep -q Removed || fail "uninstall"
for _ in $(seq 600); do [ -n "$(state)" ] || break; sleep 0.1; done
[ -z "$(state)" ] || fail "the service is still there: $(state)"
