#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""scripts/check_includes.py SOURCE - do includes point down, and does the core stay clear of the operating system?

Layers (docs/design.md):

  0 lib         1 engine
  2 net/core net/ethernet net/sched net/netlink net/netfilter/core.c net/socket*.c
  3 net/ipv4: IP itself                     4 net/ipv4: transports and sockets
  M explain net/netfilter net/packet net/xfrm  up to layer 3, some netfilter expressions up to 4
  D drivers                                    up to layer 2, vrf up to 3
  H host lab syscall                           up to layer 1, include/skiff, and host/
  C cli                                        lib, include/skiff

net/init.c is the composition root and may include everything. A header outside include/, lib/ and engine/ is private:
it stays in its folder. Tests (_test.c, tests/, bench/) may look into any layer, but a _test.c only into the private
headers of its own folder, and nobody includes a .c. With --self-test it shows that it finds each kind of mistake.
"""
import os
import re
import sys
import tempfile

M, D, H, C, TEST, ROOT = "M", "D", "H", "C", "test", "root"

# Which layer a header of include/net belongs to. A new header gets its row here.
NET_HEADERS = {
    0: "types.h wire.h mib.def socket_abi.h tcp_abi.h",
    1: "dropreason.h dropreason.def journey.h snmp.h",
    2: """dst.h flow.h neighbour.h net_namespace.h netdevice.h netfilter.h netlink.h netns_ipv4.h rtnetlink.h skbuff.h skb_frags.h skb_queue.h
          sysctl.h fib_rules.h fib_notifier.h proto.h sock.h sock_filter.h sock_mem.h sock_msg.h sock_queue.h gro.h gso.h sch_generic.h pkt_sched.h ethernet.h eth.h vlan.h
          datagram.h drop_monitor.h socket.h net.h proc.h proto_ops.h nexthop_notifier.h loopback.h dummy.h veth.h wire_dev.h uio.h""",
    3: """arp.h icmp.h igmp.h inetdevice.h inetpeer.h ip.h ip_fib.h ip_options.h ip_frag.h inet_frag.h inet_sock.h inet_ecn.h
          ipmr.h lwtunnel.h nexthop.h ping.h protocol.h raw.h route.h l3mdev.h""",
    4: """inet_common.h inet_connection_sock.h inet_hashtables.h inet_timewait_sock.h request_sock.h
          tcp.h tcp_ack.h tcp_cong.h tcp_conn.h tcp_ecn.h tcp_input.h tcp_output.h tcp_queue.h tcp_rare.h tcp_sign.h tcp_sock.h tcp_ulp.h tcp_wire.h
          tcp_states.h tcp_ao.h transp_v6.h udp.h udplite.h udp_tunnel.h secure_seq.h""",
    M: "xfrm.h af_packet.h explain.h",
}

# net/ipv4 by file name (without .c or .h); a trailing * stands for any ending.
IPV4_FILES = {
    3: """ip_* route* fib_* fib4_* arp* devinet* icmp* igmp* inet_fragment* inetpeer* ipmr* nexthop* metrics* netfilter ping* protocol*
          raw* proc* sysctl* ipconfig* gre_offload""",
    4: """af_inet* bpf_tcp_ca datagram* inet_connection_sock* inet_diag* inet_hashtables* inet_timewait_sock* secure_seq
          inet_ehash* inet_bind inet_crowd inet_port request_sock
          syncookies* tcp* udp*""",
}

# Netfilter expressions that look at sockets.
ABOVE_3 = {"net/netfilter/nft_socket.c", "net/netfilter/nft_tproxy.c", "net/netfilter/nf_socket.c",
           "net/netfilter/nf_tproxy.c"}

# Drivers that are system calls; every other driver is pure.
OS_DRIVERS = ("tun", "packet", "xdp", "pcap")

C_HEADERS = set("""assert.h ctype.h errno.h float.h inttypes.h limits.h math.h stdalign.h stdarg.h stdatomic.h stdbool.h
                   stddef.h stdint.h stdio.h stdlib.h stdnoreturn.h string.h""".split())
# Ours are in net/wire.h, and the two clash.
WIRE_HEADERS = {f"linux/{name}.h" for name in "icmp if_arp if_ether if_vlan igmp in ip tcp udp".split()}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
SOURCE_DIRS = ("lib", "engine", "net", "drivers", "explain", "host", "lab", "syscall", "cli", "include", "tests", "bench")


def matches(patterns, name):
    return any(name == p or (p.endswith("*") and name.startswith(p[:-1])) for p in patterns.split())


def layer_of(path):
    """Layer of one of our files: a rank, one of the letters, or None if no table names it."""
    folder, _, name = path.rpartition("/")
    stem = name.rpartition(".")[0]
    if name.endswith("_test.c") or path.startswith(("tests/", "bench/")):
        return TEST
    if path in ("net/init.c", "net/skiff.c"):
        return ROOT
    if path.startswith("include/skiff/"):
        return 0
    if path.startswith("include/net/netfilter/"):
        return M
    if path.startswith("include/net/"):
        return next((rank for rank, names in NET_HEADERS.items() if name in names.split()), None)
    if folder == "net/ipv4":
        return next((rank for rank, names in IPV4_FILES.items() if matches(names, stem)), None)
    if path in ("net/netfilter/core.c", "net/netfilter/core.h") or path.startswith("net/socket"):
        return 2
    for prefix, rank in (("lib", 0), ("engine", 1), ("net/core", 2), ("net/ethernet", 2), ("net/sched", 2), ("net/netlink", 2),
                         ("net/netfilter", M), ("net/packet", M), ("net/xfrm", M), ("explain", M), ("drivers", D),
                         ("host", H), ("lab", H), ("syscall", H), ("cli", C)):
        if folder == prefix or folder.startswith(prefix + "/"):
            return rank
    return None


def is_pure(path):
    """Must this file do without the operating system?"""
    layer = layer_of(path)
    if layer in (TEST, H, C):
        return False
    return not (layer == D and matches(" ".join(d + "*" for d in OS_DRIVERS), os.path.basename(path)))


def is_private(header):
    return not header.startswith(("include/", "lib/", "engine/"))


def ceiling(path, layer):
    """Highest rank that a file may include."""
    if layer == M:
        return 4 if path in ABOVE_3 else 3
    if layer == D:
        return 3 if os.path.basename(path).startswith("vrf") else 2
    return {H: 1, C: 0}.get(layer, layer)


def check_ours(path, header):
    """Mistakes in `path` including our file `header` (both from the top of the tree)."""
    if header.endswith(".c"):
        return "a .c file is included"
    layer, target = layer_of(path), layer_of(header)
    same_folder = os.path.dirname(path) == os.path.dirname(header)
    if target is None:
        return f"{header} has no layer: name it in scripts/check_includes.py"
    if layer == ROOT or path.startswith(("tests/", "bench/")):
        return None
    if path.endswith("_test.c") and header.startswith("tests/"):
        return None
    if is_private(header) and not same_folder:
        to_host = layer == H and header.startswith("host/")
        return None if to_host else f"{header} is private to its folder"
    if layer == TEST or same_folder and layer == target:
        return None
    if header.startswith("include/skiff/"):
        return None
    if layer == C:
        return None if header.startswith("lib/") else f"cli uses lib and include/skiff only, not {header}"
    if layer == H and header.startswith("host/"):
        return None
    if target == M:
        return None if layer == M else f"{header} belongs to a module; layer {layer} must not know it"
    if not isinstance(target, int):
        return f"{header} (layer {target}) is not for others"
    if target > ceiling(path, layer):
        return f"points up: layer {layer} includes {header} of layer {target}"
    return None


def check_system(path, header):
    """Mistakes in `path` including the system's <header>."""
    if not is_pure(path):
        return None
    if header in C_HEADERS:
        return None
    if path.startswith("lib/") or path.startswith("include/skiff/"):
        return f"<{header}>: only the C standard's headers here"
    if header in WIRE_HEADERS:
        return f"<{header}>: use net/wire.h"
    if header.startswith("linux/") or header == "libmnl/libmnl.h":
        return None
    return f"<{header}> is the operating system's; pure code does without"


