#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""tests/run/escape.py RUNNER - a program on a node tries every road to the host's network that we know of.

A server listens on the host's loopback meanwhile: whoever reaches it has found a way out. Each try prints a line; what it must say stands
beside it. The same file is the program on the node (--inside) and what is left of it when its supervisor was killed (--orphan).
"""
import ctypes
import errno
import mmap
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile

NR = {"pidfd_open": 434, "pidfd_getfd": 438, "setns": 308, "io_uring_setup": 425, "io_uring_enter": 426,
      "io_uring_register": 427, "socket": 41, "connect": 42}
if os.uname().machine == "aarch64":
    NR.update(setns=268, socket=198, connect=203)
libc = ctypes.CDLL(None, use_errno=True)


def call(nr, *args):
    """What the system call says: 0 or more, or the errno's name."""
    ret = libc.syscall(ctypes.c_long(nr), *[ctypes.c_long(a) for a in args])
    return ret if ret >= 0 else errno.errorcode[ctypes.get_errno()]


def say(name, got, want):
    print(f"{'ok  ' if got in want else 'BAD '} {name}: {got}", flush=True)


def families():
    for family in range(1, 46):
        if family in (socket.AF_UNIX, socket.AF_INET, socket.AF_NETLINK):
            continue
        got = {call(NR["socket"], family, type_, 0) for type_ in (1, 2, 3, 5)}
        if got != {"EAFNOSUPPORT"}:
            say(f"family {family}", got, ())
    say("other families", "EAFNOSUPPORT", ("EAFNOSUPPORT",))


def other_abis():
    if os.uname().machine != "x86_64":
        return
    say("x32 socket()", call(0x40000000 + NR["socket"], socket.AF_INET, 1, 0), ("ENOSYS",))
    # push rbx; mov eax, 359 (i386 socket); mov ebx, 2; mov ecx, 1; xor edx, edx; int 0x80; pop rbx; ret
    code = bytes.fromhex("53b867010000bb02000000b90100000031d2cd805bc3")
    page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(code)
    fn = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))
    pid = os.fork()  # where the kernel has no such ABI the call is a fault
    if not pid:
        got = fn()
        os._exit(0 if got == -errno.ENOSYS else 1)
    status = os.waitpid(pid, 0)[1]
    say("i386 socket()", "ENOSYS" if status == 0 else "fault" if os.WIFSIGNALED(status) else "open", ("ENOSYS", "fault"))


def stolen(outside, port):
    """The descriptor of a process that is not on a node."""
    pidfd = call(NR["pidfd_open"], outside, 0)
    say("pidfd_getfd of a host's socket", call(NR["pidfd_getfd"], pidfd, 3, 0), ("EPERM",))
    try:
        ns = os.open(f"/proc/{outside}/ns/net", os.O_RDONLY)
        got = call(NR["setns"], ns, 0)
    except PermissionError:
        got = "EPERM"
    say("the host's network namespace", got, ("EPERM",))


def inherited():
    bad = []
    for name in os.listdir("/proc/self/fd"):
        try:
            link = os.readlink(f"/proc/self/fd/{name}")
        except FileNotFoundError:
            continue  # the directory itself
        if int(name) > 2 and link.startswith("socket:"):
            bad.append(link)
    say("inherited sockets", bad, ([],))


def connect(port):
    s = socket.socket()
    try:
        s.connect(("127.0.0.1", port))
        got = "connected"
    except OSError as e:
        got = errno.errorcode[e.errno]
    say("the host's loopback", got, ("ECONNREFUSED",))


def inside(outside, port):
    families()
    other_abis()
    for name in ("io_uring_setup", "io_uring_enter", "io_uring_register"):
        say(name, call(NR[name], 1, 0, 0, 0, 0, 0), ("ENOSYS",))
    say("socketpair(AF_INET)", call(53, socket.AF_INET, 1, 0, 0), ("EOPNOTSUPP", "ENOTSUP")) if os.uname().machine == "x86_64" else None
    stolen(outside, port)
    inherited()
    connect(port)


def orphan(path, port):
    """A grandchild outlives the supervisor, and then tries."""
    s = socket.socket()
    if os.fork():
        signal.pause()
    os.setsid()
    parent = int(os.environ["RUNNER_PID"])
    pidfd = os.pidfd_open(parent)
    print("ready", flush=True)
    __import__("select").select([pidfd], [], [], 60)
    lines = [f"socket {call(NR['socket'], socket.AF_INET, 1, 0)}"]
    address = struct.pack("<H", socket.AF_INET) + struct.pack(">H", port) + bytes([127, 0, 0, 1]) + bytes(8)
    buf = ctypes.create_string_buffer(address)
    lines.append(f"connect {call(NR['connect'], s.fileno(), ctypes.addressof(buf), 16)}")
    try:
        lines.append(f"read {os.read(s.fileno(), 1)}")
    except OSError as e:
        lines.append(f"read {errno.errorcode[e.errno]}")
    with open(path + ".new", "w") as f:
        f.write("\n".join(lines))
    os.rename(path + ".new", path)


def after_death(runner, port):
    with tempfile.TemporaryDirectory() as d:
        path = os.path.join(d, "said")
        os.chmod(d, 0o777)
        read_end, write_end = os.pipe()
        pid = os.fork()
        if not pid:
            os.environ["RUNNER_PID"] = str(os.getpid())
            os.dup2(write_end, 1)
            os.execv(runner, [runner, sys.executable, __file__, "--orphan", path, str(port)])
        os.close(write_end)
        with os.fdopen(read_end) as out:
            if out.readline() != "ready\n":
                return ["the orphan did not come up"]
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            out.read()  # until the orphan is gone, too
        with open(path) as f:
            got = f.read().split("\n")
    want = ["socket ENOSYS", "connect ENOSYS", "read b''"]
    print(f"{'ok  ' if got == want else 'BAD '} after the supervisor was killed: {got}")
    return [] if got == want else ["after death"]


def main():
    if sys.argv[1] == "--inside":
        return inside(int(sys.argv[2]), int(sys.argv[3]))
    if sys.argv[1] == "--orphan":
        return orphan(sys.argv[2], int(sys.argv[3]))
    runner = sys.argv[1]
    server = socket.socket()
    server.bind(("127.0.0.1", 0))
    server.listen()
    server.setblocking(False)
    port = server.getsockname()[1]
    client = socket.create_connection(("127.0.0.1", port))
    server.accept()[0].close()
    os.dup2(client.fileno(), 57, inheritable=True)  # to be inherited by nobody
    out = subprocess.run([runner, sys.executable, __file__, "--inside", str(os.getpid()), str(port)], pass_fds=[57],
                         stdout=subprocess.PIPE, text=True, timeout=60)
    print(out.stdout, end="")
    bad = [line for line in out.stdout.split("\n") if line.startswith("BAD")]
    if out.returncode or "the host's loopback" not in out.stdout:
        bad.append(f"the program ended with {out.returncode}")
    as_stdin = subprocess.run([runner, "true"], stdin=client, stderr=subprocess.PIPE, text=True, timeout=60)
    print(f"a host's socket as standard input: {as_stdin.stderr.strip()}")
    if as_stdin.returncode != 125 or "socket of this host" not in as_stdin.stderr:
        bad.append("a host's socket as standard input")
    bad += after_death(runner, port)
    try:
        server.accept()
        bad.append("somebody reached the host's server")
    except BlockingIOError:
        print("nobody reached the host's server")
    for line in bad:
        print(line)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
