#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""tests/run/gap.py GAP RUNNER DIFFERENCES [CHECK]... - what programs see of sockets, on the kernel and under skiff.

GAP runs twice: on the kernel's loopback, in a network namespace of its own, and under RUNNER. Each line is a check. The lines must be
the same, except where DIFFERENCES has a row "CHECK<tab>kernel<tab>skiff<tab>why" with exactly the two lines that came. A row that
no longer holds fails, too: then it is to be taken out. Without the rights for a network namespace the answer is 77 (skipped).
"""
import os
import subprocess
import sys


def lines(command):
    out = subprocess.run(command, stdout=subprocess.PIPE, timeout=400, check=False).stdout.decode(errors="replace")
    return dict(l.split(":", 1) for l in out.splitlines() if ":" in l)


def differences(path):
    rows = {}
    with open(path, encoding="utf-8") as f:
        for row in f:
            if row.strip() and not row.startswith("#"):
                name, kernel, skiff, _ = row.rstrip("\n").split("\t")
                rows[name] = (kernel.strip(), skiff.strip())
    return rows


def explained(name, pair, known):
    return (pair[0] == pair[1] and name not in known) or known.get(name) == pair


def main():
    gap, runner, known_path, *checks = sys.argv[1:]
    netns = ["unshare", "-n"] if subprocess.run(["unshare", "-n", "true"], check=False, stderr=subprocess.DEVNULL).returncode == 0 \
        else ["unshare", "-rn"]
    if subprocess.run(netns + ["true"], check=False, stderr=subprocess.DEVNULL).returncode:
        return 77
    known = differences(known_path)

    def both(names):
        kernel = lines(netns + ["sh", "-c", 'ip link set lo up; exec "$@"', "sh", gap, *names])
        skiff = lines([runner, gap, *names])
        return {name: (kernel[name].strip(), skiff.get(name, "(nothing)").strip()) for name in kernel}

    pairs = both(checks)
    again = [name for name in pairs if not explained(name, pairs[name], known)]
    if again and len(again) < len(pairs) / 4:
        # A busy machine takes longer than the checks wait for.
        os.environ["GAP_SETTLE"] = "300"
        pairs.update(both(again))
    failed = 0
    for name, pair in pairs.items():
        if explained(name, pair, known):
            continue
        failed += 1
        if pair[0] == pair[1]:
            print(f"{name}: is the same now: {pair[0]}")
        else:
            print(f"{name}:\n  kernel {pair[0]}\n  skiff  {pair[1]}")
    same = sum(a == b for a, b in pairs.values())
    print(f"{len(pairs)} checks, {same} identical, {len(pairs) - same} different, {failed} not explained")
    return 1 if failed or not pairs else 0


if __name__ == "__main__":
    sys.exit(main())
