#!/bin/sh
# stalecheck -x: what is run is in the budget before, and never more often than that.
. "$(dirname "$0")/every.sh"
cat >restart <<'X'
#!/bin/sh
echo "$1" >>acts
X
chmod +x restart
live=run/streamhub.d
prepare() {
	rm -rf run etc acts
	mkdir -p etc/streamhub/stations $live/old $live/fine
	echo "WATCH_DIR=$T" >etc/streamhub/stations/old.conf
	heartbeat 200 >$live/old/heartbeat
	heartbeat >$live/fine/heartbeat
	"$plain/stalecheck" -x "./restart" -b 3/600 old
	"$plain/stalecheck" -x "./restart" -b 3/600 old
}
act() { "$@" "$plain/stalecheck" -x "./restart" -b 3/600; }
acts() { cat acts 2>/dev/null | wc -l; }
amiss() {
	[ "$(acts)" -le 3 ] || echo "ran $(acts) times; "
	[ "$1" -ne 1 ] || [ "$(acts)" -eq 3 ] || grep -q "old" err || echo "it should run, and nothing is said; "
	for again in 1 2; do
		"$plain/stalecheck" -x "./restart" -b 3/600 >out2 2>err2
		code=$?
		[ $code -eq 1 ] || echo "again, $again: $code $(cat err2); "
	done
	# A note without its run, if it was killed between them; never the other way round.
	case $(acts):$(grep -c old $live/.stalecheck) in 3:3 | 2:3) ;; *) echo "$(acts) runs, $(cat $live/.stalecheck); " ;; esac
	[ "$(cut -f 1,2 out2 | tr '\t\n' '  ')" = "fine ok old stale " ] || cat out2
}
peace=1
written=200
every "stalecheck -x" 300
finish
