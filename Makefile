# libprof: one Makefile, everything built under $(OUT).
#
#	make demo      set up (Debian: apt), build, and compare two real captures
#	make check     set up, build, and run all tests; PACKS=DIR adds the conformance packs there,
#	               GO=go comparisons with its tools
#	make           build the command and both libraries
#	make install   PREFIX, DESTDIR
#	make asan      all tests under address and undefined-behaviour sanitizers
#	make fuzz      each fuzz target for FUZZ_SECONDS (clang)
#	make bench     speed and memory against gzip, and Go's pprof where `go` is installed
#	make format    clang-format over the sources; make check-format only looks
#	make deps      install the packages below; DEV=1 adds what asan, fuzz and format want

VERSION := 0.1.0
SOVERSION := 0
OUT ?= build
PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
MANDIR ?= $(PREFIX)/share/man
COMPLETIONDIR ?= $(PREFIX)/share/bash-completion/completions
PACKS ?=
GO ?=
FUZZ_SECONDS ?= 60

# The one list of packages: to build; to test (a browser among them); and for the developer targets.
PACKAGES := gcc libc6-dev pkg-config zlib1g-dev libisal-dev libdeflate-dev liblzma-dev \
	libpcre2-dev libprotobuf-c-dev protobuf-c-compiler libgraphviz-dev libsqlite3-dev nettle-dev libedit-dev
PACKAGES_TEST := libcmocka-dev perl man-db libxml2-utils chromium fonts-dejavu-core sqlite3
PACKAGES_DEV := clang libclang-rt-14-dev clang-format valgrind

CFLAGS ?= -O3 -g
WERROR ?=
WARN := -Wall -Wextra -Wshadow -Wvla -Wcast-qual -Wwrite-strings -Wmissing-prototypes \
	-Wstrict-prototypes -Wundef -Wformat=2 -Wconversion -Wno-sign-conversion $(if $(WERROR),-Werror)
SAN ?=
SANFLAGS := $(if $(SAN),-fsanitize=$(SAN) -fno-omit-frame-pointer -fno-sanitize-recover=all)
PKG_CONFIG ?= pkg-config
LIBS_PC := zlib libisal libdeflate liblzma libpcre2-8 libprotobuf-c libgvc libcgraph sqlite3 nettle
CMD_PC := libedit
TEST_PC := cmocka
pc = $(shell $(PKG_CONFIG) $(1) $(2))

PROF_CFLAGS = -std=c11 -D_POSIX_C_SOURCE=200809L -D_FILE_OFFSET_BITS=64 -fPIC \
	-fvisibility=hidden -I. -I$(OUT) -DPROF_VERSION='"$(VERSION)"' $(WARN) $(SANFLAGS) \
	$(call pc,--cflags,$(LIBS_PC)) $(DEFINES) $(CFLAGS)
PROF_LIBS = $(call pc,--libs,$(LIBS_PC)) -lm $(SANFLAGS) $(LDFLAGS)

