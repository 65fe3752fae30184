#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""tests/lab/verbs.py SKIFF - labs as a service: up, down, status, inspect, exec, run, explain --live, capture, why, doctor.

Nothing here needs root. Labs keep their state in a folder of this test's own. Where programs can not be run (skiff doctor says so)
it skips (status 77).
"""
import json
import os
import pty
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

SKIFF = os.path.abspath(sys.argv[1])
TOP = tempfile.mkdtemp(prefix="skl", dir="/tmp")
os.chmod(TOP, 0o755)
RUNTIME = os.path.join(TOP, "run")
os.mkdir(RUNTIME, 0o700)
ENV = {**os.environ, "XDG_RUNTIME_DIR": RUNTIME}
PASSED, FAILED = [], []

NODES = """
topology:
  nodes:
    client: { addrs: { eth0: 10.0.0.2/24, lo: 10.0.1.77/32 }, routes: [ default via 10.0.0.1 ] }
    r1:
      addrs: [ e0 10.0.0.1/24, e1 10.0.1.1/24, lo 10.7.7.7/32 ]
      sysctls: { net.ipv4.ip_forward: 1, net.ipv4.conf.all.rp_filter: 1 }
    server:
      addrs: { eth0: 10.0.1.2/24 }
      routes: [ default via 10.0.1.1 ]
%s
  links:
    - endpoints: [ "client:eth0", "r1:e0" ]
    - endpoints: [ "r1:e1", "server:eth0" ]
"""
WEB = f"""
      exec: [ "mkdir -p {TOP}/web", [ sh, -c, "echo the page > {TOP}/web/page" ] ]
      run:
      - {{ cmd: [ python3, -u, -m, http.server, --bind, 10.0.1.2, "80" ], name: web, cwd: {TOP}/web, ready: {{ tcp: 80 }} }}
