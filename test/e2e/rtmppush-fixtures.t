#!/bin/sh
# rtmppush and every fixture: each is played or named, once, and none is tried again and again.
# Takes long.
. "$(dirname "$0")/../rtmp.sh"
port=$(free_port)
export RTMP_URL="rtmp://127.0.0.1:$port/live/secretkey"
rtmpsink "$RTMP_URL" >sink.out 2>sink.err &
mine $!
wait_for 20 listens "$port"
cd "$top/test/fixtures" || exit
find . -name '*.*' -type f ! -name '*.sh' ! -name '*.pl' | sort >"$T/list"
rtmppush --lead 10000 --retries 3 --max-clip 20 <"$T/list" >"$T/out" 2>"$T/err"
is "exit code: some cannot be sent" $? 1
cd "$T" || exit
sed -n "s/.*WARN.* '\([^']*\)' .*: left where it is$/\1/p" err | sort -u >named
ok "some are played and some are named" [ "$(wc -l <out)" -ge 40 -a "$(wc -l <named)" -ge 40 ]
is "each is played or named, once" "$(sort out named)" "$(sort list)"
is "the server is never blamed" "$(grep 'again in' err)" ""
is "stamps grow" "$(grep -c 'is not after' sink.err)" 0
finish
