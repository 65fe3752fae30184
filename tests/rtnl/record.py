#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""tests/rtnl/record.py TALK > TALK.txt - have a talk about links and addresses with the running kernel and write it down.

Run as root; it makes a network namespace of its own (unshare) that goes with it. The devices are TAPs held open (so that they
have a carrier) and bear fixed addresses. What differs from run to run or from kernel to kernel is left out: times in
IFA_CACHEINFO are 0, of links only the attributes of LINK_ATTRS and the IPv4 part of IFLA_AF_SPEC are kept.
tests/rtnl/replay.c leaves the same out of skiff's answers. TALK: addr, link, netconf.
"""
import ctypes
import fcntl
import os
import socket
import struct
import subprocess
import sys

NEWLINK, DELLINK, GETLINK, SETLINK, NEWADDR, DELADDR, GETADDR = 16, 17, 18, 19, 20, 21, 22
REQUEST, MULTI, ACK, DUMP, REPLACE, EXCL, CREATE = 1, 2, 4, 0x300, 0x100, 0x200, 0x400
# IFNAME ADDRESS BROADCAST MTU LINK QDISC TXQLEN OPERSTATE LINKMODE LINKINFO IFALIAS AF_SPEC GROUP PROMISCUITY CARRIER MIN_MTU
# MAX_MTU ALLMULTI NETNS_IMMUTABLE
LINK_ATTRS = {3, 1, 2, 4, 5, 6, 13, 16, 17, 18, 20, 26, 27, 30, 33, 50, 51, 61, 67}
AF_INET = 2


def attr(kind, payload):
    if isinstance(payload, int):
        payload = struct.pack("I", payload & 0xffffffff)
    elif isinstance(payload, str):
        payload = payload.encode() + b"\0"
    raw = struct.pack("HH", 4 + len(payload), kind) + payload
    return raw + bytes(-len(raw) % 4)


def ip(text):
    return socket.inet_aton(text)


def attrs_of(data):
    at = 0
    while at + 4 <= len(data):
        length, kind = struct.unpack_from("HH", data, at)
        yield kind, data[at + 4:at + length]
        at += (length + 3) & ~3


def filtered(msg):
    """The message without what may differ; sequence number and port are 0."""
    kind = struct.unpack_from("H", msg, 4)[0]
    body = msg[16:]
    if kind in (NEWADDR, DELADDR):
        out = body[:8]
        for k, v in attrs_of(body[8:]):
            out += attr(k, v[:8] + bytes(8) if k == 6 else v)
        body = out
    if kind in (NEWLINK, DELLINK):
        out = body[:16]
        for k, v in attrs_of(body[16:]):
            if k & 0x3fff not in LINK_ATTRS:
                continue
            if k & 0x3fff == 26:
                v = b"".join(attr(f, w) for f, w in attrs_of(v) if f == AF_INET)
                if v:
                    v = b"".join(attr(f, b"".join(attr(n, x) for n, x in attrs_of(w))) for f, w in attrs_of(v))
            out += attr(k, v)
        body = out
    return struct.pack("I", 16 + len(body)) + msg[4:8] + bytes(8) + body


class Talk:
    def __init__(self, groups):
        self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
        self.sock.bind((0, 0))
        for option in (11, 12):  # NETLINK_EXT_ACK, NETLINK_GET_STRICT_CHK
            self.sock.setsockopt(270, option, 1)
        self.ears = {}
        for group in groups:
            ear = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
            ear.bind((0, 0))
            ear.setsockopt(270, 1, group)
            ear.setblocking(False)
            self.ears[group] = ear
        if groups:
            print("groups", *groups)

    def error(self, msg):
        flags = struct.unpack_from("H", msg, 6)[0]
        err = struct.unpack_from("i", msg, 16)[0]
        off = miss = 0
        text = ""
        if flags & 0x200:
            skip = 20
            if struct.unpack_from("H", msg, 4)[0] == 2:
                skip += 16 if flags & 0x100 else (struct.unpack_from("I", msg, 20)[0] + 3) & ~3
            for k, v in attrs_of(msg[skip:]):
                if k == 1:
                    text = " " + v.rstrip(b"\0").decode()
                elif k == 2:
                    off = struct.unpack("I", v)[0]
                elif k == 5:
                    miss = struct.unpack("I", v)[0]
        print("<", -err, off, miss, end=text + "\n")

    def answers(self):
        while True:
            data, at = self.sock.recv(1 << 16), 0
            while at < len(data):
                length, kind = struct.unpack_from("IH", data, at)
                msg = data[at:at + length]
                if kind in (2, 3):
                    self.error(msg)
                    return
                if msg[16] in (0, AF_INET):  # not IPv6's
                    print("=", filtered(msg).hex())
                at += (length + 3) & ~3

    def heard(self):
        for group, ear in self.ears.items():
            while True:
                try:
                    data, at = ear.recv(1 << 16), 0
                except BlockingIOError:
                    break
                while at < len(data):
                    length = struct.unpack_from("I", data, at)[0]
                    msg = data[at:at + length]
                    at += (length + 3) & ~3
                    # bridges' and IPv6's own
                    if msg[16] in (0, AF_INET):
                        print("!", group, filtered(msg).hex())

    def ask(self, comment, kind, flags, body):
        msg = struct.pack("IHHII", 16 + len(body), kind, flags | REQUEST, 0, 0) + body
        print("#", comment)
        print(">", msg.hex())
        self.sock.send(msg)
        self.answers()
        self.heard()

    def run(self, *words):
        print(*words)
        subprocess.run(words, check=True)
        self.heard()


def tap(name, index):
    fd = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(fd, 0x400454CA, struct.pack("16sH22x", name.encode(), 0x1002))
    subprocess.run(["ip", "link", "set", name, "address", f"02:dd:00:00:00:{index:02x}"], check=True)
    return fd


def ifa(index, plen=24, flags=0, scope=0, family=2, *attributes):
    return struct.pack("BBBBI", family, plen, flags, scope, index) + b"".join(attributes)


LOCAL, ADDRESS, LABEL, BROADCAST, CACHEINFO, FLAGS, PRIORITY, PROTO = 2, 1, 3, 4, 6, 8, 9, 11


def life(valid, preferred):
    return attr(CACHEINFO, struct.pack("IIII", preferred, valid, 0, 0))


def simple(index, addr, plen=24, scope=0, *more):
    return ifa(index, plen, 0, scope, 2, attr(LOCAL, ip(addr)), attr(ADDRESS, ip(addr)), *more)


def addr_errors(talk):
    new, e0 = lambda what, body, flags=CREATE | EXCL: talk.ask(what, NEWADDR, ACK | flags, body), 2
    new("short header", bytes([2, 24, 0, 0]))
    new("family 9", ifa(e0, 24, 0, 0, 9, attr(LOCAL, ip("10.0.0.1"))))
    new("length 33", ifa(e0, 33, 0, 0, 2, attr(LOCAL, ip("10.0.0.1"))))
    new("no local address", ifa(e0, 24, 0, 0, 2, attr(ADDRESS, ip("10.0.0.1"))))
    new("no device", simple(77, "10.0.0.1"))
    new("device 0", simple(0, "10.0.0.1"))
    new("local of 3 bytes", ifa(e0, 24, 0, 0, 2, attr(LOCAL, b"\1\2\3")))
    new("local of 5 bytes", ifa(e0, 24, 0, 0, 2, attr(LOCAL, b"\x0a\x63\0\1\1")))
    new("label of 16 bytes", simple(e0, "10.0.0.1", 24, 0, attr(LABEL, b"x" * 16)))
    new("empty label", simple(e0, "10.0.0.1", 24, 0, attr(LABEL, b"")))
    new("lifetime of 8 bytes", simple(e0, "10.0.0.1", 24, 0, attr(CACHEINFO, bytes(8))))
    new("valid 0", simple(e0, "10.0.0.1", 24, 0, life(0, 0)))
    new("preferred beyond valid", simple(e0, "10.0.0.1", 24, 0, life(10, 20)))
    new("bad lifetime and no device", simple(77, "10.0.0.1", 24, 0, life(0, 0)))
    new("autojoin of unicast", simple(e0, "10.0.0.1", 24, 0, attr(FLAGS, 0x400)))
    new("local 0.0.0.0", simple(e0, "0.0.0.0"))
    new("unknown attribute 99", simple(e0, "10.77.0.1", 24, 0, attr(99, 1)))
    talk.ask("delete: no device", DELADDR, ACK, simple(77, "10.0.0.1"))
    talk.ask("delete: not there", DELADDR, ACK, simple(e0, "10.0.0.1"))
    talk.ask("delete: length 33", DELADDR, ACK, ifa(e0, 33))
    talk.ask("get one", GETADDR, ACK, ifa(e0))
    talk.ask("dump with a length", GETADDR, DUMP, ifa(0, 24))
    talk.ask("dump of no device", GETADDR, DUMP, ifa(77, 0))
    talk.ask("dump with an attribute", GETADDR, DUMP, ifa(0, 0, 0, 0, 2, attr(LOCAL, ip("10.0.0.1"))))
    talk.ask("dump with an unknown attribute", GETADDR, DUMP, ifa(0, 0, 0, 0, 2, attr(99, 1)))
    talk.ask("dump with a target", GETADDR, DUMP, ifa(0, 0, 0, 0, 2, attr(10, 1)))
    talk.ask("dump with a short header", GETADDR, DUMP, bytes([2, 0, 0, 0]))
    talk.ask("bulk delete", DELADDR, ACK | 0x200, ifa(e0))


def addr_talk(talk):
    new = lambda what, body, flags=CREATE | EXCL: talk.ask(what, NEWADDR, ACK | flags, body)
    delete = lambda what, body: talk.ask(what, DELADDR, ACK, body)
    dump = lambda what, index=0: talk.ask(what, GETADDR, DUMP, ifa(index, 0))
    e0, e1 = 2, 3
    addr_errors(talk)
    dump("what the errors left")
    delete("the one with a long attribute", simple(e0, "10.99.0.1"))
    delete("the one with an unknown attribute", simple(e0, "10.77.0.1"))
    for addr in ("10.0.0.1", "10.0.0.2", "10.0.0.3", "10.1.0.1"):
        new("add " + addr, simple(e0, addr))
    new("add again", simple(e0, "10.0.0.1"))
    new("add again, no flags", simple(e0, "10.0.0.1"), 0)
    new("another scope in the subnet", simple(e0, "10.0.0.9", 24, 254))
    new("longer prefix", simple(e0, "10.0.0.1", 25))
    new("scope link", simple(e0, "10.2.0.1", 24, 253))
    new("scope host", simple(e0, "10.3.0.1", 24, 254))
    new("scope global behind", simple(e0, "10.4.0.1"))
    new("secondary of a host scope", simple(e0, "10.3.0.2", 24, 254))
    new("peer", ifa(e0, 32, 0, 0, 2, attr(LOCAL, ip("10.5.0.1")), attr(ADDRESS, ip("10.5.0.2"))))
    new("same local, other peer", ifa(e0, 32, 0, 0, 2, attr(LOCAL, ip("10.5.0.1")), attr(ADDRESS, ip("10.5.0.3"))))
    new("broadcast and label", simple(e0, "10.6.0.1", 24, 0, attr(BROADCAST, ip("10.6.0.255")), attr(LABEL, "e0:x")))
    new("metric and protocol", simple(e0, "10.7.0.1", 24, 0, attr(PRIORITY, 50), attr(PROTO, b"\x07")))
    new("noprefixroute", simple(e0, "10.8.0.1", 24, 0, attr(FLAGS, 0x200)))
    new("flags of IPv6", ifa(e0, 24, 0x42, 0, 2, attr(LOCAL, ip("10.9.0.1")), attr(FLAGS, 0x8ff)))
    new("flags in the header only", ifa(e0, 24, 0x81, 0, 2, attr(LOCAL, ip("10.9.1.1"))))
    new("lifetimes", simple(e0, "10.10.0.1", 24, 0, life(5000, 1000)))
    new("deprecated at once", simple(e0, "10.10.1.1", 24, 0, life(5000, 0)))
    new("replace lifetimes", simple(e0, "10.10.0.1", 24, 0, life(9000, 8000)), REPLACE)
    new("replace metric", simple(e0, "10.7.0.1", 24, 0, attr(PRIORITY, 60)), REPLACE)
    new("replace what is not there", simple(e0, "10.11.0.1"), REPLACE)
    new("replace and exclusive", simple(e0, "10.11.0.1"), REPLACE | EXCL)
    new("length 0", simple(e0, "10.12.0.1", 0))
    new("the same on another device", simple(e1, "10.0.0.1"))
    new("multicast address", simple(e1, "239.1.1.1", 32))
    dump("all")
    dump("of e1", e1)
    talk.ask("all families", GETADDR, DUMP, ifa(0, 0, 0, 0, 0))
    delete("by label that does not fit", simple(e0, "10.6.0.1", 24, 0, attr(LABEL, "e0:y")))
    delete("by label", ifa(e0, 0, 0, 0, 2, attr(LABEL, "e0:x")))
    delete("by prefix that does not fit", ifa(e0, 16, 0, 0, 2, attr(LOCAL, ip("10.8.0.1")), attr(ADDRESS, ip("10.8.0.1"))))
    delete("by local only", ifa(e0, 0, 0, 0, 2, attr(LOCAL, ip("10.8.0.1"))))
    delete("the other peer", ifa(e0, 32, 0, 0, 2, attr(LOCAL, ip("10.5.0.1")), attr(ADDRESS, ip("10.5.0.3"))))
    delete("a primary, its secondaries go", simple(e0, "10.0.0.1"))
    for addr in ("10.20.0.1", "10.21.0.1", "10.20.0.2", "10.20.0.3"):
        new("add " + addr, simple(e0, addr))
    talk.ask("dump", GETADDR, DUMP, ifa(e0, 0))
    talk.run("sysctl", "-qw", "net.ipv4.conf.e0.promote_secondaries=1")
    delete("a primary, promoting", simple(e0, "10.20.0.1"))
    talk.ask("dump", GETADDR, DUMP, ifa(e0, 0))
    delete("a secondary", simple(e0, "10.20.0.3"))
    delete("any", ifa(e0, 0))
    talk.run("ip", "link", "set", "e0", "name", "long-name-eth0")
    dump("labels after the new name", e0)
    talk.run("ip", "link", "set", "lo", "up")
    dump("lo", 1)
    talk.run("ip", "link", "set", "long-name-eth0", "up")
    talk.run("ip", "link", "del", "e1")
    dump("in the end")


def ifi(index=0, flags=0, change=0, *attributes):
    return struct.pack("BxHiII", 0, 0, index, flags, change) + b"".join(attributes)


IFNAME, MTU, TXQLEN, LINKINFO, GROUP, CARRIER = 3, 4, 13, 18, 27, 33


def kind(name, data=None):
    return attr(LINKINFO, attr(1, name) + (attr(2, data) if data is not None else b""))


def veth(index_free_name, peer_name, *more):
    mac = lambda n: attr(1, bytes([2, 0xee, 0, 0, 0, n]))
    peer = ifi(0, 0, 0, attr(IFNAME, peer_name), mac(2))
    return ifi(0, 0, 0, attr(IFNAME, index_free_name), mac(1), *more, kind("veth", attr(1, peer)))


def link_errors(talk):
    new = lambda what, body, flags=CREATE | EXCL: talk.ask(what, NEWLINK, ACK | flags, body)
    change = lambda what, *a: talk.ask(what, NEWLINK, ACK, ifi(*a))
    get = lambda what, body, flags=ACK: talk.ask(what, GETLINK, flags, body)
    new("short header", bytes(12))
    new("no kind", ifi(0, 0, 0, attr(IFNAME, "x0")))
    new("unknown kind", ifi(0, 0, 0, attr(IFNAME, "x0"), kind("nosuch")))
    new("name taken", ifi(0, 0, 0, attr(IFNAME, "e0"), kind("veth")))
    new("name of 16 bytes", ifi(0, 0, 0, attr(IFNAME, b"x" * 16), kind("veth")))
    new("name with a slash", veth("a/b", "c0"))
    new("name all", veth("all", "c0"))
    new("peer default", veth("c0", "default"))
    new("peer's name taken", veth("c0", "e0"))
    new("peer's name the same", veth("c0", "c0"))
    new("multicast address", ifi(0, 0, 0, attr(IFNAME, "x0"), attr(1, b"\1\2\3\4\5\6"), kind("veth")))
    new("address of 4 bytes", ifi(0, 0, 0, attr(IFNAME, "x0"), attr(1, b"\2\2\3\4"), kind("veth")))
    new("negative index", ifi(-3, 0, 0, kind("veth")))
    change("no device by index", 77)
    change("no device by name", 0, 0, 0, attr(IFNAME, "x0"))
    change("mtu too small", 2, 0, 0, attr(MTU, 67))
    change("mtu too large", 2, 0, 0, attr(MTU, 70000))
    change("mtu negative", 2, 0, 0, attr(MTU, 0x80000000))
    change("address multicast", 2, 0, 0, attr(1, b"\1\2\3\4\5\6"))
    change("address 0", 2, 0, 0, attr(1, bytes(6)))
    change("address of 4 bytes", 2, 0, 0, attr(1, b"\2\2\3\4"))
    change("broadcast of 4 bytes", 2, 0, 0, attr(2, b"\2\2\3\4"))
    change("name taken", 2, 0, 0, attr(IFNAME, "e1"))
    change("name all", 2, 0, 0, attr(IFNAME, "all"))
    change("mtu of 2 bytes", 2, 0, 0, attr(MTU, b"\1\1"))
    change("af_spec of an unknown family", 2, 0, 0, attr(26, attr(77, b"")))
    change("conf id 0", 2, 0, 0, attr(26, attr(2, attr(1, attr(0, 1)))))
    change("conf id 99", 2, 0, 0, attr(26, attr(2, attr(1, attr(99, 1)))))
    change("master", 2, 0, 0, attr(10, 3))
    change("group of none", 0, 0, 0, attr(GROUP, 78), attr(MTU, 1000))
    talk.ask("replace", NEWLINK, ACK | REPLACE, ifi(2))
    talk.ask("set without a name", SETLINK, ACK, ifi())
    talk.ask("set no device", SETLINK, ACK, ifi(77))
    talk.ask("delete nothing", DELLINK, ACK, ifi())
    talk.ask("delete no device", DELLINK, ACK, ifi(77))
    talk.ask("delete no name", DELLINK, ACK, ifi(0, 0, 0, attr(IFNAME, "x0")))
    talk.ask("delete lo", DELLINK, ACK, ifi(1))
    talk.ask("delete group 0", DELLINK, ACK, ifi(0, 0, 0, attr(GROUP, 0)))
    talk.ask("delete group 9", DELLINK, ACK, ifi(0, 0, 0, attr(GROUP, 9)))
    get("get: short header", bytes(8))
    get("get: flags", ifi(2, 1))
    get("get: mtu", ifi(2, 0, 0, attr(MTU, 1)))
    get("get: nothing named", ifi())
    get("get: no device", ifi(77))
    get("get: no name", ifi(0, 0, 0, attr(IFNAME, "x0")))
    get("dump: short header", bytes(8), DUMP)
    get("dump: index", ifi(2), DUMP)
    get("dump: flags", ifi(0, 1), DUMP)
    get("dump: mtu", ifi(0, 0, 0, attr(MTU, 1)), DUMP)
    talk.ask("no such type", 120 + 3, ACK, ifi())


def link_talk(talk):
    change = lambda what, *a: talk.ask(what, NEWLINK, ACK, ifi(*a))
    get = lambda what, *a: talk.ask(what, GETLINK, ACK, ifi(*a))
    talk.ask("in the beginning: lo", GETLINK, ACK, ifi(1))
    talk.ask("a veth pair", NEWLINK, ACK | CREATE | EXCL, veth("v0", "v1"))
    get("one end", 0, 0, 0, attr(IFNAME, "v0"))
    get("the other", 0, 0, 0, attr(IFNAME, "v1"))
    up = lambda name: change(name + " up", 0, 1, 1, attr(IFNAME, name))
    down = lambda name: change(name + " down", 0, 0, 1, attr(IFNAME, name))
    up("v0")
    get("no carrier yet", 0, 0, 0, attr(IFNAME, "v0"))
    up("v1")
    get("carrier", 0, 0, 0, attr(IFNAME, "v0"))
    down("v1")
    get("carrier lost", 0, 0, 0, attr(IFNAME, "v0"))
    v1 = lambda what, *a: change(what, 4, 0, 0, *a)
    v1("mtu", attr(MTU, 1400))
    v1("the same mtu", attr(MTU, 1400))
    v1("txqlen", attr(TXQLEN, 77))
    v1("group", attr(GROUP, 5))
    v1("alias", attr(20, "hello"))
    v1("address", attr(1, bytes([2, 1, 2, 3, 4, 5])))
    v1("broadcast", attr(2, bytes([255, 255, 255, 255, 255, 0])))
    v1("mode", attr(17, b"\1"))
    v1("name", attr(IFNAME, "w1"))
    v1("carrier of what has no say", attr(CARRIER, b"\0"))
    change("noarp, no multicast", 4, 0x80, 0x1080)
    change("promiscuous", 4, 0x100, 0x100)
    change("all multicast", 4, 0x200, 0x200)
    change("not promiscuous", 4, 0, 0x100)
    get("changed", 4)
    change("rp_filter by af_spec", 4, 0, 0, attr(26, attr(2, attr(1, attr(8, 2)))))
    get("rp_filter", 4)
    change("mtu of a group", 0, 0, 0, attr(GROUP, 5), attr(MTU, 1300))
    get("changed with its group", 4)
    talk.ask("delete a group", DELLINK, ACK, ifi(0, 0, 0, attr(GROUP, 5)))
    get("its peer went along", 0, 0, 0, attr(IFNAME, "v0"))
    change("lo up", 1, 1, 1)
    get("lo is up", 1)
    # Last, since an attempt that fails may use up a number.
    link_errors(talk)


def netconf_talk(talk):
    body = lambda index=None, *more: bytes([2]) + bytes(3) + (attr(1, index) if index is not None else b"") + b"".join(more)
    get = lambda what, *a: talk.ask(what, 82, ACK, body(*a))
    talk.ask("dump", 82, DUMP, body())
    get("e0", 2)
    get("all", -1)
    get("default", -2)
    get("no device", 77)
    get("no index")
    get("a value", 2, attr(2, 1))
    get("unknown attribute", 2, attr(99, 1))
    talk.ask("index of 2 bytes", 82, ACK, body(None, attr(1, b"\2\0")))
    talk.ask("short header", 82, ACK, bytes([2]))
    talk.ask("other family", 82, ACK, bytes([9]) + body(2)[1:])
    talk.ask("dump with an attribute", 82, DUMP, body(2))
    talk.ask("all families", 82, DUMP, bytes(4))
    talk.ask("set", 80, ACK, body(2))
    for key, value in (("e0.forwarding", 1), ("e0.forwarding", 1), ("e0.rp_filter", 2), ("all.rp_filter", 1), ("default.proxy_arp", 1),
                       ("e1.ignore_routes_with_linkdown", 1), ("all.bc_forwarding", 1), ("e0.tag", 3), ("all.forwarding", 1),
                       ("default.forwarding", 0), ("all.forwarding", 0)):
        talk.run("sysctl", "-qw", f"net.ipv4.conf.{key}={value}")
    talk.run("ip", "link", "set", "e0", "name", "e9")
    talk.ask("dump", 82, DUMP, body())
    talk.run("ip", "link", "del", "e1")


def main():
    if os.geteuid() or ctypes.CDLL(None).unshare(0x40000000):
        sys.exit("record.py: a namespace of its own needs root")
    # IPv6 would speak in between; autojoin and friends need no neighbours.
    subprocess.run("sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1", shell=True)
    held = [tap("e0", 0), tap("e1", 1)]
    sys.stdout.reconfigure(line_buffering=True)
    talk = {"addr": (addr_talk, [5]), "link": (link_talk, []), "netconf": (netconf_talk, [24])}[sys.argv[1]]
    print("device e0 2\ndevice e1 3")
    heard = Talk(talk[1])
    talk[0](heard)
    del held


main()