"""
GET = ("import socket,sys\n"
       "s = socket.create_connection((sys.argv[1], 80), timeout=5)\n"
       "s.sendall(b'GET /page HTTP/1.0\\r\\n\\r\\n')\n"
       "d = b''\n"
       "while b := s.recv(9999): d += b\n"
       "print(d.split(b'\\r\\n\\r\\n', 1)[1].decode(), end='')\n")


def check(name, good, why=""):
    (PASSED if good else FAILED).append(name)
    if not good:
        print(f"FAIL {name}: {why}", flush=True)


def skiff(*args, stdin=None, timeout=30, env=None):
    return subprocess.run([SKIFF, *args], input=stdin, capture_output=True, text=True, timeout=timeout, check=False,
                          env=env or ENV, cwd=TOP)


def write(name, text):
    path = os.path.join(TOP, name)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    return path


def lab(name, programs="", top=None):
    return write(name + ".yml", f"name: {name}\n" + (top or NODES) % programs)


def gone(pid, seconds=5):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            with open(f"/proc/{pid}/stat", encoding="ascii") as f:
                if f.read().rsplit(")", 1)[1].split()[0] == "Z":
                    return True
        except OSError:
            return True
        time.sleep(0.02)
    return False


def states():
    folder = os.path.join(RUNTIME, "skiff")
    return sorted(n for n in os.listdir(folder) if n[0] != ".") if os.path.isdir(folder) else []


def inspect(name):
    r = skiff("lab", "inspect", "--json", "--lab", name)
    return json.loads(r.stdout) if r.returncode == 0 else {"nodes": [], "why": r.stderr}


def programs_of(name, node):
    return {p["name"]: p for n in inspect(name)["nodes"] if n["node"] == node for p in n["programs"]}


# ---- one lab


def service():
    path = lab("alpha", WEB)
    r = skiff("lab", "up", "-d", path)
    check("up -d", r.returncode == 0 and "is up" in r.stdout, r.stderr)
    r = skiff("lab", "status")
    check("status", r.returncode == 0 and re.search(r"^alpha: ready, up \d+ s, pid \d+, .*alpha.yml$", r.stdout, re.M) and
          re.search(r"^  server   eth0 10.0.1.2/24 - r1:e1; web ready \(pid \d+\)$", r.stdout, re.M), r.stdout + r.stderr)
    full = inspect("alpha")
    server = next(n for n in full["nodes"] if n["node"] == "server")
    check("inspect", full["lab"] == "alpha" and full["state"] == "ready" and [p["state"] for p in server["programs"]] ==
          ["ended", "ended", "ready"] and server["devices"][1] ==
          {"name": "eth0", "peer": "r1:e1", "addrs": ["10.0.1.2/24"]}, str(full)[:1500])
    r = skiff("lab", "inspect")
    check("inspect as text", "10.0.1.2/24 - r1:e1" in r.stdout and "restarted" not in r.stdout and
          f"python3 -u -m http.server" in r.stdout, r.stdout)
    r = skiff("lab", "status", "--json")
    check("status as JSON", [a["lab"] for a in json.loads(r.stdout)] == ["alpha"], r.stdout)
    for name in ("10.0.1.2", "server", "SERVER.", "server.lab", "server.alpha"):
        r = skiff("exec", "client", "--", "python3", "-c", GET, name)
        check(f"a page by {name}", r.stdout == "the page\n", r.stdout + r.stderr)
    folder = os.path.join(RUNTIME, "skiff", "alpha")
    check("state is private", os.stat(folder).st_mode & 0o777 == 0o700 and
          os.stat(os.path.join(folder, "control")).st_mode & 0o077 == 0, str(os.listdir(folder)))
    with open(os.path.join(folder, "log"), encoding="utf-8") as f:
        log = f.read()
    check("the program's lines are in the log", re.search(r" info  server web: Serving HTTP on 10.0.1.2", log), log)
    pids = [full["pid"], server["programs"][2]["pid"]]
    r = skiff("lab", "down")
    check("down", r.returncode == 0 and r.stdout == "alpha is down\n", r.stdout + r.stderr)
    check("nothing is left", all(gone(p, 1) for p in pids) and states() == [], str(states()))
    r = skiff("lab", "status")
    check("nothing runs", r.returncode == 1 and r.stderr == "skiff: no lab runs\n", r.stderr)


def names():
    """Of several addresses the one on a common network, own names, no name."""
    code = "import socket,sys\nfor n in sys.argv[1:]:\n try: print(socket.gethostbyname(n))\n except OSError as e: print(e.errno)\n"
    skiff("lab", "up", "-d", lab("names"))
    r = skiff("exec", "client", "--", "python3", "-c", code, "r1", "server", "client", "localhost", "nosuch")
    check("names seen from the client", r.stdout.split() == ["10.0.0.1", "10.0.1.2", "10.0.0.2", "127.0.0.1", "-2"],
          r.stdout + r.stderr)
    r = skiff("exec", "server", "--", "python3", "-c", code, "r1", "client", "r1.lab", "r1.nolab")
    check("names seen from the server", r.stdout.split() == ["10.0.1.1", "10.0.0.2", "10.0.1.1", "-2"], r.stdout + r.stderr)
    skiff("lab", "down")


DNS = ("import socket\n"
       "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
       "s.bind(('10.0.1.2', 53))\n"
       "while True:\n"
       " q, a = s.recvfrom(4096)\n"
       " n = q.index(b'\\0', 12) + 5\n"
       " good = b'outside' in q and q[n-3] == 1\n"
       " s.sendto(q[:2] + (b'\\x81\\x80' if b'outside' in q else b'\\x81\\x83') + b'\\0\\1' + (b'\\0\\1' if good else b'\\0\\0') + b'\\0\\0\\0\\0' + q[12:n]"
       " + (b'\\xc0\\x0c\\0\\1\\0\\1\\0\\0\\0\\0\\0\\4\\xc0\\0\\2\\x37' if good else b''), a)\n")


def upstream():
    """Names that the lab does not know are asked of a name server on one of its nodes."""
    server = write("dns.py", DNS)
    for what in ("server", "10.0.1.2"):
        path = lab("up", f"      run: [ {{ cmd: python3 {server}, ready: {{ udp: 53 }} }} ]", f"upstream: {what}\n" + NODES)
        skiff("lab", "up", "-d", path)
        code = "import socket,sys\nfor n in sys.argv[1:]:\n try: print(socket.gethostbyname(n))\n except OSError as e: print(e.errno)\n"
        r = skiff("exec", "client", "--", "python3", "-c", code, "outside.example", "nosuch.example", "r1")
        check(f"upstream {what}", r.stdout.split() == ["192.0.2.55", "-2", "10.0.0.1"], r.stdout + r.stderr)
        r = skiff("exec", "server", "--", "python3", "-c", code, "outside.example", "r1")
        check(f"upstream {what} does not ask itself", r.stdout.split() == ["-2", "10.0.1.1"], r.stdout + r.stderr)
        skiff("lab", "down")


def executing():
    skiff("lab", "up", "-d", lab("exec"))
    r = skiff("exec", "client", "--", "sh", "-c", "echo $SKIFF_NODE $SKIFF_LAB; cat; exit 7", stdin="from outside\n")
    check("exec: status, input, environment", r.returncode == 7 and r.stdout == "client exec\nfrom outside\n",
          r.stdout + r.stderr)
    r = skiff("exec", "client", "--", "sh", "-c", "kill -USR1 $$")
    check("exec: a signal is a signal", r.returncode == -signal.SIGUSR1, str(r.returncode))
    p = subprocess.Popen([SKIFF, "exec", "client", "sleep", "60"], env=ENV)
    time.sleep(0.3)
    p.terminate()
    check("exec: it is the program itself", p.wait(5) == -signal.SIGTERM)
    for args, status, said in (
            (["client", "/nonexistent"], 127, "No such file"), (["client", "/etc/passwd"], 126, "Permission denied"),
            (["nosuch", "true"], 125, 'has no node "nosuch"; it has client, r1, server'),
            (["--lab", "nosuch", "client", "true"], 125, 'no lab "nosuch" runs'), (["client"], 125, "usage: skiff exec")):
        r = skiff("exec", *args)
        check(f"exec {args}", r.returncode == status and said in r.stderr, f"{r.returncode} {r.stderr}")
    r = skiff("exec", "--lab", "exec", "client", "--", "true")
    check("exec: --lab before the node", r.returncode == 0, r.stderr)
    r = skiff("exec", "client", "--lab", "exec", "--", "true")
    check("exec: --lab behind the node", r.returncode == 0, r.stderr)
    code = "import os\nprint(sorted(int(f) for f in os.listdir('/proc/self/fd'))[:-1])"
    with open("/etc/hostname", "rb") as f:
        os.set_inheritable(f.fileno(), True)
        r = subprocess.run([SKIFF, "exec", "client", "python3", "-c", code], env=ENV, close_fds=False, capture_output=True,
                           text=True, check=False)
    check("exec: descriptors stay outside", r.stdout == "[0, 1, 2]\n", r.stdout + r.stderr)
    asked = start("exec", "client", "sh", "-c", "trap 'echo asked; exit 3' HUP; echo on; while :; do sleep 0.05; done")
    deaf = start("exec", "client", "sh", "-c", "trap '' HUP; echo on; exec sleep 60")
    asked.stdout.readline(), deaf.stdout.readline()
    skiff("lab", "down")
    check("exec: the lab's end is a hang-up", asked.communicate(timeout=5)[0] == "asked\n" and asked.returncode == 3)
    check("exec: who ignores it is killed", deaf.wait(5) == -signal.SIGKILL, str(deaf.returncode))


# ---- programs


def trouble():
    """What keeps a lab from coming up ends it, with place and reason; nothing is left."""
    for name, programs, said in (
            ("fails", "      exec: [ 'true', \"sh -c 'echo ouch; exit 3'\" ]", "5:23: node server, sh: ended with status 3; its last words: ouch"),
            ("missing", "      run: [ /nonexistent ]", "node server, nonexistent: /nonexistent: No such file"),
            ("dies", "      run: [ 'sh -c \"exit 4\"' ]", "node server, sh: ended with status 4"),
            ("late", "      run: [ { cmd: sleep 60, ready: { tcp: 80, within: 300ms } } ]", "sleep: not ready after 0.3 s"),
            ("folder", "      run: [ { cmd: sleep 60, cwd: /nonexistent } ]", "/nonexistent: No such file"),
            ("again", "      run: [ { cmd: 'false', restart: always, ready: { tcp: 80, within: 300ms } } ]", "false: ended with status 1")):
        # The line where the server's programs stand.
        r = skiff("lab", "up", "-d", lab("bad", programs))
        check(f"up: {name}", r.returncode == 1 and said.replace("5:23", "12:23") in r.stderr, f"{r.returncode} {r.stderr}")
        r = skiff("lab", "up", "--for", "20", lab("bad", programs))
        check(f"up in the foreground: {name}", r.returncode == 1 and said.split(": ", 1)[1] in r.stderr, f"{r.returncode} {r.stderr}")
    check("nothing is left of them", states() == [], str(states()))


def readiness():
    udp = "import socket,time\\ns=socket.socket(socket.AF_INET,socket.SOCK_DGRAM)\\ntime.sleep(.3)\\ns.bind(('0.0.0.0',53))\\ntime.sleep(60)"
    path = lab("ready", f"""
      run:
      - {{ cmd: [ python3, -c, "{udp}" ], name: udp, ready: {{ udp: 53 }} }}
      - {{ cmd: [ sh, -c, "sleep 0.3; echo now it is READY; sleep 60" ], name: log, ready: {{ log: "READY$" }} }}
      - {{ cmd: [ sh, -c, "sleep 0.3; touch {TOP}/flag; sleep 60" ], name: cmd, ready: {{ cmd: test -e {TOP}/flag }} }}
      - {{ cmd: "true", name: once }}
