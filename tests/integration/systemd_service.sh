#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# switchroomd as a service of a living systemd, in namespaces of its own over a copy of this machine's root that is thrown
# away: systemd_service.sh BUILD-FOLDER. Exit 77: this machine gives nobody such namespaces.
set -euo pipefail
build=$1
skip() { echo "SKIP: $*"; exit 77; }
fail() { echo "FAIL: $*" >&2; inside journalctl -u switchroomd --no-pager -n 20 >&2 || true; exit 1; }
[ "$(id -u)" -eq 0 ] || skip "only root may start a systemd"
[ -x /lib/systemd/systemd ] || skip "no systemd"

work=$(mktemp -d /dev/shm/sr-systemd-XXXXXX)
trap 'kill -KILL $namespaces 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT
mkdir -p "$work/changes/usr/local/bin" "$work/scratch" "$work/root"
cp "$build/app/switchroomd" "$build/app/switchroomctl" "$work/changes/usr/local/bin/" # before it, as /tmp is emptied at its start
start() { # as the first process of its namespaces
  mount --make-rprivate /
  mount -t overlay overlay -o "lowerdir=/,upperdir=$work/changes,workdir=$work/scratch" "$work/root"
  cd "$work/root"
  mount -t proc proc proc
  mount --rbind /sys sys
  mount --rbind /dev dev
  mount -t tmpfs tmpfs run
  : >etc/machine-id
  rm -rf etc/switchroom etc/systemd/system/switchroomd.service
  exec env -i container=other PATH=/usr/sbin:/usr/bin chroot . /lib/systemd/systemd --system --unit=basic.target
}
export -f start
export work
unshare --fork --pid --kill-child --mount --uts --ipc bash -ec start >"$work/said" 2>&1 &
namespaces=$!
inside() { nsenter --target "$first" --mount --pid --uts --ipc chroot "$work/root" "$@"; }
for _ in $(seq 600); do
  kill -0 "$namespaces" 2>/dev/null || skip "no systemd in namespaces here: $(cat "$work/said")"
  first=$(pgrep -P "$namespaces" || true)
  [ -n "$first" ] && case $(inside systemctl is-system-running 2>/dev/null || true) in running | degraded) break ;; esac
  sleep 0.1
done
becomes() { # STATE
  for _ in $(seq 600); do
    state=$(inside systemctl is-active switchroomd || true)
    if [ "$state" = "$1" ]; then return; fi
    sleep 0.1
  done
  fail "the service is $state, not $1: $(inside systemctl status switchroomd --no-pager)"
}

inside switchroomd --install-service --archive "/srv/all calls" >"$work/words" || fail "install: $(cat "$work/words")"
if grep -q "Not done" "$work/words"; then fail "$(cat "$work/words")"; fi
if inside switchroomd --install-service --archive /srv/other 2>/dev/null; then fail "installed twice"; fi
inside systemctl start switchroomd || fail "start"
becomes active
[ "$(inside stat -c %U:%a "/srv/all calls/TMP/archive.xml")" = switchroom:600 ] || fail "the archive is not the service's own"
process=$(inside systemctl show -p MainPID --value switchroomd)
[ "$(inside stat -c %U "/proc/$process")" = switchroom ] || fail "it runs as another user"
# Killed, it comes back.
inside kill -KILL "$process"
for _ in $(seq 600); do
  now=$(inside systemctl show -p MainPID --value switchroomd)
  if [ "$now" != 0 ] && [ "$now" != "$process" ]; then break; fi
  sleep 0.1
done
becomes active
inside systemctl restart switchroomd || fail "restart"
becomes active
inside switchroomd --uninstall-service >"$work/words" || fail "uninstall: $(cat "$work/words")"
if grep -q "Not done" "$work/words"; then fail "$(cat "$work/words")"; fi
becomes inactive
inside test ! -e /etc/systemd/system/switchroomd.service || fail "the unit is still there"
inside switchroomctl verify --archive "/srv/all calls" --config /etc/switchroom >/dev/null 2>"$work/words" || fail "verify: $(cat "$work/words")"
if inside switchroomd --uninstall-service 2>/dev/null; then fail "uninstalled twice"; fi
# What was there keeps its owner, and the words say so.
inside mkdir /srv/mine
inside switchroomd --install-service --archive /srv/mine | grep -q "chown -R switchroom.* '/srv/mine'" || fail "no word about the owner"
[ "$(inside stat -c %U /srv/mine)" = root ] || fail "another's folder changed its owner"
echo "installed, started, killed, restarted, removed"
