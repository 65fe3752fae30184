#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""tests/run/programs.py SKIFF LAB.yml [NAME...] - real programs, unmodified, on the nodes of a lab.

Each test starts servers on the node "server" and clients on the node "client", and judges by content (hashes, numbers), not by
exit codes alone. On the lab "lossy" less data is sent. A program that is not installed is skipped, and named.
Status 0: all passed; 1: something failed; 77: nothing could be run.
"""
import contextlib
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
MB = 1 << 20


class Failed(Exception):
    pass


class Skipped(Exception):
    pass


def check(what, got, want):
    if got != want:
        raise Failed(f"{what}: {got!r}, should be {want!r}")


class Lab:
    """A running lab, and a directory for what programs serve."""

    def __init__(self, skiff, file):
        self.skiff = skiff
        self.name = os.path.basename(file)[:-4]
        self.lossy = self.name == "lossy"
        self.dir = tempfile.mkdtemp(prefix="skiff-programs-")
        os.chmod(self.dir, 0o755)
        subprocess.run([skiff, "lab", "up", "-d", file], check=True, timeout=60)
        self.size = 2 * MB if self.lossy else 100 * MB

    def command(self, node, argv):
        return [self.skiff, "exec", "--lab", self.name, node, "--", *map(str, argv)]

    def run(self, node, *argv, timeout=120, status=0, **kw):
        kw.setdefault("stdout", subprocess.PIPE)
        out = subprocess.run(self.command(node, argv), stderr=subprocess.PIPE, timeout=timeout, **kw)
        if status is not None and out.returncode != status:
            raise Failed(f"{argv[0]} on {node} ended with {out.returncode}: {out.stderr.decode(errors='replace')[-400:]}")
        return out

    @contextlib.contextmanager
    def server(self, *argv, port=None, says=None, node="server", **kw):
        """@argv on the node until the end of the block; @port: a TCP port that must answer first, @says: or words that it must write."""
        log = open(os.path.join(self.dir, "server.log"), "wb")
        p = subprocess.Popen(self.command(node, argv), stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, **kw)
        try:
            if port:
                self.wait_for(node, port, p)
            while says and says not in self.log() and p.poll() is None:
                time.sleep(0.02)
            yield p
        finally:
            p.send_signal(signal.SIGTERM)
            try:
                p.wait(20)
            except subprocess.TimeoutExpired:
                p.kill()
                p.wait()
            log.close()

    def wait_for(self, node, port, p):
        probe = ("import socket, sys, time\nend = time.monotonic() + 30\nwhile time.monotonic() < end:\n"
                 " try:\n  socket.create_connection(('127.0.0.1', int(sys.argv[1]))).close()\n  sys.exit(0)\n"
                 " except OSError:\n  time.sleep(0.05)\nsys.exit(1)")
        if subprocess.run(self.command(node, [sys.executable, "-S", "-c", probe, str(port)])).returncode or p.poll() is not None:
            raise Failed(f"nothing answers at port {port}: {self.log()[-400:]}")

    def log(self):
        with open(os.path.join(self.dir, "server.log"), errors="replace") as f:
            return f.read()

    def file(self, name, size):
        """A file of bytes that no two places share; its hash."""
        path = os.path.join(self.dir, name)
        digest = hashlib.sha256()
        with open(path, "wb") as f:
            for i in range(0, size, MB):
                block = hashlib.shake_128(f"{name} {i}".encode()).digest(min(MB, size - i))
                digest.update(block)
                f.write(block)
        return digest.hexdigest()

    def text(self, name, content, mode=0o644):
        path = os.path.join(self.dir, name)
        with open(path, "w") as f:
            f.write(content)
        os.chmod(path, mode)
        return path

    def close(self):
        subprocess.run([self.skiff, "lab", "down", "--lab", self.name], timeout=60)
        shutil.rmtree(self.dir, ignore_errors=True)


def need(*programs):
    for p in programs:
        if not shutil.which(p):
            raise Skipped(f"{p} is not installed")


def hash_of(stream):
    digest = hashlib.sha256()
    while block := stream.read(MB):
        digest.update(block)
    return digest.hexdigest()


def fetched(lab, *argv):
    """The hash of what a client writes to its standard output."""
    p = subprocess.Popen(lab.command("client", argv), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    got = hash_of(p.stdout)
    error = p.stderr.read().decode(errors="replace")
    if p.wait():
        raise Failed(f"{argv[0]} ended with {p.returncode}: {error[-400:]}")
    return got


# ---- the web

@contextlib.contextmanager
def nginx(lab, port=80, more=""):
    need("nginx")
    user = "user www-data;" if os.geteuid() == 0 else ""
    conf = lab.text("nginx.conf", f"""{user} worker_processes 2; daemon off; pid {lab.dir}/nginx.pid; error_log stderr;
