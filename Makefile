# SPDX-License-Identifier: MIT
#
# Understudy: build, test, install. `make help` lists the targets.
#
# Everything made goes below build/, one directory a variant:
#
#   make                       build/            -O3 -g, the program linked with LTO
#   make VARIANT=asan          build/asan/       address and undefined-behaviour sanitizers
#   make VARIANT=stress        build/stress/     rehash on every insert, collect on every push,
#                                                fold all of a list but its ends
#   make VARIANT=coverage      build/coverage/   gcov counters
#   make VARIANT=fuzz          build/fuzz/       libFuzzer programs (clang)
#
# CC, CFLAGS, LDFLAGS and BUILD may be given; WERROR=1 makes warnings errors, LTO= switches LTO off,
# V=1 prints whole commands.

VERSION := 0.1.0
SOVERSION := 0

VARIANT ?= release
PREFIX ?= /usr/local
DESTDIR ?=
LIBDIR ?= $(PREFIX)/lib
CLANG ?= clang
CLANG_FORMAT ?= clang-format
# Debian's own interpreter sees the packaged client libraries; another one on PATH may not.
PYTHON ?= $(firstword $(wildcard /usr/bin/python3) python3)

ARGS ?=
SUITES ?= unit cases integration clients conformance
DEPS ?= build test lint
COMMANDS ?= 200000
TEST_COMMANDS ?= 2000
FUZZ_SECONDS ?= 60

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SECONDARY:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules --no-print-directory
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(shell nproc 2>/dev/null || echo 1)
endif

# ---- Variant -------------------------------------------------------------------------------------

ifeq ($(VARIANT),release)
BUILD ?= build
else
BUILD ?= build/$(VARIANT)
endif
# One directory has one name, however it was given: objects and what they depend on are found by it.
override BUILD := $(patsubst $(CURDIR)/%,%,$(or $(realpath $(BUILD)),$(abspath $(BUILD))))

ifeq ($(VARIANT),fuzz)
CC := $(CLANG)
else ifeq ($(origin CC),default)
CC := gcc
endif

is_clang := $(findstring clang,$(shell $(CC) --version 2>/dev/null))

# clang needs the linker plugin, which a system may lack.
ifneq ($(is_clang),)
LTO ?= $(if $(wildcard $(shell $(CC) -print-resource-dir)/../../LLVMgold.so),-flto)
else
LTO ?= -flto=auto
endif

sanitizers := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer

ifeq ($(VARIANT),release)
variant_flags := -O3 -g
else ifeq ($(VARIANT),asan)
variant_flags := -O1 -g $(sanitizers)
else ifeq ($(VARIANT),stress)
variant_flags := -O1 -g -DTABLE_STRESS -DLUA_STRESS -DQUICKLIST_STRESS
else ifeq ($(VARIANT),coverage)
variant_flags := -O0 -g --coverage
else ifeq ($(VARIANT),fuzz)
variant_flags := -O1 -g $(sanitizers) -fsanitize=fuzzer-no-link
else
$(error VARIANT is $(VARIANT); it may be release, asan, stress, coverage or fuzz)
endif

# ---- Flags and libraries -------------------------------------------------------------------------

warnings := -Wall -Wextra -Wshadow -Wconversion -Wimplicit-fallthrough -Wstrict-prototypes \
            -Wmissing-prototypes $(if $(WERROR),-Werror)

package_flags := $(subst -I,-isystem ,$(shell \
    for package in lua5.1 libuv liblzf libmd openssl; do pkg-config --cflags $$package; done 2>/dev/null))

compile_flags = -std=gnu11 -fPIC $(variant_flags) -Isrc $(package_flags) \
                -DUNDERSTUDY_VERSION='"$(VERSION)"' $(CPPFLAGS) $(CFLAGS)
compile = $(CC) $(compile_flags) $(warnings) -MMD -MP

# $(call library,names): the static archive of the first name that has one, else -l of the last.
# A static archive costs nothing at start; a shared library is searched, mapped and relocated.
library = $(firstword $(filter /%,$(foreach name,$1,$(shell \
    $(CC) -print-file-name=lib$(name).a 2>/dev/null))) -l$(lastword $1))

core_libraries := $(foreach name,lua5.1-cjson lua5.1-bitop lua5.1 md,$(call library,$(name))) \
                  -llzf -lm -ldl -lpthread
