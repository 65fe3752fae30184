#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""tests/sockets/abi.py CC TOP - are the numbers and layouts of net/socket_abi.h and net/tcp_abi.h those of the system's headers?

Every #define with a value and every struct is read from our two headers. For the C library's headers and for the kernel's a program is
compiled that prints what they say of those names; where they say something it must be the same. Names that neither knows are listed
below with the reason, and nothing else may be missing.
"""
import os
import re
import subprocess
import sys
import tempfile

LIBC = """sys/types.h sys/socket.h netinet/in.h netinet/tcp.h netinet/udp.h netinet/ip_icmp.h poll.h sys/epoll.h sys/ioctl.h
          sys/uio.h fcntl.h sys/un.h""".split()
KERNEL = """time.h linux/time_types.h linux/socket.h linux/in.h linux/tcp.h linux/udp.h linux/icmp.h linux/errqueue.h linux/net_tstamp.h
            linux/filter.h linux/sockios.h asm/socket.h asm/ioctls.h linux/sock_diag.h linux/eventpoll.h asm/poll.h
            linux/fcntl.h linux/net.h""".split()
# Ours, or the kernel's own business.
NOWHERE = set("""CMSG_HDRLEN FASYNC_ F_GETFL_ F_SETFL_ MSG_PROBE MSG_SENDPAGE_NOTLAST MSG_SPLICE_PAGES O_NONBLOCK_ O_RDWR_
    SOCK_MAX SOCK_TYPE_MASK""".split())
# Newer than the headers that are installed here (Linux 6.1); later ones are compared.
NOWHERE |= set("""SCM_TS_OPT_ID SOF_TIMESTAMPING_OPT_ID_TCP SOF_TIMESTAMPING_OPT_RX_FILTER SOF_TIMESTAMPING_TX_COMPLETION
    SOL_UDPLITE SO_DEVMEM_DMABUF SO_DEVMEM_DONTNEED SO_DEVMEM_LINEAR SO_INQ SO_PASSPIDFD SO_PASSRIGHTS
    SO_PEERPIDFD SO_RCVPRIORITY TCPI_OPT_TFO_CHILD TCPI_OPT_USEC_TS TCP_AO_ADD_KEY TCP_AO_DEL_KEY TCP_AO_GET_KEYS
    TCP_AO_INFO TCP_AO_KEYF_EXCLUDE_OPT TCP_AO_KEYF_IFINDEX TCP_AO_MAXKEYLEN TCP_AO_REPAIR TCP_DELACK_MAX_US
    TCP_IS_MPTCP TCP_RTO_MAX_MS TCP_RTO_MIN_US UDPLITE_RECV_CSCOV UDPLITE_SEND_CSCOV""".split())
# Says how many bits the headers know.
UNCOMPARED = {"SOF_TIMESTAMPING_MASK"}
# Names of ours for what the system calls otherwise.
STRUCTS = {"ucred_abi": "ucred", "sockaddr_storage_abi": "sockaddr_storage", "sock_timeval": "__kernel_sock_timeval",
           "sock_timespec": "__kernel_timespec"}
RENAMED = {("sockaddr_storage_abi", "data"): None, ("msghdr", "msg_iovlen"): "msg_iovlen"}
# They end with an array (ours of no length), or have grown since the headers here were made: only the fields are compared.
SIZE_OPEN = {"ip_msfilter", "group_filter", "tcp_info", "tcp_zerocopy_receive"}


def headers_text(top):
    return "".join(open(os.path.join(top, "include/net", h), encoding="utf-8").read() for h in ("socket_abi.h", "tcp_abi.h"))


def names_of(text):
    found = re.findall(r"^#define[ \t]+(\w+)[ \t]+(?!\()", text, re.M)
    found += re.findall(r"^#define[ \t]+(\w+)[ \t]+\(", text, re.M)
    return sorted(set(n for n in found if not n.startswith("NET_")))


def structs_of(text):
    """{name: [field]} for flat structs; members of a union inside count as fields."""
    out = {}
    for m in re.finditer(r"^struct (\w+) \{\n(.*?)^\}", text, re.M | re.S):
        body = re.sub(r"/\*.*?\*/", "", m.group(2), flags=re.S)
        fields = []
        for line in body.splitlines():
            decl = re.match(r"\s*(?:const |unsigned |struct |volatile )*\w+[\s*]+([^;{}()]+);", line)
            if not decl or ":" in line or "union" in line:
                continue
            for part in decl.group(1).split(","):
                name = part.strip().lstrip("*")
                fields.append(re.sub(r"\[.*", "", name))
        out[m.group(1)] = fields
    return out


def preprocessed(cc, headers):
    source = "#define _GNU_SOURCE\n" + "".join(f"#include <{h}>\n" for h in headers)
    text = subprocess.run(cc + ["-E", "-x", "c", "-"], input=source, capture_output=True, text=True, check=True).stdout
    macros = subprocess.run(cc + ["-dM", "-E", "-x", "c", "-"], input=source, capture_output=True, text=True, check=True).stdout
    return text, set(re.findall(r"^#define (\w+) ", macros, re.M))


def run(cc, source, flags=()):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "a.c")
        with open(path, "w", encoding="utf-8") as f:
            f.write(source)
        subprocess.run(cc + ["-w", *flags, "-o", os.path.join(folder, "a"), path], check=True)
        text = subprocess.run([os.path.join(folder, "a")], check=True, capture_output=True, text=True).stdout
    return dict(line.split("=") for line in text.splitlines())


def program(head, names, fields):
    out = [head, "int main(void) {"]
    out += [f'printf("{n}=%lld\\n", (long long)({n}));' for n in names]
    for key, struct, field in fields:
        if field is None:
            out.append(f'printf("{key}=%zu\\n", sizeof(struct {struct}));')
        else:
            out.append(f'printf("{key}=%zu\\n", offsetof(struct {struct}, {field}));')
    return "\n".join(out + ["return 0; }"])


def field_list(structs, rename):
    for name, fields in structs.items():
        if name not in SIZE_OPEN:
            yield f"sizeof {name}", STRUCTS.get(name, name) if rename else name, None
        for f in fields:
            if (name, f) not in RENAMED:
                yield f"{name}.{f}", STRUCTS.get(name, name) if rename else name, f


def system_values(cc, headers, names, structs):
    text, macros = preprocessed(cc, headers)
    words = set(re.findall(r"\b\w+\b", text))
    known = [n for n in names if n in macros or n in words]
    have = {n: f for n, f in structs.items() if re.search(r"struct\s+" + STRUCTS.get(n, n) + r"\s*\{", text)}
    fields = []
    for key, struct, field in field_list(have, True):
        body = re.search(r"struct\s+" + struct + r"\s*\{(.*?)\n\s*\}", text, re.S).group(1)
        if field is None or re.search(r"\b" + field + r"\b", body) or field in macros:
            fields.append((key, struct, field))
    head = "#define _GNU_SOURCE\n" + "".join(f"#include <{h}>\n" for h in headers) + "int printf(const char *, ...);\n#include <stddef.h>\n"
    return run(cc, program(head, known, fields))


def main():
    cc, top = sys.argv[1].split(), sys.argv[2]
    text = headers_text(top)
    names, structs = names_of(text), structs_of(text)
    ours_head = '#include <stdio.h>\n#include "net/socket_abi.h"\n#include "net/tcp_abi.h"\n'
    ours = run(cc, program(ours_head, names, list(field_list(structs, False))),
               ["-iquote", os.path.join(top, "include"), "-iquote", top])
    seen, wrong = set(), 0
    for headers in (LIBC, KERNEL):
        for key, value in system_values(cc, headers, names, structs).items():
            seen.add(key)
            if ours[key] != value and key not in UNCOMPARED:
                wrong += 1
                print(f"{key}: ours {ours[key]}, the system's {value} ({headers[1]} ...)")
    missing = sorted(n for n in names if n not in seen and n not in NOWHERE)
    for n in missing:
        print(f"{n}: no header of the system knows it")
    print(f"{len(seen)} compared, {wrong} different, {len(missing)} not known to the system and not listed here")
    return 1 if wrong or missing or len(seen) < 300 else 0


sys.exit(main())