def resolve(top, path, header):
    """Our file that `#include "header"` in `path` finds, from the top of the tree, or None."""
    for base in (os.path.dirname(path), "include", ""):
        candidate = os.path.normpath(os.path.join(base, header))
        if os.path.isfile(os.path.join(top, candidate)):
            return candidate
    return None


def check_line(top, path, quote, header):
    if quote == '"':
        ours = resolve(top, path, header)
        if ours is None:
            return f'"{header}" is no file of ours; the system\'s are written <...>'
        return check_ours(path, ours)
    if os.path.isfile(os.path.join(top, "include", header)):
        return f'<{header}> is ours: write "{header}"'
    return check_system(path, header)


def check_file(top, path):
    mistakes = []
    if layer_of(path) is None:
        mistakes.append(f"{path}:1: has no layer: name it in scripts/check_includes.py")
        return mistakes
    with open(os.path.join(top, path), encoding="utf-8") as f:
        for number, line in enumerate(f, 1):
            found = INCLUDE.match(line)
            mistake = found and check_line(top, path, *found.groups())
            if mistake:
                mistakes.append(f"{path}:{number}: {mistake}")
    return mistakes


def check_meson(top, path):
    """-iquote only: with -I our net/route.h would stand in for the system's <net/route.h>."""
    with open(os.path.join(top, path), encoding="utf-8") as f:
        return [f"{path}:{n}: headers are found with -iquote only" for n, line in enumerate(f, 1)
                if re.search(r"\binclude_directories\b|['\"]-I", line)]


