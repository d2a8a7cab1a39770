#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The player's window on an archive, drawn by Windows' own platform plugin on a virtual screen, is not blank.
. "$(dirname "$0")/common.sh"
capture=$fixtures/generated/sipp-call-g711a-dtmf-2way.pcapng
[ -e "$capture" ] || { [ "${CI:-}" != true ] || [ ! -e "$fixtures" ] || fail "$capture is missing"; skip "no ../shared/fixtures"; }
at=(--archive "$(windows_path "$work/archive")" --config "$(windows_path "$work/config")")
windows switchroomctl import "$(windows_path "$capture")" "${at[@]}" --seal >/dev/null 2>&1
picture=$build/player-windows.png
rm -f "$picture"
QT_QPA_PLATFORM=windows xvfb-run -a -s "-screen 0 1400x1000x24" \
  "$source_dir/resources/packaging/windows/run-in-wine.sh" "$build/stage/switchroom-player.exe" "${at[@]}" --lang en --theme light --screenshot "$(windows_path "$picture")"
[ -s "$picture" ] || fail "no picture"
colours=$(identify -format %k "$picture")
[ "$colours" -gt 50 ] || fail "$colours colours: the window is blank"
echo "$picture: $colours colours"