LIB_SRC := $(filter-out libprof/ext/%,$(wildcard libprof/*/*.c libprof/*/*/*.c))
SQL_SRC := $(wildcard sql/*.sql)
CMD_SRC := $(wildcard cmd/*.c)
UNIT_SRC := $(wildcard tests/unit/test_*.c)
FUZZ_SRC := $(wildcard tests/fuzz/fuzz_*.c)
LIB_OBJ := $(LIB_SRC:%.c=$(OUT)/%.o) $(OUT)/proto/profile.pb-c.o
CMD_OBJ := $(CMD_SRC:%.c=$(OUT)/%.o)
UNIT_BIN := $(UNIT_SRC:%.c=$(OUT)/%)
REPLAY_BIN := $(FUZZ_SRC:%.c=$(OUT)/%.replay)
FUZZ_BIN := $(FUZZ_SRC:%.c=$(OUT)/%)
TEST_SUPPORT := $(OUT)/tests/unit/wire.o
LIBSO := $(OUT)/libprof.so.$(VERSION)
SOURCES = $(wildcard libprof/*.h libprof/*/*.[ch] libprof/*/*/*.[ch] cmd/*.[ch] tests/*/*.[ch])

all: $(OUT)/prof.so $(OUT)/prof $(OUT)/profdiff $(OUT)/libprof.a $(LIBSO)

# Packages. `make` alone only tells what is missing; demo, check and deps install it.
INSTALL_DEPS ?=
demo check deps asan fuzz: INSTALL_DEPS := 1
deps: $(OUT)/.deps $(OUT)/.deps-test $(if $(DEV),$(OUT)/.deps-dev)
$(OUT)/.deps: wanted = $(PACKAGES)
$(OUT)/.deps-test: wanted = $(PACKAGES_TEST)
$(OUT)/.deps-dev: wanted = $(PACKAGES_DEV)
$(OUT)/.deps $(OUT)/.deps-test $(OUT)/.deps-dev: Makefile tests/install-packages
	@mkdir -p $(@D)
	@tests/install-packages "$(INSTALL_DEPS)" $(wanted)
	@touch $@

$(OUT)/%.o: %.c | $(OUT)/.deps
	@mkdir -p $(@D)
	$(CC) $(PROF_CFLAGS) -MMD -MP -c -o $@ $<

$(OUT)/libprof.a: $(LIB_OBJ)
	@rm -f $@
	$(AR) rcs $@ $^

$(LIBSO): $(LIB_OBJ)
	$(CC) -shared -Wl,-soname,libprof.so.$(SOVERSION) -Wl,-z,defs -o $@ $^ $(PROF_LIBS)
	@ln -sf $(@F) $(OUT)/libprof.so.$(SOVERSION)
	@ln -sf $(@F) $(OUT)/libprof.so

$(OUT)/prof: $(CMD_OBJ) $(OUT)/libprof.a
	$(CC) -o $@ $^ $(PROF_LIBS) $(call pc,--libs,$(CMD_PC))

# The SQLite extension calls the SQLite that loads it: what calls SQLite is compiled for that.
EXT_SRC := libprof/ext/extension.c $(wildcard libprof/store/*.c libprof/join/archive_*.c libprof/join/sql*.c)
EXT_OBJ := $(EXT_SRC:%.c=$(OUT)/ext/%.o)
$(OUT)/ext/%.o: %.c | $(OUT)/.deps
	@mkdir -p $(@D)
	$(CC) $(PROF_CFLAGS) -DPROF_SQLITE_EXTENSION -MMD -MP -c -o $@ $<
$(EXT_OBJ): $(SQL_SRC:%.sql=$(OUT)/%.inc)
$(OUT)/prof.so: $(EXT_OBJ) $(OUT)/libprof.a
	$(CC) -shared -Wl,-z,defs -Wl,-Bsymbolic -Wl,--exclude-libs,ALL -o $@ $^ \
		$(filter-out -lsqlite3,$(PROF_LIBS))

$(OUT)/profdiff: $(OUT)/prof
	@ln -sf prof $@

# Generated messages: profiles are written with them, and they are the reference that our own decoder is
# compared with in tests.
$(OUT)/proto/%.pb-c.c: proto/%.proto | $(OUT)/.deps
	@mkdir -p $(@D)
	protoc-c --c_out=$(OUT) $<
$(OUT)/proto/%.pb-c.o: $(OUT)/proto/%.pb-c.c
	$(CC) -std=c11 -fPIC -fvisibility=hidden -I$(OUT) $(SANFLAGS) $(call pc,--cflags,$(LIBS_PC)) $(CFLAGS) -c -o $@ $<
$(OUT)/proto/%.pb-c.h: $(OUT)/proto/%.pb-c.c ;
$(OUT)/libprof/render/profile/pprof.o: $(OUT)/proto/profile.pb-c.h

# What pages and pictures bring along, without indents, comments and empty lines (.web), as C strings (.inc);
# and of scripts, which are CDATA for XML, the digest (.sha256), by which a page tells what may run.
WEB := $(wildcard libprof/render/web/*)
strip = sed -e 's/^[ \t]*//' -e '/^\/\//d' -e '/^\/\*.*\*\/$$/d' -e '/^$$/d'
$(OUT)/%.web: % Makefile
	@mkdir -p $(@D)
	$(strip) $< >$@
$(OUT)/%.js.web: %.js Makefile
	@mkdir -p $(@D)
	{ echo '//<![CDATA['; $(strip) $<; echo '//]]>'; } >$@
$(OUT)/%.inc: $(OUT)/%.web
	sed -e 's/[\\"]/\\&/g' -e 's/^/"/' -e 's/$$/\\n"/' $< >$@
$(OUT)/%.sha256.inc: $(OUT)/%.web
	printf '"%s"\n' "$$(sha256sum <$< | cut -c 1-64 | tr a-f A-F | basenc -d --base16 | base64)" >$@
$(patsubst %,$(OUT)/libprof/render/%.o,svg html draw page chart_html chart_svg): $(WEB:%=$(OUT)/%.inc) \
	$(patsubst %,$(OUT)/%.sha256.inc,$(filter %.js,$(WEB)))

# So do the patterns that sort waits, without comments.
$(OUT)/%.txt.inc: %.txt
	@mkdir -p $(@D)
	sed -e '/^#/d' -e '/^$$/d' -e 's/[\\"]/\\&/g' -e 's/.*/"&",/' $< >$@
$(OUT)/libprof/analyse/contention/patterns.o: $(OUT)/libprof/analyse/contention/patterns.txt.inc

# SQL becomes C strings.
$(OUT)/sql/%.inc: sql/%.sql
	@mkdir -p $(@D)
	sed -e 's/[\\"]/\\&/g' -e 's/.*/"&\\n"/' $< >$@
$(OUT)/libprof/store/db.o $(OUT)/libprof/store/catalog.o $(OUT)/libprof/store/capture.o $(OUT)/libprof/store/capture_migrate.o \
	$(OUT)/libprof/join/archive_stats.o $(OUT)/libprof/join/sql_table.o \
	$(OUT)/libprof/join/sql_run.o $(OUT)/libprof/join/sql_shown.o: $(SQL_SRC:%.sql=$(OUT)/%.inc)

# Tests.
$(UNIT_BIN:%=%.o) $(OUT)/tests/unit/wire.o: DEFINES = -DTESTDATA='"$(CURDIR)/testdata"'
$(UNIT_BIN:%=%.o): $(OUT)/proto/profile.pb-c.h
$(UNIT_BIN:%=%.o): | $(OUT)/.deps-test
$(UNIT_BIN): %: %.o $(TEST_SUPPORT) $(OUT)/libprof.a
	$(CC) -o $@ $^ $(call pc,--libs,$(TEST_PC)) $(PROF_LIBS)
# Each allocation fails once in these.
$(OUT)/tests/unit/test_write_faults: override LDFLAGS += -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=free
$(OUT)/tests/unit/test_faults: override LDFLAGS += -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=free
$(OUT)/tests/unit/test_contention: override LDFLAGS += -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=free
$(OUT)/tests/unit/test_leak: override LDFLAGS += -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=free
$(OUT)/tests/unit/test_contention_trace: override LDFLAGS += -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=free
$(REPLAY_BIN): %.replay: %.o $(OUT)/tests/fuzz/replay.o $(OUT)/libprof.a
	$(CC) -o $@ $^ $(PROF_LIBS)

tests: all $(UNIT_BIN) $(REPLAY_BIN)
check: tests $(OUT)/.deps-test
	@OUT='$(OUT)' PACKS='$(PACKS)' GO='$(GO)' CC='$(CC)' SAN='$(SAN)' tests/check

asan: $(OUT)/.deps $(OUT)/.deps-dev
	$(MAKE) OUT=$(OUT)/asan SAN=address,undefined CFLAGS='-O1 -g' check

# libFuzzer wants every object instrumented: a build of its own.
fuzz: $(OUT)/.deps $(OUT)/.deps-dev
	$(MAKE) OUT=$(OUT)/fuzz CC=clang SAN=fuzzer-no-link,address,undefined CFLAGS='-O1 -g' fuzz-bin
	@for f in $(FUZZ_SRC:tests/fuzz/fuzz_%.c=%); do \
		mkdir -p $(OUT)/fuzz/corpus/$$f $(OUT)/fuzz/found; \
		$(OUT)/fuzz/tests/fuzz/fuzz_$$f -max_total_time=$(FUZZ_SECONDS) -timeout=10 \
			-rss_limit_mb=2048 -artifact_prefix=$(OUT)/fuzz/found/$$f- \
			-print_final_stats=1 $(OUT)/fuzz/corpus/$$f testdata/fuzz/$$f || exit 1; \
	done
fuzz-bin: $(FUZZ_BIN)
$(FUZZ_BIN): %: %.o $(OUT)/libprof.a
	$(CC) -fsanitize=fuzzer -o $@ $^ $(PROF_LIBS)

# What makes the profiles of a generated year.
BENCH_BIN := $(OUT)/tests/bench/make_year
$(BENCH_BIN): %: %.o $(OUT)/libprof.a
	$(CC) -o $@ $^ $(PROF_LIBS)

bench: all $(BENCH_BIN)
	@OUT='$(OUT)' PACKS='$(PACKS)' GO='$(GO)' tests/bench/run

demo: all
	@echo '$$ profdiff testdata/checkout.before.cpu.pb.gz testdata/checkout.after.cpu.pb.gz'
	@$(OUT)/profdiff testdata/checkout.before.cpu.pb.gz testdata/checkout.after.cpu.pb.gz

format: $(OUT)/.deps-dev
	clang-format -i $(SOURCES)
check-format: $(OUT)/.deps-dev
	clang-format --dry-run --Werror $(SOURCES)

install: all
	install -d '$(DESTDIR)$(BINDIR)' '$(DESTDIR)$(LIBDIR)/pkgconfig' '$(DESTDIR)$(INCLUDEDIR)' \
		'$(DESTDIR)$(MANDIR)/man1' '$(DESTDIR)$(COMPLETIONDIR)'
	install -m 755 $(OUT)/prof '$(DESTDIR)$(BINDIR)/prof'
	ln -sf prof '$(DESTDIR)$(BINDIR)/profdiff'
	install -m 755 $(LIBSO) '$(DESTDIR)$(LIBDIR)/'
	install -d '$(DESTDIR)$(LIBDIR)/sqlite3'
	install -m 755 $(OUT)/prof.so '$(DESTDIR)$(LIBDIR)/sqlite3/'
	ln -sf $(notdir $(LIBSO)) '$(DESTDIR)$(LIBDIR)/libprof.so.$(SOVERSION)'
	ln -sf libprof.so.$(SOVERSION) '$(DESTDIR)$(LIBDIR)/libprof.so'
	install -m 644 $(OUT)/libprof.a '$(DESTDIR)$(LIBDIR)/'
	sed -e 's|@PREFIX@|$(PREFIX)|; s|@LIBDIR@|$(LIBDIR)|; s|@INCLUDEDIR@|$(INCLUDEDIR)|' \
		-e 's|@VERSION@|$(VERSION)|; s|@REQUIRES@|$(LIBS_PC)|' \
		libprof/prof.pc.in >'$(DESTDIR)$(LIBDIR)/pkgconfig/prof.pc'
	install -m 644 libprof/prof.h '$(DESTDIR)$(INCLUDEDIR)/'
	install -m 644 cmd/*.1 '$(DESTDIR)$(MANDIR)/man1/'
	ln -sf prof-diff.1 '$(DESTDIR)$(MANDIR)/man1/profdiff.1'
	install -m 644 cmd/completion.bash '$(DESTDIR)$(COMPLETIONDIR)/prof'
	ln -sf prof '$(DESTDIR)$(COMPLETIONDIR)/profdiff'

clean:
	rm -rf $(OUT)

.PHONY: all tests check asan fuzz fuzz-bin bench demo format check-format install clean deps
.DELETE_ON_ERROR:
.SECONDARY:

-include $(BENCH_BIN:=.d) $(LIB_OBJ:.o=.d) $(EXT_OBJ:.o=.d) $(CMD_OBJ:.o=.d) $(UNIT_BIN:=.d) $(FUZZ_BIN:=.d) \
	$(OUT)/tests/unit/wire.d $(OUT)/tests/fuzz/replay.d
