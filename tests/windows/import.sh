#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A real capture goes in under Windows and every file verifies.
. "$(dirname "$0")/common.sh"
capture=$fixtures/generated/sipp-call-g711a-dtmf-2way.pcapng
[ -e "$capture" ] || { [ "${CI:-}" != true ] || [ ! -e "$fixtures" ] || fail "$capture is missing"; skip "no ../shared/fixtures"; }
at=(--archive "$(windows_path "$work/Архив 😀")" --config "$(windows_path "$work/config")")
windows switchroomctl import "$(windows_path "$capture")" "${at[@]}" --seal --json >"$work/import.json"
! grep -q $'\r' "$work/import.json" || fail "JSON with CR"
grep -q '"digits"\|"dtmf":"11"' "$work/import.json" || fail "the digits of the call are missing: $(cat "$work/import.json")"
windows switchroomctl verify "${at[@]}" || fail "verify"
ls "$work/Архив 😀"/20*/*.wav >/dev/null || fail "no sound under its name"
if grep -q "SRKEYF" "$work/config/keys/secrets"; then fail "the keys are not sealed"; fi
# One octet of the sound: found, exit code 3.
printf 'X' | dd of="$(ls "$work/Архив 😀"/20*/*.wav)" bs=1 seek=2000 conv=notrunc status=none
code=0; windows switchroomctl verify "${at[@]}" >"$work/verify" || code=$?
[ $code -eq 3 ] || fail "altered sound, exit code $code: $(cat "$work/verify")"
