#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""tests/oracle/rtnl_nexthops.py objects|resilient|routes OUT.txt [SEED COUNT] - record what the running kernel answers about next hop objects.

With SEED (not objects) COUNT random requests are recorded."""
import random
import struct
import sys

from rtnl import (NLM_F_CREATE, NLM_F_DUMP, NLM_F_ECHO, NLM_F_EXCL, NLM_F_REPLACE, Session, attr, available, ip4, message, u16, u32, u64, u8)

RTM_NEWROUTE, RTM_DELROUTE, RTM_GETROUTE = 24, 25, 26
RTM_NEWNEXTHOP, RTM_DELNEXTHOP, RTM_GETNEXTHOP = 104, 105, 106
RTM_NEWNEXTHOPBUCKET, RTM_DELNEXTHOPBUCKET, RTM_GETNEXTHOPBUCKET = 116, 117, 118
RTNLGRP_IPV4_ROUTE, RTNLGRP_NEXTHOP = 7, 32
(ID, GROUP, GROUP_TYPE, BLACKHOLE, OIF, GATEWAY, ENCAP_TYPE, ENCAP, GROUPS, MASTER, FDB, RES_GROUP, RES_BUCKET, OP_FLAGS, GROUP_STATS,
 HW_STATS_ENABLE, HW_STATS_USED) = range(1, 18)
ONLINK, DEAD, LINKDOWN, PERVASIVE, OFFLOAD = 4, 1, 16, 2, 8
LO, E0, E1, E2 = 1, 2, 3, 4
CREATE, EXCL, REPLACE, CHANGE = NLM_F_CREATE, NLM_F_CREATE | NLM_F_EXCL, NLM_F_CREATE | NLM_F_REPLACE, NLM_F_REPLACE
FLAG = b''


def nh(*attrs, cmd=RTM_NEWNEXTHOP, nl=EXCL, family=2, scope=0, proto=0, resvd=0, flags=0):
    return message(cmd, nl, struct.pack('=BBBBI', family, scope, proto, resvd, flags) + b''.join(attrs))


def group(ident, *members, extra=(), **kw):
    raw = b''.join(struct.pack('=IBBH', m[0], (m[1] - 1) & 255, (m[1] - 1) >> 8 & 255, 0) for m in members)
    head = [u32(ID, ident)] if ident is not None else []
    return nh(*head, attr(GROUP, raw), *extra, **dict({'family': 0}, **kw))


def delete(ident, **kw):
    return nh(u32(ID, ident), cmd=RTM_DELNEXTHOP, **dict({'nl': 0, 'family': 0}, **kw))


def get(ident, *extra, **kw):
    return nh(u32(ID, ident), *extra, cmd=RTM_GETNEXTHOP, **dict({'nl': 0, 'family': 0}, **kw))


def dump(*attrs, **kw):
    return nh(*attrs, cmd=RTM_GETNEXTHOP, **dict({'nl': NLM_F_DUMP, 'family': 0}, **kw))


def route(dst, length, ident, cmd=RTM_NEWROUTE, nl=EXCL, scope=0, extra=()):
    hdr = struct.pack('=BBBBBBBBI', 2, length, 0, 0, 254, 3 if cmd == RTM_NEWROUTE else 0, scope, 1, 0)
    return message(cmd, nl, hdr + ip4(1, dst) + (u32(30, ident) if ident else b'') + b''.join(extra))


def routes():
    return message(RTM_GETROUTE, NLM_F_DUMP, struct.pack('=BBBBBBBBI', 2, 0, 0, 0, 254, 0, 0, 0, 0))


def refusals():
    yield 'short header', message(RTM_NEWNEXTHOP, EXCL, struct.pack('=BBBB', 2, 0, 0, 0))
    yield 'nothing', nh()
    yield 'scope', nh(u32(ID, 1), u32(OIF, E0), scope=253)
    yield 'reserved byte', nh(u32(ID, 1), u32(OIF, E0), resvd=1)
    yield 'flag dead', nh(u32(ID, 1), u32(OIF, E0), flags=DEAD)
    yield 'flag linkdown', nh(u32(ID, 1), u32(OIF, E0), flags=LINKDOWN)
    yield 'flag pervasive', nh(u32(ID, 1), u32(OIF, E0), flags=PERVASIVE)
    yield 'family 0 without group', nh(u32(ID, 1), u32(OIF, E0), family=0)
    yield 'family 7', nh(u32(ID, 1), u32(OIF, E0), family=7)
    yield 'fdb and device', nh(u32(ID, 1), u32(OIF, E0), attr(FDB, FLAG))
    yield 'fdb and blackhole', nh(u32(ID, 1), attr(BLACKHOLE, FLAG), attr(FDB, FLAG))
    yield 'fdb and encap', nh(u32(ID, 1), attr(FDB, FLAG), u16(ENCAP_TYPE, 1))
    yield 'fdb and onlink', nh(u32(ID, 1), attr(FDB, FLAG), ip4(GATEWAY, '10.0.0.2'), flags=ONLINK)
    yield 'blackhole and gateway', nh(u32(ID, 1), attr(BLACKHOLE, FLAG), ip4(GATEWAY, '10.0.0.2'))
    yield 'blackhole and device', nh(u32(ID, 1), attr(BLACKHOLE, FLAG), u32(OIF, E0))
    yield 'blackhole and encap', nh(u32(ID, 1), attr(BLACKHOLE, FLAG), u16(ENCAP_TYPE, 1))
    yield 'blackhole with payload', nh(u32(ID, 1), u32(BLACKHOLE, 1))
    yield 'no device', nh(u32(ID, 1), ip4(GATEWAY, '10.0.0.2'))
    yield 'device 0', nh(u32(ID, 1), u32(OIF, 0))
    yield 'device 77', nh(u32(ID, 1), u32(OIF, 77))
    yield 'device -1', nh(u32(ID, 1), u32(OIF, -1))
    yield 'device that is down', nh(u32(ID, 1), u32(OIF, E2))
    yield 'gateway of 16 bytes', nh(u32(ID, 1), u32(OIF, E0), attr(GATEWAY, bytes(16)))
    yield 'gateway of 1 byte', nh(u32(ID, 1), u32(OIF, E0), attr(GATEWAY, b'\1'))
    yield 'gateway 0', nh(u32(ID, 1), u32(OIF, E0), ip4(GATEWAY, '0.0.0.0'))
    yield 'id 1 goes', delete(1)
    yield 'gateway by another device', nh(u32(ID, 1), u32(OIF, E0), ip4(GATEWAY, '10.0.1.2'))
    yield 'onlink without gateway', nh(u32(ID, 1), u32(OIF, E0), flags=ONLINK)
    yield 'gateway not on the link', nh(u32(ID, 1), u32(OIF, E0), ip4(GATEWAY, '10.0.1.2'))
    yield 'gateway unreachable', nh(u32(ID, 1), u32(OIF, E0), ip4(GATEWAY, '192.0.2.1'))
    yield 'gateway is ours', nh(u32(ID, 1), u32(OIF, E0), ip4(GATEWAY, '10.0.0.1'))
    yield 'id 1 goes', delete(1)
    yield 'gateway is a broadcast', nh(u32(ID, 1), u32(OIF, E0), ip4(GATEWAY, '10.0.0.255'))
    yield 'gateway is a multicast', nh(u32(ID, 1), u32(OIF, E0), ip4(GATEWAY, '224.0.0.1'))
    yield 'gateway is loopback', nh(u32(ID, 1), u32(OIF, LO), ip4(GATEWAY, '127.0.0.1'))
    yield 'id 1 goes', delete(1)
    yield 'onlink gateway is ours', nh(u32(ID, 1), u32(OIF, E0), ip4(GATEWAY, '10.0.0.1'), flags=ONLINK)
    yield 'onlink gateway is a broadcast', nh(u32(ID, 1), u32(OIF, E0), ip4(GATEWAY, '255.255.255.255'), flags=ONLINK)
    yield 'encap without type', nh(u32(ID, 1), u32(OIF, E0), attr(ENCAP, [u32(1, 1)]))
    yield 'encap not nested', nh(u32(ID, 1), u32(OIF, E0), attr(ENCAP, b''))
    yield 'encap type without encap', nh(u32(ID, 1), u32(OIF, E0), u16(ENCAP_TYPE, 1))
    yield 'id of 2 bytes', nh(u16(ID, 1), u32(OIF, E0))
    yield 'id of 8 bytes', nh(u64(ID, 1), u32(OIF, E0))
    yield 'unknown attribute', nh(u32(ID, 1), u32(OIF, E0), u32(99, 1))
    yield 'attribute of dumps', nh(u32(ID, 1), u32(OIF, E0), attr(GROUPS, FLAG))
    yield 'attribute master', nh(u32(ID, 1), u32(OIF, E0), u32(MASTER, 1))
    yield 'attribute op flags', nh(u32(ID, 1), u32(OIF, E0), u32(OP_FLAGS, 1))
    yield 'bucket attribute', nh(u32(ID, 1), u32(OIF, E0), attr(RES_BUCKET, [u16(1, 1)]))
    yield 'group stats', nh(u32(ID, 1), u32(OIF, E0), attr(GROUP_STATS, [u16(1, 1)]))
    yield 'bytes left over', nh(u32(ID, 1), u32(OIF, E0), b'\1\2\3\4')
    yield 'hardware statistics', nh(u32(ID, 1), u32(OIF, E0), u32(HW_STATS_ENABLE, 1))
    yield 'hardware statistics 2', nh(u32(ID, 1), u32(OIF, E0), u32(HW_STATS_ENABLE, 2))
    yield 'group of a family', group(1, (10, 1), family=2)
    yield 'group of nobody', group(1)
    yield 'group of 4 bytes', nh(u32(ID, 1), attr(GROUP, b'\0' * 4), family=0)
    yield 'group of 12 bytes', nh(u32(ID, 1), attr(GROUP, b'\0' * 12), family=0)
    yield 'group, id missing', group(1, (4711, 1))
    yield 'group, id 0', group(1, (0, 1))
    yield 'group, type 2', group(1, (4711, 1), extra=[u16(GROUP_TYPE, 2)])
    yield 'group, type 9', group(1, (4711, 1), extra=[u16(GROUP_TYPE, 9)])
    yield 'group, type of 1 byte', group(1, (4711, 1), extra=[u8(GROUP_TYPE, 0)])
    yield 'type without group', nh(u32(ID, 1), u32(OIF, E0), u16(GROUP_TYPE, 9))
    yield 'id 1 goes', delete(1)
    yield 'replace without id', nh(u32(OIF, E0), nl=REPLACE)
    yield 'which first: device or gateway', nh(u32(ID, 1), u32(OIF, 77), attr(GATEWAY, b'\1'))
    yield 'which first: device or onlink', nh(u32(ID, 1), u32(OIF, 77), flags=ONLINK)
    yield 'which first: device or encap', nh(u32(ID, 1), u32(OIF, 77), u16(ENCAP_TYPE, 1))
    yield 'which first: device or statistics', nh(u32(ID, 1), u32(OIF, 77), u32(HW_STATS_ENABLE, 1))
    yield 'which first: device or replace', nh(u32(OIF, 77), nl=REPLACE)
    yield 'which first: encap or gateway', nh(u32(ID, 1), u32(OIF, E0), attr(GATEWAY, b'\1'), u16(ENCAP_TYPE, 1))
    yield 'which first: members or replace', nh(attr(GROUP, struct.pack('=IBBH', 4711, 0, 0, 0)), family=0, nl=REPLACE)
    yield 'which first: family or length', nh(u32(ID, 1), attr(GROUP, b'\0' * 4))
    yield 'which first: type or length', nh(u32(ID, 1), u16(GROUP_TYPE, 7), attr(GROUP, b'\0' * 4), family=0)
    yield 'which first: weight or reserved', nh(u32(ID, 1), attr(GROUP, struct.pack('=IBBH', 1, 255, 255, 1)), family=0)
    yield 'which first: fdb with flags or group', group(1, (4711, 1), extra=[attr(FDB, FLAG)], flags=ONLINK)
    yield 'which first: fdb with device or group', group(1, (4711, 1), extra=[attr(FDB, FLAG), u32(OIF, E0)])
    yield 'which first: device that is there, replace', nh(u32(OIF, E0), nl=REPLACE)
    yield 'blackhole with flags', nh(u32(ID, 1), attr(BLACKHOLE, FLAG), flags=ONLINK)
    yield None, get(1)
    yield 'id 1 goes', delete(1)
    yield 'blackhole with statistics', nh(u32(ID, 1), attr(BLACKHOLE, FLAG), u32(HW_STATS_ENABLE, 1))
    yield 'id 1 goes', delete(1)
    yield 'fdb with statistics', nh(u32(ID, 1), attr(FDB, FLAG), u32(HW_STATS_ENABLE, 1))
    yield 'id 1 goes', delete(1)
    yield 'replace what is not there', nh(u32(ID, 1), u32(OIF, E0), nl=CHANGE)
    yield 'delete without id', nh(cmd=RTM_DELNEXTHOP, nl=0, family=0)
    yield 'delete id 0', delete(0)
    yield 'delete id 4711', delete(4711)
    yield 'delete with scope', delete(4711, scope=1)
    yield 'delete with protocol', delete(4711, proto=4)
    yield 'delete with flags', delete(4711, flags=4)
    yield 'delete with family', delete(4711, family=2)
    yield 'delete with more', nh(u32(ID, 1), u32(OIF, E0), cmd=RTM_DELNEXTHOP, nl=0, family=0)
    yield 'delete, short header', message(RTM_DELNEXTHOP, 0, struct.pack('=BBBB', 0, 0, 0, 0))
    yield 'get without id', nh(cmd=RTM_GETNEXTHOP, nl=0, family=0)
    yield 'get id 0', get(0)
    yield 'get id 4711', get(4711)
    yield 'get with a device', get(4711, u32(OIF, 1))
    yield 'get with flags', get(4711, u32(OP_FLAGS, 4))
    yield 'get with scope', get(4711, scope=1)
    yield 'get, short header', message(RTM_GETNEXTHOP, 0, struct.pack('=BBBB', 0, 0, 0, 0))
    yield 'dump with an id', dump(u32(ID, 1))
    yield 'dump with scope', dump(scope=1)
    yield 'dump with flags', dump(flags=4)
    yield 'dump with protocol', dump(proto=4)
    yield 'dump of device -1', dump(u32(OIF, -1))
    yield 'dump of master -1', dump(u32(MASTER, -1))
    yield 'dump of device 77', dump(u32(OIF, 77))
    yield 'dump, unknown attribute', dump(u32(99, 1))
    yield 'dump, short header', message(RTM_GETNEXTHOP, NLM_F_DUMP, struct.pack('=BBBB', 0, 0, 0, 0))
    yield 'bucket: new', nh(u32(ID, 1), cmd=RTM_NEWNEXTHOPBUCKET, family=0)
    yield 'bucket: delete', nh(u32(ID, 1), cmd=RTM_DELNEXTHOPBUCKET, family=0)
    yield 'route to nothing', route('10.9.0.0', 16, 4711)
    yield 'end', dump()


def accepted():
    yield 'device', nh(u32(ID, 1), u32(OIF, E0))
    yield 'again', nh(u32(ID, 1), u32(OIF, E0))
    yield 'again without EXCL', nh(u32(ID, 1), u32(OIF, E0), nl=CREATE)
    yield 'again, no flags', nh(u32(ID, 1), u32(OIF, E0), nl=0)
    yield 'gateway', nh(u32(ID, 2), u32(OIF, E0), ip4(GATEWAY, '10.0.0.2'))
    yield 'onlink', nh(u32(ID, 3), u32(OIF, E1), ip4(GATEWAY, '192.0.2.1'), flags=ONLINK)
    yield 'blackhole', nh(u32(ID, 4), attr(BLACKHOLE, FLAG))
    yield 'protocol', nh(u32(ID, 5), u32(OIF, E1), ip4(GATEWAY, '10.0.1.3'), proto=4)
    yield 'echo', nh(u32(ID, 6), u32(OIF, E1), ip4(GATEWAY, '10.0.1.4'), nl=EXCL | NLM_F_ECHO)
    yield 'fdb', nh(u32(ID, 7), ip4(GATEWAY, '192.0.2.9'), attr(FDB, FLAG))
    yield 'fdb without gateway', nh(u32(ID, 8), attr(FDB, FLAG))
    yield 'lo', nh(u32(ID, 9), u32(OIF, LO))
    yield 'no id', nh(u32(OIF, E0), ip4(GATEWAY, '10.0.0.5'))
    yield 'no id, again', nh(u32(OIF, E0), ip4(GATEWAY, '10.0.0.5'))
    yield 'id 0', nh(u32(ID, 0), u32(OIF, E0), ip4(GATEWAY, '10.0.0.6'))
    yield 'id 4294967295', nh(u32(ID, -1), u32(OIF, E0), ip4(GATEWAY, '10.0.0.6'))
    yield 'group', group(20, (1, 1), (2, 1))
    yield 'group with weights', group(21, (2, 3), (5, 256), (3, 7))
    yield 'group with weight 257', group(22, (2, 257), (5, 65535))
    yield 'group of one', group(23, (2, 1))
    yield 'group of a blackhole', group(24, (4, 1))
    yield 'group without id', group(None, (2, 1), (5, 1))
    yield 'group of a blackhole and another', group(25, (4, 1), (2, 1))
    yield 'group of a group', group(25, (20, 1), (2, 1))
    yield 'group of one twice', group(25, (2, 1), (2, 5))
    yield 'group weight 65536', group(25, (2, 65536), (5, 1))
    yield 'group reserved field', nh(u32(ID, 25), attr(GROUP, struct.pack('=IBBH', 2, 0, 0, 1)), family=0)
    yield 'group with device', group(25, (2, 1), extra=[u32(OIF, E0)])
    yield 'group with blackhole', group(25, (2, 1), extra=[attr(BLACKHOLE, FLAG)])
    yield 'group with gateway', group(25, (2, 1), extra=[ip4(GATEWAY, '10.0.0.2')])
    yield 'group with encap type', group(25, (2, 1), extra=[u16(ENCAP_TYPE, 1)])
    yield 'group with resilience', group(25, (2, 1), extra=[attr(RES_GROUP, [u16(1, 8)])])
    yield 'group of an fdb', group(25, (7, 1))
    yield 'fdb group of a non-fdb', group(25, (2, 1), extra=[attr(FDB, FLAG)])
    yield 'fdb group', group(26, (7, 1), (8, 1), extra=[attr(FDB, FLAG)])
    yield 'group with flags', group(25, (2, 1), flags=ONLINK)
    yield 'group with protocol', group(27, (2, 1), proto=4)
    yield 'group with hardware statistics', group(28, (2, 1), extra=[u32(HW_STATS_ENABLE, 1)])
    yield 'group type mpath', group(29, (2, 1), extra=[u16(GROUP_TYPE, 0)])
    yield 'which first: id or weight', group(40, (4711, 1), (2, 65536))
    yield 'which first: twice or missing', group(40, (4711, 1), (4711, 1))
    yield 'which first: attribute or missing', group(40, (4711, 1), extra=[u32(OIF, E0)])
    yield 'which first: existing or device', nh(u32(ID, 1), u32(OIF, 77))
    yield 'which first: scope or flags', nh(u32(ID, 1), scope=1, flags=DEAD)
    for i in (1, 2, 3, 4, 5, 7, 9, 20, 21, 22, 26, 28):
        yield None, get(i)
    yield None, get(20, u32(OP_FLAGS, 1))
    yield None, get(20, u32(OP_FLAGS, 2))
    yield None, get(28, u32(OP_FLAGS, 3))
    yield None, get(26, u32(OP_FLAGS, 1))
    yield None, get(20, u32(OP_FLAGS, 0))
    yield None, get(2, u32(OP_FLAGS, 1))
    yield 'dumps', dump()
    yield None, dump(u32(OIF, E0))
    yield None, dump(u32(OIF, E1))
    yield None, dump(attr(GROUPS, FLAG))
    yield None, dump(attr(FDB, FLAG))
    yield None, dump(family=2)
    yield None, dump(family=10)
    yield None, dump(family=7)
    yield None, dump(u32(MASTER, E0))
    yield None, dump(u32(OIF, E0), attr(GROUPS, FLAG))
    yield None, dump(u32(OP_FLAGS, 1))


def replaced():
    yield 'the same', nh(u32(ID, 1), u32(OIF, E0), nl=REPLACE)
    yield 'another device', nh(u32(ID, 1), u32(OIF, E1), nl=REPLACE)
    yield 'a gateway', nh(u32(ID, 1), u32(OIF, E1), ip4(GATEWAY, '10.0.1.9'), nl=CHANGE, proto=4)
    yield 'what is in a group by a blackhole', nh(u32(ID, 1), attr(BLACKHOLE, FLAG), nl=REPLACE)
    yield 'what is alone in a group by a blackhole', nh(u32(ID, 2), attr(BLACKHOLE, FLAG), nl=REPLACE)
    yield 'a single by a group', group(5, (2, 1), nl=REPLACE)
    yield 'a group by a single', nh(u32(ID, 20), u32(OIF, E0), nl=REPLACE)
    yield 'a group by itself', group(20, (20, 1), nl=REPLACE)
    yield 'a group by another', group(20, (2, 1), (3, 5), nl=REPLACE)
    yield 'a group by its member', group(20, (3, 1), nl=REPLACE)
    yield 'made by replace', nh(u32(ID, 50), u32(OIF, E0), nl=REPLACE)
    yield 'a group made by replace', group(51, (50, 1), (2, 1), nl=REPLACE)
    yield 'what is wrong', nh(u32(ID, 50), u32(OIF, 77), nl=REPLACE)
    yield 'fdb for what is not', nh(u32(ID, 50), attr(FDB, FLAG), nl=REPLACE)
    yield None, dump()


def removed():
    yield 'a member: the groups shrink', delete(5)
    yield None, dump()
    yield 'the last member', delete(3)
    yield None, dump()
    yield 'a group', delete(51)
    yield 'many groups\' member', delete(2)
    yield None, dump()


def with_routes():
    yield 'route', route('10.9.0.0', 16, 60)
    yield 'route to the group', route('10.9.1.0', 24, 65)
    yield 'route to the blackhole', route('10.9.2.0', 24, 63)
    yield 'route to the fdb', route('10.9.3.0', 24, 64)
    yield 'route with scope host, device', route('10.9.4.0', 24, 62, scope=254)
    yield 'route with scope host, gateway', route('10.9.4.0', 24, 60, scope=254)
    yield 'route with scope host, group', route('10.9.4.0', 24, 65, scope=254)
    yield 'route with scope link, onlink', route('10.9.5.0', 24, 66, scope=253)
    yield 'route with scope link, gateway', route('10.9.6.0', 24, 60, scope=253)
    yield 'route with scope link, device', route('10.9.7.0', 24, 62, scope=253)
    yield 'route with gateway too', route('10.9.8.0', 24, 60, extra=[ip4(5, '10.0.0.2')])
    yield 'route with device too', route('10.9.8.0', 24, 60, extra=[u32(4, E0)])
    yield 'route to a group of an fdb', route('10.9.8.0', 24, 67)
    yield None, routes()
    yield 'replace: routes are told', nh(u32(ID, 60), u32(OIF, E1), ip4(GATEWAY, '10.0.1.7'), nl=REPLACE)
    yield 'replace: gateway for scope host', nh(u32(ID, 62), u32(OIF, E1), ip4(GATEWAY, '10.0.1.7'), nl=REPLACE)
    yield 'replace: group', group(65, (60, 1), (61, 9), nl=REPLACE)
    yield 'replace: group by one with a blackhole', group(65, (63, 1), nl=REPLACE)
    yield 'replace: group back', group(65, (60, 1), (61, 9), nl=REPLACE)
    yield 'replace: by an fdb', nh(u32(ID, 60), attr(FDB, FLAG), nl=REPLACE)
    yield None, routes()
    yield 'a route goes', route('10.9.0.0', 16, 0, cmd=RTM_DELROUTE, nl=0)
    yield 'delete by nexthop', route('10.9.1.0', 24, 60, cmd=RTM_DELROUTE, nl=0)
    yield None, routes()
    yield 'remove: a member', delete(61)
    yield 'remove: the last member', delete(60)
    yield None, routes()
    yield 'remove: the blackhole', delete(63)
    yield 'remove: the device', delete(62)
    yield None, routes()
    yield None, dump()


def random_steps(seed, count):
    r = random.Random(seed)
    for _ in range(count):
        x, flags = r.random(), r.choice((CREATE, EXCL, REPLACE, REPLACE, CHANGE))
        ident = r.randrange(1, 9)
        if x < .35:
            dev = r.choice((E0, E1))
            attrs = [u32(ID, ident), u32(OIF, dev)]
            if r.random() < .7:
                attrs.append(ip4(GATEWAY, '10.0.%d.%d' % (r.choice((dev - 2, dev - 2, 1)), r.randrange(2, 5))))
            yield None, nh(*attrs, nl=flags, flags=r.choice((0, 0, ONLINK)))
        elif x < .4:
            yield None, nh(u32(ID, ident), attr(BLACKHOLE, FLAG), nl=flags)
        elif x < .6:
            members = [(r.randrange(1, 9), r.randrange(1, 4)) for _ in range(r.randrange(1, 4))]
            yield None, group(r.randrange(6, 13), *members, nl=flags)
        elif x < .75:
            yield None, delete(r.randrange(1, 13))
        elif x < .9:
            yield None, route('10.9.%d.0' % r.randrange(4), 24, r.randrange(1, 13), nl=r.choice((CREATE, EXCL, REPLACE)),
                              scope=r.choice((0, 0, 0, 253, 254)))
        elif x < .95:
            yield None, route('10.9.%d.0' % r.randrange(4), 24, 0, cmd=RTM_DELROUTE, nl=0)
        else:
            yield None, r.choice((dump(), routes()))


def res(ident, *members, attrs=(), extra=(), **kw):
    nest = [attr(RES_GROUP, list(attrs))] if attrs is not None else []
    return group(ident, *members, extra=[u16(GROUP_TYPE, 1)] + nest + list(extra), **kw)


def buckets(n):
    return u16(1, n)


def idle(v):
    return u32(2, v)


def unbalanced(v):
    return u32(3, v)


def bucket(ident, index=None, *extra, **kw):
    nest = [attr(RES_BUCKET, [u16(1, index)])] if index is not None else []
    return nh(u32(ID, ident), *nest, *extra, cmd=RTM_GETNEXTHOPBUCKET, **dict({'nl': 0, 'family': 0}, **kw))


def dump_buckets(*attrs, **kw):
    return nh(*attrs, cmd=RTM_GETNEXTHOPBUCKET, **dict({'nl': NLM_F_DUMP, 'family': 0}, **kw))


def resilient():
    yield 'no attributes', res(20, (1, 1), (2, 1), attrs=None)
    yield 'empty attributes', res(20, (1, 1), (2, 1))
    yield 'no bucket', res(20, (1, 1), (2, 1), attrs=[buckets(0)])
    yield 'one bucket', res(20, (1, 1), (2, 1), attrs=[buckets(1)])
    yield 'again', res(20, (1, 1), (2, 1), attrs=[buckets(4)])
    yield 'again, no attributes', res(20, (1, 1), (2, 1), attrs=None)
    yield 'buckets of 4 bytes', res(21, (1, 1), (2, 1), attrs=[u32(1, 4)])
    yield 'timers', res(21, (1, 1), (2, 3), attrs=[buckets(8), idle(5000), unbalanced(100)])
    yield 'large timers', res(22, (1, 1), (2, 3), attrs=[buckets(8), idle(1000000000), unbalanced(800000000)])
    yield 'unbalanced time', res(23, (1, 1), attrs=[buckets(8), u64(4, 5)])
    yield 'unknown attribute', res(23, (1, 1), attrs=[buckets(8), u32(9, 5)])
    yield 'timers 0', res(23, (1, 1), attrs=[buckets(4), idle(0), unbalanced(0)])
    yield 'only a timer', res(24, (1, 1), attrs=[idle(8)])
    yield 'fdb', res(25, (7, 1), attrs=[buckets(4)], extra=[attr(FDB, FLAG)])
    yield 'in a group', group(26, (20, 1))
    yield 'in a resilient group', res(26, (21, 1), attrs=[buckets(4)])
    yield 'blackhole', res(27, (4, 1), attrs=[buckets(4)])
    yield 'three members', res(28, (1, 1), (2, 1), (3, 1), attrs=[buckets(7)])
    yield 'weights', res(29, (1, 100), (2, 1), (3, 1), attrs=[buckets(5)])
    yield 'attributes without type', group(31, (1, 1), extra=[attr(RES_GROUP, [buckets(4)])])
    yield 'not nested', res(31, (1, 1), attrs=None, extra=[attr(RES_GROUP, buckets(4))])
    for i in (20, 21, 22, 28):
        yield None, get(i)
    yield None, get(20, u32(OP_FLAGS, 1))
    yield None, bucket(20, 0)
    yield None, bucket(21, 3)
    yield 'bucket out of bounds', bucket(20, 4)
    yield 'no bucket', bucket(20)
    yield 'bucket of nothing', nh(attr(RES_BUCKET, [u16(1, 1)]), cmd=RTM_GETNEXTHOPBUCKET, nl=0, family=0)
    yield 'bucket of a single', bucket(1, 0)
    yield 'bucket of a missing one', bucket(99, 0)
    yield 'bucket of another group', bucket(30, 0)
    yield 'bucket of 0', bucket(0, 0)
    yield 'bucket with a member', nh(u32(ID, 20), attr(RES_BUCKET, [u16(1, 1), u32(3, 1)]), cmd=RTM_GETNEXTHOPBUCKET, nl=0, family=0)
    yield 'bucket without index', nh(u32(ID, 20), attr(RES_BUCKET, []), cmd=RTM_GETNEXTHOPBUCKET, nl=0, family=0)
    yield 'bucket with scope', bucket(20, 0, scope=1)
    yield 'dump', dump_buckets()
    for i in (20, 21, 1, 30, 99, 0):
        yield 'dump of %d' % i, dump_buckets(u32(ID, i))
    for i in (1, 0, 99):
        yield 'dump of member %d' % i, dump_buckets(attr(RES_BUCKET, [u32(3, i)]))
    yield 'dump of index', dump_buckets(attr(RES_BUCKET, [u16(1, 1)]))
    yield 'dump of an empty bucket', dump_buckets(attr(RES_BUCKET, []))
    yield 'dump of a device', dump_buckets(u32(OIF, E1))
    yield 'dump of device -1', dump_buckets(u32(OIF, -1))
    yield 'dump of a master', dump_buckets(u32(MASTER, E1))
    yield 'dump of fdb', dump_buckets(attr(FDB, FLAG))
    yield 'dump of gateway', dump_buckets(ip4(GATEWAY, '10.0.0.2'))
    yield 'dump with flags', dump_buckets(flags=4)
    yield 'dump of family 2', dump_buckets(family=2)
    yield 'dump of family 10', dump_buckets(family=10)
    yield 'replaced by another type', group(20, (1, 1), nl=REPLACE)
    yield 'replaces another type', res(30, (1, 1), attrs=[buckets(4)], nl=REPLACE)
    yield 'other number of buckets', res(20, (1, 1), (2, 1), attrs=[buckets(8)], nl=REPLACE)
    yield 'same number of buckets', res(20, (1, 1), (2, 1), attrs=[buckets(1)], nl=REPLACE)
    yield 'replaced, no attributes', res(20, (1, 1), (2, 1), attrs=None, nl=REPLACE)
    yield 'other members', res(20, (1, 1), (3, 1), nl=REPLACE)
    yield None, dump_buckets(u32(ID, 20))
    yield 'other weights', res(20, (1, 1), (3, 3), nl=REPLACE)
    yield None, dump_buckets(u32(ID, 20))
    yield 'other timer', res(20, (1, 1), (3, 3), attrs=[idle(80)], nl=REPLACE)
    yield None, get(20)
    yield 'other members, many buckets', res(21, (3, 1), (2, 3), nl=REPLACE)
    yield None, dump_buckets(u32(ID, 21))
    yield None, get(21)
    yield 'replaces nothing', res(50, (3, 1), (2, 3), attrs=None, nl=REPLACE)
    yield 'a member goes', delete(2)
    yield None, dump_buckets()
    yield 'another goes', delete(3)
    yield None, dump_buckets()
    yield 'a member is replaced', nh(u32(ID, 1), u32(OIF, E1), nl=REPLACE)
    yield None, dump_buckets(u32(OIF, E1))
    yield 'hardware statistics', res(60, (1, 1), attrs=[buckets(4)], extra=[u32(HW_STATS_ENABLE, 1)])
    yield None, get(60, u32(OP_FLAGS, 3))
    yield 'many buckets', res(61, (1, 1), attrs=[buckets(65535)])
    yield 'a group goes', delete(20)
    yield 'with a blackhole', res(62, (1, 5), (4, 1), attrs=[buckets(4)])


def random_resilient(seed, count):
    r = random.Random(seed)
    for _ in range(count):
        x, ident = r.random(), r.randrange(100, 104)
        members = [(r.randrange(10, 16), r.randrange(1, 6)) for _ in range(r.randrange(1, 5))]
        if x < .3:
            yield None, nh(u32(ID, r.randrange(10, 16)), u32(OIF, r.choice((E0, E1))), nl=r.choice((CREATE, REPLACE)))
        elif x < .65:
            attrs = [] if r.random() < .5 else [buckets(r.choice((3, 16, 30)))]
            yield None, res(ident, *members, attrs=attrs, nl=r.choice((CREATE, REPLACE, REPLACE)))
        elif x < .75:
            yield None, delete(r.randrange(10, 16))
        elif x < .8:
            yield None, delete(ident)
        else:
            yield None, dump_buckets(u32(ID, ident))


def base(s):
    for name in ('lo', 'e0', 'e1'):
        s.ip('link set %s up' % name)
    s.ip('addr add 10.0.0.1/24 dev e0')
    s.ip('addr add 10.0.1.1/24 dev e1')


def record_objects(out):
    s = Session(out, [RTNLGRP_NEXTHOP])
    for name, index in (('e0', E0), ('e1', E1), ('e2', E2)):
        s.device(name, index)
    base(s)
    for steps in (refusals(), accepted(), replaced(), removed()):
        for step in steps:
            s.request(*step)
    s.say('# devices lose their carrier, go down and away')
    s.carrier('e1', 0)
    s.request(None, dump())
    s.request('no carrier', nh(u32(ID, 70), u32(OIF, E1)))
    s.carrier('e1', 1)
    s.request('carrier', nh(u32(ID, 70), u32(OIF, E1), ip4(GATEWAY, '10.0.1.2')))
    s.request(None, nh(u32(ID, 71), u32(OIF, E0), ip4(GATEWAY, '10.0.0.2')))
    s.request(None, nh(u32(ID, 72), attr(BLACKHOLE, FLAG)))
    s.request(None, group(73, (70, 1), (71, 2)))
    s.request(None, group(74, (70, 1)))
    s.ip('link set e1 down')
    s.request(None, dump())
    s.ip('link set lo down')
    s.request(None, dump())
    s.ip('link del e0')
    s.request(None, dump())


def record_routes(out, seed=None, count=0):
    s = Session(out, [RTNLGRP_IPV4_ROUTE, RTNLGRP_NEXTHOP])
    for name, index in (('e0', E0), ('e1', E1)):
        s.device(name, index)
    base(s)
    if seed is not None:
        for step in random_steps(seed, count):
            s.request(*step)
        s.request(None, dump())
        s.request(None, routes())
        return
    s.request('gateway', nh(u32(ID, 60), u32(OIF, E0), ip4(GATEWAY, '10.0.0.2')))
    s.request('gateway', nh(u32(ID, 61), u32(OIF, E1), ip4(GATEWAY, '10.0.1.2')))
    s.request('device', nh(u32(ID, 62), u32(OIF, E1)))
    s.request('blackhole', nh(u32(ID, 63), attr(BLACKHOLE, FLAG)))
    s.request('fdb', nh(u32(ID, 64), ip4(GATEWAY, '10.0.1.2'), attr(FDB, FLAG)))
    s.request('group', group(65, (60, 1), (61, 3)))
    s.request('onlink', nh(u32(ID, 66), u32(OIF, E1), ip4(GATEWAY, '192.0.2.1'), flags=ONLINK))
    s.request('fdb group', group(67, (64, 1), extra=[attr(FDB, FLAG)]))
    for step in with_routes():
        s.request(*step)
    for step in random_steps(3, 400):
        s.request(*step)


class Buckets(Session):
    @staticmethod
    def polish(raw):
        """A bucket's idle time is at the end."""
        return raw[:-8] + bytes(8) if raw[4] == RTM_NEWNEXTHOPBUCKET else raw


