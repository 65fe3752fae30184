#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""scripts/check_ledger.py SOURCE BUILD - does docs/features.tsv claim only what tests show?

Columns: id, feature, status, evidence. Every row of data/features.ids is there, in its order and its words.
status   yes (evidence, nothing missing), partial (what is missing is said), no
evidence names of tests separated by spaces, then perhaps "; missing: what". A name is
         a meson test                      lib-checksum      (or a fuzz target, fuzz_frames)
         a golden scenario                 ttl-1-forward     (of data/golden or tests/oracle/regress)
         a case of a unit test             lib-checksum:test_replace   (cmocka_unit_test(...) or T(...) in a source of that test)
With --self-test it shows that it finds each kind of mistake.
"""
import json
import os
import re
import sys
import tempfile

HEADER = ["id", "feature", "status", "evidence"]


class Known:
    """What evidence may name."""

    def __init__(self, source, build):
        info = os.path.join(build, "meson-info")
        with open(os.path.join(info, "intro-tests.json"), encoding="utf-8") as f:
            tests = json.load(f)
        with open(os.path.join(info, "intro-targets.json"), encoding="utf-8") as f:
            targets = json.load(f)
        sources = {}
        for target in targets:
            for name in target["filename"]:
                sources[os.path.realpath(name)] = [s for g in target["target_sources"] for s in g["sources"]]
        self.tests = {t["name"]: sources.get(os.path.realpath(t["cmd"][0]), []) for t in tests}
        # Fuzz targets are tests of a build of their own (tests/fuzz), which scripts/test runs too.
        fuzz = os.path.join(source, "tests", "fuzz")
        if os.path.isdir(fuzz):
            self.tests.update({n[:-2]: [] for n in os.listdir(fuzz) if n.startswith("fuzz_") and n.endswith(".c")})
        self.scenarios = set()
        for folder in ("data/golden/scenarios", "tests/oracle/regress"):
            golden = os.path.join(source, folder)
            if os.path.isdir(golden):
                self.scenarios |= {n[:-5] for n in os.listdir(golden) if n.endswith(".json")}

    def has(self, name):
        test, colon, case = name.partition(":")
        if not colon:
            return name in self.tests or name in self.scenarios
        return bool(case) and any(self._has_case(path, case) for path in self.tests.get(test, []))

    @staticmethod
    def _has_case(path, case):
        with open(path, encoding="utf-8") as f:
            return re.search(r"(?:cmocka_unit_test\w*|\bT)\(\s*" + re.escape(case) + r"\b", f.read()) is not None


def check_row(row, known):
    """Mistakes of one row, as sentences."""
    status, evidence = row[2], row[3]
    names, _, missing = evidence.partition("; missing:")
    if evidence.startswith("missing:"):
        names, missing = "", evidence[len("missing:"):]
    names, missing = names.split(), missing.strip()
    mistakes = [f'evidence "{n}" is no test, scenario or case' for n in names if not known.has(n)]
    if status not in ("yes", "partial", "no"):
        mistakes.append(f'status "{status}" is not yes, partial or no')
    if status == "yes" and not names:
        mistakes.append("yes without evidence")
    if status == "yes" and missing:
        mistakes.append("yes, but something is missing: say partial")
    if status == "partial" and not (names and missing):
        mistakes.append('partial needs evidence and "; missing: what"')
    return mistakes


def check(ledger, ids, known):
    """Mistakes of the whole ledger (lists of lines)."""
    mistakes = []
    rows = [line.split("\t") for line in ledger]
    if not rows or rows[0] != HEADER:
        return ["line 1: the header is not " + " ".join(HEADER)]
    want = [line.split("\t") for line in ids[1:]]
    if [r[0] for r in rows[1:]] != [w[0] for w in want]:
        lost = {w[0] for w in want} - {r[0] for r in rows[1:]}
        added = {r[0] for r in rows[1:]} - {w[0] for w in want}
        mistakes.append(f"rows are not those of data/features.ids in its order: lost {sorted(lost)}, added {sorted(added)}")
    words = {w[0]: w[1] for w in want}
    for number, row in enumerate(rows[1:], 2):
        if len(row) != len(HEADER):
            mistakes.append(f"line {number}: {len(row)} columns instead of {len(HEADER)}")
            continue
        if words.get(row[0], row[1]) != row[1]:
            mistakes.append(f"line {number}: {row[0]}: the feature's words were changed")
        mistakes += [f"line {number}: {row[0]}: {m}" for m in check_row(row, known)]
    return mistakes


def read_lines(path):
    with open(path, encoding="utf-8") as f:
        return f.read().splitlines()


def small_tree(top):
    """A source and build directory in one, with one test, one case in it and one scenario."""
    os.makedirs(os.path.join(top, "meson-info"))
    os.makedirs(os.path.join(top, "data", "golden", "scenarios"))
    source, exe = os.path.join(top, "x_test.c"), os.path.join(top, "test_x")
    files = {
        "data/golden/scenarios/ttl-1.json": "{}",
        "x_test.c": "cmocka_unit_test(test_there), T(test_short),\n",
        "meson-info/intro-tests.json": json.dumps([{"name": "lib-x", "cmd": [exe]}]),
        "meson-info/intro-targets.json": json.dumps([{"filename": [exe], "target_sources": [{"sources": [source]}]}]),
    }
    for name, text in files.items():
        with open(os.path.join(top, name), "w", encoding="utf-8") as f:
            f.write(text)


def self_test(top):
    small_tree(top)
    known = Known(top, top)
    ids = ["id\tfeature", "1\tone", "2\ttwo"]

    def result(*rows):
        return check(["\t".join(HEADER), *rows], ids, known)

    for first in ("1\tone\tyes\tlib-x", "1\tone\tyes\tttl-1 lib-x:test_there lib-x:test_short", "1\tone\tno\tmissing: all",
                  "1\tone\tpartial\tlib-x; missing: a half"):
        assert not result(first, "2\ttwo\tno\t"), result(first, "2\ttwo\tno\t")
    for first in ("1\tone\tyes\t", "1\tone\tyes\tlib-y", "1\tone\tyes\tlib-x:test_gone", "1\tone\tyes\tttl-1:test_there",
                  "1\tone\tyes\tlib-x; missing: a half", "1\tone\tpartial\tlib-x", "1\tone\tpartial\tmissing: a half",
                  "1\tone\tdone\tlib-x", "1\tother\tyes\tlib-x", "1\tone\tyes", "3\tone\tno\t", "1\tone\tno\tlib-y"):
        assert result(first, "2\ttwo\tno\t"), first
    assert result("1\tone\tno\t"), "a row lost"
    assert result("2\ttwo\tno\t", "1\tone\tno\t"), "order changed"
    assert check(["id\tfeature"], ids, known), "header"


def main():
    if sys.argv[1:] == ["--self-test"]:
        with tempfile.TemporaryDirectory() as top:
            return self_test(top) or 0
    if len(sys.argv) != 3:
        print("usage: check_ledger.py SOURCE BUILD | --self-test", file=sys.stderr)
        return 2
    source, build = sys.argv[1:]
    ledger = read_lines(os.path.join(source, "docs", "features.tsv"))
    mistakes = check(ledger, read_lines(os.path.join(source, "data", "features.ids")), Known(source, build))
    for mistake in mistakes:
        print("docs/features.tsv:", mistake)
    return 1 if mistakes else 0


if __name__ == "__main__":
    sys.exit(main())