libraries := $(call library,uv_a uv) $(core_libraries)
# Debian has called the library both names.
msgpack := $(or $(shell pkg-config --libs msgpack-c 2>/dev/null || pkg-config --libs msgpack 2>/dev/null),-lmsgpackc)
backend_libraries := $(if $(wildcard $(foreach d,/usr/include /usr/local/include,$d/hiredis/hiredis_ssl.h)),-lhiredis_ssl) \
    -lhiredis -ljansson $(msgpack) -lmd -lm -lpthread
shared_libraries := -luv -llua5.1-cjson -llua5.1-bitop -llua5.1 -lmd -llzf -lm -ldl -lpthread
base_objects = $(filter $(BUILD)/objects/src/base/%,$(objects))
link = $(CC) $(variant_flags) -Wl,--as-needed $(LDFLAGS)

# $(call say,word): before a recipe's command, prints one short line in the command's place.
say = $(if $(V),,@printf '  %-7s %s\n' $1 $@; )

# ---- Files ---------------------------------------------------------------------------------------

lua_files := $(wildcard lua/*.lua)
library_lua_files := $(wildcard lua/libraries/*.lua)
backend_sources := $(wildcard src/backend/*.c)
sources := $(filter-out src/main.c src/main_run.c $(backend_sources),$(wildcard src/*.c src/*/*.c))
core_sources := $(filter-out src/net/% $(backend_sources),$(wildcard src/*/*.c))

embedded := lua_sources report_page
objects := $(sources:%.c=$(BUILD)/objects/%.o) $(embedded:%=$(BUILD)/objects/%.o)
core_objects := $(core_sources:%.c=$(BUILD)/objects/%.o) $(embedded:%=$(BUILD)/objects/%.o)
backend_objects := $(backend_sources:%.c=$(BUILD)/objects/%.o) $(BUILD)/objects/lua_libraries.o
program_objects := $(BUILD)/objects/src/main.o $(BUILD)/objects/src/main_run.o $(objects)
# The release program is compiled a second time for LTO; libraries and tests link plain objects.
ifneq ($(and $(filter release,$(VARIANT)),$(LTO)),)
program_objects := $(program_objects:$(BUILD)/objects/%=$(BUILD)/program/%)
program_flags := $(LTO) $(variant_flags)
endif

unit_sources := $(wildcard tests/unit/test_*.c tests/unit/*/test_*.c)
unit_tests := $(unit_sources:%.c=$(BUILD)/%)
backend_unit_tests := $(filter $(BUILD)/tests/unit/backend/%,$(unit_tests))
outer_unit_tests := $(filter $(BUILD)/tests/unit/net/% $(BUILD)/tests/unit/test_%,$(unit_tests))
core_unit_tests := $(filter-out $(outer_unit_tests) $(backend_unit_tests),$(unit_tests))
fuzz_targets := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/fuzz/fuzz_*.c))
backend_programs := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/backend/*.c))
example_programs := $(patsubst %.c,$(BUILD)/%,$(wildcard docs/examples/*.c))
bench_programs := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/bench/*.c))
door := $(patsubst tests/support/%.c,$(BUILD)/tests/%,$(wildcard tests/support/inprocess_door.c))
support_sources := $(filter-out tests/support/inprocess_door.c,$(wildcard tests/support/*.c))
support_objects := $(support_sources:%.c=$(BUILD)/objects/%.o)

program := $(BUILD)/understudy
static_library := $(BUILD)/libunderstudy.a
shared_name := libunderstudy.so
shared_library := $(BUILD)/$(shared_name).$(VERSION)
package_file := $(BUILD)/understudy.pc

backend_name := libunderstudy-backend.so
backend_static := $(BUILD)/libunderstudy-backend.a
backend_shared := $(BUILD)/$(backend_name).$(VERSION)
backend_package := $(BUILD)/understudy-backend.pc

# ---- Build ---------------------------------------------------------------------------------------

.PHONY: all
all: program library ## Build the program and the libraries (the default)

.PHONY: program
program: $(program) ## Build build/understudy alone

.PHONY: library
library: $(static_library) $(shared_library) $(package_file) ## Build the static and shared library

.PHONY: backend
backend: $(backend_static) $(backend_shared) $(backend_package) ## Build the library of states and locks

.PHONY: test-programs
test-programs: $(unit_tests) $(door) $(backend_programs) $(example_programs) backend library $(bench_programs) ## Build the test programs, run nothing

$(program): $(program_objects)
	$(call say,LINK)$(link) $(program_flags) $^ $(libraries) -o $@

# Only understudy_* stays visible: the names inside must not meet those of the program that embeds.
$(static_library): $(objects)
	@rm -f $@
	$(call say,LD)$(LD) -r -o $(BUILD)/libunderstudy.o $^
	@objcopy --wildcard --keep-global-symbol='understudy_*' $(BUILD)/libunderstudy.o
	@$(AR) rcs $@ $(BUILD)/libunderstudy.o

$(shared_library): $(objects) src/understudy.map
	$(call say,LINK)$(link) -shared -Wl,-soname,$(shared_name).$(SOVERSION) \
	    -Wl,--version-script=src/understudy.map $(objects) $(shared_libraries) -o $@
	@ln -sf $(@F) $(BUILD)/$(shared_name).$(SOVERSION)
	@ln -sf $(@F) $(BUILD)/$(shared_name)

# What backend_* functions need of src/base comes along, invisible.
$(backend_static): $(backend_objects) $(base_objects)
	@rm -f $@
	$(call say,LD)$(LD) -r -o $(BUILD)/libunderstudy-backend.o $^
	@objcopy --wildcard --keep-global-symbol='backend_*' $(BUILD)/libunderstudy-backend.o
	@$(AR) rcs $@ $(BUILD)/libunderstudy-backend.o

$(backend_shared): $(backend_objects) $(base_objects) src/backend/understudy_backend.map
	$(call say,LINK)$(link) -shared -Wl,-soname,$(backend_name).$(SOVERSION) \
	    -Wl,--version-script=src/backend/understudy_backend.map \
	    $(backend_objects) $(base_objects) $(backend_libraries) -o $@
	@ln -sf $(@F) $(BUILD)/$(backend_name).$(SOVERSION)
	@ln -sf $(@F) $(BUILD)/$(backend_name)

$(backend_package): src/backend/understudy-backend.pc.in force
	@mkdir -p $(@D)
	@sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@LIBDIR@|$(LIBDIR)|' -e 's|@VERSION@|$(VERSION)|' \
	    -e 's|@LIBRARIES@|$(backend_libraries)|' $< > $@

$(package_file): src/understudy.pc.in force
	@mkdir -p $(@D)
	@sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@LIBDIR@|$(LIBDIR)|' -e 's|@VERSION@|$(VERSION)|' \
	    -e 's|@LIBRARIES@|$(shared_libraries)|' $< > $@

$(BUILD)/objects/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,CC)$(compile) -c $< -o $@

$(BUILD)/objects/tests/%.o: tests/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,CC)$(compile) -Itests -c $< -o $@

# Examples include the headers as they are when installed.
$(BUILD)/objects/docs/%.o: docs/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,CC)$(compile) -Isrc/backend -c $< -o $@

$(BUILD)/program/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,CC)$(compile) $(LTO) -c $< -o $@

$(patsubst %,$(BUILD)/objects/%.o,$(embedded) lua_libraries): $(BUILD)/objects/%.o: $(BUILD)/%.c
	$(call say,CC)$(compile) -c $< -o $@

$(embedded:%=$(BUILD)/program/%.o): $(BUILD)/program/%.o: $(BUILD)/%.c
	@mkdir -p $(@D)
	$(call say,CC)$(compile) $(LTO) -c $< -o $@

# Each Lua file, and the page, becomes a string of octal escapes: lua/libraries/lock.lua is
# lua_source_libraries_lock, as declared in src/script/lua_sources.h.
$(BUILD)/lua_sources.c: $(lua_files)
$(BUILD)/lua_sources.c: header := script/lua_sources.h
$(BUILD)/lua_libraries.c: $(library_lua_files)
$(BUILD)/lua_libraries.c: header := backend/lua_libraries.h
$(BUILD)/report_page.c: src/controls/report_page.html
$(BUILD)/report_page.c: header := controls/report_page.h
$(BUILD)/lua_sources.c $(BUILD)/lua_libraries.c $(BUILD)/report_page.c: $(BUILD)/flags
	@mkdir -p $(@D)
	@{ echo '#include "$(header)"'; \
	for file in $(filter %.lua %.html,$^); do \
	    name=$$(echo $$file | sed 's|^lua/|lua_source_|; s|^src/controls/||; s|\.[a-z]*$$||; s|[^A-Za-z0-9]|_|g'); \
	    echo "const char $$name[] = \"\""; \
	    od -An -v -to1 $$file | sed 's/ /\\/g; s/.*/"&"/'; \
	    echo ";"; \
	    echo "const size_t $${name}_size = sizeof $$name - 1;"; \
	done; } > $@

