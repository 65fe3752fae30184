#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""tests/run/outside.py RUNNER - AF_UNIX services of the host are out of a program's reach, but for those that are allowed."""
import ctypes
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time


def error_of(f, *args):
    try:
        f(*args)
        return None
    except OSError as e:
        return e.errno


def say(name, good, why=""):
    print("ok" if good else "FAILED", name, why)
    return good


# ---- the program ----

def swapped_link(where):
    """The name means our own socket when it is looked at and the host's when it is used."""
    own = socket.socket(socket.AF_UNIX)
    own.bind(where + "/own")
    own.listen(100)
    over = time.monotonic() + 1.5

    def swap():
        while time.monotonic() < over:
            for target in (where + "/own", where + "/host"):
                os.symlink(target, where + "/new")
                os.rename(where + "/new", where + "/link")

    t = threading.Thread(target=swap)
    t.start()
    reached = 0
    while time.monotonic() < over:
        s = socket.socket(socket.AF_UNIX)
        if error_of(s.connect, where + "/link") is None:
            reached += 1
            own.accept()[0].close()
        s.close()
    t.join()
    return reached


def swapped_memory(where):
    """The address in memory is changed while the call is under way."""
    libc = ctypes.CDLL(None, use_errno=True)
    paths = [(where + "/own2").encode().ljust(100, b"\0"), (where + "/host").encode().ljust(100, b"\0")]
    own = socket.socket(socket.AF_UNIX)
    own.bind(paths[0].rstrip(b"\0"))
    own.listen(100)
    addr = ctypes.create_string_buffer(socket.AF_UNIX.to_bytes(2, "little") + paths[0])
    over = time.monotonic() + 1.5

    def swap():
        while time.monotonic() < over:
            for p in paths:
                ctypes.memmove(ctypes.addressof(addr) + 2, p, len(p))

    t = threading.Thread(target=swap)
    t.start()
    reached = 0
    while time.monotonic() < over:
        s = socket.socket(socket.AF_UNIX)
        if libc.connect(s.fileno(), addr, 102) == 0:
            reached += 1
            own.accept()[0].close()
        s.close()
    t.join()
    return reached


def bound_and_exchanged(where):
    """bind() a name and put the host's socket in its place at once: it must not be taken for ours."""
    over = time.monotonic() + 1.5
    while time.monotonic() < over:
        s = socket.socket(socket.AF_UNIX)
        s.bind(where + "/mine")
        if error_of(os.link, where + "/host", where + "/other") is None:
            os.rename(where + "/other", where + "/mine")
        error_of(socket.socket(socket.AF_UNIX).connect, where + "/mine")
        os.unlink(where + "/mine")
    return True


def program(where):
    good = True
    abstract = b"\0" + (where + "/abstract").encode()
    good &= say("path", error_of(socket.socket(socket.AF_UNIX).connect, where + "/host") == 111)
    good &= say("abstract", error_of(socket.socket(socket.AF_UNIX).connect, abstract) == 111)
    os.chdir(where)
    good &= say("relative", error_of(socket.socket(socket.AF_UNIX).connect, "host") == 111)
    good &= say("by /proc", error_of(socket.socket(socket.AF_UNIX).connect, "/proc/self/cwd/host") in (2, 111))
    good &= say("allowed", error_of(socket.socket(socket.AF_UNIX).connect, where + "/allowed") is None)
    d = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    good &= say("sendto", error_of(d.sendto, b"x", where + "/dgram") == 111)
    good &= say("sendmsg", error_of(d.sendmsg, [b"x"], [], 0, where + "/dgram") == 111)
    good &= say("connect", error_of(d.connect, where + "/dgram") == 111)
    good &= say("link is swapped", swapped_link(where) > 0)
    good &= say("memory is swapped", swapped_memory(where) > 0)
    good &= say("name is exchanged", bound_and_exchanged(where))
    return good


# ---- the host ----

def listener(name, kind=socket.SOCK_STREAM):
    s = socket.socket(socket.AF_UNIX, kind)
    s.bind(name)
    if kind == socket.SOCK_STREAM:
        s.listen(100)
    s.setblocking(False)
    return s


def main(runner):
    with tempfile.TemporaryDirectory() as where:
        host = {name: listener(where + "/" + name) for name in ("host", "allowed")}
        host["abstract"] = listener(b"\0" + (where + "/abstract").encode())
        host["dgram"] = listener(where + "/dgram", socket.SOCK_DGRAM)
        r = subprocess.run([runner, "--allow", where + "/allowed", sys.executable, __file__, "--inside", where], check=False,
                           stderr=subprocess.PIPE, text=True, timeout=60)
        good = say("program", r.returncode == 0, "" if r.returncode == 0 else r.stderr)
        for name in ("host", "abstract"):
            good &= say(f"nobody came to {name}", error_of(host[name].accept) == 11)
        good &= say("nothing came to dgram", error_of(host["dgram"].recv, 10) == 11)
        good &= say("somebody came to allowed", error_of(host["allowed"].accept) is None)
        good &= say("told, but not each time", r.stderr.count("runner: ") < 200)
        good &= say("told", "refused, as no program of the lab bound it" in r.stderr)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(not program(sys.argv[2]) if sys.argv[1] == "--inside" else main(sys.argv[1]))
