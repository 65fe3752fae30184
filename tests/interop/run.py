#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""tests/interop/run.py PEER [NAME ...] - TCP between skiff and the real kernel, over a TAP, in real time.

PEER is the program of tests/interop/peer.c: a skiff node at 10.7.0.2 that obeys. The kernel's end is this process, in a
network namespace of its own, at 10.7.0.1. Each test function below is one conversation; both ends check every byte.
Needs root and /dev/net/tun; without them it says so and is skipped (77).
"""
import ctypes
import os
import select
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

KERNEL, SKIFF = "10.7.0.1", "10.7.0.2"
PERIOD = 65521
TABLE = bytes((i * 2654435761 >> 24) & 0xFF for i in range(PERIOD))
TCP_MD5SIG, TCP_FASTOPEN, TCP_CONGESTION, TCP_INFO = 14, 23, 13, 11
MB = 1 << 20


class Failed(Exception):
    pass


class Skipped(Exception):
    pass


def pattern(off, n):
    start = off % PERIOD
    return (TABLE * (2 + n // PERIOD))[start:start + n]


def check(what, got, want):
    if got != want:
        raise Failed(f"{what}: {got!r}, not {want!r}")


# ---- the kernel's end

def ip(*words):
    subprocess.run(["ip", *words], check=True, stdout=subprocess.DEVNULL)


def sysctl(name, value):
    with open("/proc/sys/net/ipv4/" + name, "w") as f:
        f.write(str(value))


def kernel_send(sock, n, off=0):
    sock.sendall(pattern(off, n))


def kernel_recv(sock, n, off=0):
    """Until @n bytes or the end. Return: how many; every byte is checked."""
    done = 0
    while done < n:
        data = sock.recv(min(n - done, 1 << 18))
        if not data:
            break
        if data != pattern(off + done, len(data)):
            raise Failed(f"a byte after {off + done} is wrong at the kernel's end")
        done += len(data)
    return done


def in_background(fn, *args):
    """Run beside what follows. Return: a function that waits and gives the result."""
    box = {}

    def run():
        try:
            box["result"] = fn(*args)
        except Exception as e:  # handed to whoever waits
            box["error"] = e

    t = threading.Thread(target=run, daemon=True)
    t.start()

    def join():
        t.join(60)
        if "error" in box:
            raise box["error"]
        if "result" not in box:
            raise Failed("the kernel's end did not come to an end")
        return box["result"]
    return join


def kernel_socket(cc=None):
    s = socket.socket()
    s.settimeout(30)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if cc:
        s.setsockopt(socket.IPPROTO_TCP, TCP_CONGESTION, cc.encode())
    return s


def kernel_listen(port, cc=None):
    s = kernel_socket(cc)
    s.bind((KERNEL, port))
    s.listen(8)
    return s


def kernel_info(s):
    raw = s.getsockopt(socket.IPPROTO_TCP, TCP_INFO, 256)
    return {"state": raw[0], "options": raw[5], "retrans": struct.unpack_from("I", raw, 100)[0]}


def md5_key(addr, key):
    sa = struct.pack("HH4s120x", socket.AF_INET, 0, socket.inet_aton(addr))
    return sa + struct.pack("BBHi", 0, 0, len(key), 0) + key.ljust(80, b"\0")


# ---- skiff's end

class Peer:
    """A skiff node; a command that answers "error X" raises unless X is expected."""

    def __init__(self, program, link=""):
        self.dir = tempfile.mkdtemp()
        lab = os.path.join(self.dir, "lab.yml")
        with open(lab, "w") as f:
            f.write("name: interop\ntopology:\n  nodes:\n    s:\n      addrs: [ e0 10.7.0.2/24 ]\n"
                    "      services: [ http, iperf3, echo, discard, chargen ]\n"
                    f"  links:\n    - endpoints: [ \"s:e0\", \"host:skt0\" ]\n{link}")
        self.p = subprocess.Popen([program, lab, "s"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.read("ok up")
        ip("addr", "add", KERNEL + "/24", "dev", "skt0")
        ip("link", "set", "skt0", "up")

    def read(self, what):
        if not select.select([self.p.stdout], [], [], 60)[0]:
            raise Failed(f"skiff does not answer \"{what}\"")
        line = self.p.stdout.readline().strip()
        if not line.startswith("ok"):
            raise Failed(f"skiff, \"{what}\": {line or 'it has ended'}")
        return line[3:]

    def tell(self, command):
        self.p.stdin.write(command + "\n")
        self.p.stdin.flush()

    def __call__(self, command):
        self.tell(command)
        return self.read(command)

    def refuses(self, command, name):
        self.tell(command)
        if not select.select([self.p.stdout], [], [], 60)[0]:
            raise Failed(f"skiff does not answer \"{command}\"")
        check(command, self.p.stdout.readline().strip(), "error " + name)

    def info(self, slot):
        words = self(f"info {slot}").split()
        return {words[i]: int(words[i + 1]) for i in range(0, len(words), 2)}

    def close(self):
        self.p.stdin.close()
        try:
            check("skiff's exit status", self.p.wait(20), 0)
        finally:
            self.p.kill()
            shutil.rmtree(self.dir)


def skiff_listen(peer, slot, port):
    peer(f"socket {slot}")
    peer(f"bind {slot} {port}")
    peer(f"listen {slot}")


def kernel_to_skiff(peer, port, cc=None, prepare=None):
    """A connection that the kernel opens. Return: its socket; skiff's end is slot 1, the listener slot 0."""
    skiff_listen(peer, 0, port)
    s = kernel_socket(cc)
    if prepare:
        prepare(s)
    connected = in_background(s.connect, (SKIFF, port))
    peer("accept 0 1")
    connected()
    return s