# Changes when the compiler, the flags or the list of Lua files change; all objects depend on it.
$(BUILD)/flags: force
	@mkdir -p $(@D)
	@printf '%s\n' '$(subst ','\'',$(CC) $(compile_flags) $(LTO) $(LDFLAGS) $(lua_files))' > $@.new
	@if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

.PHONY: force
force:

# ---- Test programs -------------------------------------------------------------------------------

# The core links without libuv, and so do its unit tests.
$(BUILD)/core.a: $(core_objects)
$(BUILD)/understudy.a: $(objects)
$(BUILD)/support.a: $(support_objects)
$(BUILD)/core.a $(BUILD)/understudy.a $(BUILD)/support.a:
	@rm -f $@
	$(call say,AR)$(AR) rcs $@ $^

$(bench_programs): $(BUILD)/%: $(BUILD)/objects/%.o $(BUILD)/core.a
	@mkdir -p $(@D)
	$(call say,LINK)$(link) $^ $(core_libraries) -o $@

$(core_unit_tests): $(BUILD)/%: $(BUILD)/objects/%.o $(BUILD)/support.a $(BUILD)/core.a
	@mkdir -p $(@D)
	$(call say,LINK)$(link) $^ -lcmocka $(core_libraries) -o $@

$(outer_unit_tests): $(BUILD)/%: $(BUILD)/objects/%.o $(BUILD)/support.a $(BUILD)/understudy.a
	@mkdir -p $(@D)
	$(call say,LINK)$(link) $^ -lcmocka $(libraries) -o $@