def files_of(top):
    for base in SOURCE_DIRS:
        for folder, _, names in os.walk(os.path.join(top, base)):
            for name in sorted(names):
                yield os.path.relpath(os.path.join(folder, name), top)
    yield "meson.build"


def check_tree(top):
    mistakes = []
    for path in files_of(top):
        if path.endswith((".c", ".h")):
            mistakes += check_file(top, path)
        elif os.path.basename(path) == "meson.build" and os.path.isfile(os.path.join(top, path)):
            mistakes += check_meson(top, path)
    return mistakes


# ---- self-test ----

HEADERS = """lib/list.h engine/timer.h engine/timer_private.h include/net/skbuff.h include/net/route.h include/net/tcp.h
             include/net/types.h include/net/journey.h include/net/unknown.h include/skiff/skiff.h include/net/netfilter/nf_x.h
             net/ipv4/fib_lookup.h net/core/dev_private.h host/loop.h lab/lab_private.h explain/recorder.h net/core/dev.c""".split()
ALLOWED = [
    ("lib/a.c", '"lib/list.h"'), ("lib/a.c", "<string.h>"), ("engine/a.c", '"net/types.h"'), ("engine/a.c", '"lib/list.h"'),
    ("engine/a.c", '"skiff/skiff.h"'), ("net/core/dev.c", '"dev_private.h"'), ("net/core/dev.c", '"net/journey.h"'),
    ("net/core/dev.c", "<linux/rtnetlink.h>"), ("net/core/rtnetlink.c", "<libmnl/libmnl.h>"),
    ("net/ipv4/route.c", '"net/ipv4/fib_lookup.h"'), ("net/ipv4/fib_trie.c", '"fib_lookup.h"'),
    ("net/ipv4/tcp_input.c", '"net/route.h"'), ("net/ipv4/tcp_input.c", '"net/tcp.h"'),
    ("net/netfilter/nf_a.c", '"net/route.h"'), ("net/netfilter/nf_a.c", '"net/netfilter/nf_x.h"'),
    ("net/netfilter/nft_socket.c", '"net/tcp.h"'), ("drivers/veth.c", '"net/skbuff.h"'), ("drivers/vrf.c", '"net/route.h"'),
    ("drivers/tun.c", "<sys/ioctl.h>"), ("host/a.c", "<time.h>"), ("host/a.c", '"engine/timer.h"'), ("lab/a.c", '"host/loop.h"'),
    ("cli/a.c", '"skiff/skiff.h"'), ("cli/a.c", '"lib/list.h"'), ("net/init.c", '"net/netfilter/nf_x.h"'),
    ("net/init.c", '"net/core/dev_private.h"'), ("net/core/dev_test.c", '"net/core/dev_private.h"'),
    ("net/core/dev_test.c", '"net/tcp.h"'), ("tests/a.c", '"net/ipv4/fib_lookup.h"'), ("explain/a.c", '"net/route.h"'),
]
REFUSED = [
    ("lib/a.c", '"engine/timer.h"'), ("lib/a.c", '"net/skbuff.h"'), ("lib/a.c", "<linux/types.h>"), ("lib/a.c", "<time.h>"),
    ("engine/a.c", '"net/skbuff.h"'), ("engine/a.c", "<sys/epoll.h>"), ("net/core/dev.c", '"net/route.h"'),
    ("net/core/dev.c", "<netinet/in.h>"), ("net/core/dev.c", "<linux/ip.h>"), ("net/core/dev.c", "<unistd.h>"),
    ("net/core/dev.c", '"net/netfilter/nf_x.h"'), ("net/core/dev.c", '"net/ipv4/fib_lookup.h"'), ("net/core/dev.c", '"net/unknown.h"'),
    ("net/core/dev.c", "<net/skbuff.h>"), ("net/core/dev.c", '"string.h"'), ("net/ipv4/route.c", '"net/tcp.h"'),
    ("net/ipv4/route.c", '"net/core/dev_private.h"'), ("net/ipv4/novel.c", '"lib/list.h"'), ("net/netfilter/nf_a.c", '"net/tcp.h"'),
    ("explain/a.c", '"net/tcp.h"'), ("drivers/veth.c", '"net/route.h"'), ("drivers/veth.c", "<sys/ioctl.h>"),
    ("host/a.c", '"net/skbuff.h"'), ("host/a.c", '"lab/lab_private.h"'), ("lab/a.c", '"net/route.h"'),
    ("cli/a.c", '"engine/timer.h"'), ("cli/a.c", '"net/types.h"'), ("cli/a.c", '"host/loop.h"'), ("net/init.c", '"net/core/dev.c"'),
    ("net/core/dev_test.c", '"net/ipv4/fib_lookup.h"'), ("net/core/dev_test.c", '"net/core/dev.c"'),
    ("include/net/skbuff.h", '"net/route.h"'), ("include/skiff/skiff.h", '"engine/timer.h"'), ("include/skiff/skiff.h", "<linux/if.h>"),
    ("new/folder.c", '"lib/list.h"'),
]


def self_test():
    def write(top, path, text):
        os.makedirs(os.path.dirname(os.path.join(top, path)), exist_ok=True)
        with open(os.path.join(top, path), "w", encoding="utf-8") as f:
            f.write(text)

    with tempfile.TemporaryDirectory() as top:
        for header in HEADERS:
            write(top, header, "")
        for cases, wrong in ((ALLOWED, False), (REFUSED, True)):
            for path, header in cases:
                write(top, path, f"/* x */\n#include {header}\n")
                mistakes = check_file(top, path)
                assert bool(mistakes) == wrong, (path, header, mistakes)
                write(top, path, "")
        write(top, "lib/meson.build", "executable('x', include_directories: inc)\n")
        assert check_tree(top) and all("-iquote" in m or "unknown.h" in m or "novel" in m for m in check_tree(top)), check_tree(top)


def main():
    if sys.argv[1:] == ["--self-test"]:
        return self_test() or 0
    if len(sys.argv) != 2:
        print("usage: check_includes.py SOURCE | --self-test", file=sys.stderr)
        return 2
    mistakes = check_tree(sys.argv[1])
    print("\n".join(mistakes), end="\n" if mistakes else "")
    return 1 if mistakes else 0


sys.exit(main())
