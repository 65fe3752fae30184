#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The judge itself: every golden scenario agrees with itself, and whatever is changed in it is noticed."""
import copy
import random
import sys

sys.dont_write_bytecode = True
import judge            # noqa: E402
import scenario         # noqa: E402
from packet import Header, bad_checksums, checksum, udp, UDPLITE  # noqa: E402


def observation(scn):
    """What a stack that does exactly what is expected would show: wildcards become some value, checksums right."""
    out, groups = [], {}
    values = scn.get('any_of', {}).get('values')
    for e in scn['expect']['out']:
        b = bytearray.fromhex(e['hexframe'].replace('..', '00'))
        for n, w in enumerate(e.get('wild', [])):
            v = bytes.fromhex(values[0].replace(':', '')) if values and w['field'] == 'eth.dst' else bytes([0x5a + n]) * w['len']
            if 'group' in w:
                v = groups.setdefault(w['group'], v)
            b[w['off']:w['off'] + w['len']] = v
        for w in e.get('wild', []):
            h = Header.read(bytes(b))
            if w['field'] == 'ip.checksum':
                b[24:26] = b'\0\0'
                b[24:26] = checksum(bytes(b[14:h.l4])).to_bytes(2, 'big')
            if w['field'] == 'icmp.checksum':
                b[w['off']:w['off'] + 2] = b'\0\0'
                b[w['off']:w['off'] + 2] = checksum(bytes(b[h.l4:14 + h.total])).to_bytes(2, 'big')
        after = e['after_inject']
        out.append((e['dev'], bytes(b), after, judge.delay(scn, after, 0) * -1 + e.get('delay_ms', 0)))
    obs = {'out': out, 'counters': dict(scn['expect']['counters'])}
    if 'neigh' in scn['expect']:
        obs['neigh'] = copy.deepcopy(scn['expect']['neigh'])
    return obs


def changes(scn, obs, rnd):
    """Observations with one thing wrong: (what, observation)"""
    for n, (dev, frame, after, ms) in enumerate(obs['out']):
        def with_frame(*new, n=n):
            return dict(obs, out=obs['out'][:n] + list(new) + obs['out'][n + 1:])
        wild = {i for w in scn['expect']['out'][n].get('wild', []) for i in range(w['off'], w['off'] + w['len'])}
        k = rnd.choice([i for i in range(len(frame)) if i not in wild])
        yield 'byte %d' % k, with_frame((dev, frame[:k] + bytes([frame[k] ^ 1 << rnd.randrange(8)]) + frame[k + 1:], after, ms))
        yield 'missing frame', with_frame()
        yield 'double frame', with_frame((dev, frame, after, ms), (dev, frame, after, ms))
        yield 'longer frame', with_frame((dev, frame + b'\0', after, ms))
        yield 'other device', with_frame(('zz', frame, after, ms))
        yield 'other cause', with_frame((dev, frame, after - 1, ms))
        yield 'late', with_frame((dev, frame, after, ms + max(62, 0.2 * ms + 62)))
        bad = [w for w in scn['expect']['out'][n].get('wild', []) if w['field'] == 'ip.checksum']
        if bad:
            yield 'wild checksum', with_frame((dev, frame[:24] + bytes([frame[24] ^ 1]) + frame[25:], after, ms))
    for c in obs['counters']:
        yield 'counter', dict(obs, counters=dict(obs['counters'], **{c: obs['counters'][c] + 1}))
    yield 'new counter', dict(obs, counters=dict(obs['counters'], **{'Ip.Nonsense': 1}))
    for n, e in enumerate(obs.get('neigh', [])):
        yield 'neighbour state', dict(obs, neigh=obs['neigh'][:n] + [dict(e, state='NONSENSE')] + obs['neigh'][n + 1:])
        yield 'neighbour gone', dict(obs, neigh=obs['neigh'][:n] + obs['neigh'][n + 1:])


def fates(scn, core):
    """Fates with one thing wrong."""
    fate = scn['expect'].get('fate', [])
    for n, f in enumerate(fate):
        rest = lambda new, n=n: fate[:n] + [new] + fate[n + 1:]
        if f['drops']:
            yield 'no drop', rest(dict(f, drops=[]))
        yield 'one drop more', rest(dict(f, drops=f['drops'] + [{'reason': 'NONSENSE'}]))
        mine = [x for x in f.get('journey', []) if x in core]
        if mine:
            yield 'function missing', rest(dict(f, journey=[x for x in f['journey'] if x != mine[0]]))
        yield 'frame missing', fate[:n] + fate[n + 1:]


def main():
    rnd, noticed = random.Random(1), 0
    core = judge.core_names(scenario.GOLDEN + '/journey-functions.txt')
    assert len(core) == 27
    for path in scenario.files([scenario.GOLDEN]):
        scn = scenario.load(path)
        obs = observation(scn)
        d = judge.differences(scn, scn['expect'], obs)
        assert not d, (scn['name'], d)
        again = judge.expectation(scn, obs)
        assert not judge.differences(scn, again, obs), scn['name']
        for what, wrong in changes(scn, obs, rnd):
            assert judge.differences(scn, scn['expect'], wrong), (scn['name'], what)
            noticed += 1
        assert not judge.fate(scn['expect']['fate'], scn['expect']['fate'], core), scn['name']
        for what, wrong in fates(scn, core):
            assert judge.fate(scn['expect']['fate'], wrong, core), (scn['name'], what)
            noticed += 1
    lite = udp('10.0.0.1', '10.0.0.2', 1, 2, b'x' * 9, proto=UDPLITE, cover=8)
    assert bad_checksums(b'\0' * 14) == [] and len(lite) == 17
    print('%d changes noticed' % noticed)


main()