$(backend_unit_tests): $(BUILD)/%: $(BUILD)/objects/%.o $(backend_objects) $(BUILD)/support.a \
    $(BUILD)/understudy.a
	@mkdir -p $(@D)
	$(call say,LINK)$(link) $^ -lcmocka $(backend_libraries) $(libraries) -o $@

$(backend_programs): $(BUILD)/%: $(BUILD)/objects/%.o $(backend_static)
	@mkdir -p $(@D)
	$(call say,LINK)$(link) $^ $(backend_libraries) -o $@

$(example_programs): $(BUILD)/%: $(BUILD)/objects/%.o $(backend_static) $(static_library)
	@mkdir -p $(@D)
	$(call say,LINK)$(link) $^ $(backend_libraries) $(libraries) -o $@

$(door): $(BUILD)/tests/%: $(BUILD)/objects/tests/support/%.o $(BUILD)/support.a \
    $(BUILD)/understudy.a
	@mkdir -p $(@D)
	$(call say,LINK)$(link) $^ $(libraries) -o $@

$(fuzz_targets): $(BUILD)/%: $(BUILD)/objects/%.o $(BUILD)/support.a $(BUILD)/understudy.a
	@mkdir -p $(@D)
	$(call say,LINK)$(link) -fsanitize=fuzzer $^ $(libraries) -o $@

.PHONY: fuzz-programs
fuzz-programs: $(fuzz_targets)

# ---- Use -----------------------------------------------------------------------------------------

.PHONY: run
run: ## Install what is missing, build, and serve on 127.0.0.1:6379 (ARGS= adds options)
	@tests/support/install_packages.sh build
	@$(MAKE) program
	@exec $(program) --bind 127.0.0.1 --port 6379 $(ARGS)

.PHONY: deps
deps: ## Install missing packages (DEPS= names the groups: build test lint, clients)
	@tests/support/install_packages.sh $(DEPS)

.PHONY: test
test: ## Install what is missing, build, and run all tests (SUITES= narrows, VARIANT=asan …)
	@tests/support/install_packages.sh build test
	@$(MAKE) program test-programs
	@PYTHON='$(PYTHON)' COMMANDS=$(TEST_COMMANDS) tests/support/run_tests.sh $(BUILD) $(SUITES)

.PHONY: test-clients
test-clients: program ## Drive it with real clients and docs/helpers (make deps DEPS=clients installs languages)
	@tests/support/install_packages.sh test
	$(PYTHON) tests/clients/run.py --binary $(program)

