#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""tests/run/compare.py RUNNER SCRIPT - a Python program prints the same on the kernel, in a network namespace of its own, and under skiff.

Without the rights for a network namespace the answer is 77 (skipped).
"""
import difflib
import subprocess
import sys


def output(command):
    r = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=100, check=False)
    lines = r.stdout.decode(errors="replace").splitlines()
    return [l for l in lines if not l.startswith("runner: ")] + [f"status {r.returncode}"]


def main():
    runner, script = sys.argv[1:]
    netns = next((n for n in (["unshare", "-n"], ["unshare", "-rn"])
                  if subprocess.run(n + ["true"], check=False, stderr=subprocess.DEVNULL).returncode == 0), None)
    if not netns:
        return 77
    kernel = output(netns + ["sh", "-c", 'ip link set lo up; exec "$@"', "sh", sys.executable, script])
    skiff = output([runner, sys.executable, script])
    for line in difflib.unified_diff(kernel, skiff, "kernel", "skiff", lineterm=""):
        print(line)
    print(f"{len(kernel)} lines")
    return kernel != skiff or len(kernel) < 3 or kernel[-1] != "status 0"


if __name__ == "__main__":
    sys.exit(main())