def skiff_to_kernel(peer, port, cc=None, prepare=None):
    """A connection that skiff opens, slot 1. Return: the kernel's socket."""
    listener = kernel_listen(port, cc)
    if prepare:
        prepare(listener)
    accepted = in_background(listener.accept)
    peer("socket 1")
    peer(f"connect 1 {KERNEL} {port}")
    s, _ = accepted()
    s.settimeout(30)
    listener.close()
    return s


def both_ways(peer, s, n):
    """Each end sends @n bytes to the other, one after the other, then both close in order."""
    got = in_background(kernel_recv, s, n)
    check("sent by skiff", peer(f"send 1 {n}"), str(n))
    check("received by the kernel", got(), n)
    sent = in_background(kernel_send, s, n)
    check("received by skiff", peer(f"recv 1 {n}"), str(n))
    sent()


def end(peer, s):
    peer("shutdown 1")
    check("the kernel reads on", s.recv(1), b"")
    s.close()
    check("skiff reads on", peer("recv 1 1"), "0 eof")
    peer("close 1")


OPENERS = {"kernel opens": kernel_to_skiff, "skiff opens": skiff_to_kernel}


def each_way(peer, port, conversation, **how):
    for i, (name, opener) in enumerate(OPENERS.items()):
        try:
            s = opener(peer, port + i, **how)
            conversation(s)
        except Failed as e:
            raise Failed(f"{name}: {e}") from e
        if opener is kernel_to_skiff:
            peer("close 0")


# ---- conversations

def test_bulk(peer):
    def talk(s):
        both_ways(peer, s, 8 * MB)
        end(peer, s)
    each_way(peer, 2000, talk)


def test_congestion_controls(peer):
    with open("/proc/sys/net/ipv4/tcp_available_congestion_control") as f:
        kernel_has = f.read().split()
    for i, cc in enumerate(["reno", "cubic", "bbr", "dctcp"]):
        def talk(s, cc=cc):
            peer(f"text 1 6 {TCP_CONGESTION} {cc}")
            both_ways(peer, s, 2 * MB)
            end(peer, s)
        each_way(peer, 2100 + 2 * i, talk, cc=cc if cc in kernel_has else None)
        if cc not in kernel_has:
            print(f"  {cc}: the kernel lacks it, skiff alone used it")


def test_loss(peer):
    def talk(s):
        both_ways(peer, s, MB)
        info, kinfo = peer.info(1), kernel_info(s)
        check("SACK and time stamps were agreed", (info["options"] & 3, kinfo["options"] & 3), (3, 3))
        if not info["retrans"] or not kinfo["retrans"]:
            raise Failed(f"nothing was sent again: skiff {info['retrans']}, kernel {kinfo['retrans']}")
        end(peer, s)
    each_way(peer, 2200, talk)
test_loss.link = "      loss: 2%\n      delay: 5ms\n"


def test_reorder_and_duplicate(peer):
    def talk(s):
        both_ways(peer, s, MB)
        end(peer, s)
    each_way(peer, 2300, talk)
test_reorder_and_duplicate.link = "      delay: 3ms\n      reorder: 5%\n      duplicate: 2%\n      corrupt: 0.5%\n"


def test_without_options(peer):
    for i, (key, value) in enumerate([("tcp_timestamps", 0), ("tcp_sack", 0), ("tcp_window_scaling", 0)]):
        for who in ("kernel", "skiff"):
            if who == "kernel":
                sysctl(key, value)
            else:
                peer(f"sysctl net.ipv4.{key} {value}")

            def talk(s):
                both_ways(peer, s, MB)
                bit = {"tcp_timestamps": 1, "tcp_sack": 2, "tcp_window_scaling": 4}[key]
                check(f"{key} in TCP_INFO", (peer.info(1)["options"] & bit, kernel_info(s)["options"] & bit), (0, 0))
                end(peer, s)
            each_way(peer, 2400 + 4 * i + 2 * (who == "skiff"), talk)
            sysctl(key, 1)
            peer(f"sysctl net.ipv4.{key} 1")