events {{ worker_connections 512; }}
http {{ access_log off; sendfile on; client_body_temp_path {lab.dir}/b; proxy_temp_path {lab.dir}/p;
fastcgi_temp_path {lab.dir}/f; uwsgi_temp_path {lab.dir}/u; scgi_temp_path {lab.dir}/s;
server {{ listen {port}; root {lab.dir}; {more} }} }}
""")
    with lab.server("nginx", "-p", lab.dir, "-e", "stderr", "-c", conf, port=port) as p:
        yield p


def test_curl(lab):
    need("curl")
    want = lab.file("file", lab.size)
    with nginx(lab):
        check("curl by name", fetched(lab, "curl", "-sS", "http://server/file"), want)
        check("by address", fetched(lab, "curl", "-sS", "http://10.2.0.2/file"), want)
        check("refused", lab.run("client", "curl", "-sS", "http://server:81/", status=None).returncode, 7)
        check("no such name", lab.run("client", "curl", "-sS", "http://nobody.example/", status=None).returncode, 6)


def test_wget(lab):
    need("wget")
    want = lab.file("file", lab.size // 4)
    with nginx(lab):
        check("wget", fetched(lab, "wget", "-q", "-O", "-", "http://server/file"), want)


def test_busybox(lab):
    need("busybox")
    want = lab.file("file", lab.size // 4)
    with nginx(lab):
        check("static wget", fetched(lab, "busybox", "wget", "-q", "-O", "-", "http://10.2.0.2/file"), want)


def test_upload(lab):
    """nginx takes a body through its proxy to another server of its own: four sockets a request."""
    need("curl")
    want = lab.file("file", lab.size // 4)
    with nginx(lab, more="location /p/ { proxy_pass http://127.0.0.1:80/; }"):
        check("through the proxy", fetched(lab, "curl", "-sS", "http://server/p/file"), want)


def test_http_server(lab):
    want = lab.file("file", lab.size // 4)
    with lab.server(sys.executable, "-m", "http.server", "-d", lab.dir, "8000", port=8000):
        check("python's http.server", fetched(lab, "curl", "-sS", "http://server:8000/file"), want)


def test_asyncio(lab):
    program = os.path.join(HERE, "echo_asyncio.py")
    with lab.server(sys.executable, program, "serve", "7000", port=7000):
        out = lab.run("client", sys.executable, program, "ask", "server", "7000", "50" if lab.lossy else "500")
    check("asyncio", out.stdout.decode().split(), ["50" if lab.lossy else "500", "good"])


def test_go(lab):
    need("go")
    program = os.path.join(lab.dir, "prog")
    subprocess.run(["go", "build", "-o", program, os.path.join(HERE, "echo.go")], check=True, timeout=300,
                   env=dict(os.environ, CGO_ENABLED="0", GOFLAGS="-mod=mod", GO111MODULE="off", GOCACHE=lab.dir + "/gocache"))
    with lab.server(program, "serve", ":7001", port=7001):
        out = lab.run("client", program, "ask", "server:7001", str(lab.size // 10))
    check("go", out.stdout.decode().split()[-1], "good")


# ---- others

def test_redis(lab):
    need("redis-server", "redis-benchmark", "redis-cli")
    n = 200 if lab.lossy else 20000
    with lab.server("redis-server", "--port", "6379", "--bind", "0.0.0.0", "--protected-mode", "no", "--save", "", "--dir", lab.dir,
                    port=6379):
        out = lab.run("client", "redis-benchmark", "-h", "server", "-n", n, "-t", "set,get,incr", "-q").stdout.decode()
        check("rows of redis-benchmark", len(re.findall(r"requests per second", out)), 3)
        lab.run("client", "redis-cli", "-h", "server", "set", "k", "v" * 100000)
        got = lab.run("client", "redis-cli", "-h", "server", "get", "k").stdout
        check("a value", got.strip(), b"v" * 100000)
        check("counted", lab.run("client", "redis-cli", "-h", "server", "get", "counter:__rand_int__").stdout.strip(), str(n).encode())


def test_iperf3(lab):
    need("iperf3")
    with lab.server("iperf3", "-s", "--forceflush", says="listening"):
        for flags in ([], ["-R"], ["-P", "4"], ["-u", "-b", "20M"], ["-u", "-b", "20M", "-R"]):
            out = json.loads(lab.run("client", "iperf3", "-J", "-t", "1", "-c", "10.2.0.2", *flags).stdout)
            if "error" in out:
                raise Failed(f"iperf3 {flags}: {out['error']}")
            end = out["end"]
            if "-u" in flags:
                if end["sum"]["packets"] < 500 or end["sum"]["lost_percent"] > (5 if lab.lossy else 0.5):
                    raise Failed(f"iperf3 {flags}: {end['sum']}")
            elif end["sum_received"]["bytes"] < (100_000 if lab.lossy else 10 * MB):
                raise Failed(f"iperf3 {flags}: {end['sum_received']}")


def test_socat(lab):
    need("socat")
    want = lab.file("file", lab.size // 4)
    with lab.server("socat", "-U", "TCP-LISTEN:7002,reuseaddr,fork", f"OPEN:{lab.dir}/file", port=7002):
        check("socat", fetched(lab, "socat", "-u", "TCP:server:7002", "-"), want)


def test_netcat(lab):
    need("nc")
    want = lab.file("file", lab.size // 4)
    with lab.server("sh", "-c", f"nc -N -l 7003 <{lab.dir}/file"):
        for _ in range(100):
            got = lab.run("client", "nc", "-d", "10.2.0.2", "7003", status=None)
            if got.returncode == 0 and got.stdout:
                break
            time.sleep(0.05)
    check("nc", hashlib.sha256(got.stdout).hexdigest(), want)


def test_ping(lab):
    need("ping")
    out = lab.run("client", "ping", "-c", "5", "-i", "0.2", "server", status=None).stdout.decode()
    replies = re.findall(r"64 bytes from .*icmp_seq=(\d+) ttl=(\d+)", out)
    if len(replies) < (3 if lab.lossy else 5) or {ttl for _, ttl in replies} != {"63"}:
        raise Failed(out)


def test_traceroute(lab):
    need("traceroute")
    out = lab.run("client", "traceroute", "-n", "10.2.0.2").stdout.decode()
    hops = [line.split()[1] for line in out.splitlines()[1:]]
    check("hops", hops, ["10.1.0.1", "10.2.0.2"])


def test_dnsmasq(lab):
    need("dnsmasq", "dig")
    conf = lab.text("dnsmasq.conf", "no-resolv\nno-hosts\nno-daemon\nport=5353\naddress=/a.test/192.0.2.7\ntxt-record=t.test,\"hello there\"\n"
                    + ("user=root\n" if os.geteuid() == 0 else ""))
    with lab.server("dnsmasq", "-k", "-C", conf, port=5353):
        dig = ["dig", "@10.2.0.2", "-p", "5353", "+short", "+tries=5", "+timeout=2"]
        check("A", lab.run("client", *dig, "x.a.test").stdout.strip(), b"192.0.2.7")
        check("TXT over TCP", lab.run("client", *dig, "+tcp", "t.test", "TXT").stdout.strip(), b'"hello there"')


def test_ssh(lab):
    need("sshd", "ssh", "ssh-keygen")
    for name in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", f"{lab.dir}/{name}"], check=True)
    shutil.copy(f"{lab.dir}/user.pub", f"{lab.dir}/authorized")
    conf = lab.text("sshd.conf", f"Port 2222\nHostKey {lab.dir}/host\nAuthorizedKeysFile {lab.dir}/authorized\nUsePAM no\n"
                    f"StrictModes no\nPidFile none\nPasswordAuthentication no\nPermitRootLogin yes\n")
    if os.geteuid() == 0:
        os.makedirs("/run/sshd", exist_ok=True)
    want = lab.file("file", lab.size // 10)
    with lab.server(shutil.which("sshd"), "-D", "-e", "-f", conf, port=2222):
        ssh = ["ssh", "-p", "2222", "-i", f"{lab.dir}/user", "-o", "StrictHostKeyChecking=no", "-o", f"UserKnownHostsFile={lab.dir}/known",
               "-o", "BatchMode=yes", "server"]
        check("a command", lab.run("client", *ssh, "echo", "$((6*7))").stdout, b"42\n")
        check("a file", fetched(lab, *ssh, "cat", f"{lab.dir}/file"), want)
        with open(f"{lab.dir}/file", "rb") as f:
            out = lab.run("client", *ssh, "sha256sum", stdin=f)
        check("a file up", out.stdout.decode().split()[0], want)


def main():
    skiff, file, only = sys.argv[1], sys.argv[2], sys.argv[3:]
    tests = {n[5:]: f for n, f in globals().items() if n.startswith("test_") and (not only or n[5:] in only)}
    failed = skipped = 0
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp(prefix="skiff-run-"))
    lab = Lab(skiff, file)
    try:
        for name, fn in tests.items():
            start = time.monotonic()
            try:
                fn(lab)
                print(f"passed {name} ({time.monotonic() - start:.1f} s)", flush=True)
            except Skipped as e:
                skipped += 1
                print(f"skipped {name}: {e}", flush=True)
            except (Failed, OSError, subprocess.SubprocessError) as e:
                failed += 1
                print(f"FAILED {name}: {type(e).__name__} {e}", flush=True)
    finally:
        lab.close()
    print(f"{len(tests)} programs on {lab.name}, {failed} failed, {skipped} skipped")
    return 1 if failed else 77 if skipped == len(tests) else 0


if __name__ == "__main__":
    sys.exit(main())
