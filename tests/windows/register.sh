#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A phone (SIPp) registers at the Windows exchange, by UDP and by TCP, as a user that is made while it runs.
# What comes by TLS and is none leaves nothing behind.
. "$(dirname "$0")/common.sh"
command -v sipp >/dev/null || fail "sipp is missing"
at=(--config "$(windows_path "$work/config")")
windows switchroomd --foreground --sip 127.0.0.1:0 --sips 127.0.0.1:0 --archive "$(windows_path "$work/calls")" "${at[@]}" >"$work/said" 2>"$work/err" &
exchange=$!
trap 'pkill -P $exchange || true; rm -rf "$work"' EXIT
for _ in $(seq 600); do if grep -q "^ready" "$work/said"; then break; fi; sleep 0.1; done
port=$(tr -d '\r' <"$work/said" | sed -n 's/^ready sip=127.0.0.1:\([0-9]*\) .*/\1/p')
[ -n "$port" ] || fail "not ready: $(cat "$work/said" "$work/err")"
printf 'top secret\n' | windows switchroomctl user add --name anna --number 21 --password-stdin "${at[@]}" 2>/dev/null || fail "user add"

request() { # CSEQ MORE
  printf '<send retrans="500"><![CDATA[\nREGISTER sip:[remote_ip]:[remote_port] SIP/2.0\nVia: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]\n'
  printf 'From: <sip:anna@[remote_ip]>;tag=[call_number]\nTo: <sip:anna@[remote_ip]>\nCall-ID: [call_id]\nCSeq: %s REGISTER\n' "$1"
  printf 'Contact: <sip:anna@[local_ip]:[local_port]>\nMax-Forwards: 70\nExpires: 120\n%sContent-Length: 0\n\n]]></send>' "$2"
}
{
  printf '<?xml version="1.0"?><scenario name="register">'
  request 1 ''
  printf '<recv response="401" auth="true"/>'
  request 2 $'[authentication]\n'
  printf '<recv response="200"/></scenario>'
} >"$work/register.xml"
register() { # TRANSPORT PASSWORD
  (cd "$work" && timeout 20 sipp "127.0.0.1:$port" -i 127.0.0.1 -t "$1" -sf register.xml -s anna -au anna -ap "$2" -m 1 -nostdin -recv_timeout 5000 >/dev/null 2>&1)
}
for transport in u1 t1; do
  for try in $(seq 20); do
    if register $transport "top secret"; then break; fi
    [ "$try" -lt 20 ] || fail "no registration by $transport: $(cat "$work/err")"
    sleep 0.2
  done
done
if register u1 guess; then fail "a wrong password registers"; fi

tls=$(tr -d '\r' <"$work/said" | sed -n 's/.* sips=127.0.0.1:\([0-9]*\).*/\1/p')
[ -n "$tls" ] || fail "no TLS: $(cat "$work/said" "$work/err")"
handshake() { openssl s_client -connect "127.0.0.1:$tls" </dev/null 2>/dev/null | grep -q "BEGIN CERTIFICATE" || fail "no handshake"; }
knock() { # TIMES
  for _ in $(seq "$1"); do (exec 3<>"/dev/tcp/127.0.0.1/$tls"; printf '\026\003\001 is no TLS that anybody speaks' >&3); done
  handshake # all before it have ended
}
memory() { awk '/^RssAnon/ {print $2}' "/proc/$(pgrep -P $exchange)/status"; } # [kB]
knock 200
before=$(memory)
knock 400
after=$(memory)
[ $((after - before)) -lt 10000 ] || fail "connections by TLS keep $((after - before)) kB"