def test_zero_window(peer):
    def talk(s):
        n = 16 * MB
        got = in_background(lambda: (time.sleep(3), kernel_recv(s, n))[1])
        check("sent by skiff to who does not read", peer(f"send 1 {n}"), str(n))
        check("received by the kernel", got(), n)
        sent = in_background(kernel_send, s, n)
        peer("wait 3000")
        check("received by skiff", peer(f"recv 1 {n}"), str(n))
        sent()
        end(peer, s)
    each_way(peer, 2500, talk)


def test_half_close(peer):
    def talk(s):
        peer("send 1 1000")
        peer("shutdown 1")
        check("the kernel's part", kernel_recv(s, 5000), 1000)
        kernel_send(s, 3 * MB // 10)
        s.shutdown(socket.SHUT_WR)
        check("skiff's part", peer(f"recv 1 {MB}"), f"{3 * MB // 10} eof")
        peer("close 1")
        s.close()
    each_way(peer, 2600, talk)


def test_reset(peer):
    def by_kernel(s):
        kernel_send(s, 100)
        check("first bytes", peer("recv 1 100"), "100")
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        s.close()
        peer("wait 100")
        peer.refuses("recv 1 1", "ECONNRESET")
        peer("close 1")

    def by_skiff(s):
        peer("reset 1")
        try:
            s.recv(1)
        except ConnectionResetError:
            s.close()
            return
        raise Failed("the kernel saw no reset")
    each_way(peer, 2700, by_kernel)
    each_way(peer, 2710, by_skiff)
    peer("socket 1")
    peer.refuses(f"connect 1 {KERNEL} 2799", "ECONNREFUSED")
    peer("close 1")
    with kernel_socket() as s:
        try:
            s.connect((SKIFF, 2799))
            raise Failed("the kernel connected to nobody")
        except ConnectionRefusedError:
            pass


def test_urgent(peer):
    def talk(s):
        peer("send 1 10")
        peer("oob 1 77")
        check("bytes before", kernel_recv(s, 10), 10)
        check("the kernel hears of it", select.select([], [], [s], 10)[2], [s])
        s.settimeout(None)  # with one, Python waits for ordinary bytes first
        check("urgent byte at the kernel", s.recv(1, socket.MSG_OOB), b"M")
        s.settimeout(30)
        kernel_send(s, 10)
        s.send(b"Z", socket.MSG_OOB)
        check("urgent byte at skiff", peer("recvoob 1"), str(ord("Z")))
        check("bytes before, at skiff", peer("recv 1 10"), "10")
        end(peer, s)
    each_way(peer, 2800, talk)


def test_md5(peer):
    key = b"correct-horse"

    def sign(s):
        s.setsockopt(socket.IPPROTO_TCP, TCP_MD5SIG, md5_key(SKIFF, key))
    try:
        with kernel_socket() as probe:
            sign(probe)
    except OSError as e:
        raise Skipped(f"this kernel has no TCP_MD5SIG ({e.strerror})") from e
    skiff_listen(peer, 0, 2900)
    peer(f"md5 0 {KERNEL} {key.decode()}")
    s = kernel_socket()
    sign(s)
    connected = in_background(s.connect, (SKIFF, 2900))
    peer("accept 0 1")
    connected()
    both_ways(peer, s, MB)
    end(peer, s)
    with kernel_socket() as plain:
        plain.settimeout(2)
        try:
            plain.connect((SKIFF, 2900))
            raise Failed("an unsigned connection was let in")
        except TimeoutError:
            pass
    listener = kernel_listen(2901)
    sign(listener)
    accepted = in_background(listener.accept)
    peer("socket 1")
    peer(f"md5 1 {KERNEL} {key.decode()}")
    peer(f"connect 1 {KERNEL} 2901")
    s, _ = accepted()
    both_ways(peer, s, MB)
    end(peer, s)
    peer("close 0")


def test_fast_open(peer):
    sysctl("tcp_fastopen", 3)
    peer("sysctl net.ipv4.tcp_fastopen 3")
    skiff_listen(peer, 0, 3000)
    peer(f"int 0 6 {TCP_FASTOPEN} 8")
    for i in range(2):  # the first asks for a cookie, the second uses it
        s = kernel_socket()
        s.settimeout(None)  # a socket that does not wait may not wait for the cookie either
        sent = in_background(lambda s=s: s.sendto(pattern(0, 500), socket.MSG_FASTOPEN, (SKIFF, 3000)))
        peer("accept 0 1")
        sent()
        check("first bytes", peer("recv 1 500"), "500")
        check("the SYN carried data", bool(kernel_info(s)["options"] & 32), i == 1)
        end(peer, s)
    peer("close 0")
    listener = kernel_listen(3001)
    listener.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN, 8)
    for i in range(2):
        peer("socket 1")
        accepted = in_background(listener.accept)
        peer(f"fast 1 {KERNEL} 3001 500")
        s, _ = accepted()
        check("first bytes", kernel_recv(s, 500), 500)
        peer("wait 100")  # they may have come before the handshake was over
        check("the SYN carried data", peer.info(1)["syn_data"], i)
        end(peer, s)


