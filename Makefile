# streamhub: make help

ifneq ($(words $(CURDIR)),1)
$(error '$(CURDIR)': make cannot work below a path with a space)
endif

VERSION := 0.1.0
PREFIX ?= /usr/local
DESTDIR ?=
CC ?= gcc
BUILD ?= build

# A new tool is a word here, tools/NAME.c or the folder tools/NAME/ with a main.c, man/NAME.1 and
# test/e2e/NAME*.t; a library that only it needs is a line PKGS_NAME below, and one in contrib/deps.
# streamhubfs is all that is in fs/, segprep a script in tools/, streamhub-drill one in contrib/drill/.
TOOLS := backoff camwatch hbwrite orchestrate playlist reconcile rtmppush rtmpsink segcheck segcut segpack segprep segunpack ssecat stalecheck stationctl stationrun streamhub-drill streamhubfs
SCRIPTED := segprep streamhub-drill
COMPILED := $(filter-out $(SCRIPTED),$(TOOLS))
PAGES := $(TOOLS:%=man/%.1) man/streamhub.5 man/streamhub.7

PKGS_camwatch := libsystemd
PKGS_hbwrite := libsystemd
PKGS_orchestrate := libsystemd
PKGS_playlist := libsystemd
PKGS_rtmppush := libsystemd libavformat libavcodec libavutil libswresample libseccomp
PKGS_rtmpsink := libsystemd libavformat libavutil
PKGS_segcheck := libsystemd libavformat libavcodec libavutil libseccomp jansson
PKGS_segcut := libsystemd libavformat libavcodec libavutil libseccomp
PKGS_segpack := libsystemd libarchive libavformat libavcodec libavutil libseccomp
PKGS_segunpack := libsystemd libseccomp libarchive zlib
PKGS_ssecat := libsystemd libcurl jansson
PKGS_stalecheck := jansson
PKGS_reconcile := libsystemd jansson
PKGS_stationctl := libsystemd jansson
PKGS_stationrun := libsystemd
PKGS_streamhubfs := libsystemd fuse3 jansson

bindir := $(DESTDIR)$(PREFIX)/bin
mandir := $(DESTDIR)$(PREFIX)/share/man
sharedir := $(DESTDIR)$(PREFIX)/share/streamhub
libdir := $(DESTDIR)$(PREFIX)/lib
UNITDIR ?= $(PREFIX)/lib/systemd/system
unitdir := $(DESTDIR)$(UNITDIR)
compdir := $(DESTDIR)$(PREFIX)/share/bash-completion/completions

WARN := -Wall -Wextra -Wpedantic -Wshadow -Wformat=2 -Wundef -Wvla -Wwrite-strings \
	-Wcast-qual -Wpointer-arith -Wstrict-prototypes -Wmissing-prototypes \
	-Wmissing-variable-declarations -Wimplicit-fallthrough
WARN_gcc := $(filter-out -Wmissing-variable-declarations,$(WARN)) -Wlogical-op
CFLAGS ?= -O2 -g
# What is given, by environment or command line, comes on top.
override CPPFLAGS += -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -DSTREAMHUB_VERSION='"$(VERSION)"' -Ilibcommon
STD := -std=gnu17 $(if $(findstring clang,$(CC)),$(WARN),$(WARN_gcc))
SANITIZE := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all \
	-fno-omit-frame-pointer -Werror
# How long make fuzz goes on, for each of its targets.
SECONDS := 60
FUZZ := $(SANITIZE) -fsanitize=fuzzer-no-link
COVERAGE := -O1 -g -Werror -fprofile-instr-generate=$(CURDIR)/build-cov/raw/%m%c.profraw \
	-fcoverage-mapping -mllvm -runtime-counter-relocation -Qunused-arguments

