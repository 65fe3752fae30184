# SPDX-License-Identifier: BSD-2-Clause
"""tests/run/inside_unix.py - AF_UNIX between programs, and descriptors of network sockets passed over it; for compare.py."""
import array
import multiprocessing
import multiprocessing.connection
import os
import socket
import tempfile
import threading


def error_of(f, *args):
    try:
        return f(*args)
    except OSError as e:
        return os.strerror(e.errno)


def echo(listener):
    c, addr = listener.accept()
    c.sendall(c.recv(100) + repr(addr).encode())
    c.close()


def streams(where):
    for name in (where + "/absolute", "relative", "./dotted", b"\0lab-abstract"):
        l = socket.socket(socket.AF_UNIX)
        l.bind(name)
        l.listen(1)
        t = threading.Thread(target=echo, args=(l,))
        t.start()
        c = socket.socket(socket.AF_UNIX)
        c.connect(name)
        c.sendall(b"hello")
        print(l.getsockname() == name, c.getpeername() == name, c.recv(100))
        t.join()
        l.close()
    os.umask(0o077)
    socket.socket(socket.AF_UNIX).bind("masked")
    print(oct(os.stat("relative").st_mode), oct(os.stat("masked").st_mode))
    os.symlink("relative", "link")
    open("file", "w", encoding="ascii").close()
    for name in ("relative", "nope", "link", "file", "", b"\0nope", "x" * 107):
        print(error_of(socket.socket(socket.AF_UNIX).connect, name))
    for name in ("relative", "x/y", "file", b"\0auto"):
        print(error_of(socket.socket(socket.AF_UNIX).bind, name))


def backlog():
    l = socket.socket(socket.AF_UNIX)
    l.bind("backlog")
    l.listen(0)
    waiting = []
    for _ in range(2):
        c = socket.socket(socket.AF_UNIX)
        c.settimeout(0.2)
        waiting.append((c, error_of(c.connect, "backlog")))
    print([w[1] is not None for w in waiting])
    c = socket.socket(socket.AF_UNIX)
    t = threading.Timer(0.1, lambda: [l.accept() for _ in range(2)])
    t.start()
    c.connect("backlog")
    t.join()
    print("waited")


def datagrams():
    a, b = (socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) for _ in range(2))
    a.bind("a")
    b.bind("b")
    b.sendto(b"x", "a")
    print(a.recvfrom(10))
    b.connect("a")
    b.send(b"y")
    b.sendmsg([b"z", b"zz"])
    print(a.recv(10), a.recvmsg(10))
    r, w = os.pipe()
    b.sendmsg([b"fd"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [w]))])
    _, control, flags, addr = a.recvmsg(10, 100)
    os.write(array.array("i", control[0][2])[0], b"through")
    print(os.read(r, 10), flags, addr)
    print(error_of(b.sendmsg, [b"fd"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [999]))]))
    print(error_of(b.sendto, b"x", "nope"), error_of(a.send, b"x"))
    b.setblocking(False)
    n = 0
    while error_of(b.sendto, b"x", "a") == 1:
        n += 1
    print(n > 5)


def passed():
    """A listening socket of one process is accepted from by another."""
    s = socket.socket()
    s.bind(("127.0.0.1", 0))
    s.listen(1)
    ours, theirs = socket.socketpair()
    if os.fork() == 0:
        _, fds, _, _ = socket.recv_fds(theirs, 10, 1)
        c, _ = socket.socket(fileno=fds[0]).accept()
        c.sendall(b"by the child")
        os._exit(0)
    socket.send_fds(ours, [b"q"], [s.fileno()])
    s2 = socket.create_connection(s.getsockname())
    s.close()
    print(s2.recv(100))
    os.wait()


def child(q):
    q.put(42)


def processes():
    q = multiprocessing.Queue()
    p = multiprocessing.Process(target=child, args=(q,))
    p.start()
    print(q.get())
    p.join()
    l = multiprocessing.connection.Listener("listener", "AF_UNIX")
    t = threading.Thread(target=lambda: l.accept().send({"a": 1}))
    t.start()
    print(multiprocessing.connection.Client("listener", "AF_UNIX").recv())
    t.join()
    with multiprocessing.Manager() as manager:
        d = manager.dict()
        d["k"] = 1
        print(dict(d))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as where:
        os.chdir(where)
        streams(where)
        backlog()
        datagrams()
        passed()
        processes()
