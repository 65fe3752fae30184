# SPDX-License-Identifier: BSD-2-Clause
"""Ethernet, ARP and IPv4 frames: building them, right or deliberately wrong, and reading them."""
import socket
import struct

ETH = 14
P_IP, P_ARP, P_VLAN = 0x0800, 0x0806, 0x8100
ICMP, IGMP, TCP, UDP, UDPLITE = 1, 2, 6, 17, 136


def mac(text):
    """Six bytes of a MAC address in colon notation."""
    return bytes.fromhex(text.replace(':', ''))


def mac_text(raw):
    """Colon notation of six bytes."""
    return ':'.join('%02x' % b for b in raw)


def addr(text):
    """Four bytes of a dotted address."""
    return socket.inet_aton(text)


def text(raw):
    """Dotted address of four bytes or of a number."""
    return socket.inet_ntoa(struct.pack('!I', raw) if isinstance(raw, int) else raw)


def number(dotted):
    """An address as a number, to count with."""
    return struct.unpack('!I', addr(dotted))[0]


def checksum(data):
    """The Internet checksum: 0 over data that holds a right one."""
    if len(data) & 1:
        data += b'\0'
    s = sum(struct.unpack('!%dH' % (len(data) // 2), data))
    while s >> 16:
        s = (s & 0xffff) + (s >> 16)
    return s ^ 0xffff


def eth(dst, src, proto, payload, vlan=None):
    """An Ethernet frame; vlan is a tag control word."""
    tag = b'' if vlan is None else struct.pack('!HH', P_VLAN, vlan)
    return mac(dst) + mac(src) + tag + struct.pack('!H', proto) + payload


def ip(src, dst, proto, payload=b'', **f):
    """An IPv4 packet. Fields: ttl id df mf rf off(bytes) tos options, and to lie: total ihl version check."""
    opts = f.get('options', b'')
    opts += b'\0' * (-len(opts) % 4)
    ihl = f.get('ihl', 5 + len(opts) // 4)
    total = f.get('total', 20 + len(opts) + len(payload))
    frag = f.get('rf', 0) << 15 | f.get('df', 0) << 14 | f.get('mf', 0) << 13 | f.get('off', 0) >> 3
    head = struct.pack('!BBHHHBBH', f.get('version', 4) << 4 | ihl & 15, f.get('tos', 0), total & 0xffff,
                       f.get('id', 0), frag, f.get('ttl', 64), proto, 0) + addr(src) + addr(dst) + opts
    check = f.get('check')
    if check is None:
        check = checksum(head)
    return head[:10] + struct.pack('!H', check) + head[12:] + payload


def _pseudo(src, dst, proto, length):
    return addr(src) + addr(dst) + struct.pack('!BBH', 0, proto, length & 0xffff)


def icmp(kind, code, rest=b'\0\0\0\0', data=b'', check=None):
    """An ICMP message; rest is the second word."""
    body = struct.pack('!BBH', kind, code, 0) + rest + data
    if check is None:
        check = checksum(body)
    return body[:2] + struct.pack('!H', check) + body[4:]


def udp(src, dst, sport, dport, data=b'', check=None, length=None, proto=UDP, cover=None):
    """A UDP or UDP-Lite datagram; cover is UDP-Lite's coverage field."""
    real = 8 + len(data)
    length = real if length is None else length
    if proto == UDPLITE:
        length = 0 if cover is None else cover
    head = struct.pack('!HHHH', sport, dport, length & 0xffff, 0)
    if check is None:
        n = length if proto == UDPLITE and length else real
        check = checksum(_pseudo(src, dst, proto, real if proto == UDPLITE else length) +
                         (head + data)[:max(n, 8)]) or 0xffff
    return head[:6] + struct.pack('!H', check) + data


def tcp(src, dst, sport, dport, **f):
    """A TCP segment. Fields: seq ack flags(number) window options data urgent, and to lie: doff check."""
    opts, data = f.get('options', b''), f.get('data', b'')
    opts += b'\0' * (-len(opts) % 4)
    doff = f.get('doff', 5 + len(opts) // 4)
    seg = struct.pack('!HHIIBBHHH', sport, dport, f.get('seq', 1000), f.get('ack', 0), (doff & 15) << 4,
                      f.get('flags', 2), f.get('window', 8192), 0, f.get('urgent', 0)) + opts + data
    check = f.get('check')
    if check is None:
        check = checksum(_pseudo(src, dst, TCP, len(seg)) + seg)
    return seg[:16] + struct.pack('!H', check) + seg[18:]


def arp(op, sha, spa, tha, tpa, htype=1, ptype=P_IP, hlen=6, plen=4):
    """An ARP packet."""
    return struct.pack('!HHBBH', htype, ptype, hlen, plen, op) + mac(sha) + addr(spa) + mac(tha) + addr(tpa)


def igmp(kind, group='0.0.0.0', code=0, extra=b''):
    """An IGMP message."""
    body = struct.pack('!BBH', kind, code, 0) + addr(group) + extra
    return body[:2] + struct.pack('!H', checksum(body)) + body[4:]


def pattern(n, start=0):
    """n recognisable bytes."""
    return bytes((start + i) & 0xff for i in range(n))


class Header:
    """The IPv4 header inside an Ethernet frame, as numbers; None from read() if there is none."""

    def __init__(self, frame):
        self.ihl = (frame[ETH] & 15) * 4
        self.total, self.id, frag = struct.unpack('!HHH', frame[ETH + 2:ETH + 8])
        self.df, self.mf, self.off = frag >> 14 & 1, frag >> 13 & 1, (frag & 0x1fff) * 8
        self.proto = frame[ETH + 9]
        self.src, self.dst = frame[ETH + 12:ETH + 16], frame[ETH + 16:ETH + 20]
        self.l4 = ETH + self.ihl

    @classmethod
    def read(cls, frame):
        if len(frame) < ETH + 20 or frame[12:14] != b'\x08\x00' or frame[ETH] >> 4 != 4:
            return None
        h = cls(frame)
        return h if h.ihl >= 20 and len(frame) >= ETH + h.ihl else None


def bad_checksums(frame):
    """Which of a whole packet's checksums do not verify: of ip icmp tcp udp."""
    h = Header.read(frame)
    if not h:
        return []
    bad = ['ip'] if checksum(frame[ETH:h.l4]) else []
    if h.mf or h.off or len(frame) < ETH + h.total:
        return bad
    body = frame[h.l4:ETH + h.total]
    pseudo = h.src + h.dst + struct.pack('!BBH', 0, h.proto, len(body))
    if h.proto == ICMP and len(body) >= 8 and checksum(body):
        bad.append('icmp')
    elif h.proto == TCP and len(body) >= 20 and checksum(pseudo + body):
        bad.append('tcp')
    elif h.proto == UDP and len(body) >= 8 and body[6:8] != b'\0\0' and checksum(pseudo + body):
        bad.append('udp')
    return bad


ETH_FIELDS = ((0, 6, 'eth.dst'), (6, 12, 'eth.src'), (12, 14, 'eth.type'))
ARP_FIELDS = ((14, 16, 'arp.htype'), (16, 18, 'arp.ptype'), (18, 19, 'arp.hlen'), (19, 20, 'arp.plen'),
              (20, 22, 'arp.op'), (22, 28, 'arp.sha'), (28, 32, 'arp.spa'), (32, 38, 'arp.tha'), (38, 42, 'arp.tpa'))
IP_FIELDS = ((14, 15, 'ip.ver_ihl'), (15, 16, 'ip.tos'), (16, 18, 'ip.total'), (18, 20, 'ip.id'), (20, 22, 'ip.frag'),
             (22, 23, 'ip.ttl'), (23, 24, 'ip.proto'), (24, 26, 'ip.checksum'), (26, 30, 'ip.src'), (30, 34, 'ip.dst'))
L4_FIELDS = {ICMP: ((0, 1, 'icmp.type'), (1, 2, 'icmp.code'), (2, 4, 'icmp.checksum'), (4, 8, 'icmp.rest')),
             UDP: ((0, 2, 'udp.sport'), (2, 4, 'udp.dport'), (4, 6, 'udp.length'), (6, 8, 'udp.checksum')),
             TCP: ((0, 2, 'tcp.sport'), (2, 4, 'tcp.dport'), (4, 8, 'tcp.seq'), (8, 12, 'tcp.ack'),
                   (12, 14, 'tcp.flags'), (14, 16, 'tcp.window'), (16, 18, 'tcp.checksum'))}


def fields(frame):
    """[(start, end, name)] of a frame, by what it claims to be; the last one is the rest."""
    out = list(ETH_FIELDS)
    if frame[12:14] == b'\x08\x06':
        out += ARP_FIELDS
    h = Header.read(frame)
    if h:
        out += IP_FIELDS
        if h.l4 > 34:
            out.append((34, h.l4, 'ip.options'))
        if h.off == 0:
            out += [(h.l4 + a, h.l4 + b, n) for a, b, n in L4_FIELDS.get(h.proto, ())]
    end = out[-1][1]
    return out + [(end, max(end, len(frame)), 'payload')]