.PHONY: conformance
conformance: program ## Compare COMMANDS=200000 generated commands with redis-server
	$(PYTHON) tests/conformance/run.py --commands $(COMMANDS) --binary $(program)

.PHONY: bench
bench: program $(bench_programs) ## Measure side by side with redis-server, print ratios
	@for bench in $(filter-out %/load_driver,$(bench_programs)); do echo "$$bench:"; $$bench; done
	@if [ -f tests/bench/run.py ]; then $(PYTHON) tests/bench/run.py --binary $(program) $(ARGS); \
	else echo "bench: skipped, there is no tests/bench/run.py"; fi

.PHONY: fuzz
fuzz: ## Run every fuzz target for FUZZ_SECONDS=60
	@$(MAKE) VARIANT=fuzz fuzz-programs
	@tests/support/run_fuzzers.sh build/fuzz $(FUZZ_SECONDS)

.PHONY: coverage
coverage: ## Run the tests with counters, report in build/coverage/report
	@mkdir -p build/coverage
	@find build/coverage -name '*.gcda' -delete
	@$(MAKE) VARIANT=coverage CC=gcc test SUITES="$(filter-out conformance,$(SUITES))"
	@lcov --quiet --capture --directory build/coverage --output-file build/coverage/all.info
	@lcov --quiet --extract build/coverage/all.info '$(CURDIR)/src/*' \
	    --output-file build/coverage/src.info
	@genhtml --quiet build/coverage/src.info --output-directory build/coverage/report
	@lcov --list build/coverage/src.info

.PHONY: lint
lint: $(objects) ## Check layout, include directions, globals, names, sizes, what is used by others
	@CLANG_FORMAT=$(CLANG_FORMAT) tests/lint/run.sh $(BUILD)/objects

.PHONY: format
format: ## Lay all C files out by .clang-format
	find src tests -name '*.[ch]' -exec $(CLANG_FORMAT) -i {} +

# ---- Install -------------------------------------------------------------------------------------

.PHONY: install
install: all ## Install below PREFIX=/usr/local (DESTDIR= stages)
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/include \
	    $(DESTDIR)$(LIBDIR)/pkgconfig $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 755 $(program) $(DESTDIR)$(PREFIX)/bin/understudy
	install -m 644 src/understudy.h $(DESTDIR)$(PREFIX)/include/understudy.h
	install -m 644 $(static_library) $(DESTDIR)$(LIBDIR)/libunderstudy.a
	install -m 644 $(shared_library) $(DESTDIR)$(LIBDIR)/$(shared_name).$(VERSION)
	ln -sf $(shared_name).$(VERSION) $(DESTDIR)$(LIBDIR)/$(shared_name).$(SOVERSION)
	ln -sf $(shared_name).$(SOVERSION) $(DESTDIR)$(LIBDIR)/$(shared_name)
	install -m 644 $(package_file) $(DESTDIR)$(LIBDIR)/pkgconfig/understudy.pc
	install -m 644 docs/understudy.1 $(DESTDIR)$(PREFIX)/share/man/man1/understudy.1

.PHONY: uninstall
uninstall: ## Remove what install put there (same PREFIX= and DESTDIR=)
	rm -f $(DESTDIR)$(PREFIX)/bin/understudy $(DESTDIR)$(PREFIX)/include/understudy.h \
	    $(DESTDIR)$(LIBDIR)/libunderstudy.a $(DESTDIR)$(LIBDIR)/$(shared_name) \
	    $(DESTDIR)$(LIBDIR)/$(shared_name).$(SOVERSION) \
	    $(DESTDIR)$(LIBDIR)/$(shared_name).$(VERSION) \
	    $(DESTDIR)$(LIBDIR)/pkgconfig/understudy.pc \
	    $(DESTDIR)$(PREFIX)/share/man/man1/understudy.1