""")
    begin = time.monotonic()
    r = skiff("lab", "up", "-d", path)
    took = time.monotonic() - begin
    got = {n: p["state"] for n, p in programs_of("ready", "server").items()}
    check("ready by port, line and command", r.returncode == 0 and took > 0.3 and
          got == {"udp": "ready", "log": "ready", "cmd": "ready", "once": "ended"}, f"{r.stderr} {got} {took}")
    skiff("lab", "down")


def restarts():
    count = os.path.join(TOP, "count")
    path = lab("restart", f"""
      run:
      - {{ cmd: [ sh, -c, "echo x >> {count}; test $(wc -l < {count}) -ge 3 || exit 1; sleep 60" ], name: up, restart: on-failure, ready: {{ log: x }} }}
""".replace("sleep 60", "echo x; sleep 60"))
    r = skiff("lab", "up", "-d", path)
    p = programs_of("restart", "server").get("up", {})
    check("restarted until it works", r.returncode == 0 and p.get("restarts") == 2 and p["state"] == "ready", f"{r.stderr} {p}")
    os.kill(p["pid"], signal.SIGKILL)
    end = time.monotonic() + 5
    while programs_of("restart", "server")["up"]["restarts"] < 3 and time.monotonic() < end:
        time.sleep(0.05)
    check("restarted when it is killed", programs_of("restart", "server")["up"]["restarts"] == 3)
    skiff("lab", "down")


def endings():
    """Programs are asked to end, then killed, and so is what they left behind."""
    done, daemon, stubborn = (os.path.join(TOP, n) for n in ("done", "daemon", "stubborn"))
    path = lab("end", f"""
      exec: [ [ sh, -c, "setsid sleep 300 > /dev/null 2>&1 & echo $! > {daemon}" ] ]
      run:
      - [ sh, -c, "trap 'echo asked > {done}; exit' TERM; sleep 300 & wait" ]
      - [ sh, -c, "trap '' TERM; echo $$ > {stubborn}; while :; do sleep 1; done" ]
