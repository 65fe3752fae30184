#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""bench/programs.py QUICK - what real programs do in a second over loopback, wherever this runs: on the kernel, or on a node.

Prints one JSON object: figure by name, all "more is better". QUICK: 1: short runs whose figures mean nothing. A program that is
not installed has no figure.
"""
import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

QUICK = sys.argv[1] == "1"
SECONDS = "1" if QUICK else "3"
MB = 1 << 20


def out(*argv, **kw):
    return subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True, timeout=120, text=True, **kw).stdout


@contextlib.contextmanager
def serving(port, *argv):
    p = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        end = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                if time.monotonic() > end or p.poll() is not None:
                    raise SystemExit(f"{argv[0]} does not answer")
                time.sleep(0.02)
        yield
    finally:
        p.send_signal(signal.SIGTERM)
        p.wait()


def nginx(directory):
    conf = os.path.join(directory, "nginx.conf")
    temp = "".join(f"{n}_temp_path {directory}/{n};" for n in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    with open(conf, "w") as f:
        f.write(f"worker_processes 2; daemon off; pid {directory}/pid; error_log /dev/null;\nevents {{ worker_connections 512; }}\n"
                f"http {{ access_log off; sendfile on; keepalive_requests 1000000; {temp} server {{ listen 8080; root {directory}; }} }}\n")
    with open(os.path.join(directory, "small"), "w") as f:
        f.write("x" * 600)
    with open(os.path.join(directory, "large"), "wb") as f:
        f.truncate((10 if QUICK else 300) * MB)
    figures = {}
    with serving(8080, "nginx", "-p", directory, "-e", "/dev/null", "-c", conf):
        for name, more in (("keepalive", []), ("connections", ["-H", "Connection: close"])):
            text = out("wrk", "-t1", "-c16", f"-d{SECONDS}s", *more, "http://127.0.0.1:8080/small")
            figures["nginx." + name] = float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1])
        speed = out("curl", "-sS", "-o", "/dev/null", "-w", "%{speed_download}", "http://127.0.0.1:8080/large")
        figures["curl"] = float(speed) / 1e6
    return figures


def redis(directory):
    figures = {}
    n = "2000" if QUICK else "50000"
    with serving(6379, "redis-server", "--save", "", "--dir", directory):
        for name, more in (("redis", []), ("redis.pipelined", ["-P", "16"])):
            text = out("redis-benchmark", "-q", "-n", n, "-t", "set,get", *more)
            rates = [float(r) for r in re.findall(r"([\d.]+) requests per second", text)]
            figures[name] = sum(rates) / len(rates)
    return figures


def iperf3(directory):
    # A connection that only looks whether it answers would count as a test.
    server = subprocess.Popen(["iperf3", "-s", "-1", "--forceflush"], stdout=subprocess.PIPE, text=True)
    for line in server.stdout:
        if "listening" in line:
            break
    end = json.loads(out("iperf3", "-J", "-t", SECONDS, "-c", "127.0.0.1"))["end"]
    server.stdout.read()
    server.wait()
    return {"iperf3": end["sum_received"]["bits_per_second"] / 1e9}


def main():
    figures = {}
    for needs, fn in ((("nginx", "wrk", "curl"), nginx), (("redis-server", "redis-benchmark"), redis), (("iperf3",), iperf3)):
        if all(shutil.which(p) for p in needs):
            with tempfile.TemporaryDirectory(prefix="skiff-bench-") as d:
                os.chmod(d, 0o755)
                figures.update(fn(d))
    print(json.dumps(figures))


main()