# Apart from install, as it needs hiredis, jansson and msgpack-c.
.PHONY: install-backend
install-backend: backend ## Install the library of states and locks, its header and its Lua libraries
	install -d $(DESTDIR)$(PREFIX)/include $(DESTDIR)$(LIBDIR)/pkgconfig \
	    $(DESTDIR)$(PREFIX)/share/understudy
	install -m 644 src/backend/understudy_backend.h $(DESTDIR)$(PREFIX)/include/understudy_backend.h
	install -m 644 $(backend_static) $(DESTDIR)$(LIBDIR)/libunderstudy-backend.a
	install -m 644 $(backend_shared) $(DESTDIR)$(LIBDIR)/$(backend_name).$(VERSION)
	ln -sf $(backend_name).$(VERSION) $(DESTDIR)$(LIBDIR)/$(backend_name).$(SOVERSION)
	ln -sf $(backend_name).$(SOVERSION) $(DESTDIR)$(LIBDIR)/$(backend_name)
	install -m 644 $(backend_package) $(DESTDIR)$(LIBDIR)/pkgconfig/understudy-backend.pc
	install -m 644 $(library_lua_files) $(DESTDIR)$(PREFIX)/share/understudy

.PHONY: uninstall-backend
uninstall-backend: ## Remove what install-backend put there
	rm -f $(DESTDIR)$(PREFIX)/include/understudy_backend.h \
	    $(DESTDIR)$(LIBDIR)/libunderstudy-backend.a $(DESTDIR)$(LIBDIR)/$(backend_name) \
	    $(DESTDIR)$(LIBDIR)/$(backend_name).$(SOVERSION) \
	    $(DESTDIR)$(LIBDIR)/$(backend_name).$(VERSION) \
	    $(DESTDIR)$(LIBDIR)/pkgconfig/understudy-backend.pc \
	    $(library_lua_files:lua/libraries/%=$(DESTDIR)$(PREFIX)/share/understudy/%)
	-rmdir $(DESTDIR)$(PREFIX)/share/understudy

# One package with all that `make install` puts in place; what it depends on follows from what the
# program and the shared library are linked to. OpenSSL is loaded when TLS is asked for.
deb_stage := $(BUILD)/deb/understudy
deb_package = $(BUILD)/understudy_$(VERSION)_$(shell dpkg --print-architecture).deb

.PHONY: deb
deb: all ## Make a Debian package in build/
	@rm -rf $(BUILD)/deb && mkdir -p $(deb_stage)/DEBIAN $(BUILD)/deb/debian
	@$(MAKE) install PREFIX=/usr LIBDIR=/usr/lib/$$(dpkg-architecture -qDEB_HOST_MULTIARCH) \
	    DESTDIR=$(deb_stage) >/dev/null
	@strip --strip-unneeded $(deb_stage)/usr/bin/understudy $(deb_stage)/usr/lib/*/*.so.$(VERSION)
	@strip --strip-debug $(deb_stage)/usr/lib/*/*.a
	@gzip -9n $(deb_stage)/usr/share/man/man1/understudy.1
	@install -D -m 644 LICENSE $(deb_stage)/usr/share/doc/understudy/copyright
	@printf 'Source: understudy\n\nPackage: understudy\nArchitecture: any\n' >$(BUILD)/deb/debian/control
	@cd $(BUILD)/deb && dpkg-shlibdeps -O understudy/usr/bin/understudy \
	    understudy/usr/lib/*/$(shared_name).$(VERSION) 2>shlibdeps.log >depends || { cat shlibdeps.log; exit 1; }
	@{ printf '%s\n' 'Package: understudy' 'Version: $(VERSION)' \
	    "Architecture: $$(dpkg --print-architecture)" 'Section: devel' 'Priority: optional' \
	    'Maintainer: The authors of understudy <understudy@localhost>' \
	    "Installed-Size: $$(du -sk $(deb_stage)/usr | cut -f1)"; \
	    sed -n 's/^shlibs:Depends=/Depends: /p' $(BUILD)/deb/depends; \
	    echo "Recommends: $$(dpkg-query -S '*/libssl.so.[0-9]*' | sed 's/:.*//' | head -n 1)"; \
	    printf '%s\n' 'Description: mock Redis server for test suites' \
	    ' A test suite starts it in the place of Redis. It runs the same commands and Lua' \
	    ' scripts, and lets a test move its clock, order faults and roll its data back.'; \
	} >$(deb_stage)/DEBIAN/control
	@dpkg-deb --build --root-owner-group $(deb_stage) $(deb_package) >/dev/null
	@echo '  DEB     $(deb_package)'

.PHONY: test-deb
test-deb: deb ## Make the package, look into it, run what is in it
	@tests/support/check_package.sh $(deb_package)

.PHONY: clean
clean: ## Remove build/
	rm -rf build

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-17s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

-include $(shell find $(BUILD)/objects $(BUILD)/program -name '*.d' 2>/dev/null)
