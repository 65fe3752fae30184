#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""tests/run/kill.py RUNNER - programs that die, in numbers: the supervisor must have no more descriptors and memory afterwards than before.

The program on the node (--inside) makes a mess of each kind, waits until the supervisor has cleared it away, and looks at the
supervisor's /proc: descriptors, resident memory. A first round of each kind is for warming up (caches, slabs).
"""
import os
import resource
import signal
import socket
import subprocess
import sys
import time

GROWTH = int(os.environ.get("GROWTH_MB", "1")) << 20  # a sanitizer keeps freed memory for a while
SUPERVISOR = int(os.environ.get("RUNNER_PID", "0"))


def descriptors():
    return len(os.listdir(f"/proc/{SUPERVISOR}/fd"))


def resident():
    with open(f"/proc/{SUPERVISOR}/statm") as f:
        return int(f.read().split()[1]) * resource.getpagesize()


def settled(most):
    """Descriptors, when there are at most @most; asks until a minute is over, since closing is noticed a turn later."""
    end = time.monotonic() + 20
    while descriptors() > most and time.monotonic() < end:
        socket.socket().close()  # gives the supervisor a turn
    return descriptors()


def child(fn):
    pid = os.fork()
    if pid:
        return pid
    try:
        fn()
    finally:
        os._exit(0)


def abandoned(n):
    """Sockets of every kind, one in three in a state, left behind by death."""
    def fn():
        keep = []
        resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
        for i in range(n):
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM if i % 2 else socket.SOCK_STREAM)
            keep.append(s)
            if i % 3 == 0:
                s.bind(("127.0.0.1", 0))
                if not i % 2:
                    s.listen()
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child(fn), 0)


def connected(n):
    """Connections with unread data both ways, both ends killed."""
    def fn():
        l = socket.create_server(("127.0.0.1", 0), backlog=n)
        keep = []
        for _ in range(n):
            a = socket.create_connection(l.getsockname())
            b = l.accept()[0]
            a.send(b"x" * 5000)
            b.send(b"y" * 5000)
            keep += [a, b]
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child(fn), 0)


def waiting(n):
    """Calls that wait in the supervisor when their callers are killed: accept, connect's answer never comes, recvfrom."""
    def fn():
        l = socket.create_server(("127.0.0.1", 0))
        for i in range(n):
            def wait(i=i):
                if i % 2:
                    l.accept()
                else:
                    u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                    u.bind(("127.0.0.1", 0))
                    u.recvfrom(100)
            child(wait)
        u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        u.settimeout(0.3)
        try:
            u.recv(1)
        except OSError:
            pass
        os.killpg(os.getpgid(0), signal.SIGKILL)
    pid = child(lambda: (os.setpgid(0, 0), fn()))
    os.waitpid(pid, 0)


def crowd(n):
    """Programs started and ended at once."""
    pids = []
    for _ in range(n):
        pid = os.fork()
        if not pid:
            os.execv(sys.executable, [sys.executable, "-S", "-c", "import socket; socket.socket().close()"])
        pids.append(pid)
    for pid in pids:
        os.waitpid(pid, 0)


def inside():
    base = descriptors()
    bad = 0
    for name, fn, n in (("abandoned sockets", abandoned, 10000), ("connections", connected, 300),
                        ("waiting calls", waiting, 100), ("programs at once", crowd, 200)):
        fn(n)
        first_fds, first = settled(base), resident()
        fn(n)
        fds, memory = settled(base), resident()
        good = fds <= base and memory - first < GROWTH
        bad += not good
        print(f"{'ok  ' if good else 'BAD '} {n} {name}: descriptors {base}, after {first_fds}, {fds}; "
              f"memory after {first >> 10}, {memory >> 10} KiB", flush=True)
    sys.exit(1 if bad else 0)


def main():
    if sys.argv[1] == "--inside":
        return inside()
    runner = sys.argv[1]
    pid = os.fork()
    if not pid:
        os.environ["RUNNER_PID"] = str(os.getpid())
        os.execv(runner, [runner, sys.executable, __file__, "--inside"])
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


if __name__ == "__main__":
    sys.exit(main())