# The folders of libcommon, as they are linked, and for each what it may include: test/includes
# reads this too. An archive a folder.
LIBS := service station media clip net proc base
BEHIND_base :=
BEHIND_net := base
BEHIND_proc := base
BEHIND_clip := base
BEHIND_media := proc base
BEHIND_station := clip proc base
BEHIND_service := station clip proc base
# The folders whose second tool is still to come: one may need what is in them alone.
AHEAD := net
archives = $(1:%=$(BUILD)/libcommon/%.a)

# Where the parts of a tool are; of more than one, main.c is what no test is linked with.
home = $(if $(filter streamhubfs fs,$(1)),fs,tools/$(1))
sources = $(or $(wildcard $(call home,$(1))/*.c),tools/$(1).c)
modules = $(filter-out %/main.c,$(call sources,$(1)))
objects = $(addprefix $(BUILD)/,$(addsuffix .o,$(basename $(1))))
# The tools whose modules are fuzzed.
FUZZED := reconcile rtmppush segunpack
FUZZERS := $(patsubst test/fuzz/%.c,$(BUILD)/fuzz/%,$(wildcard test/fuzz/*.c))
UNITS := $(patsubst test/unit/%.c,$(BUILD)/unit/%,$(wildcard test/unit/*/*.c))
SOURCES := $(wildcard libcommon/*/*.[ch] tools/*.c tools/*/*.[ch] fs/*.[ch] test/*/*.[ch] test/unit/*/*.c)
DRILLS := contrib/drill/drill.pl contrib/drill/drills.sh
SYSTEMD_UNITS := $(wildcard contrib/systemd/*.service contrib/systemd/*.socket contrib/systemd/*.target contrib/systemd/*.timer)
SCRIPTS := debian/postinst debian/prerm debian/postrm contrib/completion/streamhub contrib/deps \
	contrib/demo tools/segprep.sh contrib/drill/streamhub-drill contrib/drill/drills.sh .ci/run test/run test/assertions test/coverage \
	test/install test/fixtures/make.sh test/system/debian \
	$(wildcard test/*.sh test/e2e/*.t test/fault/*.t test/fault/*.sh test/bench/*.sh test/stress/*.sh test/soak/*.sh test/system/*.sh test/web/*.sh)

PERL := test/includes test/functions $(wildcard test/*.pl test/*/*.pl contrib/*.pl contrib/*/*.pl) test/options test/translated \
	test/bench/page test/bench/compare

# As many jobs as there are processors, unless -j says otherwise, which counts for each
# make below this one, too.
ifeq ($(MAKELEVEL):$(filter -j%,$(MAKEFLAGS)),0:)
MAKEFLAGS += -j$(shell nproc)
endif

.DELETE_ON_ERROR:
ifndef V
.SILENT:
endif
.PHONY: all units fuzzers tools-san check check-system check-debian drill fault run run-sse install-service \
	service-status service-logs status test-stream bench stress web soak versus fuzz coverage lint format \
	check-man check-install install uninstall deps dist deb clean help

all: $(TOOLS:%=$(BUILD)/%) ## build everything

# Built in parallel, said once: what is missing is installed before the first compiler run.
ALSO_lint := test
ALSO_coverage := test
ALSO_system := test deb
ALSO_web := test
build/.deps-%: contrib/deps
	@mkdir -p build && contrib/deps build $(ALSO_$*) $* && touch $@

# Their headers are the system's: warnings about them are not for us.
pkgs = $(if $(1),$(patsubst -I%,-isystem %,$(shell pkg-config $(2) $(1))))

.SECONDEXPANSION:
$(BUILD)/%.o: %.c | build/.deps-build
	@mkdir -p $(@D)
	@echo "  CC $@"
	$(CC) $(CPPFLAGS) $(STD) $(CFLAGS) $(if $(filter fs/%,$<),$(call pkgs,fuse3,--cflags)) -MMD -MP -c -o $@ $<

