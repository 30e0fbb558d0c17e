#!/bin/sh
# make: as many jobs as there are processors, unless it is told otherwise; one apt at a time; and TESTS, which
# chooses tests.
. "$(dirname "$0")/../lib.sh"
unset MAKEFLAGS MAKELEVEL
cat >flags.mk <<'X'
include Makefile
.PHONY: flags
flags:
	@echo "$(MAKEFLAGS)"
X
jobs_of() {
	make -s -C "$top" -f "$T/flags.mk" "$@" flags 2>&1 |
		grep -oE -e '-j ?[0-9]*' | head -n 1 | tr -d ' '
}
is "make: jobs" "$(jobs_of)" "-j$(nproc)"
is "make -j7: jobs" "$(jobs_of -j7)" -j7
is "make -j1: jobs" "$(jobs_of -j1)" -j1
like "a make below another takes its jobs" "$(MAKELEVEL=1 jobs_of)" ""

# Two that find something missing do not disturb each other.
mkdir bin
for tool in sh flock sleep cat mkdir rmdir id; do ln -s "$(command -v $tool)" bin/; done
cat >bin/apt-get <<'X'
#!/bin/sh
mkdir "$T/busy" || echo "two at once" >>"$T/wrong"
echo "$*" >>"$T/apt.log"
sleep .2
rmdir "$T/busy"
X
printf '#!/bin/sh\nexec "$@"\n' >bin/sudo
for tool in tee chmod rm; do printf '#!/bin/sh\n' >bin/$tool; done # nothing of the system is touched
chmod +x bin/apt-get bin/sudo bin/tee bin/chmod bin/rm
export T
for n in 1 2; do
	PATH=$T/bin "$top/contrib/deps" lint >"deps.$n" 2>&1 &
	eval "deps$n=$!"
done
# shellcheck disable=SC2154 # by eval
wait "$deps1" "$deps2"
is "deps: one apt at a time" "$(cat wrong 2>/dev/null):$(grep -c install apt.log)" ":2"
# Of the tests those that are asked for, and first those that take long.
chosen() { # PATTERN
	printf 'include Makefile\n.PHONY: chosen\nchosen:\n\t@echo $(call chosen,$(UNITS))\n' >chosen.mk
	make -s -C "$top" -f "$T/chosen.mk" BUILD=build TESTS="$1" chosen
}
is "make TESTS=pattern: links those drivers" "$(chosen 'base/clo.k$')" build/unit/base/clock
is "make TESTS=pattern: none, if none matches" "$(chosen e2e/make)" ""
like "make check TESTS=pattern: runs those" "$(make -n -C "$top" check TESTS=e2e/make 2>&1)" \
	"*TESTS='e2e/make' test/run *"
for name in one two three; do
	printf '#!/bin/sh\necho %s >>"%s"\necho "ok 1"\necho 1..1\n' $name "$T/ran" >$name.t
	chmod +x $name.t
done
echo '# Takes long.' >>two.t
run env TESTS='t[wh]' TEST_JOBS=1 "$top/test/run" ./one.t ./three.t ./two.t
is "test/run: those that match, the long one first" "$rc:$out:$(tr '\n' ' ' <ran)" \
	"0:2 passed, 0 failed, 0 skipped:two three "
run env TESTS=four "$top/test/run" ./one.t ./two.t
is "test/run: none matches" "$rc:$out:$err" "1::run: no test matches 'four'"
run env TEST_FIGURES="$T/figures" "$top/test/run" ./one.t
like "test/run: figures" "$rc:$(cat figures)" "0:1 0 0 *.[0-9] *.[0-9] ./one.t"
finish
