#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""tests/explain/run.py SKIFF [--update] - the verbs explain and lab as a user sees them.

Exit statuses, sentences, JSON, captures, and the whole text of a few journeys (tests/explain/*.txt; --update writes them anew,
to be read before they are committed). Nothing here needs root.
"""
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
LAB = os.path.join(HERE, "lab.yml")
SKIFF = os.path.abspath(sys.argv[1])
UPDATE = "--update" in sys.argv
PASSED, FAILED = [], []
STATE = tempfile.TemporaryDirectory()
os.environ["XDG_RUNTIME_DIR"] = STATE.name  # labs of this test, and of no other

# name of the golden text, node, packet, exit status
JOURNEYS = [
    ("forward", "r1", "e0 icmp 10.0.0.2 > 10.0.1.2", 10),
    ("deliver", "r1", "e0 icmp 10.0.0.2 > 10.0.0.1", 0),
    ("ttl", "r1", "e0 udp 10.0.0.2:4000 > 10.0.1.2:9 ttl 1", 11),
    ("spoofed", "r1", "e0 icmp 10.0.1.77 > 10.0.1.2", 11),
    ("neighbour-fails", "r1", "e0 icmp 10.0.0.2 > 10.0.1.99", 11),
]

# node, packet, exit status, last line of the text (without what a next hop adds)
FATES = [
    ("r1", "e0 icmp 10.0.0.2 > 10.66.0.1", 11, "(10.66.0.1 -> prohibit 10.66.0.0/16 table main rule 32766)"),
    ("r1", "e0 icmp 10.0.0.2 > 11.0.0.1", 11, "dropped in ip_error: IP_INNOROUTES, there is no route to the destination"),
    ("r1", "e0 icmp 10.0.0.2 > 10.0.1.2 badcsum", 11, "dropped in ip_rcv_core: IP_CSUM, the IPv4 header checksum does not verify"),
    ("r1", "e0 udp 10.0.0.2:1 > 10.0.0.1:9", 11, "NO_SOCKET"),
    ("r1", "e0 udp 10.0.0.2 > 10.0.0.1 frag 0+ len 100", 11, "FRAG_REASM_TIMEOUT"),
    ("r1", "e0 udp 10.0.0.2 > 10.0.1.2 len 1400 df dst-mac 02:00:00:00:09:09", 11, "OTHERHOST"),
    ("r1", "e0 arp who-has 10.0.0.1 tell 10.0.0.2", 0, "delivered: ARP took it"),
    ("r1", "e0 icmp 10.0.0.2 > 10.0.0.255", 11, "net.ipv4.icmp_echo_ignore_broadcasts=1"),
    ("h1", "eth0 icmp 10.0.1.2 > 10.0.9.9", 11, "net.ipv4.conf.eth0.forwarding=0"),
    ("r1", "e1 icmp 10.0.1.2 > 10.0.2.2", 10, "next: host:tap9"),
    ("r1", "e0 020000000101020000000201080045", 11, "IP_INHDR"),
]

# arguments, exit status, what stands in stderr
REFUSED = [
    (["explain"], 2, "usage: skiff explain"),
    (["explain", "-f", LAB, "r1"], 2, "usage: skiff explain"),
    (["explain", "-f", "/nonexistent.yml", "r1", "e0", "00"], 2, "No such file"),
    (["explain", "-f", LAB, "r7", "e0", "00"], 2, "it has r1, h1, h2"),
    (["explain", "-f", LAB, "r1", "e7", "icmp"], 2, 'no device "e7"'),
    (["explain", "-f", LAB, "r1", "e0 icmp 10.0.0.2 > 10.0.0"], 2, '"10.0.0" is no IPv4 address'),
    (["lab"], 2, "usage: skiff lab"),
    (["lab", "down", LAB], 2, "usage: skiff lab"),
    (["lab", "up", "--for", "never", LAB], 2, "usage: skiff lab"),
]


def check(name, good, why=""):
    (PASSED if good else FAILED).append(name)
    if not good:
        print(f"FAIL {name}: {why}")


def skiff(*args):
    return subprocess.run([SKIFF, *args], capture_output=True, text=True, timeout=60, check=False)


def explain(node, packet, *options):
    return skiff("explain", "-f", LAB, *options, node, packet)


def journeys():
    for name, node, packet, status in JOURNEYS:
        r = explain(node, packet)
        path = os.path.join(HERE, name + ".txt")
        if UPDATE:
            with open(path, "w", encoding="utf-8") as f:
                f.write(r.stdout)
        with open(path, encoding="utf-8") as f:
            wanted = f.read()
        check("journey " + name, r.stdout == wanted, f"the text differs; now:\n{r.stdout}{r.stderr}")
        check("status " + name, r.returncode == status, f"{r.returncode}")
        check("again " + name, explain(node, packet).stdout == r.stdout, "a second run says something else")


def fates():
    for node, packet, status, text in FATES:
        r = explain(node, packet)
        last = "\n".join(r.stdout.splitlines()[-2:])
        check("fate " + packet, r.returncode == status and text in last, f"{r.returncode} {last} {r.stderr}")


def refusals():
    for args, status, text in REFUSED:
        r = skiff(*args)
        check("refuse " + " ".join(args[:6]), r.returncode == status and text in r.stderr and not r.stdout,
              f"{r.returncode} {r.stderr}")


def refused_by_the_stack():
    with tempfile.NamedTemporaryFile("w", suffix=".yml") as f:
        f.write("topology:\n  nodes:\n    r1:\n      routes:\n        - 10.0.0.0/8 via 10.9.9.9\n")
        f.flush()
        r = skiff("lab", "check", f.name)
        check("the stack refuses a route", r.returncode == 2 and f"{f.name}:5:11: node r1" in r.stderr and "unreachable" in r.stderr,
              f"{r.returncode} {r.stderr}")


def as_json():
    r = explain("r1", "e0 icmp 10.0.1.77 > 10.0.1.2", "--json")
    j = json.loads(r.stdout)
    check("json drop", j["fate"] == "dropped" and j["drop"]["reason"] == "IP_RPFILTER" and
          j["drop"]["setting"] == "net.ipv4.conf.e0.rp_filter=1", r.stdout)
    check("json steps", [s["name"] for s in j["steps"] if s["kind"] == "fn"][:3] ==
          ["__netif_receive_skb_core", "ip_rcv", "ip_rcv_finish_core"], r.stdout)
    check("json counters", {s["name"]: s["value"] for s in j["steps"] if s["kind"] == "counter"}.get("TcpExt.IPReversePathFilter") == 1,
          r.stdout)


def captures():
    with tempfile.TemporaryDirectory() as top:
        path = os.path.join(top, "out.pcapng")
        r = explain("r1", "e0 icmp 10.0.0.2 > 10.0.1.2", "-w", path)
        check("capture written", r.returncode == 10 and os.path.getsize(path) > 100, r.stderr)
        try:
            t = subprocess.run(["tshark", "-r", path, "-T", "fields", "-e", "frame.interface_name", "-e", "frame.comment"],
                               capture_output=True, text=True, check=True).stdout
            check("capture read by tshark", "r1:e0\tforwarded out of e1" in t and "r1:e1\tforwarded by frame #1" in t, t)
        except FileNotFoundError:
            print("no tshark here: the capture is not read back by it")
        # The frames of the capture as packets: each gets its journey.
        r = skiff("explain", "-f", LAB, "r1", "e0", path)
        check("capture as input", r.stdout.count("\n#") + r.stdout.startswith("#") == 3, r.stdout)


def lab_up():
    with tempfile.TemporaryDirectory() as top:
        lab = os.path.join(top, "lab.yml")
        with open(LAB, encoding="utf-8") as f, open(lab, "w", encoding="utf-8") as g:
            g.write(f.read().replace('    - endpoints: [ "r1:e2", "host:tap9" ]\n', "").replace(", e2 10.0.2.1/24", "")
                    .replace("        - 10.7.0.0/16 via 10.0.2.2 table 100\n", ""))
        r = skiff("lab", "up", "--for", "0.3", "--pcap", os.path.join(top, "p"), lab)
        check("lab up", r.returncode == 0 and "test is up, 3 nodes" in r.stdout and "test is down" in r.stdout, r.stdout + r.stderr)
        check("lab up captures", sorted(os.listdir(os.path.join(top, "p"))) == ["h1.pcapng", "h2.pcapng", "r1.pcapng"], r.stderr)
    r = skiff("lab", "check", LAB)
    check("lab check", r.returncode == 0 and r.stdout.endswith("is right\n"), r.stderr)


for part in (journeys, fates, refusals, refused_by_the_stack, as_json, captures, lab_up):
    part()
print(f"{len(PASSED)} passed, {len(FAILED)} failed")
sys.exit(1 if FAILED else 0)
