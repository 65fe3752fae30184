#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""tests/lab/live.py SKIFF - a skiff router between two hosts of the real kernel, over TAP.

Needs root and /dev/net/tun; without them it says so and skips (status 77). Network namespaces of its own, nothing else is touched.
"""
import glob
import hashlib
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

SKIFF = os.path.abspath(sys.argv[1])
TAG = f"skl{os.getpid() % 100000}"
NETNS = {name: f"{TAG}-{name}" for name in ("lab", "h1", "h2")}
PASSED, FAILED = [], []
STATE = tempfile.TemporaryDirectory()
os.environ["XDG_RUNTIME_DIR"] = STATE.name  # labs of this test, and of no other
LAB = """
name: live
topology:
  nodes:
    r1:
      addrs: [ e0 10.0.0.1/24, e1 10.0.1.1/24 ]
      sysctls: { net.ipv4.ip_forward: 1, net.ipv4.conf.all.rp_filter: 1 }
  links:
    - endpoints: [ "r1:e0", "host:sk0" ]
    - endpoints: [ "r1:e1", "host:sk1" ]
"""


def check(name, good, why=""):
    (PASSED if good else FAILED).append(name)
    if not good:
        print(f"FAIL {name}: {why}")


def sh(command, timeout=30):
    return subprocess.run(command, shell=True, capture_output=True, text=True, timeout=timeout, check=False)


def in_host(name, command, timeout=30):
    return sh(f"ip netns exec {NETNS[name]} {command}", timeout)


def make_namespaces():
    for n in NETNS.values():
        if sh(f"ip netns add {n}").returncode:
            return False
        sh(f"ip netns exec {n} sh -c 'for f in /proc/sys/net/ipv6/conf/*/disable_ipv6; do echo 1 >$f; done'")
    return True


def remove_namespaces():
    for n in NETNS.values():
        sh(f"ip netns del {n}")


class Lab:
    def __init__(self, text, *options):
        self.dir = tempfile.mkdtemp()
        path = os.path.join(self.dir, "lab.yml")
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        self.p = subprocess.Popen(["ip", "netns", "exec", NETNS["lab"], SKIFF, "lab", "up", *options, path],
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.output = self.p.stdout.readline()
        for i, host in enumerate(("h1", "h2")):
            dev, n = f"sk{i}", NETNS[host]
            for command in (f"-n {NETNS['lab']} link set {dev} netns {n}", f"-n {n} link set lo up",
                            f"-n {n} addr add 10.0.{i}.2/24 dev {dev}", f"-n {n} link set {dev} up",
                            f"-n {n} route add default via 10.0.{i}.1"):
                r = sh("ip " + command)
                check("setting up", r.returncode == 0, command + r.stderr)

    def end(self):
        self.p.send_signal(signal.SIGINT)
        self.output += self.p.communicate(timeout=10)[0]
        return self.p.returncode


class Setns:
    """A thread in the network namespace of a host."""

    def __init__(self, host, work):
        def run():
            with open(f"/run/netns/{NETNS[host]}", "rb") as f:
                import ctypes
                ctypes.CDLL(None, use_errno=True).setns(f.fileno(), 0x40000000)
            self.result = work()
        self.result = None
        self.thread = threading.Thread(target=run, daemon=True)
        self.thread.start()

    def join(self):
        self.thread.join(60)
        return self.result


def serve(ready):
    with socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind(("10.0.1.2", 5001))
        s.listen(1)
        s.settimeout(20)
        ready.set()
        try:
            c, _ = s.accept()
        except TimeoutError:
            return None
        c.settimeout(20)
        h = hashlib.sha256()
        while d := c.recv(1 << 20):
            h.update(d)
        c.close()
        return h.hexdigest()


def transfer(data):
    with socket.create_connection(("10.0.1.2", 5001), timeout=20) as c:
        c.sendall(data)
        c.shutdown(socket.SHUT_WR)
        while c.recv(100):
            pass
    return True


def bulk(name, size):
    data, ready = os.urandom(size), threading.Event()
    server = Setns("h2", lambda: serve(ready))
    ready.wait(5)
    begin = time.monotonic()
    Setns("h1", lambda: transfer(data)).join()
    got = server.join()
    check(name, got == hashlib.sha256(data).hexdigest(), f"after {time.monotonic() - begin:.1f} s: {got}")
    print(f"{name}: {size * 8 / (time.monotonic() - begin) / 1e9:.2f} Gbit/s")


def plain():
    with tempfile.TemporaryDirectory() as captures:
        lab = Lab(LAB, "--pcap", captures, "--explain", "drops")
        r = in_host("h1", "ping -c 3 -i 0.2 -W 2 10.0.1.2")
        check("ping", " 0% packet loss" in r.stdout and "ttl=63" in r.stdout, r.stdout + r.stderr)
        r = in_host("h1", "ping -c 2 -i 0.2 -W 2 -s 3000 10.0.1.2")
        check("ping in fragments", " 0% packet loss" in r.stdout, r.stdout)
        r = in_host("h1", "ping -c 1 -W 2 -M do -s 1473 10.0.1.2")
        check("ping too big", "100% packet loss" in r.stdout or "too long" in r.stderr + r.stdout, r.stdout)
        r = in_host("h1", "traceroute -n -q 1 10.0.1.2")
        check("traceroute", re.search(r" 1  10\.0\.0\.1 .*\n 2  10\.0\.1\.2 ", r.stdout) is not None, r.stdout)
        sh(f"ip -n {NETNS['h1']} addr add 10.0.1.77/32 dev lo")
        in_host("h1", "ping -c 1 -W 1 -I 10.0.1.77 10.0.1.2")
        status = lab.end()
        check("ends on SIGINT", status == 0 and "live is down" in lab.output, f"{status} {lab.output[-300:]}")
        check("says why", "#" in lab.output and "dropped in ip_rcv_finish_core: IP_RPFILTER" in lab.output and
              "(net.ipv4.conf.all.rp_filter=1)" in lab.output, lab.output[-1000:])
        files = glob.glob(os.path.join(captures, "*"))
        check("capture", [os.path.basename(f) for f in files] == ["r1.pcapng"] and os.path.getsize(files[0]) > 2000, str(files))


def offload():
    lab = Lab(LAB)
    bulk("bulk TCP, large packets", 50 << 20)
    check("bulk ends", lab.end() == 0, lab.output)


def impaired():
    lab = Lab(LAB.replace('"host:sk0" ]', '"host:sk0" ]\n      delay: 20ms\n      rate: 50mbit'))
    r = in_host("h1", "ping -c 3 -i 0.2 -W 2 10.0.1.2")
    times = [float(t) for t in re.findall(r"time=([0-9.]+)", r.stdout)]
    check("delayed both ways", len(times) == 3 and 40 <= min(times) < 60, r.stdout)
    bulk("bulk TCP over a slow link", 2 << 20)
    check("impaired ends", lab.end() == 0, lab.output)


def busy():
    """A TAP that somebody holds, and a file that the stack refuses: status 1 and 2, with a sentence."""
    lab = Lab(LAB)
    with tempfile.NamedTemporaryFile("w", suffix=".yml") as f:
        f.write(LAB.replace("sk0", "sk8"))
        f.flush()
        sh(f"ip -n {NETNS['lab']} tuntap add dev sk1 mode tun")
        r = sh(f"ip netns exec {NETNS['lab']} {SKIFF} lab up --name other --for 1 {f.name}")
        check("a TAP that is none", r.returncode == 1 and f"{f.name}:" in r.stderr, f"{r.returncode} {r.stderr}")
        sh(f"ip -n {NETNS['lab']} tuntap del dev sk1 mode tun")
    check("goes on meanwhile", " 0% packet loss" in in_host("h1", "ping -c 1 -W 2 10.0.1.2").stdout)
    lab.end()


if os.geteuid() or not os.path.exists("/dev/net/tun"):
    print("skipped: needs root and /dev/net/tun")
    sys.exit(77)
try:
    if not make_namespaces():
        print("skipped: no network namespaces here")
        sys.exit(77)
    for part in (plain, offload, impaired, busy):
        part()
finally:
    remove_namespaces()
print(f"{len(PASSED)} passed, {len(FAILED)} failed")
sys.exit(1 if FAILED else 0)
