#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""tests/run/names.py RUNNER - names of nodes, asked for by what programs use: glibc, dig, nslookup, busybox, ping."""
import shutil
import subprocess
import sys

CHECKS = (
    ("getent ahostsv4 server", 0, "10.7.0.1"),
    ("getent hosts nope", 2, ""),
    ("dig +short +tries=1 +timeout=3 SERVER", 0, "10.7.0.1"),
    ("dig +short +tries=1 +timeout=3 server AAAA", 0, ""),
    ("dig +tries=1 +timeout=3 nope", 0, "status: NXDOMAIN"),
    ("dig +noedns +tries=1 +timeout=3 a.lab", 0, "10.7.0.2"),
    ("nslookup -timeout=3 server", 0, "10.7.0.1"),
    ("busybox nslookup server", 0, "10.7.0.1"),
    ("ping -c 1 -W 3 server", 0, "1 received"),
    ("python3 -c __import__('socket').create_connection(('server',9))", 1, "ConnectionRefusedError"),
)


def main(runner):
    failed = done = 0
    for command, status, text in CHECKS:
        argv = command.split()
        if not shutil.which(argv[0]):
            print("no", argv[0])
            continue
        r = subprocess.run([runner, "--addr", "10.7.0.1/24", "--name", "server=10.7.0.1", "--name", "a.lab=10.7.0.2", *argv],
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=30, check=False)
        done += 1
        if r.returncode != status or text not in r.stdout or (not text and r.stdout.strip()):
            failed += 1
            print(f"{command}: {r.returncode} instead of {status}, without \"{text}\":\n{r.stdout}")
    print(f"{done} programs, {failed} failed")
    return failed or not done


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]) > 0)
