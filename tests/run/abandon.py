#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""tests/run/abandon.py - runs under the supervisor, its parent, and looks whether that keeps anything of sockets that are gone.

Sockets are opened and left to the kernel to close: by thousands, connected, reset, half shut, refused, listening with connections that
nobody accepted, by processes that are killed. After each the supervisor must have as many descriptors as before, and at the end no more memory.
"""
import os
import resource
import signal
import socket
import struct
import sys
import time

SUPERVISOR = os.getppid()


def descriptors():
    """Sockets only: a bounded number of pidfds of threads that called is kept on purpose."""
    kinds = []
    for fd in os.listdir(f"/proc/{SUPERVISOR}/fd"):
        try:
            kinds.append(os.readlink(f"/proc/{SUPERVISOR}/fd/{fd}"))
        except OSError:
            pass
    return sum(kind.startswith("socket:") for kind in kinds)


def memory():
    with open(f"/proc/{SUPERVISOR}/status", encoding="ascii") as f:
        return next(int(line.split()[1]) for line in f if line.startswith("VmRSS"))


def pair(listener):
    a = socket.create_connection(listener.getsockname())
    return a, listener.accept()[0]


def many(n):
    for _ in range(n // 500):
        _ = [socket.socket() for _ in range(500)]


def connected(n):
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        for _ in range(n):
            pair(listener)


def resets(n):
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        kept = []
        for _ in range(n):
            a, b = pair(listener)
            a.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            a.close()
            kept.append(b)
        time.sleep(0.1)


def shut(n):
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        kept = []
        for i in range(n):
            a, b = pair(listener)
            a.shutdown((socket.SHUT_WR, socket.SHUT_RDWR, socket.SHUT_RD)[i % 3])
            b.shutdown(socket.SHUT_WR)
            kept += [a, b]
        time.sleep(0.1)


def refused(n):
    kept = []
    for _ in range(n):
        s = socket.socket()
        s.setblocking(False)
        try:
            s.connect(("127.0.0.1", 9))
        except BlockingIOError:
            pass
        kept.append(s)
    time.sleep(0.1)


def never_accepted(n):
    listener = socket.create_server(("127.0.0.1", 0), backlog=n)
    _ = [socket.create_connection(listener.getsockname()) for _ in range(n)]
    _[0].send(b"x" * 1000)


def killed(n):
    pids = []
    for _ in range(n):
        pid = os.fork()
        if pid == 0:
            kept = [socket.socket() for _ in range(20)]
            listener = socket.create_server(("127.0.0.1", 0))
            kept.append(pair(listener))
            kept[-1][0].send(b"unread")
            os.write(ready[1], b"x")
            listener.accept()
        pids.append(pid)
    for _ in range(n):
        os.read(ready[0], 1)
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def same_as(before, what):
    for _ in range(100):
        if descriptors() <= before:
            return
        time.sleep(0.1)
    sys.exit(f"{what}: {descriptors() - before} descriptors more than before")


ready = os.pipe()
resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
TRIALS = [(many, 10000), (connected, 500), (resets, 100), (shut, 100), (refused, 100), (never_accepted, 50), (killed, 20)]
for trial, count in TRIALS:
    start = descriptors()
    begun = time.time()
    trial(count)
    done = time.time()
    same_as(start, trial.__name__)
    print(f"{trial.__name__}: {count} in {done - begun:.1f} s, gone after {time.time() - done:.1f} s", flush=True)
once = memory()
for trial, count in TRIALS * 2:
    trial(count)
    same_as(start, trial.__name__)
with open(f"/proc/{SUPERVISOR}/maps", encoding="ascii") as maps:
    quarantine = "libasan" in maps.read()  # what was freed is kept for a while
if memory() > once * 1.2 + 2000 and not quarantine:
    sys.exit(f"memory grew from {once} to {memory()} kB")
print("nothing was kept")
