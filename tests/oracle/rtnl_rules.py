#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""tests/oracle/rtnl_rules.py OUT.txt [SEED COUNT] - record what the running kernel answers to RTM_NEWRULE, DELRULE and GETRULE.

With SEED only COUNT random requests are recorded."""
import random
import struct
import sys

from rtnl import (NLM_F_CREATE, NLM_F_DUMP, NLM_F_ECHO, NLM_F_EXCL, Session, attr, available, be64, ip4, message, u16, u32, u64, u8)

RTM_NEWRULE, RTM_DELRULE, RTM_GETRULE = 32, 33, 34
RTNLGRP_IPV4_RULE = 8
(DST, SRC, IIF, GOTO, PRIO, FWMARK, FLOW, TUN_ID, SUP_IFG, SUP_PLEN, TABLE, FWMASK, OIF, L3MDEV, UID, PROTO, IPPROTO, SPORT, DPORT, DSCP,
 FLOWLABEL, FLOWLABEL_MASK, SPORT_MASK, DPORT_MASK, DSCP_MASK) = (1, 2, 3, 4, 6, 10, 11, 12, 13, 14, 15, 16, 17, 19, 20, 21, 22, 23, 24,
                                                                  25, 26, 27, 28, 29, 30)
TO_TBL, GOTO_ACT, NOP, BLACKHOLE, UNREACHABLE, PROHIBIT = 1, 2, 3, 6, 7, 8
INVERT = 2
CREATE, EXCL = NLM_F_CREATE, NLM_F_CREATE | NLM_F_EXCL


def rule(*attrs, cmd=RTM_NEWRULE, nl=EXCL, family=2, dst_len=0, src_len=0, tos=0, table=0, res1=0, res2=0, action=TO_TBL, flags=0):
    return message(cmd, nl, struct.pack('=BBBBBBBBI', family, dst_len, src_len, tos, table, res1, res2, action, flags) + b''.join(attrs))


def delete(*attrs, **kw):
    return rule(*attrs, cmd=RTM_DELRULE, **dict({'nl': 0, 'action': 0}, **kw))


def dump(**kw):
    return rule(cmd=RTM_GETRULE, nl=NLM_F_DUMP, **dict({'action': 0}, **kw))


def pair(kind, a, b):
    return attr(kind, struct.pack('=HH', a, b))


def uids(a, b):
    return attr(UID, struct.pack('=II', a, b))


def refusals():
    yield 'short header', message(RTM_NEWRULE, EXCL, struct.pack('=BBBB', 2, 0, 0, 0))
    yield 'family 28', rule(family=28, table=100)
    yield 'source length without source', rule(src_len=8, table=100)
    yield 'source length 33', rule(ip4(SRC, '10.0.0.0'), src_len=33, table=100)
    yield 'source of 3 bytes', rule(attr(SRC, b'\1\2\3'), src_len=8, table=100)
    yield 'destination length without destination', rule(dst_len=8, table=100)
    yield 'destination length 33', rule(ip4(DST, '10.0.0.0'), dst_len=33, table=100)
    yield 'destination of 16 bytes', rule(attr(DST, bytes(16)), dst_len=8, table=100)
    yield 'tos 0x11', rule(tos=0x11, table=100)
    yield 'tos 0xff', rule(tos=0xff, table=100)
    yield 'tos 0xe0', rule(tos=0xe0, table=100)
    yield 'dscp 64', rule(u8(DSCP, 64), table=100)
    yield 'dscp and tos', rule(u8(DSCP, 10), tos=0x10, table=100)
    yield 'dscp mask without dscp', rule(u8(DSCP_MASK, 3), table=100)
    yield 'dscp mask 255', rule(u8(DSCP, 10), u8(DSCP_MASK, 255), table=100)
    yield 'dscp outside of its mask', rule(u8(DSCP, 10), u8(DSCP_MASK, 1), table=100)
    yield 'dscp mask 0', rule(u8(DSCP, 0), u8(DSCP_MASK, 0), table=100)
    yield 'flow label', rule(u32(FLOWLABEL, 1), table=100)
    yield 'flow label mask', rule(u32(FLOWLABEL_MASK, 1), table=100)
    yield 'goto without target', rule(action=GOTO_ACT)
    yield 'goto target without goto', rule(u32(GOTO, 1000), u32(PRIO, 10), table=100)
    yield 'goto backwards', rule(u32(GOTO, 10), u32(PRIO, 20), action=GOTO_ACT)
    yield 'goto itself', rule(u32(GOTO, 20), u32(PRIO, 20), action=GOTO_ACT)
    yield 'goto behind a default preference', rule(u32(GOTO, 20), action=GOTO_ACT)
    yield 'l3mdev 2', rule(u8(L3MDEV, 2))
    yield 'l3mdev 0', rule(u8(L3MDEV, 0))
    yield 'l3mdev and table', rule(u8(L3MDEV, 1), table=100)
    yield 'uid range backwards', rule(uids(10, 5), table=100)
    yield 'uid range of nobody', rule(uids(0xffffffff, 0xffffffff), table=100)
    yield 'uid range to nobody', rule(uids(5, 0xffffffff), table=100)
    yield 'uid range of 4 bytes', rule(u32(UID, 5), table=100)
    yield 'sport range from 0', rule(pair(SPORT, 0, 5), table=100)
    yield 'sport range backwards', rule(pair(SPORT, 10, 5), table=100)
    yield 'sport range to 65535', rule(pair(SPORT, 10, 65535), table=100)
    yield 'dport range backwards', rule(pair(DPORT, 10, 5), table=100)
    yield 'dport range from 0', rule(pair(DPORT, 0, 0), table=100)
    yield 'sport range of 2 bytes', rule(u16(SPORT, 10), table=100)
    yield 'sport mask without sport', rule(u16(SPORT_MASK, 0xff), table=100)
    yield 'dport mask without dport', rule(u16(DPORT_MASK, 0xff), table=100)
    yield 'sport mask with range', rule(pair(SPORT, 10, 20), u16(SPORT_MASK, 0xff), table=100)
    yield 'dport mask with range', rule(pair(DPORT, 10, 20), u16(DPORT_MASK, 0xff), table=100)
    yield 'sport outside of its mask', rule(pair(SPORT, 10, 10), u16(SPORT_MASK, 1), table=100)
    yield 'iif too long', rule(attr(IIF, 'a' * 20), table=100)
    yield 'oif too long', rule(attr(OIF, 'a' * 16), table=100)
    yield 'iif without its end, 15 letters', rule(attr(IIF, b'abcdefghijklmno'), u32(PRIO, 77), table=100)
    yield 'iif without its end, 16 letters', rule(attr(IIF, b'abcdefghijklmnop'), table=100)
    yield 'iif empty', rule(attr(IIF, b''), table=100)
    yield 'iif only its end', rule(attr(IIF, ''), u32(PRIO, 78), table=100)
    yield 'priority of 2 bytes', rule(u16(PRIO, 10), table=100)
    yield 'priority of 8 bytes', rule(u64(PRIO, 10), table=100)
    yield 'fwmark of 1 byte', rule(u8(FWMARK, 10), table=100)
    yield 'table of 1 byte', rule(u8(TABLE, 10))
    yield 'tun id of 4 bytes', rule(u32(TUN_ID, 10), table=100)
    yield 'unknown attribute', rule(u32(200, 10), u32(PRIO, 79), table=100)
    yield 'bytes left over', rule(u32(PRIO, 80), b'\1\2\3\4', table=100)
    yield 'reserved bytes set', rule(u32(PRIO, 81), res1=3, res2=4, table=100)
    yield 'unused attribute 5', rule(u32(5, 81), u32(PRIO, 82), table=100)
    yield 'action 0', rule(u32(PRIO, 83), action=0, table=100)
    yield 'action 4', rule(u32(PRIO, 84), action=4, table=100)
    yield 'action 9', rule(u32(PRIO, 85), action=9, table=100)
    yield 'action 200', rule(u32(PRIO, 86), action=200, table=100)
    yield 'flags', rule(u32(PRIO, 87), flags=0xfffffffe, table=100)
    yield 'address without length', rule(ip4(SRC, '10.0.0.1'), u32(PRIO, 88), table=100)
    yield 'host bits in the prefix', rule(ip4(SRC, '10.1.2.3'), u32(PRIO, 89), src_len=8, table=100)
    yield 'sport mask 0', rule(pair(SPORT, 10, 10), u16(SPORT_MASK, 0), u32(PRIO, 90), table=100)
    yield 'delete: nothing like it', delete(u32(PRIO, 4711))
    yield 'delete: short header', message(RTM_DELRULE, 0, struct.pack('=BBBB', 2, 0, 0, 0))
    yield 'delete: family 28', delete(family=28)
    yield 'delete: bad source', delete(src_len=9)
    yield 'delete: tos with ECN bits', delete(tos=3)
    yield 'get without dump', rule(cmd=RTM_GETRULE, nl=0)
    yield 'dump: all families', dump(family=0)
    yield 'dump: family 28', dump(family=28)
    yield 'dump: source length', dump(src_len=8)
    yield 'dump: table', dump(table=8)
    yield 'dump: action', dump(action=1)
    yield 'dump: flags', dump(flags=1)
    yield 'dump: attribute', rule(u32(PRIO, 10), cmd=RTM_GETRULE, nl=NLM_F_DUMP, action=0)
    yield 'dump: short header', message(RTM_GETRULE, NLM_F_DUMP, struct.pack('=BBBB', 2, 0, 0, 0))


    yield 'which first: goto or uid', rule(u32(GOTO, 20), u32(PRIO, 20), uids(10, 5), action=GOTO_ACT)
    yield 'which first: uid or sport', rule(pair(SPORT, 0, 5), uids(10, 5), table=100)
    yield 'which first: sport mask or dport', rule(pair(DPORT, 0, 5), u16(SPORT_MASK, 5), table=100)
    yield 'which first: dport mask or sport', rule(pair(SPORT, 0, 5), u16(DPORT_MASK, 5), table=100)
    yield 'which first: source or destination', rule(src_len=8, dst_len=8, table=100)
    yield 'which first: l3mdev or goto', rule(u32(GOTO, 20), u8(L3MDEV, 3), table=100)
    yield 'which first: tos or dscp mask', rule(u8(DSCP_MASK, 20), tos=3, table=100)
    yield 'which first: flow label or tos', rule(u32(FLOWLABEL, 20), tos=3, table=100)
    yield 'which first: tos or backward goto', rule(u32(GOTO, 20), u32(PRIO, 20), action=GOTO_ACT, tos=3)
    yield 'which first: existing or flow label', rule(u32(FLOWLABEL, 20), u8(PROTO, 2), u32(PRIO, 32766), table=254)


def accepted():
    yield 'default preference', rule(ip4(SRC, '10.0.0.0'), src_len=8, table=100)
    yield 'default preference, again', rule(ip4(SRC, '11.0.0.0'), src_len=8, table=100)
    yield 'the same again, EXCL', rule(ip4(SRC, '11.0.0.0'), src_len=8, table=100)
    yield 'the same preference, EXCL', rule(ip4(SRC, '11.0.0.0'), u32(PRIO, 32764), src_len=8, table=100)
    yield 'the same preference', rule(ip4(SRC, '11.0.0.0'), u32(PRIO, 32764), src_len=8, table=100, nl=CREATE)
    yield 'without CREATE', rule(ip4(SRC, '12.0.0.0'), u32(PRIO, 32000), src_len=8, table=100, nl=0)
    yield 'echo', rule(ip4(SRC, '12.1.0.0'), u32(PRIO, 32001), src_len=16, table=100, nl=EXCL | NLM_F_ECHO)
    yield 'inverted, EXCL', rule(ip4(SRC, '12.1.0.0'), u32(PRIO, 32001), src_len=16, table=100, flags=INVERT)
    yield 'inverted', rule(ip4(SRC, '12.2.0.0'), u32(PRIO, 32002), src_len=16, table=100, flags=INVERT)
    yield 'no table: an empty one', rule(u32(PRIO, 31000))
    yield 'no table: the next empty one', rule(u32(PRIO, 31001))
    yield 'table 5000', rule(u32(TABLE, 5000), u32(PRIO, 31002))
    yield 'table 5000 and 7', rule(u32(TABLE, 5000), u32(PRIO, 31003), table=7)
    yield 'tos', rule(u32(PRIO, 30000), tos=0x10, table=100)
    yield 'tos 0x1c', rule(u32(PRIO, 30001), tos=0x1c, table=100)
    yield 'dscp', rule(u8(DSCP, 46), u32(PRIO, 30002), table=100)
    yield 'dscp 0', rule(u8(DSCP, 0), u32(PRIO, 30003), table=100)
    yield 'dscp/mask', rule(u8(DSCP, 40), u8(DSCP_MASK, 0x38), u32(PRIO, 30004), table=100)
    yield 'fwmark', rule(u32(FWMARK, 5), u32(PRIO, 29000), table=100)
    yield 'fwmark/mask', rule(u32(FWMARK, 5), u32(FWMASK, 0xf), u32(PRIO, 29001), table=100)
    yield 'fwmark 0/mask', rule(u32(FWMARK, 0), u32(FWMASK, 0xf), u32(PRIO, 29002), table=100)
    yield 'fwmark 0', rule(u32(FWMARK, 0), u32(PRIO, 29003), table=100)
    yield 'mask alone', rule(u32(FWMASK, 0xff), u32(PRIO, 29004), table=100)
    yield 'iif', rule(attr(IIF, 'e0'), u32(PRIO, 28000), table=100)
    yield 'iif missing', rule(attr(IIF, 'nix'), u32(PRIO, 28001), table=100)
    yield 'oif', rule(attr(OIF, 'e1'), u32(PRIO, 28002), table=100)
    yield 'oif missing', rule(attr(OIF, 'nix2'), u32(PRIO, 28003), table=100)
    yield 'iif lo', rule(attr(IIF, 'lo'), u32(PRIO, 28004), table=100)
    yield 'iif and oif', rule(attr(IIF, 'e0'), attr(OIF, 'e1'), u32(PRIO, 28005), table=100)
    yield 'uids', rule(uids(0, 1000), u32(PRIO, 27000), table=100)
    yield 'uid', rule(uids(7, 7), u32(PRIO, 27001), table=100)
    yield 'ipproto and ports', rule(u8(IPPROTO, 17), pair(SPORT, 1, 5), pair(DPORT, 53, 53), u32(PRIO, 26000), table=100)
    yield 'port mask', rule(pair(SPORT, 0x10, 0x10), u16(SPORT_MASK, 0xf0), u32(PRIO, 26001), table=100)
    yield 'port masks', rule(pair(DPORT, 0x10, 0x10), u16(DPORT_MASK, 0xfff0), u8(IPPROTO, 6), u32(PRIO, 26002), table=100)
    yield 'port mask ffff', rule(pair(DPORT, 16, 16), u16(DPORT_MASK, 0xffff), u32(PRIO, 26003), table=100)
    yield 'tun id', rule(be64(TUN_ID, 42), u32(PRIO, 25000), table=100)
    yield 'suppress', rule(u32(SUP_PLEN, 0), u32(PRIO, 24000), table=254)
    yield 'suppress group', rule(u32(SUP_IFG, 7), u32(SUP_PLEN, 24), u32(PRIO, 24001), table=254)
    yield 'suppress none', rule(u32(SUP_IFG, -1), u32(SUP_PLEN, -1), u32(PRIO, 24002), table=254)
    yield 'realm', rule(u32(FLOW, 0x00030004), u32(PRIO, 23000), table=254)
    yield 'protocol', rule(u8(PROTO, 4), u32(PRIO, 22000), table=254)
    yield 'blackhole', rule(u32(PRIO, 21000), action=BLACKHOLE)
    yield 'unreachable', rule(u32(PRIO, 21001), action=UNREACHABLE)
    yield 'prohibit', rule(u32(PRIO, 21002), action=PROHIBIT)
    yield 'nop', rule(u32(PRIO, 21003), action=NOP)
    yield 'blackhole with a table', rule(u32(PRIO, 21004), action=BLACKHOLE, table=9)
    yield 'goto an existing one', rule(u32(GOTO, 32766), u32(PRIO, 20000), action=GOTO_ACT)
    yield 'goto a missing one', rule(u32(GOTO, 20500), u32(PRIO, 20001), action=GOTO_ACT)
    yield 'goto, invert', rule(u32(GOTO, 20500), u32(PRIO, 20002), action=GOTO_ACT, flags=INVERT)
    yield 'l3mdev', rule(u8(L3MDEV, 1), u32(PRIO, 19000))
    yield 'preference 0', rule(u32(PRIO, 0), table=100)
    yield 'preference 4294967295', rule(u32(PRIO, 4294967295), table=100)
    yield None, dump()
    yield 'the target comes', rule(u32(PRIO, 20500), action=NOP)
    yield None, dump()
    yield 'a second one of its preference', rule(u32(PRIO, 20500), action=PROHIBIT)
    yield 'the target goes', delete(u32(PRIO, 20500), action=NOP)
    yield None, dump()
    yield 'the last target goes', delete(u32(PRIO, 20500))
    yield None, dump()


def deleted():
    yield 'by inverted selector', delete(ip4(SRC, '12.2.0.0'), src_len=16)
    yield 'by length only', delete(ip4(SRC, '12.1.0.0'), src_len=17)
    yield 'by table', delete(u32(TABLE, 5000))
    yield 'by tos', delete(tos=0x10)
    yield 'by tos that is a dscp', delete(tos=0xb8)
    yield 'by dscp', delete(u8(DSCP, 46))
    yield 'by dscp and mask', delete(u8(DSCP, 40), u8(DSCP_MASK, 0x38))
    yield 'by mark', delete(u32(FWMARK, 5))
    yield 'by mark, second', delete(u32(FWMARK, 5))
    yield 'by mark, third', delete(u32(FWMARK, 5))
    yield 'by mask', delete(u32(FWMASK, 0xff))
    yield 'by iif', delete(attr(IIF, 'nix'))
    yield 'by oif and iif', delete(attr(OIF, 'e1'), attr(IIF, 'e0'))
    yield 'by uids', delete(uids(7, 7))
    yield 'by port', delete(pair(DPORT, 53, 53))
    yield 'by port with mask', delete(pair(DPORT, 16, 16), u16(DPORT_MASK, 0xfff0))
    yield 'by ipproto', delete(u8(IPPROTO, 6))
    yield 'by tunnel', delete(be64(TUN_ID, 42))
    yield 'by suppress', delete(u32(SUP_PLEN, 24))
    yield 'by realm', delete(u32(FLOW, 0x00030004))
    yield 'by protocol', delete(u8(PROTO, 4))
    yield 'by action', delete(action=BLACKHOLE)
    yield 'by goto target', delete(u32(GOTO, 20500), action=GOTO_ACT)
    yield 'by l3mdev', delete(u8(L3MDEV, 1))
    yield 'main by table', delete(table=254)
    yield 'local by preference 0', delete(u32(PRIO, 0), table=255)
    yield 'default', delete(u32(PRIO, 32767))
    yield 'the rest', delete(u32(PRIO, 21004))
    yield None, dump()


def random_rule(r):
    a, kw = [], {}
    if r.random() < .4:
        a.append(ip4(SRC, '10.0.%d.0' % r.randrange(2)))
        kw['src_len'] = r.choice((16, 24))
    if r.random() < .3:
        a.append(ip4(DST, '10.1.%d.0' % r.randrange(2)))
        kw['dst_len'] = r.choice((16, 24, 32))
    if r.random() < .8:
        a.append(u32(PRIO, r.choice((0, 10, 20, 30, 40, 32766))))
    if r.random() < .2:
        a.append(attr(IIF, r.choice(('e0', 'e1', 'nix'))))
    if r.random() < .2:
        a.append(attr(OIF, r.choice(('e0', 'e1', 'nix'))))
    if r.random() < .2:
        a.append(u32(FWMARK, r.randrange(2)))
    if r.random() < .1:
        a.append(u32(FWMASK, r.choice((1, 3))))
    if r.random() < .1:
        a.append(u8(IPPROTO, r.choice((6, 17))))
    if r.random() < .1:
        kw['tos'] = r.choice((4, 8, 0x10))
    if r.random() < .1:
        a.append(u8(DSCP, r.choice((0, 1, 8, 46))))
    if r.random() < .1:
        a.append(pair(r.choice((SPORT, DPORT)), r.choice((5, 6)), 6))
    if r.random() < .1:
        a.append(u32(FLOW, r.randrange(3)))
    if r.random() < .1:
        a.append(u32(SUP_PLEN, r.choice((0, 8))))
    if r.random() < .1:
        a.append(u8(PROTO, r.choice((0, 3, 4))))
    if r.random() < .1:
        kw['flags'] = INVERT
    return a, kw


def random_steps(seed, count):
    r = random.Random(seed)
    for _ in range(count):
        a, kw = random_rule(r)
        if r.random() < .6:
            kw['action'] = r.choice((TO_TBL, TO_TBL, TO_TBL, NOP, BLACKHOLE, GOTO_ACT))
            if kw['action'] == TO_TBL:
                kw['table'] = r.choice((100, 101, 254))
            if kw['action'] == GOTO_ACT:
                a.append(u32(GOTO, r.choice((10, 20, 30, 40, 50))))
            yield None, rule(*a, nl=r.choice((CREATE, EXCL)), **kw)
        else:
            kw['action'] = r.choice((0, 0, 0, TO_TBL, NOP, GOTO_ACT))
            if kw['action'] == GOTO_ACT:
                a.append(u32(GOTO, r.choice((10, 20, 30, 40, 50))))
            yield None, delete(*a, **kw)
        if r.random() < .1:
            yield None, dump()


def record(out, seed=None, count=0):
    s = Session(out, [RTNLGRP_IPV4_RULE])
    s.device('e0', 2)
    s.device('e1', 3)
    if seed is not None:
        for step in random_steps(seed, count):
            s.request(*step)
        s.request(None, dump())
        return
    s.request('the three of a new namespace', dump())
    for step in refusals():
        s.request(*step)
    s.request(None, dump())
    for step in accepted():
        s.request(*step)
    s.rule_texts(unknown=[30002, 30003, 30004, 26001, 26002, 26003, 83, 84, 85, 86, 87, 32765])
    s.say('# devices come, change names and go')
    s.device('nix', 4)
    s.request(None, dump())
    s.ip('link set nix name nix2')
    s.request(None, dump())
    s.ip('link del e1')
    s.request(None, dump())
    for step in deleted():
        s.request(*step)
    s.say('# everything goes')
    while s.request(None, delete()) == 0:
        pass
    for step in random_steps(1, 300):
        s.request(*step)
    s.request('permanent', rule(u32(PRIO, 4711), flags=1, table=100))
    s.request('permanent: stays', delete(u32(PRIO, 4711)))
    s.request(None, dump())


def main():
    why = available()
    if why:
        print('rtnl_rules.py:', why, file=sys.stderr)
        return 77
    with open(sys.argv[1], 'w', encoding='ascii') as out:
        record(out, *map(int, sys.argv[2:]))
    return 0


if __name__ == '__main__':
    sys.exit(main())
