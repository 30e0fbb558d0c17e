#!/bin/sh
# backoff: whatever happens to it, what it remembers is whole, or is not there.
. "$(dirname "$0")/every.sh"
prepare() {
	rm -rf f
	mkdir f
	backoff f/x
	backoff -m 0 f/x
}
act() { "$@" "$plain/backoff" -m "$pause" f/x; }
amiss() {
	[ -z "$(value f/x failures | tr -d 0-9)" ] || echo "failures: $(value f/x failures); "
	backoff -m 0 f/x 2>err2 || echo "again: $? $(cat err2); "
	case $(value f/x failures) in [1-4]) ;; *) echo "then failures: $(value f/x failures); " ;; esac
	tmp f
}
written=200 pause=0
every "backoff" 100
unset written
pause=1
every "backoff, it waits" 12
finish