""")
    r = skiff("lab", "up", "-d", path)
    pids = [int(open(f, encoding="ascii").read()) for f in (daemon, stubborn)]
    check("they run", r.returncode == 0 and not any(gone(p, 0.01) for p in pids), r.stderr)
    begin = time.monotonic()
    skiff("lab", "down")
    took = time.monotonic() - begin
    check("asked first", open(done, encoding="ascii").read() == "asked\n")
    check("then killed", 4.5 < took < 9 and all(gone(p, 1) for p in pids), f"{took} {[gone(p, 0.01) for p in pids]}")


def unwanted():
    """Who waits for -d and goes away takes the lab along."""
    p = start("lab", "up", "-d", lab("unwanted", "      run: [ { cmd: [ sh, -c, 'sleep 1; echo ready; sleep 60' ], ready: { log: ready } } ]"))
    time.sleep(0.4)
    check("it comes up", states() == ["unwanted"], str(states()))
    p.kill()
    p.wait()
    end = time.monotonic() + 10
    while states() and time.monotonic() < end:
        time.sleep(0.1)
    check("nobody wants it", states() == [], str(states()))


def foreground():
    p = subprocess.Popen([SKIFF, "lab", "up", lab("fg", WEB)], env=ENV, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    lines = [p.stdout.readline() for _ in range(4)]
    check("a status line a node", lines[0] == "fg is up, 3 nodes; Ctrl-C ends it\n" and "web ready (pid" in lines[3], str(lines))
    r = skiff("lab", "up", "-d", lab("fg", WEB))
    check("the same name twice", r.returncode == 1 and 'a lab "fg" runs already; --name' in r.stderr, r.stderr)
    r = skiff("lab", "up", "-d", "--name", "other", lab("fg", ""))
    check("under another name", r.returncode == 0, r.stderr)
    r = skiff("lab", "inspect")
    check("several: named", r.returncode == 1 and r.stderr == "skiff: several labs run; --lab says which: fg, other\n", r.stderr)
    for verb in (["exec", "client", "true"], ["why", "client"], ["capture", "client", "-w", "x"], ["lab", "down"],
                 ["explain", "--live", "client"]):
        r = skiff(*verb)
        check(f"several: {verb}", r.returncode in (1, 125) and "--lab says which" in r.stderr, r.stderr)
    r = skiff("lab", "status")
    check("status shows all", [l.split(":")[0] for l in r.stdout.splitlines() if l[0] != " "] == ["fg", "other"], r.stdout)
    r = skiff("lab", "down", "--lab", "other")
    check("down of one", r.returncode == 0 and states() == ["fg"], r.stderr)
    p.send_signal(signal.SIGINT)
    out, err = p.communicate(timeout=10)
    check("ends on SIGINT", p.returncode == 0 and "fg is down" in out and "server web: Serving HTTP" in err, f"{p.returncode} {out} {err}")


def stale():
    skiff("lab", "up", "-d", lab("stale"))
    pid = inspect("stale")["pid"]
    p = subprocess.Popen([SKIFF, "exec", "client", "sleep", "300"], env=ENV)
    time.sleep(0.2)
    os.kill(pid, signal.SIGKILL)
    check("killed", gone(pid))
    p.kill()
    p.wait()
    check("its state is there", states() == ["stale"], str(states()))
    r = skiff("lab", "status")
    check("a killed lab does not run", r.returncode == 1 and r.stderr == "skiff: no lab runs\n" and states() == [], f"{r.stderr} {states()}")
    skiff("lab", "up", "-d", lab("stale"))
    os.kill(inspect("stale")["pid"], signal.SIGKILL)
    time.sleep(0.2)
    r = skiff("lab", "up", "-d", lab("stale"))
    check("up again over stale state", r.returncode == 0, r.stderr)
    skiff("lab", "down")
    bad = os.path.join(TOP, "bad")
    os.makedirs(os.path.join(bad, "skiff"), exist_ok=True)
    os.chmod(os.path.join(bad, "skiff"), 0o755)
    r = skiff("lab", "up", "-d", lab("stale"), env={**ENV, "XDG_RUNTIME_DIR": bad})
    check("a folder that others can read", r.returncode == 1 and "must be yours, with mode 0700" in r.stderr, r.stderr)


# ---- run


def running():
    for args, status in ((["true"], 0), (["sh", "-c", "exit 9"], 9), (["--", "sh", "-c", "kill -TERM $$"], -15), (["/nonexistent"], 127),
                         (["/etc/passwd"], 126), ([], 125), (["--addr", "10.0.0.300/8", "true"], 125), (["--node", "x", "true"], 125)):
        r = skiff("run", *args)
        check(f"run {args}", r.returncode == status, f"{r.returncode} {r.stderr}")
    code = ("import socket\n"
            "l = socket.create_server(('10.1.2.3', 99))\n"
            "c = socket.create_connection(('10.1.2.3', 99))\n"
            "print(l.accept()[1][0], c.getsockname()[0])\n"
            "try: socket.create_connection(('192.0.2.1', 9), timeout=3)\n"
            "except OSError as e: print(e.errno)\n")
    r = skiff("run", "--addr", "10.1.2.3/32", "python3", "-c", code)
    check("run --addr", r.stdout == "10.1.2.3 10.1.2.3\n101\n", r.stdout + r.stderr)
    r = skiff("run", "-f", lab("around", WEB), "--node", "client", "--", "python3", "-c", GET, "server")
    check("run -f --node", r.returncode == 0 and r.stdout == "the page\n", r.stdout + r.stderr)
    r = skiff("run", "-f", lab("around", WEB), "--node", "nosuch", "true")
    check("run: no such node", r.returncode == 125 and 'has no node "nosuch"' in r.stderr, r.stderr)
    p = subprocess.Popen([SKIFF, "run", "sh", "-c", "trap 'exit 33' TERM; echo on; sleep 60 & wait"], env=ENV, stdout=subprocess.PIPE)
    p.stdout.readline()
    p.terminate()
    check("run: SIGTERM is handed on", p.wait(10) == 33, str(p.returncode))
    p = subprocess.Popen([SKIFF, "run", "sh", "-c", "trap 'exit 33' INT; echo on; while :; do sleep 0.1; done"], env=ENV, stdout=subprocess.PIPE)
    p.stdout.readline()
    p.send_signal(signal.SIGINT)
    time.sleep(0.5)
    check("run: SIGINT is the terminal's business", p.poll() is None)
    p.terminate()
    p.wait(10)
    for sig, status in ((signal.SIGHUP, -signal.SIGHUP), (signal.SIGQUIT, None)):
        p = subprocess.Popen([SKIFF, "run", "sh", "-c", "echo on; sleep 60"], env=ENV, stdout=subprocess.PIPE)
        p.stdout.readline()
        p.send_signal(sig)
        try:
            got = p.wait(5 if status else 0.5)
        except subprocess.TimeoutExpired:
            got = None
        check(f"run: {sig.name}", got == status, str(got))
        p.terminate()
        p.wait(10)
    with open("/etc/hostname", "rb") as f:
        text = f.read().decode()
        f.seek(0)
        r = subprocess.run([SKIFF, "run", "--keep", str(f.fileno()), "sh", "-c", f"cat <&{f.fileno()}"], env=ENV, pass_fds=[f.fileno()],
                           capture_output=True, text=True, check=False)
    check("run --keep", r.stdout == text, r.stderr)
    r = skiff("run", "--keep", "77", "true")
    check("run --keep of what is not there", r.returncode == 125 and "no such descriptor" in r.stderr, r.stderr)
    path = os.path.join(TOP, "sock")
    code = f"import socket\ns=socket.socket(socket.AF_UNIX)\ntry: s.connect({path!r}); print(s.recv(9))\nexcept OSError as e: print(e.errno)"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen(5)
        os.chmod(path, 0o777)
        r = skiff("run", "python3", "-c", code)
        check("run: no socket of the host", r.stdout in ("13\n", "111\n"), r.stdout + r.stderr)
        p = subprocess.Popen([SKIFF, "run", "--allow-unix", path, "python3", "-c", code], env=ENV, stdout=subprocess.PIPE, text=True)
        listener.settimeout(5)
        try:
            c, _ = listener.accept()
            c.sendall(b"hello")
        except TimeoutError:
            pass
        check("run --allow-unix", p.communicate(timeout=10)[0] == "b'hello'\n")
    check("run leaves nothing", states() == [], str(states()))


class Terminal:
    """An interactive shell on a terminal of its own."""

    def __init__(self):
        self.pid, self.fd = pty.fork()
        if not self.pid:
            os.execvpe("bash", ["bash", "--norc", "--noprofile", "-i"], {**ENV, "PS1": "> ", "TERM": "dumb"})
        self.text = ""

    def type(self, keys):
        self.text = ""
        os.write(self.fd, keys.encode())

    def until(self, pattern, seconds=10):
        end = time.monotonic() + seconds
        while not re.search(pattern, self.text):
            if not select.select([self.fd], [], [], max(0, end - time.monotonic()))[0]:
                return False
            try:
                self.text += os.read(self.fd, 4096).decode(errors="replace")
            except OSError:
                return False
        return True

    def end(self):
        os.close(self.fd)
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


def terminal():
    """Job control: stopped, continued, interrupted, as without us."""
    skiff("lab", "up", "-d", lab("tty"))
    for verb in ("run", "exec client"):
        t = Terminal()
        t.until("> ")
        t.type(f"{SKIFF} {verb} sh -c 'test -t 0 && echo a terminal; sleep 60'\n")
        check(f"{verb}: has the terminal", t.until(r"\na terminal"), t.text)
        time.sleep(0.3)
        t.type("\x1a")
        check(f"{verb}: stopped by Ctrl-Z", t.until("Stopped"), t.text)
        t.type("jobs\n")
        check(f"{verb}: is a job", t.until(r"Stopped .*sleep 60") and t.until("> $"), t.text)
        t.type("fg\n")
        check(f"{verb}: continued", t.until("sleep 60"), t.text)
        time.sleep(0.5)
        t.type("\x03")
        check(f"{verb}: interrupted by Ctrl-C", t.until("> $"), t.text)
        t.type("echo status $?\n")
        check(f"{verb}: as the shell says it", t.until("status 130"), t.text)
        t.end()
    skiff("lab", "down")


# ---- looking


def blocks(path):
    """Of a pcapng file: interface names, and [interface, direction, comment] of each packet."""
    with open(path, "rb") as f:
        data = f.read()
    names, packets, at = [], [], 0
    while at + 12 <= len(data):
        kind, size = struct.unpack_from("<II", data, at)
        body = data[at + 8:at + size - 4]
        fixed = {1: 8, 6: 20 + ((struct.unpack_from("<I", body, 12)[0] + 3) & ~3) if kind == 6 else 0}.get(kind)
        options, o = {}, fixed
        while fixed and o + 4 <= len(body):
            code, n = struct.unpack_from("<HH", body, o)
            options[code] = body[o + 4:o + 4 + n]
            o += 4 + ((n + 3) & ~3)
        if kind == 1:
            names.append(options[2].decode())
        if kind == 6:
            packets.append((names[struct.unpack_from("<I", body, 0)[0]], struct.unpack("<I", options[2])[0], options.get(1, b"").decode()))
        at += size
    return names, packets


def start(*args):
    return subprocess.Popen([SKIFF, *args], env=ENV, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=TOP)


def following():
    skiff("lab", "up", "-d", lab("follow", WEB))
    page = ("exec", "client", "python3", "-c", GET, "10.0.1.2")
    line = start("explain", "--live", "-c", "3", "r1", "tcp", "port", "80")
    journey = start("explain", "--live", "-v", "-c", "1", "client", "tcp port 80")
    data = start("explain", "--live", "--json", "-c", "1", "server", "tcp port 80")
    both, one = start("capture", "r1", "-w", "both.pcapng"), start("capture", "r1:e1", "-w", "one.pcapng", "-c", "2", "tcp port 80")
    time.sleep(0.5)
    skiff(*page)
    out = line.communicate(timeout=10)[0].splitlines()
    check("live: one line a packet", len(out) == 3 and re.fullmatch(
        r"\d\d:\d\d:\d\d\.\d{6} r1 e0 > e1: 10\.0\.0\.2:\d+ > 10\.0\.1\.2:80 tcp syn ttl 64 df len \d+: forwarded out of e1", out[0]), str(out))
    out = journey.communicate(timeout=10)[0]
    check("live: the whole journey of what a node sends", "hook    LOCAL_OUT: accept" in out and "out     eth0: " in out and
          "\nsent out of eth0\n" in out, out)
    j = json.loads(data.communicate(timeout=10)[0])
    check("live: as JSON", j["node"] == "server" and j["fate"] == "delivered", str(j)[:300])
    time.sleep(0.3)
    both.send_signal(signal.SIGINT)
    err = both.communicate(timeout=10)[1]
    check("capture ends on SIGINT", both.returncode == 0, err)
    interfaces, packets = blocks(os.path.join(TOP, "both.pcapng"))
    check("capture: interfaces and directions", sorted(interfaces) == ["r1:e0", "r1:e1"] and
          {(i, d) for i, d, _ in packets} == {("r1:e0", 1), ("r1:e0", 2), ("r1:e1", 1), ("r1:e1", 2)}, f"{interfaces} {packets[:4]}")
    check("capture: verdicts", ("r1:e0", 1, "forwarded out of e1") in packets, str(packets[:4]))
    one.communicate(timeout=10)
    interfaces, packets = blocks(os.path.join(TOP, "one.pcapng"))
    check("capture of one device, so many", interfaces == ["r1:e1"] and len(packets) == 2 and one.returncode == 0, f"{interfaces} {packets}")
    for args, status, said in ((["explain", "--live", "r1", "tcp port nonsense"], 2, 'filter "tcp port nonsense"'),
                               (["capture", "r1:e7", "-w", "x"], 1, 'node r1 has no device "e7"'),
                               (["capture", "nosuch", "-w", "x"], 1, 'has no node "nosuch"'), (["capture", "r1"], 2, "usage: skiff capture"),
                               (["why", "nosuch"], 1, 'has no node "nosuch"')):
        r = skiff(*args)
        check(f"{args}", r.returncode == status and said in r.stderr, f"{r.returncode} {r.stderr}")
    skiff("lab", "down")


def asking_why():
    skiff("lab", "up", "-d", lab("why"))
    r = skiff("why", "r1")
    check("why: nothing", r.stdout == "r1 dropped nothing\n", r.stdout + r.stderr)
    code = ("import socket\n"
            "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
            "for i in range(3): s.sendto(b'x', ('10.9.9.9', 7))\n"
            "t = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
            "t.bind(('10.0.1.77', 5000))\n"
            "for i in range(5): t.sendto(b'x', ('10.0.1.2', 9))\n")
    r = skiff("exec", "client", "python3", "-c", code)
    time.sleep(0.2)
    w = skiff("why", "r1", "--json")
    got = json.loads(w.stdout)
    groups = [(g["count"], g["reason"], g["setting"], g["flow"], g["dev"]) for g in got["groups"]]
    check("why: reason, setting and flow, the most frequent first", got["total"] == 8 and groups == [
        (5, "IP_RPFILTER", "net.ipv4.conf.all.rp_filter=1", "10.0.1.77 > 10.0.1.2:9 udp", "e0"),
        (3, "IP_INNOROUTES", "", "10.0.0.2 > 10.9.9.9:7 udp", "e0")], f"{r.stderr} {w.stdout}")
    w = skiff("why", "r1")
    check("why: as text", re.search(r"^     5  IP_RPFILTER in \w+, net.ipv4.conf.all.rp_filter=1: the way back .*\n"
                                    r"        10.0.1.77 > 10.0.1.2:9 udp, e0; the last one \d+\.\d s ago$", w.stdout, re.M), w.stdout)
    skiff("lab", "down")


def nonsense():
    """Whatever comes over the control socket, the lab goes on and answers with a sentence."""
    skiff("lab", "up", "-d", lab("odd"))
    path = os.path.join(RUNTIME, "skiff", "odd", "control")

    def say(*messages):
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as c:
            c.connect(path)
            c.settimeout(5)
            answers = []
            for m in messages:
                try:
                    c.sendall(m)
                    answers.append(json.loads(c.recv(1 << 20)))
                except (OSError, ValueError) as e:
                    answers.append({"gone": str(e)})
            return answers

    for message, said in ((b"x", "not understood"), (b"[]", "not understood"), (b"{}", 'no request ""'), (b'{"do": 3}', 'no request ""'),
                          (b'{"do": "x"}', 'no request "x"'), (b'{"do": "why"}', 'no node ""'), (b'{"do": "exec", "node": []}', 'no node ""'),
                          (b'{"do": "capture", "node": "r1", "dev": "' + b"d" * 999 + b'"}', "has no device"),
                          (b'{"do": "explain", "node": "r1", "filter": [[1, 2, 3, 4]]}', "no valid program"),
                          (b'{"do": "explain", "node": "r1", "filter": [7]}', "no valid program"),
                          (b'{"do": "explain", "node": "r1", "filter": ' + json.dumps([[6, 0, 0, 1]] * 5000).encode() + b"}", "")):
        got = say(message)[0]
        check(f"{message[:60]}", said in got.get("error", ""), str(got))
    for number in (b"-1", b"0", b"999", b"x", b""):
        got = say(b'{"do": "exec", "node": "r1"}', number or b" ")
        check(f"adopt {number}", got[0].get("ready") and ("can not be taken in" in got[1].get("error", "") or "gone" in got[1]), str(got))
    many = []
    for _ in range(40):
        c = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        c.connect(path)
        c.sendall(b'{"do": "explain", "node": "r1", "verbose": true}')
        many.append(c)
    skiff("exec", "client", "python3", "-c", "import socket\ns=socket.socket(socket.AF_INET,socket.SOCK_DGRAM)\n"
          "for i in range(300): s.sendto(b'x' * 1000, ('10.0.1.2', 9))")
    for c in many:
        c.close()
    r = skiff("lab", "status")
    check("it goes on", r.returncode == 0 and "odd: ready" in r.stdout, r.stdout + r.stderr)
    r = skiff("exec", "client", "true")
    check("and takes programs in", r.returncode == 0, r.stderr)
    skiff("lab", "down")


def logs():
    path = lab("logs", "      run: [ [ sh, -c, 'echo \"a \\\"b\\\"\"; sleep 60' ] ]")
    r = skiff("lab", "up", "--for", "0.5", "--log-format", "json", path)
    lines = [json.loads(l) for l in r.stderr.splitlines()]
    check("log as JSON", any(l["node"] == "server" and l["program"] == "sh" and l["level"] == "info" and l["message"] == 'a "b"'
                             for l in lines), r.stderr)
    r = skiff("lab", "up", "--for", "0.5", "--log-level", "error", path)
    check("log level", r.returncode == 0 and r.stderr == "", r.stderr)
    r = skiff("lab", "up", "--for", "0.5", "--log-file", "the.log", path)
    with open(os.path.join(TOP, "the.log"), encoding="utf-8") as f:
        text = f.read()
    check("log file", r.stderr == "" and re.search(r"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z info  server sh: a \"b\"$", text, re.M), text)
    r = skiff("lab", "up", "--log-level", "loud", path)
    check("log level that is none", r.returncode == 2 and "it is error, warn, info or debug" in r.stderr, r.stderr)


LOSSY = """
topology:
  nodes:
    a: { addrs: { e0: 10.0.0.1/24 }, neigh: [ "10.0.0.2 lladdr 02:00:00:00:02:01 dev e0" ] }
    b: { addrs: { e0: 10.0.0.2/24 }, neigh: [ "10.0.0.1 lladdr 02:00:00:00:01:01 dev e0" ] }
  links: [ { endpoints: [ "a:e0", "b:e0" ], from: { "a:e0": { loss: 40%%%s } } } ]
