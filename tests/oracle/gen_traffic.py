# SPDX-License-Identifier: BSD-2-Clause
"""Random traffic for a configuration: packets good and bad of every protocol the network layer meets."""
import struct

import packet as P
from gen_config import ODD_ADDRS, broadcast, net_of

ICMP_TYPES = (0, 3, 4, 5, 8, 11, 12, 13, 14, 15, 17, 42, 43, 9, 10, 1, 2, 6, 7, 16, 18, 19, 30, 40, 41, 44, 255)
PROTOCOLS = (0, 4, 41, 46, 47, 50, 51, 132, 255, 253, 94, 89, 33)     # 103 belongs to multicast routing, still to come


class Traffic:
    """Frames for a World, to be taken from burst()."""

    def __init__(self, world):
        self.w, self.rnd = world, world.rnd
        self.macs = {i['name']: i['mac'] for i in world.config['ifaces']}
        self.mtus = {i['name']: i['mtu'] for i in world.config['ifaces']}
        self.lengths = list(self.mtus.values()) + [x['mtu'] for x in world.config['routes'] if x.get('mtu')]
        self.hostile = self.rnd.choice((1, 1, 1, 1, 5))     # how much more often headers lie
        self.broadcasts = ['255.255.255.255']
        for _, local in world.subnets:
            if net_of(local)[1] < 31:
                self.broadcasts += [broadcast(local), P.text(net_of(local)[0])]

    def chance(self, p):
        return self.rnd.random() < p

    def lie(self, p):
        return self.rnd.random() < p * self.hostile

    # -- who talks to whom

    def device(self):
        return self.rnd.choice(self.w.names())

    def host(self, dev=None):
        """A host on a wire: (dev, address, mac, known)."""
        c = [h for h in self.w.hosts if dev is None or h[0] == dev]
        if not c:
            dev = dev or self.device()
            return dev, '10.0.%s.2' % dev[1:], '02:aa:00:00:0%s:02' % dev[1:], False
        return self.rnd.choice(c)

    def source(self, dev, own):
        """A source address for a frame on dev from a host with address own."""
        k = self.rnd.random()
        if k < .84:
            return own
        if k < .90:
            return self.rnd.choice(self.w.remote or [own])
        if k < .93:
            return self.host()[1]
        if k < .96 and self.w.locals:
            return self.rnd.choice(self.w.locals)
        return self.rnd.choice(self.broadcasts + list(ODD_ADDRS))

    def destination(self):
        k = self.rnd.random()
        if k < .40 and self.w.remote:
            return self.rnd.choice(self.w.remote)
        if k < .68 and self.w.locals:
            return self.rnd.choice(self.w.locals)
        if k < .84:
            return self.host()[1]
        if k < .90:
            return self.rnd.choice(self.broadcasts)
        if k < .92:
            return self.rnd.choice(('224.0.0.1', '224.0.0.5', '224.0.0.251', '239.1.1.1', '232.1.1.1'))
        return self.rnd.choice(ODD_ADDRS)

    def mac_to(self, dev, dst):
        """The Ethernet address a frame for dst is likely to carry, or a wrong one."""
        k = self.rnd.random()
        first = int(dst.split('.')[0])
        if k < .93:
            if 224 <= first < 240:
                return '01:00:5e:%02x:%02x:%02x' % ((P.number(dst) >> 16) & 0x7f, (P.number(dst) >> 8) & 0xff, P.number(dst) & 0xff)
            return 'ff:ff:ff:ff:ff:ff' if dst in self.broadcasts and self.chance(.8) else self.macs[dev]
        return self.rnd.choice(('ff:ff:ff:ff:ff:ff', '01:00:5e:00:00:01', '02:dd:00:00:00:63', '33:33:00:00:00:01', self.macs[dev]))

    # -- the layers above

    def size(self):
        r = self.rnd
        if self.chance(.1):     # about as long as a device or route lets through
            return max(0, r.choice(self.lengths) % 4000 - r.choice((20, 28, 28, 27, 29, 36, 40, 48, 60)))
        return r.choice((0, 1, 5, 8, 18, 32, 64, 100, 200)) if self.chance(.88) else r.choice((500, 572, 580, 1000, 1372, 1464, 1472, 1473, 1480, 2000, 3000))

    def data(self):
        n = self.size()
        if min(self.lengths) < 100 and n > 1000:    # more pieces than the kernel's memory for one answer holds
            n = 1000
        return P.pattern(n, self.rnd.randrange(256))

    def icmp(self, src, dst):
        r, k = self.rnd, self.rnd.random()
        bad = 0x1234 if self.chance(.03) else None
        word = struct.pack('!HH', r.randrange(65536), r.randrange(100))
        if k < .50:
            return P.icmp(8, 0 if self.chance(.95) else r.randrange(1, 5), word, self.data(), bad)
        if k < .56:
            return P.icmp(13, 0, word, b'\0\0\0\1' + b'\0' * 8 if self.chance(.8) else self.data()[:r.choice((0, 4, 11))], bad)
        if k < .62:
            return P.icmp(42, 0, struct.pack('!HBB', 1, 2, 1), self.probe(), bad)
        if k < .85:
            return self.icmp_error(src, dst)
        return P.icmp(r.choice(ICMP_TYPES), r.choice((0, 0, 0, 1, 3, 9, 16)), r.randbytes(4), self.data()[:r.choice((0, 3, 8, 28, 64))], bad)

    def probe(self):
        """Interface identification object of an extended echo request."""
        r = self.rnd
        if self.chance(.3):
            name = r.choice((b'e0', b'e1', b'lo', b'nosuch'))
            name += b'\0' * (-len(name) % 4)
            obj = struct.pack('!HBB', 4 + len(name), 3, 1) + name
        elif self.chance(.5):
            obj = struct.pack('!HBBI', 8, 3, 2, r.randrange(0, 9))
        else:
            obj = struct.pack('!HBBHBB', 12, 3, 3, 1, 4, 0) + P.addr(r.choice(self.w.locals or ['10.0.0.1']))
        if self.chance(.15):
            obj = obj[:r.randrange(len(obj))]
        head = b'\x20\0' + b'\0\0'
        return head[:2] + struct.pack('!H', P.checksum(head + obj)) + obj

    def quoted(self, ours, theirs):
        """A packet of ours to theirs, as an error quotes it."""
        r = self.rnd
        up = r.choice((P.udp(ours, theirs, 9, 4000, b'x' * 8), P.icmp(0, 0, b'\0\7\0\1', b'abcd'),
                       P.tcp(ours, theirs, 9, 4000), P.icmp(8, 0), b'\0' * 8))
        proto = r.choice((17, 6, 1, 1, 17, 6, 253, 136, 2))
        return P.ip(ours, theirs, proto, up, id=r.randrange(65536), ttl=r.choice((1, 63, 64)),
                    total=r.choice((None, 1500, 576, 1000, 20)) or 20 + len(up), tos=r.choice((0, 0, 0xc0, 0x10)))

    def icmp_error(self, src, dst):
        r = self.rnd
        ours = dst if dst in self.w.locals else r.choice(self.w.locals or ['10.0.0.1'])
        theirs = r.choice((r.choice(self.w.remote or [src]), self.host()[1], src, r.choice(ODD_ADDRS)))
        q = self.quoted(ours, theirs)
        k = r.random()
        if k < .35:
            mtu = r.choice((0, 60, 68, 256, 552, 576, 600, 1000, 1400, 1500, 9000))
            m = P.icmp(3, 4, struct.pack('!HH', 0, mtu), q)
        elif k < .60:
            gw = r.choice((self.host()[1], self.host()[1], src, r.choice(self.w.locals or [src]), r.choice(ODD_ADDRS)))
            m = P.icmp(5, r.choice((0, 1, 1, 2, 3, 4)), P.addr(gw), q)
        else:
            kind = r.choice((3, 3, 11, 12, 4))
            m = P.icmp(kind, r.randrange(18) if kind == 3 else r.randrange(3), r.randbytes(4) if kind == 12 else b'\0' * 4, q)
        if self.chance(.08):
            m = m[:r.randrange(4, len(m))]
            m = m[:2] + b'\0\0' + m[4:]
            m = m[:2] + struct.pack('!H', P.checksum(m)) + m[4:]
        return m

    def udp(self, src, dst):
        r = self.rnd
        kind = r.random()
        extra = {}
        if kind < .05:
            extra['check'] = r.choice((0, 0x1111))
        elif kind < .10:
            extra['length'] = r.choice((0, 4, 7, 9, 500))
        if self.chance(.1):
            extra = {'proto': P.UDPLITE, 'cover': r.choice((None, 8, 4, 1000, 9))}
        return P.udp(src, dst, r.choice((4000, 4001, 9, 53, 0)), r.choice((9, 33434, 53, 7, 0, 520)), self.data(), **extra), extra.get('proto', P.UDP)

    def tcp(self, src, dst):
        r = self.rnd
        f = {'flags': r.choice((2, 2, 2, 16, 18, 4, 1, 0, 17, 24, 63, 20, 0xc2)), 'seq': r.randrange(1 << 32), 'ack': r.choice((0, r.randrange(1 << 32)))}
        if self.chance(.3):
            f['options'] = r.choice((b'\2\4\5\xb4', b'\2\4\5\xb4\4\2\x08\x0a' + b'\0\0\0\1' * 2 + b'\1\3\3\7', b'\x13\x12' + b'x' * 16, b'\2\0', b'\1' * 7))
        if self.chance(.3):
            f['data'] = self.data()
        if self.chance(.06):
            f['check'] = 0x4242
        if self.chance(.06):
            f['doff'] = r.choice((0, 4, 8, 15))
        return P.tcp(src, dst, r.choice((4000, 4001, 0)), r.choice((9, 80, 179, 0)), **f)

    def payload(self, src, dst):
        """(protocol, bytes)"""
        k = self.rnd.random()
        if k < .38:
            return P.ICMP, self.icmp(src, dst)
        if k < .68:
            p, proto = self.udp(src, dst)
            return proto, p
        if k < .85:
            return P.TCP, self.tcp(src, dst)
        if k < .90:
            return P.IGMP, P.igmp(self.rnd.choice((0x11, 0x12, 0x16, 0x17, 0x22, 0x13, 0x99)), self.rnd.choice(('0.0.0.0', '224.0.0.1', '239.1.1.1')), self.rnd.choice((0, 10, 100)), self.rnd.choice((b'', b'\2\x7d\0\0')))
        return self.rnd.choice(PROTOCOLS), self.data()

    # -- the IP header

    def option(self):
        r, k = self.rnd, self.rnd.random()
        some = [self.host()[1], r.choice(self.w.locals or ['10.0.0.1']), r.choice(self.w.remote or ['10.9.0.5']), self.host()[1]]
        if k < .25:
            n = r.choice((1, 2, 3, 9))
            return bytes([7, 3 + 4 * n, r.choice((4, 4, 4, 8, 4 + 4 * n, 5, 3, 0))]) + b'\0' * (4 * n)
        if k < .50:
            flag, n = r.choice((0, 1, 3, 3, 2, 0)), r.choice((1, 2, 4))
            if flag == 0:
                body = b'\0' * (4 * n)
            else:
                body = b''.join(P.addr(x) + b'\0' * 4 for x in some[:n])
            return bytes([68, 4 + len(body), r.choice((5, 5, 5, 9, 13, 5 + len(body), 4, 6)), r.choice((0, 0, 0, 15)) << 4 | flag]) + body
        if k < .75:
            n = r.choice((1, 1, 2, 3))
            return bytes([r.choice((131, 137)), 3 + 4 * n, r.choice((4, 4, 4, 8, 4 + 4 * n, 5, 2))]) + b''.join(P.addr(x) for x in some[:n])
        if k < .85:
            return bytes([148, r.choice((4, 4, 4, 3, 5)), 0, r.choice((0, 0, 1))])
        if k < .90:
            return b'\1'
        if k < .94:
            return bytes([r.choice((130, 133, 134, 136)), r.choice((4, 8, 11))]) + b'\0' * r.choice((2, 6, 9))
        return r.randbytes(r.choice((2, 3, 4, 8, 12)))

    def options(self):
        out = b''
        for _ in range(self.rnd.choice((1, 1, 1, 2, 3))):
            o = self.option()
            if len(out) + len(o) <= 40:
                out += o
        if self.chance(.1):
            out = out[:max(1, len(out) - self.rnd.randrange(1, 4))]
        return out[:40]

    def header(self):
        r = self.rnd
        f = {'id': r.randrange(1, 65536), 'ttl': r.choice((64, 64, 64, 64, 63, 255, 128, 1, 1, 2, 0))}
        if self.chance(.2):
            f['tos'] = r.choice((4, 8, 0x10, 0x18, 0x1c, 0xe0, 1, 2, 3, 0x11, r.randrange(256)))
        if self.chance(.25):
            f['df'] = 1
        if self.lie(.12):
            f['options'] = self.options()
        if self.lie(.02):
            f['rf'] = 1
        if self.lie(.02):
            f['version'] = r.choice((0, 5, 6, 15))
        if self.lie(.02):
            f['ihl'] = r.choice((0, 4, 6, 10, 15))
        if self.lie(.02):
            f['total'] = r.choice((0, 19, 20, 21, 27, 28, 1000, 65535))
        if self.lie(.02):
            f['check'] = r.choice((0, 0xffff, 0x5555))
        if self.lie(.03):
            f.update(mf=r.choice((0, 1)), off=r.choice((0, 8, 1480, 65528)))
        return f

    def frame(self, dev, dst_mac, src_mac, ip):
        """Around a packet: padding, a VLAN tag, truncation."""
        vlan = None
        if self.chance(.02):
            vlan = self.rnd.choice((0, 0, 0x2000, 5, 0x3005))
        proto = P.P_IP if self.chance(.99) else self.rnd.choice((0x9999, 0x0026, 0x86dd, 0x8847, 0x0806))
        f = P.eth(dst_mac, src_mac, proto, ip, vlan)
        if self.chance(.06):
            f += b'\0' * max(0, 60 - len(f)) if self.chance(.7) else self.rnd.randbytes(self.rnd.choice((1, 6, 30)))
        if self.lie(.02):
            f = f[:self.rnd.randrange(14, len(f) + 1)]
        if self.lie(.02) and len(f) > 34:
            k = self.rnd.randrange(14, min(len(f), 80))
            f = f[:k] + bytes([self.rnd.randrange(256)]) + f[k + 1:]
        return f

    # -- bursts: what belongs together

    def one(self):
        """A single packet."""
        dev = self.device()
        dev, own, mac, _ = self.host(dev)
        src, dst = self.source(dev, own), self.destination()
        proto, body = self.payload(src, dst)
        return [(dev, self.frame(dev, self.mac_to(dev, dst), mac, P.ip(src, dst, proto, body, **self.header())))]

    def fragments(self):
        """A datagram in pieces: out of order, doubled, overlapping, incomplete, at will."""
        r = self.rnd
        dev, src, mac, _ = self.host(self.device())
        dst = r.choice(self.w.locals) if self.w.locals and self.chance(.75) else self.destination()
        proto, body = r.choice(((P.ICMP, P.icmp(8, 0, b'\0\7\0\1', P.pattern(r.choice((60, 200, 600, 2000 if min(self.lengths) >= 100 else 1000))))),
                                (P.UDP, P.udp(src, dst, 4000, 9, P.pattern(r.choice((60, 300, 1000))))), (P.TCP, P.tcp(src, dst, 4000, 9, data=P.pattern(300))),
                                (253, P.pattern(400))))
        step = r.choice((8, 24, 64, 200, 512)) if len(body) < 700 else r.choice((200, 512, 1000))
        opts = {'options': self.options()} if self.chance(.1) else {}
        base = dict(id=r.randrange(1, 65536), ttl=64, tos=0, df=1 if self.chance(.05) else 0, **opts)
        pieces = []
        for off in range(0, len(body), step):
            f = dict(base)
            if self.chance(.06):
                f['tos'] = r.choice((1, 2, 3, 0x10))
            if self.chance(.04):
                f['ttl'] = r.choice((1, 3, 200))
            pieces.append([off, body[off:off + step], off + step < len(body), f])
        pieces = pieces[:40]
        k = r.random()
        if k < .30:
            r.shuffle(pieces)
        elif k < .40:
            pieces.reverse()
        if self.chance(.12) and len(pieces) > 1:
            pieces.insert(r.randrange(len(pieces)), r.choice(pieces))
        if self.chance(.12) and len(pieces) > 1:
            off, b, more, f = r.choice(pieces)
            lie = r.choice(((off + 8, b, more), (max(0, off - 8), b, more), (off, b + b'\0' * 8, more), (off, b[:8], True), (off, b[:-8] or b, more)))
            pieces.insert(r.randrange(len(pieces) + 1), [lie[0], lie[1], lie[2], f])
        if self.chance(.12) and len(pieces) > 1:
            pieces.pop(r.randrange(len(pieces)))
        if self.chance(.05):
            pieces.append([r.choice((65528, 65000, 65504)), P.pattern(r.choice((8, 16, 100))), self.chance(.5), base])
        if self.chance(.04):
            pieces[0][1] = pieces[0][1][:r.choice((0, 5, 7))]
        dst_mac = self.mac_to(dev, dst)
        return [(dev, P.eth(dst_mac, mac, P.P_IP, P.ip(src, dst, proto, b, off=off, mf=1 if more else 0, **f))) for off, b, more, f in pieces]

    def arp(self):
        """An ARP packet of some kind."""
        r = self.rnd
        dev, own, mac, _ = self.host(self.device())
        k = r.random()
        local = r.choice(self.w.locals or ['10.0.0.1'])
        target = r.choice((local, local, local, self.host()[1], r.choice(self.w.remote or [local]), '10.0.%d.50' % r.randrange(3), r.choice(ODD_ADDRS), r.choice(self.broadcasts)))
        spa = r.choice((own, own, own, own, '0.0.0.0', r.choice(self.w.remote or [own]), local, target, '10.0.%s.77' % dev[1:]))
        sha = mac if self.chance(.93) else r.choice(('ff:ff:ff:ff:ff:ff', '00:00:00:00:00:00', '02:bb:00:00:00:01'))
        dst_mac = r.choice(('ff:ff:ff:ff:ff:ff', 'ff:ff:ff:ff:ff:ff', self.macs[dev], self.macs[dev], '02:dd:00:00:00:63', '01:00:5e:00:00:01'))
        if k < .55:
            body = P.arp(1, sha, spa, '00:00:00:00:00:00' if self.chance(.9) else self.macs[dev], target)
        elif k < .75:
            body = P.arp(2, sha, spa, self.macs[dev], r.choice((local, local, spa, '0.0.0.0')))
        elif k < .88:
            body = P.arp(r.choice((1, 2)), sha, spa, r.choice(('00:00:00:00:00:00', sha, 'ff:ff:ff:ff:ff:ff')), spa)
        else:
            body = P.arp(r.choice((1, 2, 3, 8, 9, 0)), sha, spa, self.macs[dev], target, htype=r.choice((1, 1, 6, 7, 15)),
                         ptype=r.choice((0x800, 0x800, 0x806)), hlen=r.choice((6, 6, 8)), plen=r.choice((4, 4, 16)))
            body = body[:r.choice((28, 28, 28, 27, 20, 8))]
        f = P.eth(dst_mac, mac, P.P_ARP, body)
        if self.chance(.3):
            f += b'\0' * max(0, 60 - len(f))
        return [(dev, f)]

    def resolution(self):
        """Packets to a neighbour whose address is not known, and its reply."""
        r = self.rnd
        unknown = [h for h in self.w.hosts if not h[3]]
        if not unknown:
            return self.one()
        odev, dst, omac, _ = r.choice(unknown)
        dev, src, mac, _ = self.host()
        out = []
        for _ in range(r.choice((1, 1, 2, 3, 5))):
            body = P.udp(src, dst, 4000, 33434, self.data())
            out.append((dev, P.eth(self.macs[dev], mac, P.P_IP, P.ip(src, dst, P.UDP, body, id=r.randrange(1, 65536), ttl=r.choice((64, 64, 1))))))
        local = [a for d, a in ((d, s.partition('/')[0]) for d, s in self.w.subnets) if d == odev]
        if local and self.chance(.8):
            reply = P.arp(r.choice((2, 2, 2, 1)), omac, dst, self.macs[odev], r.choice(local))
            out.insert(r.randrange(1, len(out) + 1), (odev, P.eth(self.macs[odev] if self.chance(.8) else 'ff:ff:ff:ff:ff:ff', omac, P.P_ARP, reply)))
        return out

    def learned(self):
        """An error that teaches a route exception, then packets that would use it."""
        r = self.rnd
        dev, src, mac, _ = self.host()
        ours = r.choice(self.w.locals or ['10.0.0.1'])
        theirs = r.choice((self.w.remote or [src]) + [src, src])
        q = P.ip(ours, theirs, P.ICMP, P.icmp(0, 0, b'\0\7\0\1', b'abcdefgh'), id=r.randrange(65536), total=1400)
        gw = self.host(dev)[1]
        if self.chance(.5):
            m = P.icmp(3, 4, struct.pack('!HH', 0, r.choice((552, 600, 576, 700, 68, 1000, 0))), q)
        else:
            m = P.icmp(5, 1, P.addr(gw), q)
            old = [x for x in self.w.hosts if x[0] == dev]
            src = r.choice(old)[1] if old else src
        out = [(dev, P.eth(self.macs[dev], mac, P.P_IP, P.ip(src, ours, P.ICMP, m, id=r.randrange(1, 65536))))]
        for _ in range(r.choice((1, 2))):
            d2, s2, m2, _ = self.host()
            s2 = theirs if self.chance(.6) else s2
            body = P.icmp(8, 0, b'\0\1\0\1', P.pattern(r.choice((50, 600, 1000))))
            to = ours if self.chance(.6) else theirs
            out.append((d2, P.eth(self.macs[d2], m2, P.P_IP, P.ip(s2, to, P.ICMP, body, id=r.randrange(1, 65536), df=r.choice((0, 0, 1))))))
        return out

    def walked(self):
        """A packet with a source route that leads over this node."""
        r = self.rnd
        dev, src, mac, _ = self.host()
        ours = r.choice(self.w.locals or ['10.0.0.1'])
        hops = [self.host()[1] for _ in range(r.choice((1, 1, 2, 3)))] + [r.choice(self.w.remote or [src])] * r.choice((0, 1))
        if self.chance(.15):
            hops.insert(0, r.choice(self.w.locals or [ours]))
        ptr = r.choice((4, 4, 4, 8, 4 + 4 * len(hops)))
        opt = bytes([r.choice((131, 131, 137)), 3 + 4 * len(hops), ptr]) + b''.join(P.addr(h) for h in hops)
        if self.chance(.4):
            opt += self.option()
        body = r.choice((P.icmp(8, 0, b'\0\7\0\1', self.data()), P.udp(src, ours, 4000, 9, self.data())))
        proto = P.ICMP if body[0] == 8 else P.UDP
        return [(dev, P.eth(self.macs[dev], mac, P.P_IP, P.ip(src, ours, proto, body, id=r.randrange(1, 65536), options=opt[:40],
                                                              ttl=r.choice((64, 64, 1)), df=r.choice((0, 0, 1)))))]

    def repeats(self):
        """The same packet again and again: limits, redirects, caches."""
        one = self.one()
        return one * self.rnd.choice((2, 3, 8))

    def burst(self):
        kind = self.rnd.choices((self.one, self.fragments, self.arp, self.resolution, self.learned, self.repeats, self.walked), (58, 11, 12, 6, 7, 5, 3))[0]
        return kind()
