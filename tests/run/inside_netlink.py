# SPDX-License-Identifier: BSD-2-Clause
"""tests/run/inside_netlink.py - netlink sockets, ioctls about devices, and the programs that use them; for compare.py."""
import fcntl
import os
import socket
import struct
import subprocess

RTM_GETLINK, RTM_GETADDR, NLM_DUMP = 18, 22, 0x301


def error_of(f, *args):
    try:
        return f(*args)
    except OSError as e:
        return os.strerror(e.errno)


def ioctls():
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for cmd in (0x8913, 0x8915, 0x891b, 0x8919, 0x8921, 0x8927, 0x8933, 0x8942, 0x8999):
        for name in (b"lo", b"nope"):
            r = error_of(fcntl.ioctl, s, cmd, struct.pack("16s24x", name))
            print(hex(cmd), name, r if isinstance(r, str) else r[16:])
    print(error_of(fcntl.ioctl, s, 0x8910, struct.pack("16xi20x", 1)))
    print(socket.if_nameindex(), socket.if_nametoindex("lo"), socket.if_indextoname(1))


def messages(s):
    while True:
        data, addr = s.recvfrom(65536)
        while data:
            n, kind, flags, seq, pid = struct.unpack_from("IHHII", data)
            yield kind, flags, seq, pid == s.getsockname()[0], data[16:n], addr
            data = data[(n + 3) & ~3:]


def sockets():
    n = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
    n.settimeout(5)
    n.bind((0, 0))
    m = socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, 0)
    m.bind((0, 0))
    print(n.getsockname() == (os.getpid(), 0), m.getsockname()[0] > 0x7fffffff)
    print(error_of(m.bind, (7, 0)), error_of(socket.socket, socket.AF_NETLINK, socket.SOCK_STREAM, 0))
    print([n.getsockopt(socket.SOL_SOCKET, o) for o in (socket.SO_TYPE, socket.SO_DOMAIN, socket.SO_PROTOCOL)])
    # dumps as old programs ask for them: a family and nothing else
    for kind in (RTM_GETLINK, RTM_GETADDR):
        n.send(struct.pack("IHHIIB3x", 20, kind, NLM_DUMP, 7, 0, socket.AF_INET))
        for got in messages(n):
            print(got[:4], len(got[4]) > 30, got[5])
            if got[0] == 3:
                break
    for flags in (5, 1):
        n.sendto(struct.pack("IHHIIBxHiII", 32, 18, flags, 9, 5, 0, 0, 4711, 0, 0), (0, 0))
        kind, flags, seq, mine, body, addr = next(messages(n))
        print(kind, seq, mine, struct.unpack_from("iIHHII", body), addr)
    n.send(struct.pack("IHHIIBxHiII", 32, 18, 1, 9, 0, 0, 0, 1, 0, 0))
    print(len(n.recv(1 << 16, socket.MSG_PEEK | socket.MSG_TRUNC)) > 40, len(n.recvmsg(10)[0]))
    n.setblocking(False)
    print(error_of(n.recv, 10), error_of(n.recvfrom, 10), error_of(n.listen), error_of(n.sendto, b"x" * 16, (4711, 0)))


def programs():
    for command in ("ip -4 -o addr show lo", "ip route get 127.0.0.1", "ip rule", "ip link show nope", "ip route add 10.9.0.0/16 dev lo",
                    "ip route", "ip addr add 10.8.0.1/24 dev lo", "ip -4 -o addr", "getent ahosts localhost"):
        r = subprocess.run(command.split(), capture_output=True, text=True, check=False)
        print(command, r.returncode, r.stdout.replace("uid 0", ""), r.stderr)


ioctls()
sockets()
programs()