"""
# Numbered datagrams, and which of them arrive.
PROBE = ("import socket,sys,time\n"
         "if sys.argv[1] == 'send':\n"
         " s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
         " for i in range(40): s.sendto(b'%d' % i, ('10.0.0.2', 9)); time.sleep(.002)\n"
         "else:\n"
         " s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(('', 9)); s.settimeout(1)\n"
         " got = []\n"
         " print('on', flush=True)\n"
         " try:\n"
         "  while 1: got.append(s.recv(9).decode())\n"
         " except OSError: print(*got)\n")


def losses(*options, text=LOSSY % ""):
    skiff("lab", "up", "-d", *options, write("lossy.yml", "name: lossy\n" + text))
    p = subprocess.Popen([SKIFF, "exec", "b", "python3", "-c", PROBE, "recv"], env=ENV, stdout=subprocess.PIPE, text=True)
    p.stdout.readline()
    skiff("exec", "a", "python3", "-c", PROBE, "send")
    got = p.communicate(timeout=10)[0].split()
    skiff("lab", "down")
    return got


def seeds():
    a, b, c = losses("--seed", "1"), losses("--seed", "1"), losses("--seed", "2")
    check("the same seed, the same losses", a == b and 8 <= len(a) <= 36, f"{a} {b}")
    check("another seed, other losses", a != c, str(a))
    fixed = LOSSY % ", seed: 5"
    a, b = losses("--seed", "1", text=fixed), losses("--seed", "2", text=fixed)
    check("the file's own seed counts", a == b and a, f"{a} {b}")


def captures():
    folder = os.path.join(TOP, "pcaps")
    p = start("lab", "up", "--pcap", folder, lab("pcap", WEB))
    for _ in range(4):
        p.stdout.readline()
    skiff("exec", "client", "python3", "-c", GET, "server")
    p.send_signal(signal.SIGTERM)
    p.communicate(timeout=10)
    files = sorted(os.listdir(folder))
    _, packets = blocks(os.path.join(folder, "client.pcapng"))
    check("every link is recorded, at both ends", files == ["client.pcapng", "r1.pcapng", "server.pcapng"] and
          ("client:eth0", 2, "sent out of eth0") in packets and any(q[:2] == ("client:eth0", 1) for q in packets), f"{files} {packets[:5]}")


try:
    doctor = skiff("doctor")
    if doctor.returncode:
        print(f"skipped: programs can not be run here\n{doctor.stdout}")
        sys.exit(77)
    check("doctor", "yes  seccomp user notification" in doctor.stdout and
          doctor.stdout.endswith("Programs can run on nodes here.\n"), doctor.stdout)
    parts = [service, names, upstream, executing, trouble, readiness, restarts, endings, unwanted, foreground, stale, running, terminal, following,
             asking_why, nonsense, logs, seeds, captures]
    for part in parts:
        if not sys.argv[2:] or part.__name__ in sys.argv[2:]:
            part()
finally:
    for left in states():
        skiff("lab", "down", "--lab", left)
    shutil.rmtree(TOP, ignore_errors=True)
print(f"{len(PASSED)} passed, {len(FAILED)} failed")
sys.exit(1 if FAILED else 0)
