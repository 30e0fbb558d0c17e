#!/bin/sh
# A ledger of control: a server says by events which of 100 stations run, with losses, repeats and cuts, while
# ssecat, reconcile and orchestrate are killed by chance. At the end what runs is what was said last, and none was
# started or stopped that nobody had spoken of. EVENTS=2000 RATE=4 SEED=1
. "$(dirname "$0")/../stations.sh"
export STREAMHUB_ROOT="$PWD"
port=$(free_port)
events=$(free_port)
cleanup_hook="stationctl stop-all --pause 0 2>/dev/null; $cleanup_hook"
for n in $(seq 100); do station "$n"; done
for n in 96 97 98 99 100; do stationctl --backend process stop $n 2>/dev/null; done
mkdir -p run/streamhub.d

perl "$top/test/stress/control.pl" "$events" "${EVENTS:-2000}" "${RATE:-4}" "${SEED:-1}" >ledger 2>ledger.err &
ledger=$!
mine $ledger
ok "the server" wait_for 10 listens "$events"
# Supervised as a service is.
for what in "ssecat --delay 1 -i var/lib/streamhub/.control/expected http://127.0.0.1:$events/ | reconcile --backend process -i 2" \
	"orchestrate --budget 10000 --backend process"; do
	setsid sh -c "while :; do $what; sleep .2; done" 2>>log >/dev/null &
	mine $!
	supervisors="${supervisors-} $!"
done
kills=0
later() { [ $(($(date +%s) - from)) -ge 5 ] || ! kill -0 $ledger 2>/dev/null; }
while kill -0 $ledger 2>/dev/null; do
	from=$(date +%s)
	wait_for 10 later
	for name in reconcile ssecat orchestrate; do
		case $(($(od -An -N1 -tu1 /dev/urandom) % 3)) in 0) ;; *) continue ;; esac
		victim=$(processes $name | head -n 1)
		[ -n "$victim" ] || continue
		kill -9 "$victim" 2>/dev/null && kills=$((kills + 1))
	done
done
reap $ledger
is "the ledger ends: $(cat ledger.err)" $? 0
note "$kills kills; $(paste -s -d ',' ledger | sed 's/,/, /g'); times in ms"
is "what runs is what was said last" "$(sed -n 's/^wrong //p' ledger)" 0
is "none was started or stopped without a word" "$(sed -n 's/^strange //p' ledger)" 0
is "a person's stop counts" "$(cat var/lib/streamhub/96/desired var/lib/streamhub/100/desired | sort -u)" down
for supervisor in $supervisors; do kill -9 "-$supervisor"; done
is "nothing of it is left" "$(processes 'ssecat|reconcile|orchestrate' | wc -l)" 0
stationctl stop-all --pause 0 2>err
finish
