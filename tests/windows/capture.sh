#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Live capture through wpcap.dll, which Wine carries over the host's libpcap, in a network namespace; and what
# is said where no such library is.
if [ -z "${IN_NAMESPACE:-}" ]; then
  export IN_NAMESPACE=1
  unshare --user --map-root-user --net true 2>/dev/null || unshare --net true 2>/dev/null ||
    { echo "SKIP: this machine gives nobody a network of their own"; exit 77; }
  if [ "$(id -u)" -eq 0 ]; then exec unshare --net "$0" "$@"; fi
  exec unshare --user --map-root-user --net "$0" "$@"
fi
. "$(dirname "$0")/common.sh"
# Wine's services see the network they were started in: a prefix of its own.
export SR_WINEPREFIX=$work/wine
trap 'kill $(jobs -p) 2>/dev/null || true; WINEPREFIX=$SR_WINEPREFIX wineserver -k || true; rm -rf "$work"' EXIT

code=0; SR_WITHOUT_DLL=wpcap windows switchroomctl capture --list 2>"$work/absent" || code=$?
[ $code -eq 1 ] && grep -q "Npcap is not installed" "$work/absent" || fail "without Npcap: $code $(cat "$work/absent")"

ip link add name sra type veth peer name srb
ip link set sra up
ip link set srb up
"$source_dir/resources/packaging/windows/run-in-wine.sh" "$build/make_demo.exe" "$(windows_path "$work/calls.pcap")" ||
  fail "make_demo"
at=(--archive "$(windows_path "$work/calls")" --config "$(windows_path "$work/config")")
windows switchroomctl capture --interface sra --write "$(windows_path "$work/copy.pcapng")" "${at[@]}" --json \
  >"$work/live.json" 2>"$work/err" &
capture=$!
for _ in $(seq 600); do grep -q "capturing on" "$work/err" && break; kill -0 $capture || fail "$(cat "$work/err")"; sleep 0.1; done
tcpreplay --quiet --topspeed --intf1=srb "$work/calls.pcap" >/dev/null 2>&1
pkill -INT -P $capture
wait $capture || fail "$(cat "$work/err")"
# The same as the import of what was captured, octet for octet.
other=(--archive "$(windows_path "$work/other")" --config "$(windows_path "$work/config2")")
windows switchroomctl import "$(windows_path "$work/copy.pcapng")" "${other[@]}" >/dev/null || fail "import"
(cd "$work/calls" && sha256sum 20*/*.wav) >"$work/live.sums"
(cd "$work/other" && sha256sum 20*/*.wav) >"$work/import.sums"
[ "$(wc -l <"$work/live.sums")" -eq 2 ] || fail "$(cat "$work/err")"
cmp "$work/live.sums" "$work/import.sums" || fail "the live capture is not the import"
