#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""scripts/check_traceability.py SOURCE BUILD - does docs/traceability.tsv tell where things are?

Columns: part, function of the seed, ours, evidence. One row for each function that the description of Linux's net/ipv4
names. Ours is FILE:NAME, several separated by spaces: NAME is defined in FILE as a function, a macro, a table, a struct
or a member of one; or "-" where there is nothing yet. Evidence is as in docs/features.tsv: names of tests, then
"; missing: what" if something lacks; "missing: what" alone stands with "-", and only there.
With --self-test it shows that it finds each kind of mistake.
"""
import os
import re
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
from check_ledger import Known, read_lines, small_tree  # noqa: E402

HEADER = ["part", "function of the seed", "ours", "evidence"]


def function_defined(name, text):
    """`type name(...) {` at the start of a line."""
    for m in re.finditer(r"^[A-Za-z_][^;{}()\n]*[ *\n]" + re.escape(name) + r"\(", text, re.M):
        depth, i = 1, m.end()
        while depth and i < len(text):
            depth += (text[i] == "(") - (text[i] == ")")
            i += 1
        if re.match(r"\s*\{", text[i:]):
            return True
    return False


def defined(name, text):
    word = re.escape(name)
    return (function_defined(name, text)
            or re.search(r"^#define\s+" + word + r"\b", text, re.M) is not None
            or re.search(r"^struct " + word + r" \{", text, re.M) is not None
            or re.search(r"^[A-Za-z_][^;{}()\n]*\b" + word + r"(\[\])? = \{", text, re.M) is not None
            or re.search(r"^\t[a-z_][\w \*,]*\b" + word + r"\b[\w ,\*\[\]]*;", text, re.M) is not None)


def check_ours(ours, source):
    mistakes = []
    for place in ours.split():
        path, _, name = place.partition(":")
        full = os.path.join(source, path)
        if not name or not os.path.isfile(full):
            mistakes.append(f'"{place}" is no FILE:NAME')
            continue
        with open(full, encoding="utf-8") as f:
            if not defined(name, f.read()):
                mistakes.append(f"{name} is not defined in {path}")
    return mistakes


def check_row(row, source, known):
    """Mistakes of one row, as sentences."""
    _, _, ours, evidence = row
    names, _, missing = evidence.partition("; missing:")
    if evidence.startswith("missing:"):
        names, missing = "", evidence[len("missing:"):]
    names = names.split()
    mistakes = [f'evidence "{n}" is no test, scenario or case' for n in names if not known.has(n)]
    if ours == "-":
        if names or not missing.strip():
            mistakes.append('where nothing is ours the evidence is "missing: what"')
        return mistakes
    if not names:
        mistakes.append("no test is named")
    return mistakes + check_ours(ours, source)


def check(lines, source, known):
    rows = [line.split("\t") for line in lines]
    if not rows or rows[0] != HEADER:
        return ["line 1: the header is not " + ", ".join(HEADER)]
    mistakes, seen = [], set()
    for number, row in enumerate(rows[1:], 2):
        if len(row) != len(HEADER):
            mistakes.append(f"line {number}: {len(row)} columns instead of {len(HEADER)}")
            continue
        if row[1] in seen:
            mistakes.append(f"line {number}: {row[1]} twice")
        seen.add(row[1])
        mistakes += [f"line {number}: {row[1]}: {m}" for m in check_row(row, source, known)]
    return mistakes


def self_test(top):
    small_tree(top)
    with open(os.path.join(top, "a.c"), "w", encoding="utf-8") as f:
        f.write("struct there {\n\tint *member, other;\n};\n#define MACRO 1\nint declared(int a);\n"
                "static const int table[] = { 1 };\nint\nfn(int a,\n   int (*b)(int))\n{\n\treturn called(a);\n}\n")
    known = Known(top, top)

    def result(*rows):
        return check(["\t".join(HEADER), *rows], top, known)

    for ours in ("a.c:fn", "a.c:MACRO", "a.c:table", "a.c:there", "a.c:member", "a.c:fn a.c:MACRO"):
        assert not result(f"1\tx\t{ours}\tlib-x ttl-1"), ours
    assert not result("1\tx\t-\tmissing: all", "1\ty\ta.c:fn\tlib-x:test_there; missing: a half")
    for ours in ("a.c:declared", "a.c:called", "a.c:gone", "b.c:fn", "a.c", "fn"):
        assert result(f"1\tx\t{ours}\tlib-x"), ours
    for row in ("1\tx\ta.c:fn\t", "1\tx\ta.c:fn\tlib-y", "1\tx\ta.c:fn\tmissing: half", "1\tx\t-\t", "1\tx\t-\tlib-x",
                "1\tx\t-\tlib-x; missing: half", "1\tx\ta.c:fn"):
        assert result(row), row
    assert result("1\tx\ta.c:fn\tlib-x", "2\tx\ta.c:fn\tlib-x"), "twice"
    assert check(["part"], top, known), "header"


def main():
    if sys.argv[1:] == ["--self-test"]:
        with tempfile.TemporaryDirectory() as top:
            return self_test(top) or 0
    if len(sys.argv) != 3:
        print("usage: check_traceability.py SOURCE BUILD | --self-test", file=sys.stderr)
        return 2
    source, build = sys.argv[1:]
    mistakes = check(read_lines(os.path.join(source, "docs", "traceability.tsv")), source, Known(source, build))
    for mistake in mistakes:
        print("docs/traceability.tsv:", mistake)
    return 1 if mistakes else 0


sys.exit(main())
