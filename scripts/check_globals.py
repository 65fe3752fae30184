#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""scripts/check_globals.py CORE.a LIBSKIFF.a LIBSKIFF.so - what the built objects hold, need and show.

* No object of the core has writable data: no symbol in .data, .bss, .tdata, .tbss or COMMON (.data.rel.ro is constant).
* The core needs nothing from outside but pure functions of the C library and libmnl; memory comes from the engine only.
* libskiff.a and libskiff.so define no global symbol but skiff_*.

Instrumentation of sanitizers is known and left out. With --self-test it compiles small objects and shows that
it finds each kind of mistake.
"""
import os
import re
import subprocess
import sys
import tempfile

PURE = set("""abort bsearch memchr memcmp memcpy memmove memset qsort snprintf strchr strchrnul strcmp strcpy strcspn strlen
              strncmp strncpy strnlen strpbrk strrchr strspn strstr strtol strtoll strtoul strtoull vsnprintf
              __ctype_b_loc __errno_location __stack_chk_fail
              __isoc23_strtol __isoc23_strtoll __isoc23_strtoul __isoc23_strtoull
              __memcpy_chk __memmove_chk __memset_chk __snprintf_chk __vsnprintf_chk""".split())
MEMORY = {"aligned_alloc", "calloc", "free", "malloc", "realloc"}
INSTRUMENTATION = re.compile(r"^(__asan_|__ubsan_|__sanitizer_|__sancov_|__odr_asan|__gcov|_GLOBAL_OFFSET_TABLE_$|__tls_get_addr$)")
WRITABLE = re.compile(r"^(\.data(?!\.rel\.ro)|\.bss|\.tdata|\.tbss|\*COM\*|\.sdata|\.sbss)")
OBJECT_LINE = re.compile(r"^(\S+):\s+file format ")
# value, flags (7 columns), section, size, name
SYMBOL_LINE = re.compile(r"^[0-9a-f]{8,} (.{7}) (\S+)\s+([0-9a-f]+)(?: \.\w+)? (\S+)$")


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def symbols(path):
    """(object, flags, section, name) of every symbol of an archive or object."""
    name = os.path.basename(path)
    for line in output("objdump", "-t", path).splitlines():
        head, symbol = OBJECT_LINE.match(line), SYMBOL_LINE.match(line)
        if head:
            name = os.path.basename(head.group(1))
        elif symbol:
            yield name, symbol.group(1), symbol.group(2), symbol.group(4)


def check_core(path):
    mistakes, needed, defined = [], {}, set()
    for obj, flags, section, name in symbols(path):
        if INSTRUMENTATION.match(name):
            continue
        if WRITABLE.match(section) and "d" not in flags:
            mistakes.append(f"{obj}: {name} is mutable file-scope data ({section})")
        if section == "*UND*":
            needed.setdefault(name, set()).add(obj)
        elif flags[0] in "gu!" or "w" in flags:
            defined.add(name)
    for name, users in sorted(needed.items()):
        if name in defined or name in PURE or name.startswith("mnl_"):
            continue
        for obj in sorted(users):
            if name not in MEMORY:
                mistakes.append(f"{obj}: needs {name}, which is no pure function (see PURE in scripts/check_globals.py)")
            elif not obj.startswith("engine_"):
                mistakes.append(f"{obj}: calls {name}; memory comes from the engine")
    return mistakes


def check_exports(path, *options):
    mistakes = []
    for line in output("nm", "-g", "--defined-only", *options, path).splitlines():
        fields = line.split()
        if len(fields) < 3 or fields[1] == "A":
            continue
        name = fields[2].split("@")[0]
        if not name.startswith("skiff_") and not INSTRUMENTATION.match(name):
            mistakes.append(f"{os.path.basename(path)}: shows {name}; only skiff_* may be seen")
    return mistakes


def check(core, archive, shared):
    return check_core(core) + check_exports(archive) + check_exports(shared, "-D")


# ---- self-test ----

GOOD = """#include <string.h>
static const int table[] = { 1, 2 };
static const char *const names[] = { "a", "b" };
const char *skiff_name(int i); int skiff_len(const char *s);
const char *skiff_name(int i) { return names[table[i & 1] & 1]; }
int skiff_len(const char *s) { return (int)strlen(s); }
"""
BAD = {
    "data": "int skiff_f(void); int skiff_f(void) { static int calls = 3; return ++calls; }",
    "bss": "static int seen; int skiff_f(void); int skiff_f(void) { return ++seen; }",
    "common": "int seen __attribute__((common)); int skiff_f(void); int skiff_f(void) { return ++seen; }",
    "thread": "static __thread int seen; int skiff_f(void); int skiff_f(void) { return ++seen; }",
    "pointers": 'static const char *names[] = { "a" }; void skiff_f(void); void skiff_f(void) { names[0]++; }',
    "clock": "#include <time.h>\nlong skiff_f(void); long skiff_f(void) { return time(0); }",
    "random": "#include <sys/random.h>\nlong skiff_f(void *p); long skiff_f(void *p) { return getrandom(p, 1, 0); }",
    "memory": "#include <stdlib.h>\nvoid *skiff_f(void); void *skiff_f(void) { return malloc(3); }",
}


def compile_to(top, name, source, *options):
    path = os.path.join(top, name)
    subprocess.run(["cc", "-x", "c", "-", "-O1", "-fPIC", "-o", path, *options], input=source, text=True, check=True)
    return path


def self_test(top):
    for options in ([], ["-fsanitize=address,undefined"]):
        good = compile_to(top, "net_good.c.o", GOOD, "-c", *options)
        assert not check_core(good), check_core(good)
        for kind, source in BAD.items():
            mistakes = check_core(compile_to(top, f"net_{kind}.c.o", source, "-c", *options))
            assert len(mistakes) == 1, (kind, options, mistakes)
    assert not check_core(compile_to(top, "engine_alloc.c.o", BAD["memory"], "-c"))
    shown = "int ip_rcv(void); int ip_rcv(void) { return 0; }\n" + GOOD
    assert not check_exports(compile_to(top, "good.so", GOOD, "-shared"), "-D")
    assert check_exports(compile_to(top, "bad.so", shown, "-shared"), "-D")
    assert not check_exports(compile_to(top, "good.o", GOOD, "-c"))
    assert check_exports(compile_to(top, "bad.o", shown, "-c"))


def main():
    if sys.argv[1:] == ["--self-test"]:
        with tempfile.TemporaryDirectory() as top:
            return self_test(top) or 0
    if len(sys.argv) != 4:
        print("usage: check_globals.py CORE.a LIBSKIFF.a LIBSKIFF.so | --self-test", file=sys.stderr)
        return 2
    mistakes = check(*sys.argv[1:])
    print("\n".join(mistakes), end="\n" if mistakes else "")
    return 1 if mistakes else 0


sys.exit(main())