def test_ecn(peer):
    sysctl("tcp_ecn", 1)
    peer("sysctl net.ipv4.tcp_ecn 1")

    def talk(s):
        both_ways(peer, s, MB)
        check("ECN was agreed", (peer.info(1)["options"] & 8, kernel_info(s)["options"] & 8), (8, 8))
        end(peer, s)
    each_way(peer, 3100, talk)
    sysctl("tcp_ecn", 2)


def test_small_writes(peer):
    def talk(s):
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        peer("int 1 6 1 1")
        for i in range(300):
            s.sendall(pattern(i, 1))
            check("a byte at skiff", peer("recv 1 1"), "1")
            peer("send 1 1")
            check("a byte at the kernel", kernel_recv(s, 1, i), 1)
        end(peer, s)
    each_way(peer, 3200, talk)


def test_many(peer):
    skiff_listen(peer, 0, 3300)
    for i in range(100):
        s = kernel_socket()
        connected = in_background(s.connect, (SKIFF, 3300))
        peer("accept 0 1")
        connected()
        both_ways(peer, s, 1000)
        end(peer, s)
    peer("close 0")


def test_web_server(peer):
    for n in (0, 1, 100000, 20 * MB):
        out = subprocess.run(["curl", "-sS", "--max-time", "30", "-o", "/dev/null", "-w", "%{http_code} %{size_download}",
                              f"http://{SKIFF}/{n}"], capture_output=True, text=True)
        check(f"curl of {n} bytes", out.stdout + out.stderr, f"200 {n}")
    with tempfile.NamedTemporaryFile() as f:
        f.write(b"x" * 3000000)
        f.flush()
        out = subprocess.run(["curl", "-sS", "--max-time", "30", "-T", f.name, f"http://{SKIFF}/up"], capture_output=True,
                             text=True)
        check("curl upload", out.stdout + out.stderr, "3000000 bytes came\n")
test_web_server.tools = ["curl"]


def test_iperf3(peer):
    for flags in ([], ["-R"], ["-P", "4"], ["-P", "3", "-R"]):
        out = subprocess.run(["iperf3", "-c", SKIFF, "-t", "1", *flags], capture_output=True, text=True, timeout=30)
        if out.returncode:
            raise Failed(f"iperf3 {' '.join(flags)}: {out.stdout[-300:]}{out.stderr[-300:]}")
        last = [line for line in out.stdout.splitlines() if "receiver" in line][-1]
        print(f"  iperf3 {' '.join(flags)}: {' '.join(last.split())}")
test_iperf3.tools = ["iperf3"]


# ---- running them

def own_namespace():
    if os.geteuid() != 0:
        raise Skipped("needs root")
    if not os.path.exists("/dev/net/tun"):
        raise Skipped("there is no /dev/net/tun")
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(0x40000000):
        raise Skipped("no network namespace can be made: " + os.strerror(ctypes.get_errno()))
    ip("link", "set", "lo", "up")


def run(program, name, fn):
    for tool in getattr(fn, "tools", []):
        if not shutil.which(tool):
            raise Skipped(f"{tool} is not installed")
    peer = Peer(program, getattr(fn, "link", ""))
    try:
        fn(peer)
    except BaseException:
        peer.p.kill()
        raise
    peer.close()


def main():
    program, only = sys.argv[1], sys.argv[2:]
    tests = {n[5:]: f for n, f in globals().items() if n.startswith("test_") and (not only or n[5:] in only)}
    failed = 0
    try:
        own_namespace()
    except Skipped as e:
        print(f"skipped: {e}")
        return 77
    for name, fn in tests.items():
        start = time.monotonic()
        try:
            run(program, name, fn)
            print(f"passed {name} ({time.monotonic() - start:.1f} s)")
        except Skipped as e:
            print(f"skipped {name}: {e}")
        except (Failed, OSError, subprocess.SubprocessError) as e:
            failed += 1
            print(f"FAILED {name}: {type(e).__name__} {e}")
    print(f"{len(tests)} conversations, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