$(LIBS:%=$(BUILD)/libcommon/%.a): $(BUILD)/libcommon/%.a: $$(call objects,$$(wildcard libcommon/$$*/*.c))
	@rm -f $@
	$(AR) rc $@ $^

# What of a tool a test can be linked with.
$(BUILD)/fs.a: $(call objects,$(call modules,fs))
	@rm -f $@
	$(AR) rc $@ $^

$(BUILD)/tools/%.a: $$(call objects,$$(call modules,$$*))
	@rm -f $@
	$(AR) rc $@ $^

$(COMPILED:%=$(BUILD)/%): $(BUILD)/%: $$(call objects,$$(call sources,$$*)) $(call archives,$(LIBS))
	@echo "  LD $@"
	$(CC) $(CFLAGS) -o $@ $^ $(LDFLAGS) $(call pkgs,$(PKGS_$*),--libs)

$(BUILD)/segprep: tools/segprep.sh
$(BUILD)/streamhub-drill: contrib/drill/streamhub-drill
$(SCRIPTED:%=$(BUILD)/%):
	@mkdir -p $(@D)
	install -m 755 $< $@

# segcheck with a parser that does what hostile files tell it, and little patience.
$(BUILD)/segcheck-hooked: test/hooks/inspect.c libcommon/media/worker.c $$(call objects,$$(call sources,segcheck)) $(call archives,$(LIBS))
	@echo "  CC $@"
	$(CC) $(CPPFLAGS) $(STD) $(CFLAGS) -DWORKER_SECONDS=20 -DWORKER_CPU_SECONDS=2 -Wl,--wrap=inspect_file \
		-o $@ $^ $(LDFLAGS) $(call pkgs,$(PKGS_segcheck),--libs)

# A decoder that shares nothing with FFmpeg.
$(BUILD)/openh264: test/decode/openh264.c | build/.deps-test
	@mkdir -p $(@D)
	@echo "  CC $@"
	$(CC) $(CPPFLAGS) $(STD) $(CFLAGS) -o $@ $< $(LDFLAGS) $(call pkgs,openh264,--cflags --libs)

$(BUILD)/tools/stationctl/test_push.o: tools/stationctl/pattern.mp4

# A driver is linked with what its folder may use: of libcommon what is behind it, of a tool all. Of the
# libraries it gets what it calls: to load all of libav takes longer than most drivers.
folder = $(firstword $(subst /, ,$(1)))
linked = $(call archives,$(if $(filter $(1),$(LIBS)),$(1) $(BEHIND_$(1)),$(LIBS)))
parts = $(if $(filter $(1),$(LIBS)),,$(BUILD)/$(call home,$(1)).a)
$(BUILD)/unit/%: test/unit/%.c $$(call parts,$$(call folder,$$*)) $$(call linked,$$(call folder,$$*)) | build/.deps-test
	@mkdir -p $(@D)
	@echo "  CC $@"
	$(CC) $(CPPFLAGS) -Itest/unit -I$(call home,$(call folder,$*)) $(STD) $(CFLAGS) -MMD -MP -o $@ $< $(filter %.a,$^) $(LDFLAGS) \
		-Wl,--as-needed $(call pkgs,cmocka $(sort $(foreach t,$(TOOLS),$(PKGS_$(t)))),--libs)

# Those that are needed without sanitizers too: one is killed by strace, one is not the
# same with them.
PLAIN := $(BUILD)/openh264 $(BUILD)/segcheck-hooked $(BUILD)/unit/clip/quarantine $(BUILD)/unit/proc/sandbox

# TESTS is a pattern of paths, as grep takes it.
chosen = $(if $(TESTS),$(shell printf '%s\n' $(1) | grep -e '$(TESTS)'),$(1))
units: $(call chosen,$(UNITS))
tools-san:
	@$(MAKE) --no-print-directory BUILD=build-san CFLAGS='$(SANITIZE)' all units

check: build/.deps-test all $(PLAIN) tools-san ## build, sanitized too, and run every quick test; TESTS=pattern: those whose path matches
	@TESTS='$(TESTS)' test/run test/e2e/*.t $(UNITS:$(BUILD)/%=build-san/%) $(BUILD)/unit/proc/sandbox

run: all ## a station to look at, till Ctrl-C; STATION=path/to/ID.conf: a real one
	@BUILD=$(abspath $(BUILD)) perl contrib/foreground.pl contrib/demo $(STATION)

run-sse: all ## the same, and a server of events with a page: its buttons start and stop the station
	@BUILD=$(abspath $(BUILD)) perl contrib/foreground.pl contrib/demo --events

# Of the demo, where there is one; else of the system.
CTL = STREAMHUB_ROOT="$${STREAMHUB_ROOT-$(if $(wildcard demo/etc),$(CURDIR)/demo)}" $(BUILD)/stationctl
install-service: install ## install for systemd; STATION=ID: have it start that one at boot
	systemd-sysusers
	systemd-tmpfiles --create streamhub.conf
	systemctl daemon-reload
	$(if $(STATION),$(bindir)/stationctl install $(STATION))

service-status: ## how the services of STATION=ID are, or of all
	@stationctl --backend systemd status $(STATION)

service-logs: ## what the services of STATION=ID say
	@stationctl --backend systemd logs -f $(STATION)

status: all ## how the stations are: of the demo, or else of the system
	@$(CTL) status

test-stream: all ## push a test pattern to the server of STATION=ID, or to $$RTMP_URL
	@$(if $(STATION),$(CTL) test $(STATION),echo tools/stationctl/pattern.mp4 | $(BUILD)/rtmppush --retries 1)

# What the measurements are made with, without sanitizers.
$(BUILD)/bench/%: test/bench/%.c | build/.deps-test
	@mkdir -p $(@D)
	@echo "  CC $@"
	$(CC) $(CPPFLAGS) $(STD) -O2 -o $@ $< $(call pkgs,$(PKGS_streamhubfs),--cflags --libs)

check-system: build/.deps-system all ## a real systemd in a container, and the Debian package there
	@TEST_TIMEOUT=1200 test/run test/system/*.sh

check-debian: ## all of that in a booted root of each Debian release; RELEASE=trixie STEPS="run check"
	@env -u MAKEFLAGS -u MAKELEVEL RELEASE='$(RELEASE)' STEPS='$(STEPS)' test/system/debian

drill: build/.deps-test all ## break a scratch station in every way and count what is lost; DRILL=name
	@$(BUILD)/streamhub-drill $(DRILL)

bench: build/.deps-test all $(BUILD)/bench/hello $(BUILD)/bench/openread ## ratios against a peer in the same run, as a page: build/bench.md; BENCH=NAME
	@BIN=$(CURDIR)/build test/bench/page build/bench.md test/bench/$(or $(BENCH),*).sh

fault: build/.deps-test all $(BUILD)/unit/clip/quarantine ## kill each tool at its calls, fail them, and cut its writes; EVERY_CALL=.: all calls, SPARSE=3: fewer
	@SPARSE='$(SPARSE)' TEST_TIMEOUT=1200 test/run test/fault/*.t

stress: build/.deps-test all ## storms of files, kills and cuts, minutes long
	@TEST_TIMEOUT=1200 test/run test/stress/*.sh

web: build/.deps-web all ## the filler as a browser shows it: Chromium, mpegts.js, node-media-server
	@TEST_JOBS=1 test/run test/web/*.sh

soak: build/.deps-test all ## 8 stations among faults; HOURS=1 SEED=n
	@test/soak/stations.sh

versus: build/.deps-test all ## a table: a loop of ffmpegs beside a station; MINUTES=10
	@test/soak/versus.sh

$(BUILD)/fuzz/%: test/fuzz/%.c $(FUZZED:%=$(BUILD)/tools/%.a) $(call archives,$(LIBS))
	@mkdir -p $(@D)
	@echo "  CC $@"
	$(CC) $(CPPFLAGS) $(FUZZED:%=-Itools/%) $(STD) $(CFLAGS) -fsanitize=fuzzer -MMD -MP -o $@ $< $(filter %.a,$^) $(LDFLAGS) \
		$(call pkgs,jansson libarchive zlib,--libs)

fuzzers: $(FUZZERS)

# The kept corpus is only read: what is new is below build-fuzz, and so is what breaks.
fuzz: build/.deps-fuzz ## look for bytes that break a parser; SECONDS=60
	@$(MAKE) --no-print-directory BUILD=build-fuzz CC=clang CFLAGS='$(FUZZ)' fuzzers
	for f in $(notdir $(FUZZERS)); do mkdir -p build-fuzz/corpus/$$f && \
		build-fuzz/fuzz/$$f -max_total_time=$(SECONDS) -timeout=5 -rss_limit_mb=1024 \
		-max_len=16384 -verbosity=0 -print_final_stats=1 -artifact_prefix=build-fuzz/$$f- \
		build-fuzz/corpus/$$f test/fuzz/corpus/$$f || exit; done

coverage: build/.deps-coverage ## which lines and branches the tests reach
	@$(MAKE) --no-print-directory BUILD=build-cov CC=clang CFLAGS='$(COVERAGE)' LDFLAGS=-Wl,--as-needed \
		all units build-cov/segcheck-hooked build-cov/openh264
	@test/coverage build-cov

# Each release lays out and warns a little otherwise, and one has to count: that of Debian 12.
FORMAT_VERSION := 14
CPPCHECK_VERSION := 2.10
is_format = clang-format --version | grep -q 'version $(FORMAT_VERSION)\.'
lint: build/.deps-lint ## formatting, the arrows between the folders, static checks, shell scripts
	@test/includes
	@test/functions $(filter-out test/%,$(SOURCES))
	if $(is_format); then clang-format --dry-run -Werror $(SOURCES); else \
		echo "lint: the layout is that of clang-format $(FORMAT_VERSION), and is not checked with $$(clang-format --version)"; fi
	cppcheck --quiet --error-exitcode=1 --inline-suppr --std=c11 --enable=warning,portability \
		'-DRB_GENERATE_INTERNAL(a,b,c,d,e)=' '-DRB_FOREACH(x,n,h)=while ((x = RB_MIN(n, h)))' \
		$(CPPFLAGS) $(filter %.c,$(filter-out test/%,$(SOURCES))) || { ! cppcheck --version | grep -qx 'Cppcheck $(CPPCHECK_VERSION)' && \
		echo "lint: what cppcheck $(CPPCHECK_VERSION) finds counts, and this is $$(cppcheck --version)"; }
	shellcheck -S warning -x -P SCRIPTDIR $(SCRIPTS)
	for f in $(SOURCES) $(SCRIPTS) $(PERL); do [ $$(wc -l <$$f) -le 600 ] || \
		echo "lint: warning: $$f has more than 600 lines: two jobs?"; done
	for f in $(wildcard test/*.sh test/e2e/*.t test/web/*.sh); do \
		! expand $$f | grep -E '.{111}' || { echo "$$f has a line of more than 110 columns"; exit 1; }; \
		[ $$(wc -l <$$f) -le 150 ] || [ $$f = $${f%.t} ] || head -n 6 $$f | grep -q 'Longer than' || { \
		echo "$$f has more than 150 lines: two behaviours? Else say why at its top"; exit 1; }; done

format: ## let clang-format lay out the sources
	$(is_format) || { echo "format: the layout is that of clang-format $(FORMAT_VERSION)"; exit 1; }
	clang-format -i $(SOURCES)

check-man: build/.deps-lint all ## manual pages: well formed, the options are the tools', the Spanish ones alike
	mandoc -Tlint -Wwarning $(PAGES)
	@test/options build $(TOOLS)
	@test/translated $(PAGES) README.md

install: all ## install below DESTDIR and PREFIX
	install -d $(bindir) $(mandir)/man1 $(mandir)/man5 $(mandir)/man7 $(compdir) $(sharedir)
	install -d $(unitdir) $(libdir)/sysusers.d $(libdir)/tmpfiles.d $(libdir)/sysctl.d
	install -m 755 $(TOOLS:%=$(BUILD)/%) $(bindir)
	install -m 644 $(DRILLS) $(sharedir)
	install -m 644 $(SYSTEMD_UNITS) $(unitdir)
	sed -i -E 's|^(Exec[A-Za-z]+=[-+]?)([a-z])|\1$(PREFIX)/bin/\2|' $(SYSTEMD_UNITS:contrib/systemd/%=$(unitdir)/%)
	install -m 644 contrib/systemd/sysusers.conf $(libdir)/sysusers.d/streamhub.conf
	install -m 644 contrib/systemd/sysctl.conf $(libdir)/sysctl.d/50-streamhub.conf
	install -m 644 contrib/systemd/tmpfiles.conf $(libdir)/tmpfiles.d/streamhub.conf
	for p in $(PAGES:man/%=%); do for l in . es; do \
		install -D -m 644 man/$$l/$$p $(mandir)/$$l/man$${p##*.}/$$p || exit; done; done
	for t in $(TOOLS); do \
		sed 's/^complete .*/& '$$t/ contrib/completion/streamhub >$(compdir)/$$t || exit; done

uninstall: ## remove what install put there
	rm -f $(TOOLS:%=$(bindir)/%) $(TOOLS:%=$(compdir)/%)
	rm -f $(DRILLS:contrib/drill/%=$(sharedir)/%)
	[ ! -d $(sharedir) ] || rmdir --ignore-fail-on-non-empty $(sharedir)
	rm -f $(SYSTEMD_UNITS:contrib/systemd/%=$(unitdir)/%)
	rm -f $(libdir)/sysusers.d/streamhub.conf $(libdir)/tmpfiles.d/streamhub.conf $(libdir)/sysctl.d/50-streamhub.conf
	for p in $(PAGES:man/%=%); do for l in . es; do rm -f $(mandir)/$$l/man$${p##*.}/$$p; done; done

check-install: all ## install, look, uninstall: nothing may be left
	@test/install

deps: ## install what building, testing and checking need
	@contrib/deps build test system deb lint fuzz coverage

# The same bytes again, when it is made of what it holds.
TARBALL := streamhub-$(VERSION)
dist: ## build/streamhub-VERSION.tar.gz, of what is committed; outside git of what is there
	rm -rf $(BUILD)/dist
	mkdir -p $(BUILD)/dist/$(TARBALL)
	if [ -e .git ]; then git -c safe.directory='*' archive HEAD; \
		else tar -c --exclude='./build*' --exclude='./demo*' .; fi | tar -x -C $(BUILD)/dist/$(TARBALL)
	cd $(BUILD)/dist && tar -cf ../$(TARBALL).tar.gz -I 'gzip -n9' --sort=name --mtime=./$(TARBALL)/debian/changelog --mode=u=rwX,go=rX \
		--owner=0 --group=0 --numeric-owner $(TARBALL)
	@echo "  TAR $(BUILD)/$(TARBALL).tar.gz"

deb: build/.deps-deb dist ## build/deb/streamhub_VERSION_ARCH.deb, of what make dist takes; judged by lintian
	rm -rf $(BUILD)/deb
	mkdir -p $(BUILD)/deb
	cp -a $(BUILD)/dist/$(TARBALL) $(BUILD)/deb
	cd $(BUILD)/deb/$(TARBALL) && \
		env -u MAKEFLAGS -u MAKELEVEL -u BUILD -u CFLAGS -u CPPFLAGS -u LDFLAGS dpkg-buildpackage -us -uc
	lintian --info --fail-on error,warning $(BUILD)/deb/*.changes
	@ls $(BUILD)/deb/*.deb

clean: ## remove what make made
	rm -rf build build-san build-clang build-gcc build-fuzz build-cov

help: ## this list
	@sed -n 's/\$$\$$/$$/g; s/^\([a-z-]*\):.* ## /\1	/p' $(MAKEFILE_LIST) | expand -t 16

-include $(wildcard $(BUILD)/*.d $(BUILD)/*/*.d $(BUILD)/*/*/*.d)
