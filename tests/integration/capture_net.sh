#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Plays one scene of live capture in a network namespace of its own: capture_net.sh SCENE DIR CTL.
# DIR holds what the scene replays; archive, config, out.json and err.txt are left there for the test to judge.
set -euo pipefail
if [ -z "${IN_NAMESPACE:-}" ]; then
  export IN_NAMESPACE=1
  if [ "$(id -u)" -eq 0 ]; then exec unshare --net "$0" "$@"; fi
  exec unshare --user --map-root-user --net "$0" "$@"
fi
scene=$1; dir=$2; ctl=$3
cd "$dir"
capture_pid=
trap 'kill $(jobs -p) 2>/dev/null || true' EXIT

cable() { # END END
  ip link add name "$1" type veth peer name "$2"
  ip link set "$1" up
  ip link set "$2" up
}

# The command up to its options; more options follow.
capture() {
  "$@" --archive archive --config config --json >out.json 2>err.txt &
  capture_pid=$!
  heard "capturing on"
}

heard() { # TEXT: waits until the capture said so
  for _ in $(seq 600); do
    if grep -q "$1" err.txt; then return; fi
    if ! kill -0 "$capture_pid" 2>/dev/null; then cat err.txt >&2; return 1; fi
    sleep 0.05
  done
  echo "never heard: $1" >&2; cat err.txt >&2; return 1
}

recorded() { # N: waits until so many recordings were told
  for _ in $(seq 1200); do
    if [ "$(grep -c '^20.*\.wav' err.txt || true)" -ge "$1" ]; then return; fi
    sleep 0.05
  done
  echo "fewer than $1 recordings" >&2; cat err.txt >&2; return 1
}

finish() { kill -INT "$capture_pid"; wait "$capture_pid"; }
replay() { tcpreplay --quiet --intf1="$1" "$2" >>replay.txt 2>&1; }

case $scene in
  allowed) # may there be such a network at all, with a cable in it
    cable sra srb ;;
  replayed)
    cable sra srb
    capture "$ctl" capture --interface sra --write copy.pcapng
    replay srb calls.pcap
    recorded 2
    finish ;;
  two-interfaces)
    cable sra srb; cable src srd
    capture "$ctl" capture --interface sra --interface src --write copy.pcapng
    replay srb caller.pcap & replay srd callee.pcap & wait %2 %3
    finish ;;
  filtered)
    cable sra srb
    capture "$ctl" capture --interface sra --filter "udp and not portrange 4002-4003 and not portrange 20002-20003"
    replay srb calls.pcap
    finish ;;
  comes-back)
    cable sra srb
    capture "$ctl" capture --interface sra
    replay srb first.pcap
    ip link del sra
    heard "sra is lost"
    cable sra srb
    heard "sra is there again"
    replay srb second.pcap
    finish ;;
  stopped)
    cable sra srb
    capture "$ctl" capture --interface sra
    replay srb beginning.pcap
    heard "^call "
    finish ;;
  killed) # in the middle of a call; the next capture brings what was heard of it
    cable sra srb
    capture "$ctl" capture --interface sra
    replay srb beginning.pcap
    heard "^call "
    until [ "$(cat config/spool/*/*/live-*.pcap | wc -c)" -gt 30000 ]; do sleep 0.05; done
    kill -KILL "$capture_pid"
    wait "$capture_pid" || true
    capture "$ctl" capture --interface sra
    recorded 1
    finish ;;
  only-net-raw) # nothing but the one right, and without it the words
    cable sra srb
    capture setpriv --bounding-set=-all,+net_raw --inh-caps=-all "$ctl" capture --interface sra
    replay srb calls.pcap
    finish
    code=0
    setpriv --bounding-set=-net_raw --inh-caps=-all "$ctl" capture --interface sra --archive archive --config config \
      2>denied.txt || code=$?
    [ $code -eq 1 ] ;;
  real-call) # SIPp calls SIPp over the cable, with sound both ways
    cable sra srb
    unshare --net sleep 60 & # the other machine
    other=$!
    until [ "$(readlink /proc/$other/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do sleep 0.01; done
    ip addr add 192.0.2.1/24 dev sra
    ip link set srb netns $other
    nsenter --target $other --net ip addr add 192.0.2.2/24 dev srb
    nsenter --target $other --net ip link set srb up
    capture "$ctl" capture --interface sra --write copy.pcapng
    nsenter --target $other --net sipp -sf uas.xml -i 192.0.2.2 -p 5060 -m 1 -mi 192.0.2.2 -nostdin >/dev/null 2>&1 &
    callee=$!
    sipp -sf uac.xml -i 192.0.2.1 -p 5060 -m 1 -mi 192.0.2.1 -nostdin 192.0.2.2:5060 >/dev/null 2>sipp.txt
    wait $callee
    finish ;;
  too-slow) # more than the ring holds before anybody looks
    cable sra srb
    mkfifo told
    "$(dirname "$ctl")/../tests/support/slow_capture" sra <told >out.txt 2>err.txt &
    capture_pid=$!
    exec 3>told
    until grep -qs "^ready" out.txt; do kill -0 $capture_pid; sleep 0.05; done
    tcpreplay --quiet --topspeed --loop=20 --intf1=srb calls.pcap >replay.txt 2>&1
    echo go >&3
    wait $capture_pid ;;
  service) # the interface comes after the service
    "$(dirname "$ctl")/switchroomd" --foreground --archive archive --config config --capture sra >out.txt 2>err.txt &
    capture_pid=$!
    until grep -qs "^ready " out.txt; do kill -0 $capture_pid; sleep 0.05; done
    cable sra srb
    heard "sra is captured"
    replay srb calls.pcap
    until [ "$(ls archive/20*/*.wav 2>/dev/null | wc -l)" -ge 1 ]; do kill -0 $capture_pid; sleep 0.05; done
    kill -TERM $capture_pid
    wait $capture_pid ;;
  *) echo "no such scene: $scene" >&2; exit 2 ;;
esac
