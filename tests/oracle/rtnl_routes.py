#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""tests/oracle/rtnl_routes.py KIND OUT.txt [SEED STEPS] - record what the running kernel answers to RTM_NEWROUTE, DELROUTE and GETROUTE.

KIND: routes (every check of a request, then random ones), addrs (the routes that addresses bring), links (devices
down, up, without carrier), mixed (all of it by turns), gets (what "ip route get" says meanwhile). SEED and STEPS
choose other random ones than those of tests/rtnl."""
import random
import socket
import struct
import subprocess
import sys
import time

from rtnl import NLM_F_APPEND, NLM_F_CREATE, NLM_F_DUMP, NLM_F_EXCL, NLM_F_REPLACE, Session, attr, available, ip4, message, u16, u32

RTM_NEWROUTE, RTM_DELROUTE, RTM_GETROUTE = 24, 25, 26
RTNLGRP_IPV4_ROUTE = 7
(DST, SRC, IIF, OIF, GATEWAY, PRIO, PREFSRC, METRICS, MULTIPATH, FLOW, TABLE, MARK, VIA, ENCAP_TYPE, ENCAP, NH_ID) = (
    1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 15, 16, 18, 21, 22, 30)
UNICAST, LOCAL, BROADCAST, ANYCAST, MULTICAST, BLACKHOLE, UNREACHABLE, PROHIBIT, THROW, NAT, XRESOLVE = range(1, 12)
HOST, LINK, NOWHERE = 254, 253, 255
DEAD, PERVASIVE, ONLINK, LINKDOWN = 1, 2, 4, 16
ADD = NLM_F_CREATE | NLM_F_EXCL
E0, E1, E2, NODEV = 2, 3, 4, 99


def route(*attrs, cmd=RTM_NEWROUTE, nl=ADD, family=2, dst_len=24, src_len=0, tos=0, table=254, proto=4, scope=0, kind=UNICAST, flags=0):
    return message(cmd, nl, struct.pack('=BBBBBBBBI', family, dst_len, src_len, tos, table, proto, scope, kind, flags) + b''.join(attrs))


def delete(*attrs, **kw):
    return route(*attrs, cmd=RTM_DELROUTE, **dict({'nl': 0, 'scope': NOWHERE, 'proto': 0, 'kind': 0}, **kw))


def dump(*attrs, **kw):
    return route(*attrs, cmd=RTM_GETROUTE, nl=NLM_F_DUMP, **dict({'dst_len': 0, 'table': 0, 'proto': 0, 'kind': 0}, **kw))


def hop(oif, *attrs, flags=0, weight=1, size=None):
    body = b''.join(attrs)
    return struct.pack('=HBBi', 8 + len(body) if size is None else size, flags, weight - 1, oif) + body


def multipath(*hops):
    return attr(MULTIPATH, b''.join(hops))


def metrics(*attrs):
    return attr(METRICS, b''.join(attrs))


def via(text):
    return attr(VIA, struct.pack('=H', 2) + socket.inet_aton(text))


D = ip4(DST, '2.0.0.0')


def bad_headers():
    yield 'short header', message(RTM_NEWROUTE, ADD, struct.pack('=BBBB', 2, 0, 0, 0))
    yield 'destination length 33', route(D, u32(OIF, E0), dst_len=33, scope=LINK)
    yield 'bits behind the prefix', route(ip4(DST, '2.0.0.1'), u32(OIF, E0), scope=LINK)
    for kind in (0, NAT, XRESOLVE, 12, 255):
        yield 'type %d' % kind, route(D, u32(OIF, E0), kind=kind)
        yield 'type %d, scope nowhere, no device' % kind, route(D, u32(PRIO, 70 + kind), kind=kind, scope=NOWHERE)
    yield 'DEAD', route(D, u32(OIF, E0), flags=DEAD, scope=LINK)
    yield 'LINKDOWN', route(D, u32(OIF, E0), flags=LINKDOWN, scope=LINK)
    yield 'PERVASIVE', route(D, u32(OIF, E0), flags=PERVASIVE, scope=LINK)
    yield 'onlink without gateway', route(D, u32(OIF, E0), flags=ONLINK, scope=LINK)
    yield 'tos with ECN bits', route(D, u32(OIF, E0), tos=3, scope=LINK)
    yield 'scope nowhere', route(D, u32(OIF, E0), scope=NOWHERE)
    yield 'local, scope link', route(D, u32(OIF, E0), kind=LOCAL, scope=LINK)
    yield 'broadcast, scope universe', route(D, u32(OIF, E0), kind=BROADCAST)
    yield 'no device', route(D)
    yield 'device that is not there', route(D, u32(OIF, NODEV), scope=LINK)
    yield 'device that is not there, host', route(D, u32(OIF, NODEV), scope=HOST, kind=LOCAL, table=255)
    yield 'no device, host', route(D, scope=HOST, kind=LOCAL, table=255)
    yield 'device down', route(D, u32(OIF, E2), scope=LINK)


def bad_attributes():
    for kind in (DST, OIF, GATEWAY, PRIO, PREFSRC, FLOW, TABLE, NH_ID):
        yield 'attribute %d of 2 bytes' % kind, route(attr(kind, b'\1\2'))
    yield 'multipath of 4 bytes', route(D, attr(MULTIPATH, b'\0\0\0\0'))
    yield 'metrics of 2 bytes', route(D, attr(METRICS, b'\0\0'))
    yield 'gateway and via', route(D, ip4(GATEWAY, '10.0.0.2'), via('10.0.0.2'))
    yield 'via without family', route(D, attr(VIA, b'\2'))
    yield 'via without address', route(D, attr(VIA, b'\2\0'))
    yield 'via of 2 bytes', route(D, attr(VIA, b'\2\0\x0a\0'))
    yield 'via of family 7', route(D, attr(VIA, b'\7\0\x0a\0\0\2'))
    yield 'metric 18', route(D, u32(OIF, E0), metrics(u32(18, 1)), scope=LINK)
    yield 'metric of 2 bytes', route(D, u32(OIF, E0), metrics(attr(2, b'\1\0')), scope=LINK)
    yield 'unknown feature', route(D, u32(OIF, E0), metrics(u32(12, 32)), scope=LINK)
    yield 'unknown congestion control', route(D, u32(OIF, E0), metrics(attr(16, 'nobody')), scope=LINK)
    yield 'encapsulation without type', route(D, u32(OIF, E0), attr(ENCAP, b''), scope=LINK)
    yield 'object and device', route(D, u32(OIF, E0), u32(NH_ID, 5), scope=LINK)
    yield 'object and gateway', route(D, ip4(GATEWAY, '10.0.0.2'), u32(NH_ID, 5))
    yield 'object and multipath', route(D, multipath(hop(E0)), u32(NH_ID, 5))
    yield 'object that is not there', route(D, u32(NH_ID, 5))
    yield 'blackhole with device', route(D, u32(OIF, E0), kind=BLACKHOLE)
    yield 'throw with gateway', route(D, ip4(GATEWAY, '10.0.0.2'), kind=THROW)
    yield 'prohibit with multipath', route(D, multipath(hop(E0)), kind=PROHIBIT)


def bad_next_hops():
    yield 'source not ours', route(D, u32(OIF, E0), ip4(PREFSRC, '9.9.9.9'), scope=LINK)
    yield 'source broadcast', route(D, u32(OIF, E0), ip4(PREFSRC, '10.0.0.255'), scope=LINK)
    yield 'gateway nowhere', route(D, ip4(GATEWAY, '9.9.9.9'))
    yield 'gateway broadcast', route(D, ip4(GATEWAY, '10.0.0.255'))
    yield 'gateway multicast', route(D, ip4(GATEWAY, '224.0.0.1'))
    yield 'gateway on another link', route(D, ip4(GATEWAY, '10.0.0.2'), u32(OIF, E1))
    yield 'gateway, no such device', route(D, ip4(GATEWAY, '10.0.0.2'), u32(OIF, NODEV))
    yield 'gateway, scope link', route(D, ip4(GATEWAY, '10.0.0.2'), scope=LINK)
    yield 'gateway, scope host', route(D, ip4(GATEWAY, '10.0.0.2'), u32(OIF, E0), scope=HOST)
    yield 'onlink, scope link', route(D, ip4(GATEWAY, '10.0.0.2'), u32(OIF, E0), scope=LINK, flags=ONLINK)
    yield 'onlink, no device', route(D, ip4(GATEWAY, '9.9.9.9'), flags=ONLINK)
    yield 'onlink, no such device', route(D, ip4(GATEWAY, '9.9.9.9'), u32(OIF, NODEV), flags=ONLINK)
    yield 'onlink, device down', route(D, ip4(GATEWAY, '9.9.9.9'), u32(OIF, E2), flags=ONLINK)
    yield 'onlink, our address', route(D, ip4(GATEWAY, '10.0.0.1'), u32(OIF, E0), flags=ONLINK)
    yield 'host scope, two next hops', route(D, multipath(hop(E0), hop(E1)), kind=LOCAL, scope=HOST, table=255)
    yield 'multipath, bytes left', route(D, multipath(hop(E0), b'\0\0\0\0'))
    yield 'multipath, second too long', route(D, multipath(hop(E0), hop(E0, size=12)))
    yield 'multipath, DEAD', route(D, multipath(hop(E0, flags=DEAD)))
    yield 'multipath, onlink without gateway', route(D, multipath(hop(E0, flags=ONLINK)))
    yield 'multipath, gateway and via', route(D, multipath(hop(E0, ip4(GATEWAY, '10.0.0.2'), via('10.0.0.2'))))
    yield 'multipath, gateway of 2 bytes', route(D, multipath(hop(E0, attr(GATEWAY, b'\1\2'))))
    yield 'multipath, realm of 2 bytes', route(D, multipath(hop(E0, attr(FLOW, b'\1\2'))))
    yield 'multipath, other device', route(D, u32(OIF, E1), multipath(hop(E0), hop(E1)))
    yield 'multipath, other gateway', route(D, ip4(GATEWAY, '10.0.0.3'), multipath(hop(E0, ip4(GATEWAY, '10.0.0.2')), hop(E1)))
    yield 'multipath, other realm', route(D, u32(FLOW, 5), multipath(hop(E0), hop(E1)))
    yield 'multipath, no such device', route(D, multipath(hop(NODEV), hop(E1)))
    yield 'multipath, device down', route(D, multipath(hop(E1), hop(E2)))


def good():
    """Each is deleted again by the same next hop."""
    yield 'on link', (u32(OIF, E0),), {'scope': LINK}
    yield 'on link, scope universe', (u32(OIF, E0),), {}
    yield 'scope host', (u32(OIF, E0),), {'scope': HOST}
    yield 'scope 200', (ip4(GATEWAY, '10.0.0.2'),), {'scope': 200}
    yield 'scope 252', (ip4(GATEWAY, '10.0.0.2'),), {'scope': 252}
    yield 'gateway', (ip4(GATEWAY, '10.0.0.2'),), {}
    yield 'gateway by via', (via('10.0.0.2'),), {}
    yield 'gateway and device', (ip4(GATEWAY, '10.0.0.2'), u32(OIF, E0)), {}
    yield 'gateway that is ours', (ip4(GATEWAY, '10.0.0.1'),), {}
    yield 'gateway 0.0.0.0', (ip4(GATEWAY, '0.0.0.0'), u32(OIF, E0)), {'scope': LINK}
    yield 'gateway of 6 bytes', (attr(GATEWAY, bytes([10, 0, 0, 2, 9, 9])),), {}
    yield 'gateway onlink', (ip4(GATEWAY, '9.9.9.9'), u32(OIF, E0)), {'flags': ONLINK}
    yield 'source', (u32(OIF, E0), ip4(PREFSRC, '10.0.1.1')), {}
    yield 'realm', (u32(OIF, E0), u32(FLOW, 0x50006)), {}
    yield 'metric and protocol', (u32(OIF, E0), u32(PRIO, 77)), {'proto': 99}
    yield 'tos 0x1c', (u32(OIF, E0),), {'tos': 0x1c}
    yield 'tos 0xfc', (u32(OIF, E0),), {'tos': 0xfc}
    yield 'source prefix, ignored', (u32(OIF, E0), ip4(SRC, '1.1.1.0')), {'src_len': 24}
    yield 'all metrics', (u32(OIF, E0), metrics(*[u32(k, 7) for k in range(1, 18) if k != 16])), {}
    yield 'metrics clamped', (u32(OIF, E0), metrics(u32(2, 70000), u32(8, 70000), u32(10, 300), u32(1, 0xffffffff), u32(12, 31))), {}
    yield 'metrics of 0', (u32(OIF, E0), metrics(u32(2, 0), u32(3, 0), u32(0, 5))), {}
    yield 'two next hops', (multipath(hop(E0, ip4(GATEWAY, '10.0.0.2')), hop(E1, ip4(GATEWAY, '10.0.1.2'), weight=256)),), {}
    yield 'next hops with realms', (multipath(hop(E0, ip4(GATEWAY, '10.0.0.2'), u32(FLOW, 7)), hop(E1, weight=3)),), {}
    yield 'next hops without devices', (multipath(hop(0, ip4(GATEWAY, '10.0.0.2')), hop(0, via('10.0.1.2'))),), {}
    yield 'one next hop as multipath', (multipath(hop(E1, weight=7)),), {'scope': LINK}
    yield 'same next hop thrice', (multipath(*[hop(E1)] * 3),), {'scope': LINK}
    yield 'onlink next hops', (multipath(hop(E0, ip4(GATEWAY, '9.9.9.9'), flags=ONLINK), hop(E1, ip4(GATEWAY, '9.9.9.8'), flags=ONLINK)),), {}
    for kind in (BLACKHOLE, UNREACHABLE, PROHIBIT, THROW):
        yield 'type %d' % kind, (), {'kind': kind}
    yield 'blackhole with scope, realm, source', (u32(FLOW, 7), ip4(PREFSRC, '99.9.9.9')), {'kind': BLACKHOLE, 'scope': HOST}
    yield 'blackhole onlink', (), {'kind': BLACKHOLE, 'flags': ONLINK}
    yield 'local', (u32(OIF, E0),), {'kind': LOCAL, 'scope': HOST, 'table': 255}
    yield 'local, source itself', (u32(OIF, E0), ip4(PREFSRC, '2.0.0.0')), {'kind': LOCAL, 'scope': HOST, 'table': 255}
    yield 'broadcast', (u32(OIF, E0),), {'kind': BROADCAST, 'scope': LINK, 'table': 255}
    yield 'anycast', (u32(OIF, E0),), {'kind': ANYCAST, 'scope': LINK}
    yield 'multicast', (u32(OIF, E0),), {'kind': MULTICAST, 'scope': LINK}
    yield 'table 0', (u32(OIF, E0),), {'table': 0}
    yield 'table 300', (u32(OIF, E0), u32(TABLE, 300)), {'table': 0}
    yield 'table 50 and another', (u32(OIF, E0), u32(TABLE, 300)), {'table': 50}


def dumps():
    yield 'all', dump()
    yield 'main', dump(table=254)
    yield 'table 300', dump(u32(TABLE, 300))
    yield 'table that is not there', dump(u32(TABLE, 4711))
    yield 'table that is not there, any family', dump(u32(TABLE, 4711), family=0)
    yield 'type local', dump(kind=LOCAL)
    yield 'protocol kernel', dump(proto=2)
    yield 'device', dump(u32(OIF, E0))
    yield 'device that is not there', dump(u32(OIF, NODEV))
    yield 'cached', dump(flags=0x200)
    yield 'prefixes', dump(flags=0x800)
    yield 'flag notify', dump(flags=0x100)
    yield 'scope', dump(scope=3)
    yield 'destination length', dump(dst_len=3)
    yield 'source length', dump(src_len=3)
    yield 'tos', dump(tos=4)
    yield 'destination', dump(ip4(DST, '1.1.1.1'))
    yield 'mark', dump(u32(MARK, 1))
    yield 'device of 2 bytes', dump(attr(OIF, b'\1\2'))
    yield 'short header', message(RTM_GETROUTE, NLM_F_DUMP, b'\2\0\0\0')
    yield 'bytes left', message(RTM_GETROUTE, NLM_F_DUMP, b'\2' + bytes(11) + b'\1\2\3\4')


def deletions():
    yield 'not there', delete(D)
    yield 'table not there', delete(D, u32(TABLE, 4711))
    yield 'type 12', delete(D, kind=12)
    yield 'length 33', delete(D, dst_len=33)
    yield 'bits behind the prefix', delete(D, dst_len=4)
    yield 'object not there', delete(D, u32(NH_ID, 5))
    yield 'gateway and via', delete(D, ip4(GATEWAY, '10.0.0.2'), via('10.0.0.2'))
    yield 'tos with ECN bits', delete(D, tos=1)


def partial_deletions():
    """A route and requests that do not mean it, then one that does."""
    two = multipath(hop(E0, ip4(GATEWAY, '10.0.0.2'), u32(FLOW, 7)), hop(E1, ip4(GATEWAY, '10.0.1.2')))
    full = (D, ip4(GATEWAY, '10.0.0.2'), u32(PRIO, 9), ip4(PREFSRC, '10.0.1.1'), metrics(u32(2, 1400), u32(12, 1)))
    yield route(*full), [
        delete(D, tos=4), delete(D, proto=9), delete(D, kind=LOCAL), delete(D, scope=LINK), delete(D, u32(PRIO, 8)), delete(D, u32(OIF, E1)),
        delete(D, ip4(GATEWAY, '10.0.0.3')), delete(D, ip4(PREFSRC, '10.0.0.1')), delete(D, metrics(u32(2, 1300))), delete(D, metrics(u32(3, 1))),
        delete(D, metrics(u32(18, 1))), delete(D, metrics(attr(2, b'\1\0'))), delete(D, metrics(attr(16, 'cubic'))), delete(D, two),
        delete(D, metrics(u32(2, 1400), u32(0, 4)), via('10.0.0.2'), scope=0, proto=4, kind=UNICAST)]
    yield route(D, two), [
        delete(D, multipath(hop(E1), hop(E1))), delete(D, multipath(hop(E0, ip4(GATEWAY, '10.0.0.3')), hop(E1))),
        delete(D, multipath(hop(E0, u32(FLOW, 8)), hop(E1))), delete(D, multipath(hop(E0))), delete(D, multipath(hop(E0), b'\0\0\0\0')),
        delete(D, multipath(hop(E0, attr(GATEWAY, b'\1')), hop(E1))), delete(D, u32(OIF, E1)), delete(D, ip4(GATEWAY, '10.0.1.2')),
        delete(D, multipath(hop(0, u32(FLOW, 7)), hop(E1, via('10.0.1.2'))))]
    yield route(D, two), [delete(D, multipath(hop(E0), hop(E1), hop(E0)))]
    yield route(D, two), [delete(D, u32(OIF, E0), ip4(GATEWAY, '10.0.0.2'))]
    yield route(D, u32(OIF, E0)), [delete(D, multipath(hop(E0))), delete(D)]


def random_route(r, multi=True):
    """A request out of few values, so that many meet."""
    attrs, kw = [], {'nl': r.choice([ADD, NLM_F_CREATE, NLM_F_CREATE | NLM_F_REPLACE, NLM_F_CREATE | NLM_F_APPEND, NLM_F_REPLACE, NLM_F_APPEND, 0])}
    length = r.choice([0, 8, 22, 24, 24, 32])
    address = {0: '0.0.0.0', 8: '2.0.0.0', 22: '2.0.0.0', 24: r.choice(['2.0.0.0', '2.0.1.0']), 32: r.choice(['2.0.0.0', '2.0.1.255'])}[length]
    kw['dst_len'] = length
    if length or r.random() < .5:
        attrs.append(ip4(DST, address))
    kw['kind'] = r.choice([UNICAST] * 6 + [LOCAL, BROADCAST, MULTICAST, BLACKHOLE, UNREACHABLE, THROW])
    kw['scope'] = {LOCAL: HOST, BROADCAST: LINK, MULTICAST: LINK}.get(kw['kind'], r.choice([0, 0, 0, LINK, 200]))
    kw['table'] = r.choice([254, 254, 255, 50, 300 % 256])
    kw['tos'] = r.choice([0, 0, 0, 0, 4, 0x10])
    kw['proto'] = r.choice([3, 4])
    if r.random() < .3:
        attrs.append(u32(PRIO, r.choice([0, 1, 5, 9])))
    if r.random() < .15:
        attrs.append(ip4(PREFSRC, r.choice(['10.0.0.1', '10.0.1.1', '10.0.0.9'])))
    if r.random() < .15:
        attrs.append(metrics(u32(r.choice([2, 3, 4]), r.choice([0, 1000, 1400]))))
    if r.random() < .1:
        attrs.append(u32(FLOW, r.choice([1, 0x20001])))
    if kw['kind'] < BLACKHOLE or r.random() < .1:
        attrs += random_way(r, multi)
    return attrs, kw


def random_way(r, multi):
    gateways = ['10.0.0.2', '10.0.0.3', '10.0.1.2', '10.0.1.255', '10.9.9.9']
    way = r.randrange(6 if multi else 4)
    if way < 2:
        return [u32(OIF, r.choice([E0, E1, E1, E2]))]
    if way < 4:
        return [ip4(GATEWAY, r.choice(gateways))] + ([u32(OIF, r.choice([E0, E1]))] if r.random() < .3 else [])
    hops = []
    for _ in range(r.randrange(1, 4)):
        attrs = [ip4(GATEWAY, r.choice(gateways[:3]))] if r.random() < .6 else []
        hops.append(hop(r.choice([E0, E1, 0]) if attrs else r.choice([E0, E1]), *attrs, weight=r.choice([1, 1, 2, 200])))
    return [multipath(*hops)]


def network(s, addresses=True):
    for name, index in (('e0', E0), ('e1', E1), ('e2', E2)):
        s.device(name, index)
    if addresses:
        for words in ('link set lo up', 'link set e0 up', 'link set e1 up', 'addr add 10.0.0.1/24 brd 10.0.0.255 dev e0', 'addr add 10.0.1.1/24 dev e1'):
            s.ip(words)


def record_routes(s, seed=6, steps=800):
    network(s)
    for group in (bad_headers, bad_attributes, bad_next_hops, deletions):
        for comment, raw in group():
            s.request(comment, raw)
    for comment, attrs, kw in good():
        s.request(comment, route(D, *attrs, **kw))
        s.request('', dump(table=kw.get('table', 254)))
        s.request('', delete(D, *[a for a in attrs if struct.unpack_from('=H', a, 2)[0] in (OIF, GATEWAY, VIA, MULTIPATH, TABLE)],
                             table=kw.get('table', 254), tos=kw.get('tos', 0)))
    s.request('some in a far table', route(D, u32(TABLE, 300), kind=BLACKHOLE, table=0))
    for comment, raw in dumps():
        s.request('dump: ' + comment, raw)
    s.request('', delete(D, u32(TABLE, 300)))
    for made, deletes in partial_deletions():
        for n, raw in enumerate([made] + deletes):
            s.request('a route that only some deletions mean' if n == 0 else '', raw)
        s.request('', dump(table=254))
        s.request('', delete(D))
    many = multipath(*[hop(E0, ip4(GATEWAY, '10.0.0.%d' % (n % 200 + 2)), weight=n % 256 + 1) for n in range(700)])
    for raw in (route(D, many), dump(table=254), delete(D, many)):
        s.request('seven hundred next hops', raw)
    r = random.Random(seed)
    for n in range(steps):
        attrs, kw = random_route(r)
        if r.random() < .3:
            kw.update(nl=0, cmd=RTM_DELROUTE)
            if r.random() < .5:
                kw.update(scope=NOWHERE, proto=0, kind=0)
        s.request('' if n else 'random', route(*attrs, **kw))
        if n % 50 == 49:
            s.request('', dump())
    s.ip('rule add pref 100 to 10.7.0.0/16 lookup 50')
    s.ip('addr add 10.6.0.1/16 dev lo')
    for table in (254, 50, 255):
        s.request('with a rule: a gateway in a local prefix', route(ip4(DST, '2.0.0.0'), ip4(GATEWAY, '10.6.0.9'), u32(PRIO, 99), table=table))
    s.request('', route(ip4(DST, '10.7.0.0'), u32(OIF, E1), u32(PRIO, 99), table=50))
    s.request('a gateway that only the rule leads to', route(ip4(DST, '2.0.0.0'), ip4(GATEWAY, '10.7.0.9'), u32(PRIO, 98)))
    s.request('', dump())


def forms():
    """Forms of addresses, one at a time on e0."""
    yield from ('10.0.0.1/24', '10.0.0.1/24 brd +', '10.0.0.1/24 brd 10.0.0.255', '10.0.0.1/24 brd 10.0.0.0', '10.0.0.1/24 brd 10.0.7.255',
                '10.0.0.1/24 brd 255.255.255.255', '10.0.0.1/32', '10.0.0.1/31', '10.0.0.0/31', '10.0.0.1/30 brd +', '10.0.0.1/8', '10.0.0.0/24',
                '10.0.0.255/24', '10.0.0.1/0', '0.0.0.5/8', '0.1.2.3/32', '127.0.0.5/8', '10.0.0.1 peer 10.0.0.2/32', '10.0.0.1 peer 10.0.9.2/24',
                '10.0.0.1 peer 10.0.0.1/32', '10.0.0.1 peer 10.0.9.3/31', '10.0.0.1/24 scope link', '10.0.0.1/24 scope host', '10.0.0.1/24 metric 50',
                '10.0.0.1/24 noprefixroute', '10.0.0.1/24 brd + noprefixroute metric 7', '192.0.2.129/25 brd +')


POOL = ['10.0.0.%d/%d%s' % (n, length, brd) for n in (1, 2, 9) for length in (24, 24, 16, 32, 31) for brd in ('', ' brd 10.0.0.255')]
POOL += ['10.0.0.1 peer 10.0.5.1/24', '10.0.0.1 peer 10.0.5.2/24', '10.0.0.2 peer 10.0.5.2/32', '10.0.0.1/24 metric 5', '10.0.0.2/24 noprefixroute',
         '10.0.1.1/24', '10.0.1.2/24 brd +']


def record_addrs(s, seed=7, steps=250):
    network(s, addresses=False)
    s.ip('link set e0 up')
    for words in forms():
        s.ip('addr add %s dev e0' % words)
        s.request('', dump())
        s.ip('addr del %s dev e0' % words)
        s.request('', dump())
    for words in ('link set lo up', 'addr add 10.9.9.9/32 dev lo', 'addr add 10.9.8.1/24 dev lo', 'addr del 10.9.8.1/24 dev lo'):
        s.ip(words)
        s.request('', dump())
    s.ip('link set e1 up')
    r = random.Random(seed)
    have = []
    for n in range(steps):
        if have and r.random() < .5:
            address, dev = have.pop(r.randrange(len(have)))
            if s.try_ip('addr del %s dev %s' % (address, dev)):
                s.request('', dump())
        else:
            address, dev = r.choice(POOL), r.choice(['e0', 'e0', 'e1'])
            if s.try_ip('addr add %s dev %s' % (address, dev)):
                have.append((address, dev))
                s.request('', dump())
            if r.random() < .1:
                s.request('', route(ip4(DST, '3.0.%d.0' % (n & 255)), u32(OIF, E1), ip4(PREFSRC, address.split('/')[0].split()[0])))


def record_links(s, seed=8, steps=60):
    network(s)
    ways = [(ip4(GATEWAY, '10.0.0.2'),), (ip4(GATEWAY, '10.0.1.2'),), (u32(OIF, E0),), (multipath(hop(E0), hop(E1)),),
            (multipath(hop(E0, ip4(GATEWAY, '10.0.0.2')), hop(E0, ip4(GATEWAY, '10.0.0.3'))),), (multipath(hop(E1, weight=9), hop(E0), hop(E1)),)]

    def routes():
        for n, way in enumerate(ways):
            s.request('', route(ip4(DST, '2.0.%d.0' % n), *way, nl=NLM_F_CREATE | NLM_F_REPLACE))
        s.request('', route(ip4(DST, '2.1.0.0'), u32(OIF, E0), kind=LOCAL, scope=HOST, table=255, nl=NLM_F_CREATE | NLM_F_REPLACE))
        s.request('', route(ip4(DST, '2.2.0.0'), ip4(PREFSRC, '10.0.0.1'), kind=BLACKHOLE, nl=NLM_F_CREATE | NLM_F_REPLACE))
        s.request('', dump())
    routes()
    s.sysctl('net.ipv4.conf.e1.ignore_routes_with_linkdown=1')
    r = random.Random(seed)
    carrier = {'e0': 1, 'e1': 1}
    for _ in range(steps):
        dev, what = r.choice(['e0', 'e1']), r.randrange(4)
        if what == 0:
            carrier[dev] ^= 1
            s.carrier(dev, carrier[dev])
        elif what == 1:
            s.ip('link set %s down' % dev)
            s.request('', dump())
            s.ip('link set %s up' % dev)
        elif what == 2:
            s.ip('link set %s mtu %d' % (dev, r.choice([1400, 1500])))
        else:
            routes()
        s.request('', dump())
    s.ip('addr del 10.0.0.1/24 dev e0')
    s.request('', dump())


def get(*attrs, **kw):
    return route(*attrs, cmd=RTM_GETROUTE, nl=0, **dict({'dst_len': 32, 'table': 0, 'proto': 0, 'kind': 0}, **kw))


def random_question(r):
    """What "ip route get" asks."""
    addresses = ['2.0.0.0', '2.0.0.7', '2.0.1.255', '2.0.1.9', '2.9.9.9', '10.0.0.1', '10.0.0.2', '10.0.0.255', '10.0.1.1', '10.0.1.7', '10.9.0.1',
                 '99.0.0.1', '127.0.0.1', '255.255.255.255', '224.0.0.5', '0.0.0.0']
    attrs, kw = [ip4(DST, r.choice(addresses))], {'flags': r.choice([0, 0x1000, 0x2000])}
    kw['tos'] = r.choice([0, 0, 0, 4, 0x10])
    if r.random() < .4:
        kw['src_len'] = 32
        attrs.append(ip4(SRC, r.choice(['10.0.0.1', '10.0.1.1', '10.0.0.9', '2.0.0.9', '99.0.0.2', '10.0.1.8'])))
        if r.random() < .8:
            return attrs + [u32(IIF, r.choice([E0, E1]))], kw
    if r.random() < .3:
        attrs.append(u32(OIF, r.choice([1, E0, E1, E2])))
    return attrs, kw


def random_link(s, r, up, have, devices_go):
    dev = r.choice(['e0', 'e1', 'e2'])
    what = r.random()
    if what < .1 and devices_go:
        s.ip('link del ' + dev)
        have[:] = [(address, d) for address, d in have if d != dev]
        s.request('', dump())
        s.device(dev, {'e0': E0, 'e1': E1, 'e2': E2}[dev])
        up[dev] = False
    elif what < .2:
        s.sysctl('net.ipv4.conf.%s.promote_secondaries=%d' % (r.choice([dev, 'all']), r.randrange(2)))
    else:
        up[dev] = not up.get(dev, dev != 'e2')
        s.ip('link set %s %s' % (dev, 'up' if up[dev] else 'down'))


def record_mixed(s, seed=9, steps=500, questions=False):
    """Routes, addresses and links by turns, and from the middle on with a rule. With questions ("ip route get") there is nothing
    whose answer hangs on chance or on the order of devices: several next hops, devices that go."""
    network(s)
    r, have, up = random.Random(seed), [('10.0.0.1/24', 'e0'), ('10.0.1.1/24', 'e1')], {}
    for n in range(steps):
        what = r.random()
        if n == steps // 2:
            s.ip('rule add pref 100 to 10.9.0.0/16 lookup 50')
        if what < .65:
            attrs, kw = random_route(r, not questions)
            if r.random() < .1:
                kw['flags'] = ONLINK
            if r.random() < .2:
                kw.update(nl=0, cmd=RTM_DELROUTE)
            s.request('', route(*attrs, **kw))
        elif what < .75 and have:
            address, dev = have.pop(r.randrange(len(have)))
            s.try_ip('addr del %s dev %s' % (address, dev))
        elif what < .88:
            address, dev = r.choice(POOL), r.choice(['e0', 'e0', 'e1', 'e2', 'lo'])
            if s.try_ip('addr add %s dev %s' % (address, dev)):
                have.append((address, dev))
        else:
            random_link(s, r, up, have, not questions)
        if questions and n % 2:
            attrs, kw = random_question(r)
            s.request('', get(*attrs, **kw))
        if n % 10 == 9 and not questions:
            s.request('', dump())


def record_gets(s, seed=10, steps=800):
    record_mixed(s, seed, steps, True)


class Routes(Session):
    def carrier(self, name, on):
        """The kernel tells of a carrier up to a second later."""
        self.say('carrier %s %d' % (name, on))
        subprocess.run(['ip', 'link', 'set', 'p-' + name, 'up' if on else 'down'], check=True)
        time.sleep(1.3)
        self.heard()

    def try_ip(self, words):
        """Like ip(), but a refusal is no mistake and leaves no trace."""
        if subprocess.run(['ip'] + words.split(), stderr=subprocess.DEVNULL, check=False).returncode:
            self.hush()
            return False
        self.say('ip ' + words)
        self.heard()
        return True


def main():
    why = available()
    if why:
        print('rtnl_routes: %s, nothing recorded' % why)
        return 77
    with open(sys.argv[2], 'w', encoding='utf-8') as out:
        s = Routes(out, [RTNLGRP_IPV4_ROUTE])
        s.families = (socket.AF_INET,)
        {'routes': record_routes, 'addrs': record_addrs, 'links': record_links, 'mixed': record_mixed, 'gets': record_gets}[sys.argv[1]](s, *map(int, sys.argv[3:]))
    return 0


if __name__ == '__main__':
    sys.exit(main())
