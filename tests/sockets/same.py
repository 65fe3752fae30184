#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""tests/sockets/same.py PROBE GOLDEN [EXPLAINED] - what skiff's sockets answer, beside what the kernel's did.

PROBE skiff is compared with GOLDEN, the text that PROBE kernel printed (same.py --record PROBE GOLDEN, as root, makes it anew). As root
the kernel is asked again; if it is the release that GOLDEN names, the two texts must be equal too.
EXPLAINED has a line for each difference that is meant: kinds, level, options, what skiff says, and why. A line that explains nothing
any more is a mistake.
"""
import ctypes
import os
import re
import subprocess
import sys


def kernel_text(probe):
    """What the kernel says in a fresh namespace with lo up; None without the right to make one."""
    libc = ctypes.CDLL(None, use_errno=True)

    def enter():
        if libc.unshare(0x40000000):
            os._exit(77)
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        for key, value in (("ping_group_range", "0 2147483647"), ("tcp_congestion_control", "cubic")):
            with open("/proc/sys/net/ipv4/" + key, "w", encoding="ascii") as f:
                f.write(value)

    try:
        done = subprocess.run([probe, "kernel"], capture_output=True, text=True, preexec_fn=enter)
    except subprocess.SubprocessError as e:
        print(f"the kernel is not asked: {e}")
        return None
    return done.stdout if done.returncode == 0 else None


def rows(text):
    """{key: answer}; "udp ip 3-5 get ..." is three rows, any other line is its own key up to " -> " """
    out = {}
    for number, line in enumerate(text.splitlines()):
        m = re.match(r"(\w+) (\w+) (\d+)(?:-(\d+))? (get .*)$", line)
        if m:
            for opt in range(int(m[3]), int(m[4] or m[3]) + 1):
                out[(m[1], m[2], opt)] = m[5]
        elif not line.startswith("#"):
            what, _, answer = line.partition(" -> ")
            out[(what, number)] = answer
    return out


def explained_rows(path):
    out = []
    for number, line in enumerate(open(path, encoding="utf-8"), 1):
        if not line.strip() or line.startswith("#"):
            continue
        kinds, level, opts, ours, _ = [f.strip() for f in line.split("|")]
        numbers = set()
        for part in opts.split(","):
            a, _, b = part.partition("-")
            numbers |= set(range(int(a), int(b or a) + 1))
        out.append((kinds.split(), level, numbers, ours, number))
    return out


def explains(rule, key, ours):
    kinds, level, numbers, text, _ = rule
    return len(key) == 3 and (key[0] in kinds or kinds == ["*"]) and key[1] == level and key[2] in numbers and text in ours


def compare(golden, skiff, rules):
    used, wrong = set(), 0
    for key in sorted(golden.keys() | skiff.keys(), key=str):
        kernel, ours = golden.get(key, "unknown"), skiff.get(key, "unknown")
        if kernel == ours:
            continue
        why = [r for r in rules if explains(r, key, ours)]
        used |= {r[4] for r in why}
        if not why:
            wrong += 1
            print(f"{key}\n  kernel {kernel}\n  skiff  {ours}")
    for rule in rules:
        if rule[4] not in used:
            wrong += 1
            print(f"line {rule[4]} of the explained differences explains nothing")
    return wrong


def record(probe, path):
    text = kernel_text(probe)
    if not text:
        sys.exit("not root")
    with open(path, "w", encoding="utf-8") as f:
        f.write(f"# Linux {os.uname().release}: {os.path.basename(probe)} kernel\n" + text)


def main():
    args = sys.argv[1:]
    if args[0] == "--record":
        return record(args[1], args[2])
    golden = open(args[1], encoding="utf-8").read()
    skiff = subprocess.run([args[0], "skiff"], check=True, capture_output=True, text=True).stdout
    wrong = compare(rows(golden.partition("\n")[2]), rows(skiff), explained_rows(args[2]) if len(args) > 2 else [])
    print(f"{len(rows(golden))} answers of the kernel, {wrong} that differ")
    live = kernel_text(args[0]) if os.getuid() == 0 else None
    if live and golden.startswith(f"# Linux {os.uname().release}:") and live != golden.partition("\n")[2]:
        print("the running kernel says something else than its record: same.py --record")
        wrong += 1
    return 1 if wrong else 0


sys.exit(main())
