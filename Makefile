# SPDX-License-Identifier: BSD-2-Clause
# Makefile - the short names. Each first sees that its Debian packages are there (scripts/setup).
#
# make            build (debug information, no sanitizers) into build/
# make demo       a skiff router between two real hosts
# make test       every test, under sanitizers; last line "N passed, N failed"
# make bench      cost of forwarding and lookups, beside the kernel's
# make fuzz       a long fuzzing run (FUZZ_SECONDS per target, default 600)
# make sim        seeds of a simulated internet that tests TCP (SEEDS, default 1000)
# make install    into PREFIX (default /usr/local), DESTDIR honoured
# make asan-build only build with sanitizers, into build-asan/
# make check      only the checks of the source: layers, globals, format, ledger
# make format     clang-format on every C file
PREFIX ?= /usr/local
FUZZ_SECONDS ?= 600
SEEDS ?= 1000
export PREFIX

all:
	@scripts/setup build
	@scripts/configure debug

demo:
	@scripts/setup demo
	@scripts/configure release
	@scripts/demo

test:
	@scripts/setup test
	@scripts/test

bench:
	@scripts/setup bench
	@scripts/configure release
	@if [ -x bench/run ]; then bench/run; else echo "make bench: there is no bench/run yet" >&2; exit 1; fi

fuzz:
	@scripts/setup fuzz
	@scripts/fuzz $(FUZZ_SECONDS)

sim:
	@scripts/setup test
	@scripts/sim $(SEEDS)

install:
	@scripts/setup build
	@scripts/configure release
	@meson install -C build-release --no-rebuild
	@if [ "$$(id -u)" = 0 ] && [ -z "$(DESTDIR)" ]; then ldconfig; fi

asan-build:
	@scripts/setup build
	@scripts/configure asan

check:
	@scripts/setup build format
	@scripts/configure debug
	@meson test -C build --no-rebuild --print-errorlogs --suite check

format:
	@scripts/setup format
	@scripts/check_format --fix

clean:
	rm -rf build build-asan build-release build-fuzz

.PHONY: all demo test bench fuzz sim install asan-build check format clean