def record_resilient(out, seed=None, count=0):
    s = Buckets(out, [RTNLGRP_NEXTHOP])
    for name, index in (('e0', E0), ('e1', E1)):
        s.device(name, index)
    base(s)
    if seed is None:
        s.request('device', nh(u32(ID, 1), u32(OIF, E0)))
        s.request('gateway', nh(u32(ID, 2), u32(OIF, E0), ip4(GATEWAY, '10.0.0.2')))
        s.request('gateway', nh(u32(ID, 3), u32(OIF, E1), ip4(GATEWAY, '10.0.1.2')))
        s.request('blackhole', nh(u32(ID, 4), attr(BLACKHOLE, FLAG)))
        s.request('fdb', nh(u32(ID, 7), attr(FDB, FLAG)))
        s.request('group', group(30, (1, 1)))
        for step in resilient():
            s.request(*step)
    for step in random_resilient(seed or 5, count or 150):
        s.request(*step)


def main():
    why = available()
    if why:
        print('rtnl_nexthops.py:', why, file=sys.stderr)
        return 77
    record = {'objects': record_objects, 'resilient': record_resilient, 'routes': record_routes}[sys.argv[1]]
    with open(sys.argv[2], 'w', encoding='ascii') as out:
        record(out, *map(int, sys.argv[3:]))
    return 0


if __name__ == '__main__':
    sys.exit(main())
