#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""tests/sysctl/sysctl_live.py PROBE - settings and /proc files of a fresh namespace: the running kernel's and skiff's.

Compared: the names below conf and neigh, that skiff has no name the kernel lacks, every default, what a row of values written to each
setting does (errno and what it reads afterwards), how all, default and the interfaces hang together, /proc/net/snmp, netstat, dev and the
columns of stat/rt_cache.
Needs root for a namespace of its own (exit 77 without).
"""
import ctypes
import os
import subprocess
import sys

# In the kernel these are the first namespace's only, others may read some; here every namespace has them.
FIRST_ONLY = """net.core.rmem_default net.core.rmem_max net.core.wmem_default net.core.wmem_max
    net.core.netdev_max_backlog net.ipv4.inet_peer_maxttl net.ipv4.inet_peer_minttl net.ipv4.inet_peer_threshold
    net.ipv4.udp_mem net.ipv4.ipfrag_secret_interval net.ipv4.route.error_burst net.ipv4.route.error_cost
    net.ipv4.route.gc_timeout net.ipv4.route.redirect_load net.ipv4.route.redirect_number net.ipv4.route.redirect_silence
    net.ipv4.tcp_mem net.ipv4.tcp_max_orphans""".split()
# They depend on what the kernel was built with and on the machine's default: congestion controls, AccECN (tcp_ecn above 2).
BUILD = """net.ipv4.tcp_allowed_congestion_control net.ipv4.tcp_available_congestion_control net.ipv4.tcp_congestion_control
    net.ipv4.tcp_ecn""".split()
# Times: the kernel counts in its own ticks (HZ 100 to 1000), skiff in ms, so rounding and the largest number differ.
TIMES = """icmp_ratelimit mtu_expires ipfrag_time anycast_delay base_reachable_time base_reachable_time_ms delay_first_probe_time
    gc_stale_time interval_probe_time_ms locktime tcp_invalid_ratelimit proxy_delay retrans_time retrans_time_ms""".split()
VALUES = ["-1", "0", "1", "2", "3", "4", "7", "16", "64", "255", "256", "552", "4095", "4096", "65535", "65536", "1000000",
          "2147483647", "2147483648", "4294967295", "4294967296", "4 ", "4 5", "4x", "x", "0x4", "010", "08", "+4", "", "  4",
          "4\t5", "1 2 3", "99999999999999999999999", "-0", "-2147483648", "-2147483649", "00000000000000000000004",
          "40000 50000", "50000 40000"]


def first_only(key):
    return key in FIRST_ONLY or key in BUILD or key.startswith("net.ipv4.neigh.default.")


class Skiff:
    def __init__(self, probe):
        self.p = subprocess.Popen([probe], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, line):
        self.p.stdin.write(line + "\n")
        self.p.stdin.flush()
        out = []
        while (got := self.p.stdout.readline()) != ".\n":
            if not got:
                sys.exit(f"the probe died at: {line}")
            out.append(got)
        return "".join(out)

    def keys(self):
        return self.ask("walk").split()

    def get(self, key):
        err, _, text = self.ask("get " + key).rstrip("\n").partition(" ")
        return int(err), text

    def set(self, key, value):
        return int(self.ask(f"set {key} " + value.replace("\t", "\\t")))

    def proc(self, path):
        return self.ask("proc " + path)

    def dummy(self, name):
        self.ask("dummy " + name)

    def name(self, old, new):
        self.ask(f"name {old} {new}")


class Kernel:
    def keys(self):
        found = []
        for folder, _, files in os.walk("/proc/sys/net"):
            found += [(folder + "/" + f)[len("/proc/sys/"):].translate(str.maketrans("./", "/.")) for f in files]
        return sorted(found)

    def path(self, key):
        return "/proc/sys/" + key.translate(str.maketrans("./", "/."))

    def get(self, key):
        try:
            with open(self.path(key), encoding="ascii") as f:
                return 0, f.read().rstrip("\n")
        except OSError as e:
            return -e.errno, ""

    def set(self, key, value):
        try:
            fd = os.open(self.path(key), os.O_WRONLY)
        except OSError as e:
            return -e.errno
        try:
            os.write(fd, (value + "\n").encode())
            return 0
        except OSError as e:
            return -e.errno
        finally:
            os.close(fd)

    def proc(self, path):
        with open("/proc/self/" + path, encoding="ascii") as f:
            return f.read()

    def dummy(self, name):
        # Any device without an address will do; a bridge needs no other end.
        subprocess.run(["ip", "link", "add", name, "type", "bridge"], check=True)

    def name(self, old, new):
        subprocess.run(["ip", "link", "set", old, "name", new], check=True)


class Compare:
    def __init__(self, kernel, skiff):
        self.kernel, self.skiff, self.compared, self.different = kernel, skiff, 0, 0

    def same(self, what, a, b):
        self.compared += 1
        if a != b:
            self.different += 1
            print(f"{what}\n  kernel {a!r}\n  skiff  {b!r}")

    def both(self, what, ask):
        self.same(what, ask(self.kernel), ask(self.skiff))


def ours(keys, part):
    return sorted(k for k in keys if k.startswith(part))


def names(c):
    kernel, skiff = c.kernel.keys(), c.skiff.keys()
    for part in ("net.ipv4.conf.", "net.ipv4.neigh."):
        known = [k for k in ours(skiff, part) if not first_only(k)]
        c.same("names below " + part, [k for k in ours(kernel, part) if not first_only(k)], known)
    extra = [k for k in skiff if k not in kernel and not first_only(k)]
    c.same("names the kernel has not", [], extra)
    c.same("sorted", sorted(skiff), skiff)
    return skiff


def first_namespace():
    """What a new namespace may have taken from the first one, if that was changed."""
    base = Kernel()
    return {k: base.get(k)[1] for k in base.keys() if k.startswith("net.ipv4.conf.")}


def defaults(c, keys, inherited):
    for key in keys:
        if first_only(key):
            continue
        a, b = c.kernel.get(key), c.skiff.get(key)
        builtin = key.split(".")[3] in ("all", "default") if key.startswith("net.ipv4.conf.") else False
        if a != b and builtin and a[1] == inherited.get(key):
            print(f"{key}: not compared, taken from the first namespace")
            continue
        c.same("default of " + key, a, b)


def writes(c, keys):
    for key in keys:
        last = key.rsplit(".", 1)[1]
        if first_only(key) or last in TIMES or last == "flush":
            continue
        before = c.kernel.get(key)[1]
        for value in VALUES:
            c.both(f"{key} := {value!r}", lambda s, v=value: (s.set(key, v), s.get(key)))
            for side in (c.kernel, c.skiff):
                side.set(key, before)


def all_and_default(c):
    def step(what, key=None, value=None):
        if key:
            c.both(what, lambda s: s.set(key, value))
        c.both(what, lambda s: [s.get(f"net.ipv4.conf.{d}.{n}") for d in ("all", "default", "lo", "d0", "d1", "d2", "e0/1")
                                for n in ("forwarding", "rp_filter", "accept_redirects", "tag")])

    def both(do):
        do(c.kernel)
        do(c.skiff)

    both(lambda s: s.dummy("d0"))
    step("a device")
    step("default", "net.ipv4.conf.default.rp_filter", "1")
    both(lambda s: s.dummy("d1"))
    step("a device after a write to default")
    step("default again", "net.ipv4.conf.default.rp_filter", "2")
    step("its own", "net.ipv4.conf.d0.rp_filter", "7")
    step("default once more", "net.ipv4.conf.default.rp_filter", "3")
    step("refused, but its own from now on", "net.ipv4.conf.d0.tag", "x")
    step("default tag", "net.ipv4.conf.default.tag", "5")
    step("forwarding", "net.ipv4.ip_forward", "2")
    step("one of them not", "net.ipv4.conf.d0.forwarding", "0")
    step("default forwarding", "net.ipv4.conf.default.forwarding", "0")
    both(lambda s: s.dummy("d2"))
    step("another device")
    step("none", "net.ipv4.conf.all.forwarding", "0")
    both(lambda s: s.name("d2", "e0.1"))
    step("a name with a dot", "net.ipv4.conf.e0/1.tag", "9")
    step("once more", "net.ipv4.conf.e0/1.tag", "10")
    for key in ("net.ipv4.conf.all.mc_forwarding", "net.ipv4.nosuch", "net.nosuch.x", "net.ipv4.conf.nosuch.tag"):
        c.both("write " + key, lambda s, k=key: s.set(k, "1"))
    for key in ("net.ipv4.route.flush", "net.ipv4.nosuch"):
        c.both("read " + key, lambda s, k=key: s.get(k)[0])
    for value in ("1", "x", ""):
        c.both("flush", lambda s, v=value: s.set("net.ipv4.route.flush", v))


def proc_files(c):
    c.both("net/snmp", lambda s: s.proc("net/snmp"))
    c.both("net/dev", lambda s: s.proc("net/dev"))
    c.both("net/stat/rt_cache", lambda s: s.proc("net/stat/rt_cache").splitlines()[0])
    c.both("net/netstat", lambda s: [l for l in s.proc("net/netstat").splitlines() if not l.startswith("MPTcpExt")])


def main():
    inherited = first_namespace()
    if os.geteuid() or ctypes.CDLL(None).unshare(0x40000000):
        print("sysctl_live.py: a namespace of its own needs root: not compared")
        return 77
    c = Compare(Kernel(), Skiff(sys.argv[1]))
    proc_files(c)
    keys = names(c)
    defaults(c, keys, inherited)
    writes(c, [k for k in keys if ".conf.default." not in k and ".conf.lo." not in k and ".neigh.lo." not in k])
    all_and_default(c)
    print(f"{c.compared} compared, {c.different} different")
    return 1 if c.different else 0


sys.exit(main())
