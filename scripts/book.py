#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""scripts/book.py SOURCE OUT.md - the DOC: chapters of all files, and the tables of drop reasons and counters, in one page.

A chapter is the part of a file's opening comment from "DOC: Title" to the comment's end. Chapters stand in layer order.
Status 1 if a chapter has no title or no text, or a table no rows. With --self-test it shows that it notices.
"""
import os
import re
import sys
import tempfile

ORDER = ("lib", "engine", "include/net", "net/core", "net/ethernet", "net/sched", "net/netlink", "net", "net/ipv4", "net/netfilter",
         "net/packet", "drivers", "explain", "host", "syscall", "lab", "cli")
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
ROW = re.compile(r'^(?:DROP|MIB)\((.*)\)\s*$')
FIELD = re.compile(r'\s*(?:"((?:[^"\\]|\\.)*)"|([^,"]+))\s*(?:,|$)')


def chapter(text):
    """(title, body) of a file's text, or None if it has no DOC: section."""
    for comment in COMMENT.findall(text):
        lines = [re.sub(r"^ ?\*(?: |$)", "", line.strip()) for line in comment[2:-2].splitlines()]
        at = next((i for i, line in enumerate(lines) if line.startswith("DOC:")), None)
        if at is not None:
            return lines[at][4:].strip(), "\n".join(lines[at + 1:]).strip()
    return None


def table(text, columns):
    """Rows of a .def file as a Markdown table."""
    rows = []
    for line in text.splitlines():
        found = ROW.match(line)
        if found:
            rows.append([(quoted or bare).strip() for quoted, bare in FIELD.findall(found.group(1))])
    if not rows or any(len(row) != len(columns) for row in rows):
        raise ValueError(f"{len(rows)} rows; each must have {len(columns)} columns")
    lines = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def chapters(top):
    for folder in ORDER:
        directory = os.path.join(top, folder)
        for name in sorted(os.listdir(directory)) if os.path.isdir(directory) else []:
            if name.endswith((".c", ".h")) and not name.endswith("_test.c"):
                path = os.path.join(folder, name)
                with open(os.path.join(top, path), encoding="utf-8") as f:
                    found = chapter(f.read())
                if found:
                    yield path, *found


def book(top):
    """The page, and the mistakes found while making it."""
    parts, mistakes = ["# The book of skiff\n\nMade from the comments at the top of the files and from the tables in `include/net`."], []
    for path, title, body in chapters(top):
        if not title or not body:
            mistakes.append(f"{path}: DOC: needs a title and a text")
        # As it stands in the file: the diagrams and lists in it are not Markdown.
        parts.append(f"## {title}\n\n`{path}`\n\n```\n{body}\n```")
    for name, title, columns in (("dropreason.def", "Drop reasons", ("reason", "counter", "meaning")),
                                 ("mib.def", "Counters", ("group", "enumerator", "name"))):
        try:
            with open(os.path.join(top, "include", "net", name), encoding="utf-8") as f:
                parts.append(f"## {title}\n\n{table(f.read(), columns)}")
        except ValueError as e:
            mistakes.append(f"include/net/{name}: {e}")
    return "\n\n".join(parts) + "\n", mistakes


def self_test(top):
    for folder in ("lib", "include/net"):
        os.makedirs(os.path.join(top, folder))

    def write(path, text):
        with open(os.path.join(top, path), "w", encoding="utf-8") as f:
            f.write(text)

    write("include/net/dropreason.def", '/* x */\nDROP(NO_SOCKET, "A, B", "no \\"socket\\", none")\n')
    write("include/net/mib.def", 'MIB(Ip, IPSTATS_MIB_INPKTS, "InReceives")\n')
    write("lib/a.c", "/* lib/a.c - a.\n *\n * DOC: Things\n * One.\n *   indented\n */\nint a;\n/* other */\n")
    text, mistakes = book(top)
    assert not mistakes and "## Things\n\n`lib/a.c`\n\n```\nOne.\n  indented\n```" in text, text
    assert '| NO_SOCKET | A, B | no \\"socket\\", none |' in text and "| Ip | IPSTATS_MIB_INPKTS | InReceives |" in text, text
    write("lib/b.h", "/* lib/b.h - b.\n *\n * DOC:\n * One.\n */\n")
    assert len(book(top)[1]) == 1
    write("include/net/mib.def", 'MIB(Ip, "InReceives")\n')
    assert len(book(top)[1]) == 2


def main():
    if sys.argv[1:] == ["--self-test"]:
        with tempfile.TemporaryDirectory() as top:
            return self_test(top) or 0
    if len(sys.argv) != 3:
        print("usage: book.py SOURCE OUT.md | --self-test", file=sys.stderr)
        return 2
    text, mistakes = book(sys.argv[1])
    with open(sys.argv[2], "w", encoding="utf-8") as f:
        f.write(text)
    print("\n".join(mistakes), end="\n" if mistakes else "", file=sys.stderr)
    return 1 if mistakes else 0


sys.exit(main())
